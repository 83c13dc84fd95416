#include "dialtone/transport/wall_clock.h"

#include "absl/time/clock.h"

namespace dialtone {

absl::Time WallClock() { return absl::Now(); }

}  // namespace dialtone
