// How long to wait between attempts of any kind: to connect, to send a call again.
#pragma once

#include "absl/time/time.h"

namespace dialtone {

// Waits, each longer than the one before.
struct BackoffOptions {
  BackoffOptions() = default;

  absl::Duration initial = absl::Milliseconds(100);
  absl::Duration max = absl::Seconds(10);
  double multiplier = 1.6;
  double jitter = 0.2;  // a wait is drawn from [1 - jitter, 1 + jitter] times its nominal length
};

}  // namespace dialtone
