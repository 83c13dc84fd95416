#include "dialtone/transport/log.h"

#include <atomic>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log_kind.h"
#include "dialtone/transport/mutex.h"
#include "epoll_loop.h"
#include "log_line.h"
#include "log_repeats.h"
#include "stderr_writer.h"

namespace dialtone {
namespace {

std::atomic<LogLevel> least_level{LogLevel::kInfo};
std::atomic<LogFormat> stderr_format{LogFormat::kText};

// Never destroyed, like what follows: threads may log while the process' static objects go.
struct Sink {
  Mutex mutex;
  LogSink function ABSL_GUARDED_BY(mutex);
  // Set by the function itself while it runs, to take its place.
  std::optional<LogSink> next ABSL_GUARDED_BY(mutex);
  Mutex stderr_mutex;
  StderrWriter stderr_writer ABSL_GUARDED_BY(stderr_mutex){StandardError()};
};
Sink& TheSink() {
  static Sink& sink = *new Sink;
  return sink;
}
LogRepeats& TheRepeats() {
  static LogRepeats& repeats = *new LogRepeats;
  return repeats;
}

// This thread is in the program's own sink.
thread_local bool in_sink = false;

void ToStderr(const LogEvent& event) {
  const absl::Time now = absl::Now();
  const LogFormat format = stderr_format.load(std::memory_order_relaxed);
  const std::string line = LogLine(event, now, format);
  Sink& sink = TheSink();
  MutexLock lock(sink.stderr_mutex);
  if (const uint64_t lost = sink.stderr_writer.lost(); lost > 0) {
    const std::string text =
        absl::StrCat(lost, " log lines were lost: standard error did not take them");
    if (!sink.stderr_writer.Write(LogLine({LogLevel::kWarning, text, {}}, now, format))) return;
  }
  sink.stderr_writer.Write(line);
}

// False: the function threw.
bool RunSink(LogSink& function, const LogEvent& event) {
  in_sink = true;
  bool threw = false;
  try {
    function(event);
  } catch (...) {
    threw = true;
  }
  in_sink = false;
  return !threw;
}

void Emit(const LogEvent& event) {
  if (in_sink) return ToStderr(event);
  Sink& sink = TheSink();
  LogSink replaced;  // goes after the lock: what it holds may log
  MutexLock lock(sink.mutex);
  // Who logs is a reactor, often, and cannot catch what a sink throws.
  if (!sink.function || !RunSink(sink.function, event)) ToStderr(event);
  if (!sink.next.has_value()) return;
  replaced = std::exchange(sink.function, *std::move(sink.next));
  sink.next.reset();
}

// Of the thread that is in the sink, and so holds its lock.
void SetNextSink(LogSink&& function) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  TheSink().next = std::move(function);
}

void EmitSummary(LogLevel level, const std::string& line) { Emit({level, line, {}}); }

}  // namespace

std::string_view LogLevelName(LogLevel level) {
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

bool LogEnabled(LogLevel level) { return level >= least_level.load(std::memory_order_relaxed); }
void SetLogLevel(LogLevel level) { least_level.store(level, std::memory_order_relaxed); }
void SetLogFormat(LogFormat format) { stderr_format.store(format, std::memory_order_relaxed); }

void Log(LogLevel level, std::string_view text, std::initializer_list<LogField> fields) {
  if (!LogEnabled(level)) return;
  Emit({level, text, {fields.begin(), fields.size()}});
  LogRepeats& repeats = TheRepeats();
  if (repeats.idle() || in_sink) return;
  const int64_t now = MonotonicNow().nanoseconds();
  if (repeats.due(now)) repeats.TellDue(now, EmitSummary);
}

void SetLogSink(LogSink function) {
  if (in_sink) return SetNextSink(std::move(function));
  Sink& sink = TheSink();
  MutexLock lock(sink.mutex);
  std::swap(sink.function, function);
}

bool LogKind::Admits() {
  return LogEnabled(level_) &&
         TheRepeats().Admits(*this, MonotonicNow().nanoseconds(), EmitSummary);
}

void SetLogRepeatsMax(int per_second) { TheRepeats().set_per_second_max(per_second); }

void FlushLogKinds() {
  TheRepeats().TellDue(MonotonicNow().nanoseconds(), EmitSummary, /*all=*/true);
}

}  // namespace dialtone
