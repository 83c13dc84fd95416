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

#include "dialtone/transport/check.h"
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
  ~Timer() { DIALTONE_CHECK(!armed(), "a timer was destroyed while it was armed"); }
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
//
// Nearly all timers are deadlines, armed in the order of their times and disarmed long before: so arming at the end
// costs a comparison, and disarming leaves an empty place, which goes when it comes to the front, or with the others
// when they are most of the heap.
class TimerHeap {
 public:
  ~TimerHeap();  // requires that it be empty

  bool empty() const { return armed_ == 0; }
  // When the first timer is due; Infinite() when none is armed.
  Instant next() {
    if (!heap_.empty() && heap_.front().timer == nullptr) TidyFront();
    return heap_.empty() ? Instant::Infinite() : heap_.front().when;
  }
  // Arms, or moves a timer that is armed already.
  void Arm(Timer& timer, Instant when) {
    if (timer.armed()) Disarm(timer);
    const size_t position = heap_.size();
    timer.when_ = when;
    timer.position_ = position;
    ++armed_;
    heap_.push_back(Entry{when, &timer});
    if (position != 0 && when < heap_[Parent(position)].when) SiftUp(position, Entry{when, &timer});
  }
  // Disarms; does nothing to a timer that is not armed.
  void Disarm(Timer& timer);
  // Unlinks and returns a timer due at or before `now`; null when there is none.
  Timer* PopDue(Instant now);

 private:
  struct Entry {
    Instant when;
    Timer* timer;  // null: an empty place
  };
  // So many empty places are always borne.
  static constexpr size_t kEmptyMin = 64;

  static constexpr size_t kChildren = 4;  // fewer cache lines a sift than two
  static size_t Parent(size_t position) { return (position - 1) / kChildren; }
  size_t empty_places() const { return heap_.size() - armed_; }
  void Place(size_t position, Entry entry) {
    heap_[position] = entry;
    if (entry.timer != nullptr) entry.timer->position_ = position;
  }
  void SiftUp(size_t position, Entry entry);
  void SiftDown(size_t position, Entry entry);
  void RemoveFront();
  void TidyFront();
  // Takes all empty places out.
  void Tidy();

  std::vector<Entry> heap_;
  size_t armed_ = 0;
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
