// Wakes a thread that sleeps in epoll or poll, through an eventfd. Internal.
//
// A wake-up may be under way when what it was meant for is done and its loop destroyed:
// Event::Set() and Post() still hold the pointer then. So these objects are never freed: a loop
// takes one and gives it back, and one that comes too late wakes the next owner for nothing, which
// does no harm.
#pragma once

#include <atomic>
#include <cstdint>

#include "dialtone/transport/event.h"

namespace dialtone {

class Wakeup final : public Event::Waker {
 public:
  // While one has no descriptor, as the process has none left, nobody is woken by it: whoever sleeps looks up so often.
  static constexpr int64_t kNap = 10'000'000;  // nanoseconds
  // How long to sleep then instead of so many nanoseconds; negative: for ever.
  static int64_t AtMostANap(int64_t nanoseconds) {
    return nanoseconds < 0 || nanoseconds > kNap ? kNap : nanoseconds;
  }

  // Takes one, with an eventfd of its own, if a descriptor is left.
  static Wakeup& Take();
  // Null if none is, and errno says why.
  static Wakeup* TryTake();
  // By its owner: gets the eventfd that it has not got yet. False: still none is left.
  bool Open() { return descriptor() >= 0 || OpenAgain(); }
  // Closes the eventfd and keeps the object for the next Take().
  void GiveBack();

  // Any thread, signal handlers too.
  void Wake() override;
  // Readable once Wake() was called; an edge-triggered watcher need not read it.
  int descriptor() const { return descriptor_.load(std::memory_order_relaxed); }
  // Makes it unreadable again, for level-triggered watchers.
  void Drain();

  // Wake() calls of the whole process that wrote to an eventfd, for tests.
  static uint64_t writes();

  Wakeup() = default;

 private:
  static Wakeup& TakeWith(int descriptor);
  bool OpenAgain();

  std::atomic<int> descriptor_{-1};
  // Wake() calls under way: the descriptor is closed only while there are none.
  std::atomic<int> users_{0};
  Wakeup* next_free_ = nullptr;
};

// Where one thread sleeps now, if it does: lets others wake it without knowing what it sleeps in.
// Never freed while a Wakeup of its may be in use: it lives in static storage of its own, as a
// Wakeup does.
class Sleeper {
 public:
  static Sleeper& Take();
  void GiveBack();

  // By the sleeping thread: it must look once more at what it waits for after FallAsleep().
  void FallAsleep(Wakeup& in) { asleep_in_.store(&in, std::memory_order_seq_cst); }
  void Awake() { asleep_in_.store(nullptr, std::memory_order_relaxed); }

  // Any thread: wakes it, wherever it sleeps; or only when it sleeps in `in`.
  void Wake();
  void WakeIfIn(Wakeup& in);

  Sleeper() = default;

 private:
  std::atomic<Wakeup*> asleep_in_{nullptr};
  Sleeper* next_free_ = nullptr;
};

}  // namespace dialtone
