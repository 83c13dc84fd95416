#include "protobuf_log.h"

#include <google/protobuf/stubs/common.h>

#if GOOGLE_PROTOBUF_VERSION < 4022000
#include <google/protobuf/stubs/logging.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/log_kind.h"

namespace google::protobuf::internal {

// What Protobuf begins with: it has no header, but a name. Weak: null in a build that hides it.
[[gnu::weak]] void DefaultLogHandler(LogLevel level, const char* file, int line,
                                     const std::string& text);

}  // namespace google::protobuf::internal

namespace dialtone::internal {
namespace {

namespace protobuf = google::protobuf;

bool Admits(protobuf::LogLevel level) {
  static constinit LogKind errors(LogLevel::kError, "errors that Protobuf logs");
  static constinit LogKind warnings(LogLevel::kWarning, "warnings that Protobuf logs");
  if (level == protobuf::LOGLEVEL_FATAL) return true;  // the last one
  return level == protobuf::LOGLEVEL_ERROR ? errors.Admits() : warnings.Admits();
}

void PassOn(protobuf::LogLevel level, const char* file, int line, const std::string& text) {
  if (!Admits(level)) return;
  Log(level >= protobuf::LOGLEVEL_ERROR ? LogLevel::kError : LogLevel::kWarning,
      absl::StrCat("protobuf ", file, ":", line, ": ", absl::StripAsciiWhitespace(text)));
}

}  // namespace

void TakeProtobufLog() {
  protobuf::LogHandler* const before = protobuf::SetLogHandler(&PassOn);
  if (before != &protobuf::internal::DefaultLogHandler) protobuf::SetLogHandler(before);
}

}  // namespace dialtone::internal
#else
namespace dialtone::internal {

void TakeProtobufLog() {}

}  // namespace dialtone::internal
#endif
