// When to write before a batch's end. Whoever writes one batch for each batch that it reads takes turns with its peer:
// while one works, the other waits. On one processor that is as fast as it can be, and with a network between there is
// always something under way. But two processes on two processors of one machine work half of the time each; so these
// write a part of a large batch early. Pure: where the peer runs comes in. Internal to dialtone1/.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace dialtone::dialtone1 {

// A value; belongs to a connection's writing side.
class WritePacing {
 public:
  // One more REQUEST or RESPONSE is queued. True: it is time to write.
  bool Count() {
    if (++queued_ < write_at_) [[likely]] {
      return false;
    }
    write_at_ = queued_ + every_;
    return true;
  }
  // The batch is over, and all of it is being written. `elsewhere` is asked now and then: whether the peer runs on
  // another processor of this machine.
  template <class Elsewhere>
  void EndBatch(const Elsewhere& elsewhere) {
    if (queued_ == 0) return;
    largest_ = std::max(queued_, largest_ - largest_ / 8);
    if (queued_ >= kLargeBatch && large_batches_++ % kLookEvery == 0) early_ = elsewhere();
    every_ = std::max(kPartMin, largest_ / 4);
    write_at_ = early_ ? every_ : kNever;
    queued_ = 0;
  }

 private:
  static constexpr uint32_t kLargeBatch = 24;
  static constexpr uint32_t kPartMin = 16;
  static constexpr uint32_t kLookEvery = 4;
  static constexpr uint32_t kNever = std::numeric_limits<uint32_t>::max();

  uint32_t queued_ = 0;  // in this batch
  uint32_t write_at_ = kNever;
  uint32_t every_ = kPartMin;
  uint32_t largest_ = 0;  // batch of late: older ones count less and less
  uint32_t large_batches_ = 0;
  bool early_ = false;
};

}  // namespace dialtone::dialtone1
