#include "status_codes.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "dialtone/transport/absl_strings.h"

namespace echo {
namespace {

constexpr int kFirst = static_cast<int>(absl::StatusCode::kCancelled);
constexpr int kLast = static_cast<int>(absl::StatusCode::kUnauthenticated);

std::string Name(int code) { return absl::StatusCodeToString(static_cast<absl::StatusCode>(code)); }

}  // namespace

absl::StatusOr<absl::StatusCode> ParseErrorCode(std::string_view text) {
  const std::string upper = absl::AsciiStrToUpper(dialtone::ToAbsl(text));
  int number = 0;
  const bool is_number = absl::SimpleAtoi(upper, &number);
  for (int code = kFirst; code <= kLast; ++code) {
    if (is_number ? number == code : upper == Name(code))
      return static_cast<absl::StatusCode>(code);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", dialtone::ToAbsl(text), "\" is no error's code such as NOT_FOUND or 5 (see --help)"));
}

std::string ErrorCodeTable() {
  std::string table;
  for (int code = kFirst; code <= kLast; ++code)
    absl::StrAppendFormat(&table, "  %2d  %s\n", code, Name(code));
  return table;
}

}  // namespace echo
