// The machinery below Task: promises, and the scope that all coroutines of one root share.
// Internal; users see task.h.
//
// All coroutines of a scope run on one executor, one at a time. A child task is run inline by its
// parent's co_await, which goes on without having suspended when the child ends at once; a child
// that ends later puts its parent into the scope's `next_` slot, and the loop in Resume() runs it.
// Neither grows the stack, in any build: symmetric transfer, which is no tail call without
// optimisation, is not used.
//
//   Resume(p) ─▶ p runs ─▶ suspends in an await ─────────────▶ back to the executor
//                        └▶ ends: next_ = parent ─▶ parent runs ─▶ …
//
// Whatever a coroutine awaits knows its address. So one that shall be destroyed before its end is not
// pulled away from there: what it awaits is told to end, and when it resumes the coroutine, the root
// is destroyed instead, and with it, from the outside in, all that hangs on it (Abandon).
//
// What a coroutine runs beside itself are scopes of their own, grouped by who waits for them (child_scope.h). They hang on
// its scope and share its executor, and its root is not destroyed while one of them is there.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

#include "dialtone/rpc/context.h"
#include "dialtone/rpc/internal/coroutine_frame.h"
#include "dialtone/rpc/internal/frame_pool.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/loop.h"
#include "dialtone/transport/network.h"
#include "dialtone/transport/work.h"

namespace dialtone::internal {

class ChildGroup;
class PromiseBase;

// Where the coroutines of one root run. Owned by whoever starts the root; outlives the root's
// frame.
class TaskScope {
 public:
  // Any thread: runs `work` where this scope's coroutines run, never from within.
  virtual void PostResume(Work& work) = 0;
  // The loop for this scope's timers.
  virtual Loop& timer_loop() = 0;
  // Threads for blocking work.
  virtual Workers& workers() = 0;
  const Context& context() const { return context_; }

  // Starts the root, or goes on with `promise` after it was suspended. On this scope's executor.
  // OnTaskDone() or OnTaskLost() may be called from within, last.
  void Resume(PromiseBase& promise);
  // Ends the root where it is suspended: ends the context with `reason` and cancels the call that it
  // awaits in another context, if it does; OnTaskAbandoned() follows, not from within, as soon as
  // what is awaited has let go and all children, which are abandoned likewise, are gone. On this
  // scope's executor; not for a root that was lost.
  void Abandon(const absl::Status& reason);
  bool abandoned() const { return abandoned_; }
  // The coroutine is about to suspend until something happens on `loop`. True: until it is resumed, this scope's
  // thread leads `loop` itself, so that nobody else has to.
  bool Drives(Loop& loop);
  // What the coroutine is about to suspend in, if a context other than this scope's ends that; until
  // it is resumed.
  void set_awaited(CancelNode& awaited) {
    awaited_ = &awaited;
    OnAwaitsElsewhere(awaited);
  }

 protected:
  explicit TaskScope(Context context) : context_(std::move(context)) {}
  ~TaskScope() = default;

  // The root has ended. May destroy this scope.
  virtual void OnTaskDone() = 0;
  // A coroutine came back neither ended nor suspended in an await: the compiler has miscompiled it in
  // a way that CoroutineFrame does not cure, and nothing will resume it again.
  virtual void OnTaskLost() = 0;
  // After Abandon(): the root's coroutine is to be destroyed now. May destroy this scope.
  virtual void OnTaskAbandoned() = 0;
  // Runs a resume that was posted: for scopes that watch what holds their executor.
  virtual void RunPosted(PromiseBase& promise) { Resume(promise); }
  // The coroutine suspends in what another context ends; and has let go of it.
  virtual void OnAwaitsElsewhere(CancelNode& /*awaited*/) {}
  virtual void OnAwaitedElsewhere() {}
  // For scopes whose thread leads loops while it waits: one more, or one less, of those who wait for something on `loop`.
  virtual bool BeginDriving(Loop& /*loop*/) { return false; }
  virtual void EndDriving(Loop& /*loop*/) {}
  void set_context(Context context) { context_ = std::move(context); }

  // The two halves of Resume(), for who knows what to do when a root has ended. Runs coroutines, in the
  // context that is installed, until nothing goes on. True: the root has ended, and nothing is owed.
  bool Run(PromiseBase& promise);
  // After a Run() that said false. OnTaskLost() may be called from within, last.
  void AfterRun();

 private:
  friend class ChildGroup;
  friend class ChildScope;
  friend class PromiseBase;

  void StopDriving() {
    if (driven_ != nullptr) EndDriving(*std::exchange(driven_, nullptr));
  }
  // The scope whose executor, and call, this one is a part of.
  virtual TaskScope& root() { return *this; }
  // A resume that was posted has come.
  void OnPosted(PromiseBase& promise);
  // Nothing will resume the root any more: tells the derived class so when the last child is gone.
  void Settle();

