// Sleeping on a word of memory until another thread wakes it. Internal.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>

namespace dialtone::internal {

// Sleeps while `*word` is `expected`, at most for `nanoseconds` (negative: for ever). Wakes
// spuriously.
inline void FutexWait(const uint32_t* word, uint32_t expected, int64_t nanoseconds) {
  timespec time{};
  time.tv_sec = nanoseconds / 1'000'000'000;
  time.tv_nsec = nanoseconds % 1'000'000'000;
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, nanoseconds < 0 ? nullptr : &time, nullptr,
          0);
}

// Wakes one sleeper. `word` is only an address here: its memory may be gone already.
inline void FutexWakeOne(const uint32_t* word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace dialtone::internal
