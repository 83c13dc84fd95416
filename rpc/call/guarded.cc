#include "guarded.h"

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"

namespace dialtone::internal {

absl::Status ObserverThrew(const Method& method, const char* what) {
  static constinit LogKind kind(LogLevel::kError, "observers that threw");
  if (kind.Admits()) {
    Log(kind.level(), absl::StrCat("observer of ", ToAbsl(method.path), " threw: ", what),
        {{"method", method.path}});
  }
  return absl::InternalError(absl::StrCat(ToAbsl(method.path), ": an observer threw an exception"));
}

void LogThrown(const char* whose, const char* what) {
  static constinit LogKind kind(LogLevel::kError, "users' functions that threw");
  if (kind.Admits()) Log(kind.level(), absl::StrCat(whose, " threw: ", what));
}

}  // namespace dialtone::internal
