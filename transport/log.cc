#include "dialtone/transport/log.h"

#include <atomic>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/mutex.h"

namespace dialtone {
namespace {

std::atomic<LogLevel> least_level{LogLevel::kInfo};

// Never destroyed: threads may log while the process' static objects go.
struct Sink {
  Mutex mutex;
  LogSink function ABSL_GUARDED_BY(mutex);
};
Sink& TheSink() {
  static Sink& sink = *new Sink;
  return sink;
}

const char* Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "?";
}

void ToStderr(LogLevel level, std::string_view text) {
  const std::string time =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  const std::string line = absl::StrCat(time, " ", Name(level), ": ", ToAbsl(text), "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

bool LogEnabled(LogLevel level) { return level >= least_level.load(std::memory_order_relaxed); }

void SetLogLevel(LogLevel level) { least_level.store(level, std::memory_order_relaxed); }

void Log(LogLevel level, std::string_view text) {
  if (!LogEnabled(level)) return;
  Sink& sink = TheSink();
  MutexLock lock(sink.mutex);
  if (sink.function) {
    sink.function(level, text);
  } else {
    ToStderr(level, text);
  }
}

void SetLogSink(LogSink function) {
  Sink& sink = TheSink();
  MutexLock lock(sink.mutex);
  sink.function = std::move(function);
}

}  // namespace dialtone
