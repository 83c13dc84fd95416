// What retries and hedges may cost: a bucket of tokens that calls and time fill, and that leaks.
// Internal to rpc/.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "dialtone/rpc/retry.h"
#include "dialtone/transport/instant.h"

namespace dialtone::internal {

// Pure. Calls are counted without a look at the clock: at each Spend() those since the last one count
// as spread evenly over the time between.
//
// With a steady rate of calls the bucket comes to hold what `window` earns, and never more than that
// plus the share of the calls just counted: the leak is the bound, and grows with the traffic.
class RetryBudget {
 public:
  RetryBudget(const RetryBudgetOptions& options, Instant now)
      : options_(options),
        window_seconds_(std::clamp(absl::ToDoubleSeconds(options.window), 0.0, kWindowSecondsMax)),
        left_(options.per_second * window_seconds_),
        earned_until_(now) {}

  // A call that may be sent more than once is sent for the first time.
  void CountCall() { ++calls_; }
  // False: there is none left.
  bool Spend(Instant now) {
    Earn(now);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  void Earn(Instant now) {
    const double seconds = absl::ToDoubleSeconds(now - earned_until_);
    // Without a window nothing outlives the moment in which it was earned.
    const double windows = seconds > 0 ? seconds / window_seconds_ : 0;
    const double earned =
        options_.per_second * seconds + options_.ratio * static_cast<double>(calls_);
    // Of what was earned evenly over `windows`, so much has not leaked out again.
    const double kept = windows > 0 ? -std::expm1(-windows) / windows : 1;
    left_ = left_ * std::exp(-windows) + earned * kept;
    calls_ = 0;
    earned_until_ = now;
  }

  static constexpr double kWindowSecondsMax = 24 * 3600;

  const RetryBudgetOptions options_;
  const double window_seconds_;
  double left_;
  uint64_t calls_ = 0;  // since earned_until_
  Instant earned_until_;
};

}  // namespace dialtone::internal
