// What a thread waits for: "my call has ended", "the server has stopped". One thread waits, any
// thread sets. Waiting goes through a loop or a network (Loop::Drive, Network::Wait), because a
// waiting thread may have to do its own input and output meanwhile.
#pragma once

#include <atomic>
#include <cstdint>

namespace dialtone {

class Event {
 public:
  Event() = default;
  ~Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // Any thread. Everything written before Set() is visible to the thread whose wait it ends. The
  // event may be destroyed by the waiter as soon as its wait returns, even while Set() is still
  // returning.
  void Set();
  bool is_set() const { return state_.load(std::memory_order_acquire) == kSet; }
  // By the waiting thread, between waits.
  void Reset() { state_.store(kClear, std::memory_order_relaxed); }

  // Wakes a waiter that is not simply parked: a thread that leads a loop and sleeps in it.
  class Waker {
   public:
    virtual void Wake() = 0;

   protected:
    ~Waker() = default;
  };

  // For the implementations of Loop::Drive and Network::Wait. Blocks this thread until Set(), or
  // until `nanoseconds` of the monotonic clock have passed (negative: for ever). May return early,
  // so callers look at the clock and park again. Returns is_set().
  bool Park(int64_t nanoseconds);
  // Any thread, while the event is alive: the Park() under way, or the next one, returns early.
  void Unpark();
  // Says how Set() shall wake the waiter from now on: by `waker`, which must stay valid for as long
  // as the process may call Set() (loops guarantee it for their own). Set() may be called by a
  // signal handler, and so may Wake(). False: set already, nothing was changed.
  bool SetWaker(Waker& waker);
  // Ends what SetWaker() began.
  void ClearWaker();

 private:
  // kClear: nobody sleeps. kParked: a thread sleeps on the futex. kUnparked: the next Park()
  // returns at once. Anything else that is not kSet: the address of the Waker of a thread that
  // sleeps in a loop.
  static constexpr uintptr_t kClear = 0;
  static constexpr uintptr_t kSet = 1;
  static constexpr uintptr_t kParked = 2;
  static constexpr uintptr_t kUnparked = 3;
  std::atomic<uintptr_t> state_{kClear};
};

}  // namespace dialtone
