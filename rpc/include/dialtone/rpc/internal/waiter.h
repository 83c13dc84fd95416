// A coroutine that waits in line for what another coroutine, on any thread, gives it: the part that semaphores and pipes
// have in common. Internal.
//
// A line, and what is waited for, are guarded by a lock of their owner's, held for a few instructions. A waiter leaves its
// line once: served by whoever has what it waits for, or because its context has ended; whichever comes first resumes it.
// So nobody is woken in vain.
#pragma once

#include "absl/status/status.h"
#include "dialtone/rpc/context.h"
#include "dialtone/rpc/internal/coroutine.h"

namespace dialtone::internal {

class Waiter;

// For another thread; see rpc/call/unshared_status.h.
absl::Status UnsharedCopy(const absl::Status& status);

// Waiters, the first that came first. Not thread-safe: its owner's lock guards it.
class WaitLine {
 public:
  bool empty() const { return head_ == nullptr; }
  Waiter& front() const { return *head_; }
  void PushBack(Waiter& waiter);
  // False: it was not in this line.
  bool Remove(Waiter& waiter);
  // Moves the first to the end of `served`, whose owner will resume it.
  void ServeFront(WaitLine& served);
  // Of a line of served waiters: resumes all, with no lock held.
  void ResumeAll();

 private:
  Waiter* head_ = nullptr;
  Waiter* tail_ = nullptr;
};

class Waiter : public Awaitable, private CancelNode {
 public:
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  bool await_ready() const { return false; }
  bool Suspend(PromiseBase& promise);

 protected:
  Waiter() = default;
  // A coroutine that is abandoned is destroyed instead of resumed. So the destructor of a derived class calls
  // LeaveContext() first, and gives back what it was served with and has not handed on.
  ~Waiter();
  void LeaveContext();

  // For await_resume(): OK when it was served; why its context has ended when it gave up.
  absl::Status EndWait();

 private:
  friend class WaitLine;

  // Takes the owner's lock. True: it is served at once; false: it stands in a line.
  virtual bool JoinLine() = 0;
  // Takes the owner's lock. False: it was served before.
  virtual bool LeaveLine() = 0;

  void OnContextEnded(const absl::Status& reason) override;

  PromiseBase* promise_ = nullptr;
  ContextState* context_ = nullptr;  // while it is linked there
  bool gave_up_ = false;
  WaitLine* line_ = nullptr;
  Waiter* previous_ = nullptr;
  Waiter* next_ = nullptr;
};

}  // namespace dialtone::internal
