#include "dialtone/rpc/service.h"

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::internal {

absl::Status UnimplementedMethod(const Method& method) {
  return absl::UnimplementedError(absl::StrCat(ToAbsl(method.path), " is not implemented"));
}

}  // namespace dialtone::internal
