// Log lines: one event a line, on stderr, unless the program installs a sink of its own.
//
//   Log(LogLevel::kWarning, "accept 127.0.0.1:7000: out of descriptors, resting 100 ms");
#pragma once

#include <string_view>

#include "absl/functional/any_invocable.h"

namespace dialtone {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Any thread. Cheap when the level is off; callers that build a costly text ask LogEnabled() first.
void Log(LogLevel level, std::string_view text);
bool LogEnabled(LogLevel level);
// kInfo at first.
void SetLogLevel(LogLevel level);

// Replaces where lines go; called under a lock, one line at a time; an empty one brings stderr
// back.
using LogSink = absl::AnyInvocable<void(LogLevel level, std::string_view text)>;
void SetLogSink(LogSink sink);

}  // namespace dialtone
