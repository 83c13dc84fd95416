#include "preface.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace dialtone::dialtone1 {
namespace {

constexpr size_t kMagicBytes = 5;
constexpr size_t kMajorAt = 5;
constexpr size_t kMinorAt = 6;
constexpr size_t kDescribedBytes = 16;

}  // namespace

PrefaceResult MatchPreface(std::string_view first_bytes) {
  PrefaceResult result;
  const size_t compared = std::min(first_bytes.size(), kMagicBytes);
  if (first_bytes.substr(0, compared) != kPreface.substr(0, compared)) {
    result.match = PrefaceMatch::kNotMine;
    return result;
  }
  if (first_bytes.size() < kPrefaceBytes) return result;
  result.major = static_cast<uint8_t>(first_bytes[kMajorAt]);
  result.minor = static_cast<uint8_t>(first_bytes[kMinorAt]);
  if (result.major != kMajorVersion) {
    result.match = PrefaceMatch::kOtherMajor;
  } else {
    result.match =
        first_bytes[kPrefaceBytes - 1] == 0 ? PrefaceMatch::kMine : PrefaceMatch::kNotMine;
  }
  return result;
}

std::string DescribeForeignBytes(std::string_view first_bytes) {
  if (first_bytes.empty()) return "no bytes";
  std::string hex;
  std::string text;
  for (const char c : first_bytes.substr(0, kDescribedBytes)) {
    absl::StrAppend(&hex, hex.empty() ? "" : " ",
                    absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    text.push_back(c >= 0x20 && c < 0x7F ? c : '.');
  }
  return absl::StrCat(first_bytes.size(), first_bytes.size() == 1 ? " byte" : " bytes",
                      " that begin ", hex, " (\"", text, "\")");
}

}  // namespace dialtone::dialtone1
