// The times that a load generator reads: of the wall, and of processors.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstdint>

namespace dialtone::load {

inline int64_t NanosecondsOf(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Monotonic. The one clock that completions are timed with.
inline int64_t NowNanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return NanosecondsOf(now);
}

// What all threads of a process have used so far, in user code and in the kernel; 0: this one. -1 if
// there is no such process.
int64_t ProcessorNanoseconds(pid_t process);

}  // namespace dialtone::load
