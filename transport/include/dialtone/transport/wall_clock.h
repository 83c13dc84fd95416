// The time of day, for what people and other programs read: log lines, spans. No decision depends on it: see instant.h.
#pragma once

#include "absl/time/time.h"

namespace dialtone {

absl::Time WallClock();

}  // namespace dialtone
