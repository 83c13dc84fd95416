#include "guarded.h"

#include "absl/strings/str_cat.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"

namespace dialtone::internal {

void LogThrown(const char* whose, const char* what) {
  static constinit LogKind kind(LogLevel::kError, "users' functions that threw");
  if (kind.Admits()) Log(kind.level(), absl::StrCat(whose, " threw: ", what));
}

}  // namespace dialtone::internal
