// The lead of a loop and the work posted to it, in one atomic word, so that who posts learns in the
// same step whether somebody must be woken, and who lets go of the lead cannot miss what was posted
// meanwhile. Internal.
//
//    63                                       2   1        0
//   ┌──────────────────────────────────────────┬────────┬──────┐
//   │ newest posted work (a list, newest first) │ asleep │ free │
//   └──────────────────────────────────────────┴────────┴──────┘
//   free: nobody leads. asleep: the leader sleeps, and nothing is posted.
#pragma once

#include <atomic>
#include <cstdint>

#include "dialtone/transport/work.h"

namespace dialtone {

// Any thread may Push() and TryAcquire(); the rest is the leader's.
class Inbox {
 public:
  enum class State { kFree, kLed };
  explicit Inbox(State state) : word_(state == State::kFree ? kFree : 0) {}
  ~Inbox();  // requires that nothing be left
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // What a piece of work met when it was posted, which says whom to wake. Once it is posted the
  // loop may be gone: touch nothing of it after Push() but objects that are never freed.
  enum class Met {
    kAwake,   // nobody need be woken: a leader will look, or who posted before wakes it
    kAsleep,  // the leader sleeps
    kFree,    // nobody leads
  };
  Met Push(Work& work);

  // Takes the lead: one compare-and-swap.
  bool TryAcquire();
  // Lets go of the lead. False, and still led: there is work.
  bool Release();
  // Lets go even though there is work; somebody must be made to lead.
  void ReleaseWithWork();
  // Before the leader sleeps. False, and still awake: there is work.
  bool FallAsleep();
  void Awake();
  // All that was posted so far, oldest first.
  WorkList TakeAll();

  bool free() const { return (word_.load(std::memory_order_seq_cst) & kFree) != 0; }
  bool has_work() const { return (word_.load(std::memory_order_seq_cst) & ~kFlags) != 0; }

 private:
  static constexpr uintptr_t kFree = 1;
  static constexpr uintptr_t kAsleep = 2;
  static constexpr uintptr_t kFlags = kFree | kAsleep;

  std::atomic<uintptr_t> word_;
};

}  // namespace dialtone
