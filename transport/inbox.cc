#include "inbox.h"

#include "dialtone/transport/check.h"

namespace dialtone {

// The word meets other words (attend count, followers, the sleeper) in "write mine, then read
// yours" protocols: every access is sequentially consistent.
static_assert(alignof(Work) >= 4, "the two low bits of a pointer to Work are used as flags");

Inbox::~Inbox() { DIALTONE_CHECK(!has_work(), "work was posted to a loop that is gone"); }

Inbox::Met Inbox::Push(Work& work) {
  uintptr_t word = word_.load(std::memory_order_relaxed);
  uintptr_t next = 0;
  do {
    work.next_ = reinterpret_cast<Work*>(word & ~kFlags);
    next = reinterpret_cast<uintptr_t>(&work) | (word & kFree);
  } while (!word_.compare_exchange_weak(word, next, std::memory_order_seq_cst));
  if (word == kAsleep) return Met::kAsleep;
  // Even if there was work: who posted that may be about to lead, and long in coming.
  if ((word & kFree) != 0) return Met::kFree;
  return Met::kAwake;
}

bool Inbox::TryAcquire() {
  uintptr_t word = word_.load(std::memory_order_relaxed);
  while ((word & kFree) != 0) {
    if (word_.compare_exchange_weak(word, word & ~kFree, std::memory_order_seq_cst)) return true;
  }
  return false;
}

bool Inbox::Release() {
  uintptr_t word = 0;
  return word_.compare_exchange_strong(word, kFree, std::memory_order_seq_cst);
}

void Inbox::ReleaseWithWork() { word_.fetch_or(kFree, std::memory_order_seq_cst); }

bool Inbox::FallAsleep() {
  uintptr_t word = 0;
  return word_.compare_exchange_strong(word, kAsleep, std::memory_order_seq_cst);
}

void Inbox::Awake() {
  uintptr_t word = kAsleep;
  word_.compare_exchange_strong(word, 0, std::memory_order_seq_cst);
}

WorkList Inbox::TakeAll() {
  WorkList list;
  if (word_.load(std::memory_order_acquire) == 0) return list;
  Work* newest = reinterpret_cast<Work*>(word_.exchange(0, std::memory_order_seq_cst));
  Work* oldest = nullptr;
  while (newest != nullptr) {
    Work* const before = newest->next_;
    newest->next_ = oldest;
    oldest = newest;
    newest = before;
  }
  while (oldest != nullptr) {
    Work* const after = oldest->next_;
    list.PushBack(*oldest);
    oldest = after;
  }
  return list;
}

}  // namespace dialtone
