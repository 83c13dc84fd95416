// When a call began, by the time of day, and how long it takes, by a clock that nobody sets. Internal to rpc/observers/.
#pragma once

#include <algorithm>

#include "absl/time/time.h"
#include "dialtone/transport/instant.h"

namespace dialtone {

// `Options` has a `clock` and a `monotonic_clock`, the same for both functions.
class CallTimer {
 public:
  template <typename Options>
  void Begin(const Options& options) {
    start_ = options.clock();
    began_ = options.monotonic_clock();
  }
  absl::Time start() const { return start_; }
  template <typename Options>
  absl::Duration Elapsed(const Options& options) const {
    return std::max(absl::ZeroDuration(), options.monotonic_clock() - began_);
  }

 private:
  absl::Time start_;
  Instant began_;
};

}  // namespace dialtone
