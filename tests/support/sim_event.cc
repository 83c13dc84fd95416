#include "support/sim_event.h"

#include "dialtone/transport/check.h"

namespace dialtone {

SimEvent::~SimEvent() {
  if (queue_ != nullptr) queue_->Disarm(*this);
}

void SimQueue::Arm(SimEvent& event, int64_t when) {
  if (when == kSimNever) return Disarm(event);
  const Entry entry{when, (random_.Next() << 32) | ++armed_so_far_, &event};
  if (event.queue_ == nullptr) {
    event.queue_ = this;
    heap_.emplace_back();
    SiftUp(heap_.size() - 1, entry);
    return;
  }
  DIALTONE_CHECK(event.queue_ == this, "an event belongs to one queue");
  const size_t position = event.position_;
  if (Before(entry, heap_[position])) {
    SiftUp(position, entry);
  } else {
    SiftDown(position, entry);
  }
}

void SimQueue::ArmNoLater(SimEvent& event, int64_t when) {
  if (event.queue_ != nullptr && heap_[event.position_].when <= when) return;
  Arm(event, when);
}

void SimQueue::Disarm(SimEvent& event) {
  if (event.queue_ == nullptr) return;
  event.queue_ = nullptr;
  const size_t position = event.position_;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (position == heap_.size()) return;
  if (position > 0 && Before(last, heap_[(position - 1) / 2])) {
    SiftUp(position, last);
  } else {
    SiftDown(position, last);
  }
}

SimEvent& SimQueue::Pop() {
  SimEvent& event = *heap_.front().event;
  Disarm(event);
  return event;
}

void SimQueue::Place(size_t position, const Entry& entry) {
  heap_[position] = entry;
  entry.event->position_ = position;
}

void SimQueue::SiftUp(size_t position, const Entry& entry) {
  while (position > 0) {
    const size_t parent = (position - 1) / 2;
    if (!Before(entry, heap_[parent])) break;
    Place(position, heap_[parent]);
    position = parent;
  }
  Place(position, entry);
}

void SimQueue::SiftDown(size_t position, const Entry& entry) {
  for (;;) {
    size_t child = 2 * position + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && Before(heap_[child + 1], heap_[child])) ++child;
    if (!Before(heap_[child], entry)) break;
    Place(position, heap_[child]);
    position = child;
  }
  Place(position, entry);
}

}  // namespace dialtone
