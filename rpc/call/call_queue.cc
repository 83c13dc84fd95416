#include "call_queue.h"

namespace dialtone::internal {

void CallQueue::PushBack(ClientCall& call) {
  call.queue_ = this;
  call.previous_ = tail_;
  call.next_ = nullptr;
  (tail_ == nullptr ? head_ : tail_->next_) = &call;
  tail_ = &call;
  ++size_;
}

bool CallQueue::Remove(ClientCall& call) {
  if (call.queue_ != this) return false;
  call.queue_ = nullptr;
  (call.previous_ == nullptr ? head_ : call.previous_->next_) = call.next_;
  (call.next_ == nullptr ? tail_ : call.next_->previous_) = call.previous_;
  --size_;
  return true;
}

}  // namespace dialtone::internal
