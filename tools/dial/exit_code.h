// What dial leaves with, and the one kind of error that is its own: a command line, a name or a message that is wrong.
//
//   0          the command did what it was told; a call: its status is OK
//   1 to 16    the number of the call's status, as gRPC counts them (5: NOT_FOUND, 14: UNAVAILABLE)
//   64         dial refused: the command line, a name or a message is wrong, a file cannot be read
//   74         the output cannot be written: the disk is full, or stdout is closed
//   130        Ctrl-C; calls that were under way have been cancelled
//   141        nobody reads the output any more: the shell's number of a program that SIGPIPE has ended
#pragma once

#include <string>

#include "absl/status/status.h"

namespace dial {

inline constexpr int kExitUsage = 64;
inline constexpr int kExitOutputLost = 74;
inline constexpr int kExitInterrupted = 130;

// INVALID_ARGUMENT, marked as dial's own: no server has said it.
absl::Status UsageError(const std::string& text);
bool IsUsageError(const absl::Status& status);

int ExitCodeOf(const absl::Status& status);

}  // namespace dial
