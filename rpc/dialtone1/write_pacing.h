// When to write before a batch's end, and whether more comes at once. Whoever writes one batch for each batch that it
// reads takes turns with its peer: while one works, the other waits. On one processor that is as fast as it can be, and
// with a network between there is always something under way. But two processes on two processors of one machine work half
// of the time each; so these write a part of a large batch early, half of it: then each has one half while the other goes
// there and back. See docs/decisions/0012. Pure: where the peer runs comes in. Internal to dialtone1/.
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
  // True: it does, and the answer to a batch like this one comes in about the time that a sleep takes.
  template <class Elsewhere>
  bool EndBatch(uint32_t under_way, const Elsewhere& elsewhere) {
    if (queued_ == 0) return false;
    const bool several = queued_ >= kSeveral;
    if (several && looks_++ % kLookEvery == 0) elsewhere_ = elsewhere();
    every_ = under_way == 0 ? RepliesAPart(std::max(queued_, last_)) : RequestsAPart(under_way);
    write_at_ = elsewhere_ ? every_ : kNever;
    last_ = std::exchange(queued_, 0);
    return several && elsewhere_;
  }

 private:
  // So many calls that one batch holds are a stream of them, in which a wake-up is worth sparing.
  static constexpr uint32_t kSeveral = 8;
  static constexpr uint32_t kPartMin = 16;
  static constexpr uint32_t kLookEvery = 8;
  static constexpr uint32_t kNever = std::numeric_limits<uint32_t>::max() / 2;

  // What is little goes in one piece.
  static uint32_t RequestsAPart(uint32_t under_way) {
    return under_way < 2 * kPartMin ? kNever : under_way / 2;
  }
  // Of two batches one may be what was left over.
  static uint32_t RepliesAPart(uint32_t batch) { return std::max(kPartMin, batch / 2); }

  uint32_t queued_ = 0;  // in this batch
  uint32_t last_ = 0;    // in the one before
  uint32_t write_at_ = kNever;
  uint32_t every_ = kNever;
  uint32_t looks_ = 0;
  bool elsewhere_ = false;
};

}  // namespace dialtone::dialtone1
