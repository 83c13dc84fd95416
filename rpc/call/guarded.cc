#include "guarded.h"

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"

namespace dialtone::internal {

void LogThrown(std::string_view whose, std::string_view what) {
  static constinit LogKind kind(LogLevel::kError, "users' functions that threw");
  if (kind.Admits()) Log(kind.level(), absl::StrCat(ToAbsl(whose), " threw: ", ToAbsl(what)));
}

}  // namespace dialtone::internal
