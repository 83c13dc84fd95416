// An event of the log as one line. Pure. Internal.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "dialtone/transport/log.h"

namespace dialtone {

inline constexpr size_t kLogLineBytesMax = 4096;

// With its newline, at most kLogLineBytesMax bytes. In text, control characters are escaped as in C
// and the fields are left out; JSON is valid whatever the bytes are (what is no UTF-8 becomes
// U+FFFD), and when it is too long, first fields are left out, then the text is cut.
std::string LogLine(const LogEvent& event, absl::Time time, LogFormat format);

}  // namespace dialtone
