#include "dialtone/transport/timer.h"

#include <algorithm>

#include "dialtone/transport/check.h"

namespace dialtone {

TimerHeap::~TimerHeap() { DIALTONE_CHECK(empty(), "a timer outlives its loop"); }

void TimerHeap::Disarm(Timer& timer) {
  if (!timer.armed()) return;
  heap_[timer.position_].timer = nullptr;
  timer.position_ = Timer::kNotArmed;
  --armed_;
  if (armed_ == 0) return heap_.clear();
  if (empty_places() > armed_ + kEmptyMin) Tidy();
}

Timer* TimerHeap::PopDue(Instant now) {
  if (next() > now || heap_.empty()) return nullptr;
  Timer* const timer = heap_.front().timer;
  timer->position_ = Timer::kNotArmed;
  --armed_;
  RemoveFront();
  return timer;
}

void TimerHeap::RemoveFront() {
  const Entry last = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) SiftDown(0, last);
}

void TimerHeap::TidyFront() {
  if (empty_places() > armed_) Tidy();
  while (!heap_.empty() && heap_.front().timer == nullptr) RemoveFront();
}

void TimerHeap::Tidy() {
  std::erase_if(heap_, [](const Entry& entry) { return entry.timer == nullptr; });
  for (size_t position = heap_.size(); position-- > 0;) SiftDown(position, heap_[position]);
}

void TimerHeap::SiftUp(size_t position, Entry entry) {
  while (position > 0) {
    const size_t parent = Parent(position);
    if (heap_[parent].when <= entry.when) break;
    Place(position, heap_[parent]);
    position = parent;
  }
  Place(position, entry);
}

void TimerHeap::SiftDown(size_t position, Entry entry) {
  while (true) {
    const size_t first = position * kChildren + 1;
    if (first >= heap_.size()) break;
    const size_t end = std::min(first + kChildren, heap_.size());
    size_t least = first;
    for (size_t child = first + 1; child < end; ++child) {
      if (heap_[child].when < heap_[least].when) least = child;
    }
    if (entry.when <= heap_[least].when) break;
    Place(position, heap_[least]);
    position = least;
  }
  Place(position, entry);
}

}  // namespace dialtone
