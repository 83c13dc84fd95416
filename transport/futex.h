// Sleeping on a word of memory until another thread wakes it. Internal.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DIALTONE_THREAD_SANITIZER 1
#endif
#elif defined(__SANITIZE_THREAD__)
#define DIALTONE_THREAD_SANITIZER 1
#endif

namespace dialtone::internal {

#ifdef DIALTONE_THREAD_SANITIZER
// The thread sanitizer holds a signal back until its thread makes a call that the sanitizer knows, and it knows no
// futex: a thread that sleeps for ever would never get it. So sleeps are short there, and such a call follows.
inline constexpr int64_t kFutexWaitMax = 20'000'000;
inline void LetSignalsThrough() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
}
#endif

// Sleeps while `*word` is `expected`, at most for `nanoseconds` (negative: for ever). Wakes
// spuriously.
inline void FutexWait(const uint32_t* word, uint32_t expected, int64_t nanoseconds) {
#ifdef DIALTONE_THREAD_SANITIZER
  if (nanoseconds < 0 || nanoseconds > kFutexWaitMax) nanoseconds = kFutexWaitMax;
#endif
  timespec time{};
  time.tv_sec = nanoseconds / 1'000'000'000;
  time.tv_nsec = nanoseconds % 1'000'000'000;
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, nanoseconds < 0 ? nullptr : &time, nullptr,
          0);
#ifdef DIALTONE_THREAD_SANITIZER
  LetSignalsThrough();
#endif
}

// Wakes one sleeper. `word` is only an address here: its memory may be gone already.
inline void FutexWakeOne(const uint32_t* word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace dialtone::internal
