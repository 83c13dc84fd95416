#include "dialtone/transport/timer.h"

#include <algorithm>

#include "dialtone/transport/check.h"

namespace dialtone {
namespace {
constexpr size_t kChildren = 4;
}  // namespace

Timer::~Timer() { DIALTONE_CHECK(!armed(), "a timer was destroyed while it was armed"); }

TimerHeap::~TimerHeap() { DIALTONE_CHECK(heap_.empty(), "a timer outlives its loop"); }

void TimerHeap::Arm(Timer& timer, Instant when) {
  if (!timer.armed()) {
    timer.when_ = when;
    heap_.push_back(&timer);
    timer.position_ = heap_.size() - 1;
    SiftUp(timer.position_);
    return;
  }
  const bool earlier = when < timer.when_;
  timer.when_ = when;
  if (earlier) {
    SiftUp(timer.position_);
  } else {
    SiftDown(timer.position_);
  }
}

void TimerHeap::Disarm(Timer& timer) {
  if (!timer.armed()) return;
  const size_t position = timer.position_;
  timer.position_ = Timer::kNotArmed;
  Timer* const last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  // The last one fills the hole; it may belong above or below it.
  Place(position, last);
  SiftUp(position);
  SiftDown(last->position_);
}

Timer* TimerHeap::PopDue(Instant now) {
  if (heap_.empty() || heap_.front()->when_ > now) return nullptr;
  Timer* const timer = heap_.front();
  Disarm(*timer);
  return timer;
}

void TimerHeap::Place(size_t position, Timer* timer) {
  heap_[position] = timer;
  timer->position_ = position;
}

void TimerHeap::SiftUp(size_t position) {
  Timer* const timer = heap_[position];
  while (position > 0) {
    const size_t parent = (position - 1) / kChildren;
    if (heap_[parent]->when_ <= timer->when_) break;
    Place(position, heap_[parent]);
    position = parent;
  }
  Place(position, timer);
}

void TimerHeap::SiftDown(size_t position) {
  Timer* const timer = heap_[position];
  while (true) {
    const size_t first = position * kChildren + 1;
    if (first >= heap_.size()) break;
    const size_t end = std::min(first + kChildren, heap_.size());
    size_t least = first;
    for (size_t child = first + 1; child < end; ++child) {
      if (heap_[child]->when_ < heap_[least]->when_) least = child;
    }
    if (timer->when_ <= heap_[least]->when_) break;
    Place(position, heap_[least]);
    position = least;
  }
  Place(position, timer);
}

}  // namespace dialtone
