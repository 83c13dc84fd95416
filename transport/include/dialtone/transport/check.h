// The one way to say "this is a bug in the program": prints the place and the reason, then aborts.
// In every build. What a peer, a user or the system can cause is no bug and goes through
// absl::Status instead.
#pragma once

namespace dialtone::internal {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition,
                              const char* reason);
}  // namespace dialtone::internal

// DIALTONE_CHECK(condition) or DIALTONE_CHECK(condition, "reason").
#define DIALTONE_CHECK(condition, ...)                         \
  (__builtin_expect(!!(condition), 1)                          \
       ? static_cast<void>(0)                                  \
       : ::dialtone::internal::CheckFailed(__FILE__, __LINE__, \
                                           #condition __VA_OPT__(, ) __VA_ARGS__))
