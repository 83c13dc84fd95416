// How long to wait between attempts: exponentially longer, with jitter. Pure: randomness comes in
// as a number. Internal to rpc/.
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "dialtone/rpc/channel.h"

namespace dialtone::internal {

// One step of a linear congruential generator: enough to spread the attempts of many clients.
inline uint64_t NextRandom(uint64_t& state) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return state ^ (state >> 29);
}

class Backoff {
 public:
  explicit Backoff(const BackoffOptions& options) : options_(options), next_(options.initial) {}

  // The wait before the next attempt. `random` is uniform over all 64-bit numbers.
  absl::Duration Next(uint64_t random) {
    const double unit = static_cast<double>(random >> 11) * 0x1.0p-53;  // [0, 1)
    const double factor = 1.0 + options_.jitter * (2.0 * unit - 1.0);
    const absl::Duration wait = next_ * factor;
    next_ = std::min(options_.max, next_ * options_.multiplier);
    return wait;
  }
  // After a success.
  void Reset() { next_ = options_.initial; }

 private:
  const BackoffOptions options_;
  absl::Duration next_;
};

}  // namespace dialtone::internal
