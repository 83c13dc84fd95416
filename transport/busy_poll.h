// Whether a loop looks for input a little before it sleeps (busy polling). While two processes work at the same calls on two
// processors of one machine, what one sends reaches the other within the time that falling asleep and being woken takes, so
// that looking costs no more and ends sooner. Where nothing comes it is done ever more seldom, down to once in 64 times, so that
// a wrong guess costs little. Pure: time comes in. Internal.
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace dialtone {

// A value; of one loop, under its lead.
class BusyPoll {
 public:
  // What a sleep and a wake-up come to on a busy virtual machine.
  static constexpr absl::Duration kLongest = absl::Microseconds(50);

  // Before a sleep, where input is said to be near: whether to look for it first.
  bool Begin() {
    if (left_out_ >= leave_out_) return true;
    ++left_out_;
    return false;
  }
  // What Begin() allowed is over; it was not in vain.
  void End(bool found) {
    leave_out_ = found ? 0 : std::min(kLeaveOutMax, 2 * leave_out_ + 1);
    left_out_ = 0;
  }

 private:
  static constexpr uint32_t kLeaveOutMax = 63;

  uint32_t left_out_ = 0;   // since it looked last
  uint32_t leave_out_ = 0;  // times before it looks again
};

}  // namespace dialtone
