#include "exit_code.h"

#include "absl/strings/cord.h"

namespace dial {
namespace {

constexpr char kUsageMark[] = "dialtone.dial/usage";

}  // namespace

absl::Status UsageError(const std::string& text) {
  absl::Status status = absl::InvalidArgumentError(text);
  status.SetPayload(kUsageMark, absl::Cord());
  return status;
}

bool IsUsageError(const absl::Status& status) { return status.GetPayload(kUsageMark).has_value(); }

int ExitCodeOf(const absl::Status& status) {
  return IsUsageError(status) ? kExitUsage : static_cast<int>(status.code());
}

}  // namespace dial
