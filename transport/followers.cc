#include "followers.h"

namespace dialtone {

void Followers::Add(Follower& follower) {
  MutexLock lock(mutex_);
  follower.next = first_;
  if (first_ != nullptr) first_->previous = &follower;
  first_ = &follower;
  if (count_.fetch_add(1, std::memory_order_seq_cst) != 0)
    crowded_.store(kCrowdedOffers, std::memory_order_relaxed);
}

bool Followers::Remove(Follower& follower) {
  MutexLock lock(mutex_);
  (follower.previous == nullptr ? first_ : follower.previous->next) = follower.next;
  if (follower.next != nullptr) follower.next->previous = follower.previous;
  count_.fetch_sub(1, std::memory_order_seq_cst);
  return follower.offered;
}

bool Followers::OfferLead() {
  if (count_.load(std::memory_order_seq_cst) == 0) return false;
  MutexLock lock(mutex_);
  for (Follower* follower = first_; follower != nullptr; follower = follower->next) {
    if (follower->event.is_set()) continue;
    follower->offered = true;
    follower->event.Unpark();
    return true;
  }
  return false;
}

}  // namespace dialtone
