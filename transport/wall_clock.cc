#include "dialtone/transport/wall_clock.h"

#include <time.h>

#include "absl/time/clock.h"

namespace dialtone {

absl::Time WallClock() { return absl::Now(); }

Instant MonotonicNow() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Instant::FromNanoseconds(now.tv_sec * 1'000'000'000 + now.tv_nsec);
}

}  // namespace dialtone
