// Clocks for what people and other programs read: log lines, spans. No decision depends on the time of day, which may be set:
// see instant.h.
#pragma once

#include "absl/time/time.h"
#include "dialtone/transport/instant.h"

namespace dialtone {

absl::Time WallClock();
// CLOCK_MONOTONIC, which nobody sets: the clock of every loop of sockets.
Instant MonotonicNow();

}  // namespace dialtone
