// One limit for the bytes that all connections of a process hold for their peers.
#pragma once

#include <atomic>
#include <cstdint>

namespace dialtone {

// Counts; what happens when it is spent is the business of those who count here: see
// ConnectionLimits::bytes_in_flight_max. Thread-safe: counts are relaxed, for no other memory
// depends on them, and a limit of many megabytes may be overrun by what several threads add at once.
class ByteBudget {
 public:
  explicit ByteBudget(uint64_t max) : max_(max) {}
  ByteBudget(const ByteBudget&) = delete;
  ByteBudget& operator=(const ByteBudget&) = delete;

  uint64_t max() const { return max_; }
  uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  bool spent() const { return used() > max_; }
  uint64_t left() const {
    const uint64_t used = this->used();
    return used < max_ ? max_ - used : 0;
  }
  void Add(uint64_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void Subtract(uint64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  const uint64_t max_;
  std::atomic<uint64_t> used_{0};
};

}  // namespace dialtone
