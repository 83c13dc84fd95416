// How often a channel's part on one loop has sent calls more than once. Internal to rpc/.
#pragma once

#include <atomic>
#include <cstdint>

#include "dialtone/rpc/channel.h"

namespace dialtone::internal {

// Counted by one thread at a time, read by any: no counter is contended. Relaxed: numbers, which order
// nothing.
class EventCount {
 public:
  void Increment() {
    value_.store(value_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Counted under the lead of the part's loop.
struct CallCounters {
  EventCount resends;
  EventCount retries;
  EventCount hedges;
  EventCount hedges_won;
  EventCount over_budget;

  void AddTo(ChannelStats& stats) const {
    stats.resends += resends.value();
    stats.retries += retries.value();
    stats.hedges += hedges.value();
    stats.hedges_won += hedges_won.value();
    stats.over_budget += over_budget.value();
  }
};

}  // namespace dialtone::internal
