// The adaptive limit's arithmetic: windows of measurements in, a number of calls out. Pure: time
// comes with the windows. dialtone/rpc/concurrency.h tells what it follows. Internal to rpc/.
//
//   gradient = clamp(tolerance × latency without load / latency, ½, 1)
//   limit   ← limit + smoothing × (limit × gradient + √limit − limit)
//
// With k calls at a time at which a server is just busy, that comes to rest a little above
// tolerance × k, where a call waits for about half as long as it runs.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "dialtone/rpc/concurrency.h"
#include "dialtone/transport/instant.h"

namespace dialtone::internal {

// What was measured in a while.
struct LatencyWindow {
  absl::Duration length;   // until now
  absl::Duration latency;  // mean of the calls that ended
  uint32_t calls = 0;      // that ended
  uint32_t peak = 0;       // the most that were under way
};

// Not thread-safe.
class GradientLimit {
 public:
  explicit GradientLimit(const ConcurrencyOptions& options);

  uint32_t limit() const { return static_cast<uint32_t>(limit_); }
  // A window has ended at `now`; at least one call ended in it.
  void Update(Instant now, const LatencyWindow& window);

 private:
  void Remeasure(Instant now, const LatencyWindow& window);
  void EndRemeasuring(Instant now, const LatencyWindow& window);
  double CallsNeeded() const;
  double Clamp(double limit) const;

  const ConcurrencyOptions options_;
  double limit_;
  absl::Duration unloaded_ = absl::InfiniteDuration();  // latency without load
  Instant remeasure_at_;
  bool measured_ = false;
  // While it is measured: the limit for afterwards, and from when on windows count.
  bool remeasuring_ = false;
  double limit_afterwards_ = 0;
  double throughput_ = 0;  // calls a second, before
  Instant counts_from_;
};

}  // namespace dialtone::internal