  Context context_;
  PromiseBase* next_ = nullptr;  // a parent whose child has just ended
  CancelNode* awaited_ = nullptr;
  Loop* driven_ = nullptr;
  ChildGroup* groups_ = nullptr;  // of children that run
  bool root_done_ = false;
  bool lost_ = false;
  bool abandoned_ = false;
  bool settling_ = false;
};

// What an awaitable of the framework looks like to await_transform. Derived classes have
//   bool await_ready();
//   bool Suspend(PromiseBase& promise);   // false: go on at once
//   T await_resume();
// After Suspend() has returned true, or from within, any thread calls promise.ResumeLater(), once.
class Awaitable {
 protected:
  Awaitable() = default;
  ~Awaitable() = default;
};

class PromiseBase {
 public:
  static void* operator new(size_t bytes) { return FramePool::Allocate(bytes); }
  static void operator delete(void* block, size_t bytes) { FramePool::Free(block, bytes); }

  PromiseBase(const PromiseBase&) = delete;
  PromiseBase& operator=(const PromiseBase&) = delete;

  TaskScope& scope() const { return *scope_; }
  // Makes this the root of `scope`, which may have had another before; TaskScope::Resume then
  // starts it.
  void BecomeRoot(TaskScope& scope) {
    scope_ = &scope;
    scope.root_done_ = scope.abandoned_ = scope.settling_ = false;
  }
  // Suspended in an await: whatever will resume it has kept its address.
  bool awaiting() const { return awaiting_; }
  // Nothing that is awaited, here or further in, will touch this coroutine again.
  bool may_be_destroyed() const { return !awaiting_ || scope_->abandoned_; }
  // Resumes this coroutine, suspended in an await, on its executor. Any thread; once a suspension.
  void ResumeLater() { scope_->PostResume(resume_); }

  // Learns where the coroutine's frame is.
  class InitialAwaiter {
   public:
    explicit InitialAwaiter(PromiseBase& promise) : promise_(&promise) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) const noexcept {
      promise_->frame_.Complete(handle);
    }
    void await_resume() const noexcept {}

   private:
    PromiseBase* promise_;
  };
  InitialAwaiter initial_suspend() noexcept { return InitialAwaiter(*this); }
  // With this object.
  void DestroyCoroutine();
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }

  class FinalAwaiter {
   public:
    explicit FinalAwaiter(PromiseBase& promise) : promise_(&promise) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept { promise_->OnFinalSuspend(); }
    void await_resume() const noexcept {}

   private:
    PromiseBase* promise_;
  };
  FinalAwaiter final_suspend() noexcept { return FinalAwaiter(*this); }

  // Runs `child`, which has not been started, inline as a part of the coroutine `parent`. True: it has not ended yet.
  static bool RunChild(PromiseBase& parent, PromiseBase& child);

 protected:
  explicit PromiseBase(std::coroutine_handle<> from_promise) : frame_(from_promise) {}
  ~PromiseBase() = default;

  void RethrowException() const {
    if (exception_ != nullptr) std::rethrow_exception(exception_);
  }

 private:
  friend class TaskScope;
  template <class A>
  friend class AwaitWrapper;

  void OnFinalSuspend() noexcept;
  void RunResume() { scope_->OnPosted(*this); }
  // In a context that has ended nothing is waited for: an await lets others run, all the same, so that
  // code which goes on regardless cannot hold its executor.
  bool Yields() const { return scope_->context().cancelled(); }

  CoroutineFrame frame_;
  TaskScope* scope_ = nullptr;
  PromiseBase* parent_ = nullptr;
  bool awaiting_ = false;        // suspended in an await
  bool running_inline_ = false;  // below its parent's RunChild() on the stack
  std::exception_ptr exception_;
  MemberWork<&PromiseBase::RunResume> resume_{*this};
};

// Wraps what is awaited, so that the promise knows when its coroutine is suspended. Trivially
// destructible on purpose: g++ 12 destroys some non-trivial temporaries of an awaiting expression
// twice.
template <class A>
class AwaitWrapper {
 public:
  AwaitWrapper(PromiseBase& promise, A& awaitable) : promise_(&promise), awaitable_(&awaitable) {}

  bool await_ready() { return awaitable_->await_ready(); }
  // The frame that this object is in is still there when Suspend() has returned: a scope resumes its coroutines on its
  // executor only, which is this thread.
  bool await_suspend(std::coroutine_handle<>) {
    bool suspended = awaitable_->Suspend(*promise_);
    if (!suspended && promise_->Yields()) {
      promise_->ResumeLater();
      suspended = true;
    }
    promise_->awaiting_ = suspended;
    return suspended;
  }
  decltype(auto) await_resume() { return awaitable_->await_resume(); }

 private:
  PromiseBase* promise_;
  A* awaitable_;
};

}  // namespace dialtone::internal
