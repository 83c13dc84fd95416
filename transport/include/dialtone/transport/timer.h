// A timer of a loop: an intrusive node, armed and disarmed in O(log n) without an allocation.
//
//   class Call {
//     void OnDeadline();
//     MemberTimer<&Call::OnDeadline> deadline_timer_{*this};
//   };
//   loop.Arm(call.deadline_timer_, loop.Now() + absl::Seconds(1));
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "dialtone/transport/instant.h"
#include "dialtone/transport/work.h"

namespace dialtone {

// Owned by its user, touched only under the lead of the loop it is armed on. Must be disarmed
// before it is destroyed (checked).
class Timer {
 public:
  // Called once, by the loop, no earlier than the instant asked for; the timer is disarmed by then
  // and may be armed again.
  virtual void OnTimer() = 0;

  bool armed() const { return position_ != kNotArmed; }
  Instant when() const { return when_; }

 protected:
  Timer() = default;
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  friend class TimerHeap;
  static constexpr size_t kNotArmed = std::numeric_limits<size_t>::max();

  Instant when_;
  size_t position_ = kNotArmed;  // index in the heap
};

// Timers ordered by time: what both kinds of loop keep theirs in. Pure: knows no clock. Not
// thread-safe.
class TimerHeap {
 public:
  ~TimerHeap();  // requires that it be empty

  bool empty() const { return heap_.empty(); }
  // When the first timer is due; Infinite() when none is armed.
  Instant next() const { return heap_.empty() ? Instant::Infinite() : heap_.front()->when_; }
  // Arms, or moves a timer that is armed already.
  void Arm(Timer& timer, Instant when);
  // Disarms; does nothing to a timer that is not armed.
  void Disarm(Timer& timer);
  // Unlinks and returns a timer due at or before `now`; null when there is none.
  Timer* PopDue(Instant now);

 private:
  void Place(size_t position, Timer* timer);
  void SiftUp(size_t position);
  void SiftDown(size_t position);

  std::vector<Timer*> heap_;  // four children a node: fewer cache lines a sift than two
};

// A timer that calls one member function of its owner.
template <auto kMethod>
class MemberTimer final : public Timer {
 public:
  using Owner = typename internal::MemberOwner<decltype(kMethod)>::Type;
  explicit MemberTimer(Owner& owner) : owner_(owner) {}
  void OnTimer() override { (owner_.*kMethod)(); }

 private:
  Owner& owner_;
};

}  // namespace dialtone
