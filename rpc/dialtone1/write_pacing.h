// When to write before a batch's end. Whoever writes one batch for each batch that it reads takes turns with its peer:
// while one works, the other waits. On one processor that is as fast as it can be, and with a network between there is
// always something under way. But two processes on two processors of one machine work half of the time each; so these
// write a part of a large batch early. Small parts keep both at work, large ones cost less: what is best was measured
// with 16 to 256 calls under way. Pure: where the peer runs comes in. Internal to dialtone1/.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

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
  // The batch is over, and all of it is being written. `under_way`: so many calls are, at a client; 0 at a server, which
  // cannot know. `elsewhere` is asked now and then: whether the peer runs on another processor of this machine.
  template <class Elsewhere>
  void EndBatch(uint32_t under_way, const Elsewhere& elsewhere) {
    if (queued_ == 0) return;
    if (queued_ >= kLargeBatch && large_batches_++ % kLookEvery == 0) early_ = elsewhere();
    every_ = under_way == 0 ? RepliesAPart(std::max(queued_, last_)) : RequestsAPart(under_way);
    write_at_ = early_ ? every_ : kNever;
    last_ = std::exchange(queued_, 0);
  }

 private:
  static constexpr uint32_t kLargeBatch = 24;
  static constexpr uint32_t kLookEvery = 4;
  static constexpr uint32_t kNever = std::numeric_limits<uint32_t>::max() / 2;

  // Somewhat less than half of what is under way, so that there is always a part of it on its way. What is little goes
  // in one piece.
  static uint32_t RequestsAPart(uint32_t under_way) {
    return under_way < 32 ? kNever : (under_way - 16) / 2;
  }
  // A client's parts are what comes as batches here: those need not be cut up much. One of two may be what was left over.
  static uint32_t RepliesAPart(uint32_t batch) { return std::max<uint32_t>(16, batch / 2); }

  uint32_t queued_ = 0;  // in this batch
  uint32_t last_ = 0;    // in the one before
  uint32_t write_at_ = kNever;
  uint32_t every_ = kNever;
  uint32_t large_batches_ = 0;
  bool early_ = false;
};

}  // namespace dialtone::dialtone1
