// Log lines: one event a line, on stderr, as text or as JSON, unless the program installs a sink of
// its own.
//
//   Log(LogLevel::kWarning, "accept 127.0.0.1:7000: out of descriptors, resting 100 ms",
//       {{"address", "127.0.0.1:7000"}});
//
//   2026-01-31T12:00:00.123Z warning: accept 127.0.0.1:7000: out of descriptors, resting 100 ms
//   {"time":"2026-01-31T12:00:00.123Z","level":"warning","text":"accept 127.0.0.1:7000: out of …",
//    "address":"127.0.0.1:7000"}
//
// A text says all that a person needs; fields repeat its parts for machines, in JSON and to sinks.
// What can come in floods goes through a LogKind (log_kind.h) first.
//
// Standard error never stops the program: a line that it does not take at once (a full pipe, a full
// disk, a reader that has gone) is counted and dropped, and the next line that it takes is preceded
// by how many were lost. A line has at most 4096 bytes; longer ones are cut.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "absl/functional/any_invocable.h"

namespace dialtone {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kText, kJson };

// "debug", "info", "warning", "error"
std::string_view LogLevelName(LogLevel level);

// A part of an event for machines: {"method", "/greeter.Greeter/Greet"}. Names are snake_case and
// none of "time", "level" and "text".
struct LogField {
  std::string_view name;
  std::string_view value;
};

struct LogEvent {
  LogLevel level;
  std::string_view text;  // may hold any bytes; the sink keeps it on one line
  std::span<const LogField> fields;
};

// Any thread. Cheap when the level is off; callers that build a costly text ask LogEnabled() first.
void Log(LogLevel level, std::string_view text, std::initializer_list<LogField> fields = {});
bool LogEnabled(LogLevel level);
// kInfo at first.
void SetLogLevel(LogLevel level);
// Of the lines on stderr; kText at first.
void SetLogFormat(LogFormat format);

// Replaces where events go; called under a lock, one at a time, by any thread, reactors too, so it
// must not block. What it logs itself goes to stderr, and so does an event with which it throws. An
// empty one brings stderr back. Within a sink this takes effect when that has returned.
using LogSink = absl::AnyInvocable<void(const LogEvent& event)>;
void SetLogSink(LogSink sink);

}  // namespace dialtone
