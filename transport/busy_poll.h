// Whether a loop looks for input a little before it sleeps (busy polling). While two processes work at the same calls on two
// processors of one machine, what one sends reaches the other within the time that falling asleep and being woken takes, so
// that looking costs no more and ends sooner. Where nothing comes it is done ever more seldom, down to once in 64 times, so that
// a wrong guess costs little. Pure: time comes in. Internal.
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "dialtone/transport/instant.h"

namespace dialtone {

// A value; of one loop, under its lead.
class BusyPoll {
 public:
  // What a sleep and a wake-up come to on a busy virtual machine.
  static constexpr absl::Duration kLongest = absl::Microseconds(50);
  // What was expected for so long and has not come need not be near.
  static constexpr absl::Duration kFresh = absl::Microseconds(200);

  // Input is said to be near.
  void Expect(Instant now) {
    expects_ = true;
    since_ = now;
  }
  bool expects() const { return expects_; }
  // Before a sleep, if it expects something: whether to look for that first.
  bool Begin(Instant now) {
    expects_ = false;
    if (now - since_ > kFresh) return false;
    if (left_out_ < leave_out_) {
      ++left_out_;
      return false;
    }
    ++looks_;
    return true;
  }
  // What Begin() has allowed is over: something else ended it, which says nothing; or it has found something, or looked
  // for kLongest in vain.
  void Resume() { expects_ = true; }
  void End(bool found) {
    if (found) ++finds_;
    leave_out_ = found ? 0 : std::min(kLeaveOutMax, 2 * leave_out_ + 1);
    left_out_ = 0;
  }

  // How often it has looked, and found something.
  uint64_t looks() const { return looks_; }
  uint64_t finds() const { return finds_; }

 private:
  static constexpr uint32_t kLeaveOutMax = 63;

  bool expects_ = false;
  Instant since_;
  uint32_t left_out_ = 0;   // since it looked last
  uint32_t leave_out_ = 0;  // times before it looks again
  uint64_t looks_ = 0;
  uint64_t finds_ = 0;
};

}  // namespace dialtone
