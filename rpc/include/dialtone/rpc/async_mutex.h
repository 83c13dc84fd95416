// A mutex that suspends the coroutine that finds it held, and may be held across co_await: a std::mutex would block the
// reactor, and with it, maybe, the coroutine that holds it.
//
//   dialtone::AsyncMutex mutex_;
//   absl::StatusOr<dialtone::AsyncMutex::Guard> lock = co_await mutex_.Lock();
//   if (!lock.ok()) co_return lock.status();        // cancelled while it waited
//   …                                               // unlocked where `lock` ends
//
// First come, first served: it goes from hand to hand to who has waited longest, so that nobody is woken in vain. A wait
// ends with CANCELLED or DEADLINE_EXCEEDED when the coroutine's context does. Not recursive: who locks it twice waits for
// itself.
//
// Thread-safe: handlers on different reactors, and coroutines of threads in BlockOn, may share one; it may be unlocked on
// another thread than it was locked on. What is never held across a co_await is better guarded by a plain std::mutex.
#pragma once

#include <optional>

#include "dialtone/rpc/async_semaphore.h"

namespace dialtone {

// Outlives its guards and those who wait for it (checked).
class AsyncMutex {
 public:
  // Holds the mutex until it is destroyed, or Release().
  using Guard = AsyncSemaphore::Permit;

  AsyncMutex() = default;

  // co_await gives absl::StatusOr<Guard>. In a context that has ended it fails, though the mutex be free.
  auto Lock() { return one_.Acquire(); }
  // If it can be had at once, by any code on any thread, whatever its context; nothing while others wait.
  std::optional<Guard> TryLock() { return one_.TryAcquire(); }

 private:
  AsyncSemaphore one_{1};
};

}  // namespace dialtone
