#include "errno_status.h"

#include <cctype>
#include <cerrno>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::internal {

std::string ErrnoText(int error) {
  std::string text = std::generic_category().message(error);
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0) {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  return text;
}

bool IsExhaustion(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

absl::Status ErrnoStatus(absl::StatusCode code, std::string_view operation, const Address& address,
                         int error) {
  if (IsExhaustion(error)) code = absl::StatusCode::kResourceExhausted;
  return absl::Status(
      code, absl::StrCat(ToAbsl(operation), " ", address.ToString(), ": ", ErrnoText(error)));
}

}  // namespace dialtone::internal
