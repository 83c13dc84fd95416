// A counter that one thread at a time writes and any thread reads. Internal to rpc/.
#pragma once

#include <atomic>
#include <cstdint>

namespace dialtone::internal {

// Written under one lead: a load and a store, no locked instruction, and no counter is contended. Relaxed:
// numbers, which order nothing.
class EventCount {
 public:
  void Increment() { Add(1); }
  void Add(uint64_t count) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

}  // namespace dialtone::internal
