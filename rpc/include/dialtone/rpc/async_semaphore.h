// So many permits, which coroutines take and give back; who finds none suspends, and its thread goes on with others.
//
//   dialtone::AsyncSemaphore disk_{4};                                  // four at a time
//   absl::StatusOr<dialtone::AsyncSemaphore::Permit> permit = co_await disk_.Acquire();
//   if (!permit.ok()) co_return permit.status();                        // cancelled while it waited
//   …                                                                   // given back where `permit` ends
//
// First come, first served: permits go to who has waited longest, by hand, so that nobody is woken in vain, and one that
// asks for many is not passed by others that ask for few. A wait ends with CANCELLED or DEADLINE_EXCEEDED when the
// coroutine's context does.
//
// Thread-safe: coroutines of different reactors, and of threads in BlockOn, may share one. A permit may be held across
// co_await, and may be given back on any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dialtone/rpc/internal/waiter.h"
#include "dialtone/transport/mutex.h"

namespace dialtone {

// Outlives its permits and those who wait for them (checked): a member of the service, say, and no `static`, which is
// destroyed at exit, when a handler that has outlived the drain may hold one.
class AsyncSemaphore {
  class AcquireAwait;

 public:
  // Some permits, until it is destroyed. Moves; one thread at a time.
  class [[nodiscard]] Permit {
   public:
    Permit(Permit&& other) noexcept
        : semaphore_(std::exchange(other.semaphore_, nullptr)), count_(other.count_) {}
    Permit& operator=(Permit&& other) noexcept {
      Permit old(std::move(*this));
      semaphore_ = std::exchange(other.semaphore_, nullptr);
      count_ = other.count_;
      return *this;
    }
    ~Permit() { Release(); }

    // Gives them back early. Does nothing the second time.
    void Release() {
      if (semaphore_ != nullptr) std::exchange(semaphore_, nullptr)->GiveBack(count_);
    }

   private:
    friend class AsyncSemaphore;
    Permit(AsyncSemaphore& semaphore, size_t count) : semaphore_(&semaphore), count_(count) {}

    AsyncSemaphore* semaphore_;
    size_t count_;
  };

  explicit AsyncSemaphore(size_t permits) : permits_(permits), available_(permits) {}
  ~AsyncSemaphore();
  AsyncSemaphore(const AsyncSemaphore&) = delete;
  AsyncSemaphore& operator=(const AsyncSemaphore&) = delete;

  // co_await gives absl::StatusOr<Permit>. In a context that has ended it fails, though there be permits. More than there
  // are at all: INVALID_ARGUMENT, at once.
  AcquireAwait Acquire(size_t count = 1);
  // What can be had at once, by any code on any thread, whatever its context; nothing while others wait.
  std::optional<Permit> TryAcquire(size_t count = 1);

 private:
  void GiveBack(size_t count);
  // False: there are too few, or others wait.
  bool Take(size_t count) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Serve(internal::WaitLine& served) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t permits_;
  Mutex mutex_;
  size_t available_ ABSL_GUARDED_BY(mutex_);
  internal::WaitLine line_ ABSL_GUARDED_BY(mutex_);
};

class [[nodiscard]] AsyncSemaphore::AcquireAwait final : public internal::Waiter {
 public:
  AcquireAwait(AsyncSemaphore& semaphore, size_t count) : semaphore_(semaphore), count_(count) {}
  ~AcquireAwait() {
    LeaveContext();
    if (holds_) semaphore_.GiveBack(count_);
  }

  absl::StatusOr<Permit> await_resume();

 private:
  friend class AsyncSemaphore;
  bool JoinLine() override;
  bool LeaveLine() override;

  AsyncSemaphore& semaphore_;
  const size_t count_;
  bool holds_ = false;  // under the semaphore's lock until it is resumed
};

inline AsyncSemaphore::AcquireAwait AsyncSemaphore::Acquire(size_t count) {
  return AcquireAwait(*this, count);
}

}  // namespace dialtone
