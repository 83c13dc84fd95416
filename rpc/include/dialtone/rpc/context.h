// What a piece of work inherits from whoever asked for it: until when it is wanted, and whether it
// still is. A server makes one for each call it handles; it is installed wherever that handler's
// code runs (every resume of its coroutine, work it offloads, callbacks it leaves) and flows by
// itself into every call that code makes: the time left shrinks along a chain of servers, and a
// caller that gives up cancels the whole chain behind it.
//
//   Context context = Context::Cancellable();
//   Context::Scope scope(context);                 // calls made by this thread now belong to it
//   auto call = greeter.Greet(request);
//   context.Cancel();                              // … and end with CANCELLED
//
// A part of a piece of work that may have to end alone gets a child of its context:
//
//   Context part = Context::Current().Child();     // ends with its parent, or by part.Cancel()
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "dialtone/rpc/internal/frame_pool.h"
#include "dialtone/transport/instant.h"
#include "dialtone/transport/mutex.h"

namespace dialtone {

class CondVar;

struct TraceContext;  // trace_context.h

namespace internal {

// Told once when a context ends. An intrusive node, owned by its user.
class CancelNode {
 public:
  // Any thread, with no lock held. Must not destroy the node, and must be quick.
  virtual void OnContextEnded(const absl::Status& reason) = 0;

 protected:
  CancelNode() = default;
  ~CancelNode() = default;

 private:
  friend class ContextState;
  CancelNode* previous_ = nullptr;
  CancelNode* next_ = nullptr;
  bool linked_ = false;
};

// Shared by the contexts that are copies of one another. Thread-safe.
class ContextState {
 public:
  explicit ContextState(Instant deadline) : deadline_(deadline) {}
  ContextState(const ContextState&) = delete;
  ContextState& operator=(const ContextState&) = delete;
  static void* operator new(size_t bytes) { return FramePool::Allocate(bytes); }
  static void operator delete(void* block, size_t bytes) { FramePool::Free(block, bytes); }

  void Ref() { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref();

  Instant deadline() const { return deadline_; }
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  absl::Status status() const;
  // The first call counts; runs the nodes' OnContextEnded. Not OK.
  void End(const absl::Status& reason);
  // End() if anyone but the caller, who holds one reference, can see this context; else nothing,
  // which nobody sees.
  void EndIfShared(const char* reason) {
    if (shared()) EndShared(reason);
  }
  // Anyone but the caller, who holds one reference, can see this context.
  bool shared() const {
    // A node is linked by someone who may hold no reference of its own.
    return references_.load(std::memory_order_acquire) != 1 ||
           has_nodes_.load(std::memory_order_acquire);
  }
  // Makes it as new, with another deadline. By the caller of EndIfShared(), which has not ended it.
  void Renew(Instant deadline) {
    deadline_ = deadline;
    if (trace_ != nullptr) trace_ = nullptr;
  }
  // Shared by all contexts of one piece of work, which end in any order; null: none.
  const std::shared_ptr<const TraceContext>& trace() const { return trace_; }
  // While nobody else can see this context.
  void set_trace(std::shared_ptr<const TraceContext> trace) { trace_ = std::move(trace); }
  // False: the context has ended already, and the node was not added.
  bool Add(CancelNode& node);
  // Takes the node back; waits while its OnContextEnded runs on another thread.
  void Remove(CancelNode& node);

 protected:
  virtual ~ContextState() = default;
  // False: the last reference is gone, and the object about to be.
  bool RefUnlessGone();

 private:
  void EndShared(const char* reason);

  std::atomic<int> references_{1};
  // These two are constant while anyone else can see this context.
  Instant deadline_;
  std::shared_ptr<const TraceContext> trace_;
  std::atomic<bool> ended_{false};
  std::atomic<bool> has_nodes_{false};  // nodes_ are not null; written under the mutex
  mutable Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  CancelNode* nodes_ ABSL_GUARDED_BY(mutex_) = nullptr;
  CancelNode* running_ ABSL_GUARDED_BY(mutex_) = nullptr;
  const void* running_thread_ ABSL_GUARDED_BY(mutex_) = nullptr;
  // Of the thread that waits in Remove() for the node that runs; null: nobody waits.
  CondVar* node_done_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace internal

// A handle: copies refer to the same context. Thread-safe.
class Context {
 public:
  // Without a deadline, never cancelled.
  Context() = default;
  Context(const Context& other) : state_(other.state_) {
    if (state_ != nullptr) state_->Ref();
  }
  Context(Context&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Context& operator=(Context other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~Context() {
    if (state_ != nullptr) state_->Unref();
  }

  // The one installed on this thread now.
  static Context Current() { return Context(current_); }
  // One of its own, which Cancel() ends. Whoever makes it owns its end: `deadline` bounds the calls and sleeps that belong
  // to it, it does not end the context by itself.
  static Context Cancellable(Instant deadline = Instant::Infinite()) {
    return Context(new internal::ContextState(deadline), kAdopt);
  }

  // One that ends when this one does, and that Cancel() ends alone. Its deadline is this one's, or `deadline` if that is
  // earlier, which whoever makes the child sees to, as with Cancellable(). Costs no allocation in the steady state.
  Context Child(Instant deadline = Instant::Infinite()) const;

  Instant deadline() const { return state_ == nullptr ? Instant::Infinite() : state_->deadline(); }
  bool cancelled() const { return state_ != nullptr && state_->ended(); }
  // OK while wanted; otherwise why it has ended: the first reason that Cancel() was given. Of a call that a server handles:
  // CANCELLED, DEADLINE_EXCEEDED, or what else ends the call, a message above a limit, say.
  absl::Status status() const { return state_ == nullptr ? absl::OkStatus() : state_->status(); }
  // OK, which is no reason, becomes CANCELLED.
  void Cancel(const absl::Status& reason = GaveUp()) {
    if (state_ != nullptr) state_->End(reason.ok() ? GaveUp() : reason);
  }
  // For work that shall go on after whoever asked for it is gone: no deadline, no cancellation; only the trace is kept.
  Context Detach() const {
    return trace() == nullptr ? Context() : Context().WithTrace(state_->trace());
  }

  // Which trace it is a part of, and under which span; null: none. Lives as long as this handle.
  const TraceContext* trace() const { return state_ == nullptr ? nullptr : state_->trace().get(); }
  // A child that belongs to another trace, or span.
  Context WithTrace(std::shared_ptr<const TraceContext> trace) const;

  // Installs a context on this thread for a scope. Not across a co_await: what a coroutine has installed is gone when it
  // is resumed.
  class Scope {
   public:
    // Borrows: `context` outlives the scope and keeps its value.
    explicit Scope(const Context& context) : previous_(current_) { current_ = context.state_; }
    explicit Scope(Context&& context)
        : owned_(std::exchange(context.state_, nullptr)), previous_(current_) {
      current_ = owned_;
    }
    ~Scope() {
      current_ = previous_;
      if (owned_ != nullptr) owned_->Unref();
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    internal::ContextState* owned_ = nullptr;
    internal::ContextState* previous_;
  };

  internal::ContextState* state() const { return state_; }  // for the framework

 private:
  static absl::Status GaveUp() { return absl::CancelledError("the caller gave up"); }

  enum Adopt { kAdopt };
  explicit Context(internal::ContextState* state) : state_(state) {
    if (state_ != nullptr) state_->Ref();
  }
  Context(internal::ContextState* state, Adopt) : state_(state) {}

  // Borrowed: the scope that installed it outlives its being current.
  inline static thread_local internal::ContextState* current_ = nullptr;

  internal::ContextState* state_ = nullptr;
};

// Runs a function when a context ends; at once, from within the constructor, if it has ended
// already. Destroying it takes it back, and waits for the function if that runs on another thread
// just then, as std::stop_callback does.
class CancelCallback final : private internal::CancelNode {
 public:
  CancelCallback(const Context& context,
                 absl::AnyInvocable<void(const absl::Status& reason) &&> function);
  ~CancelCallback();
  CancelCallback(const CancelCallback&) = delete;
  CancelCallback& operator=(const CancelCallback&) = delete;

 private:
  void OnContextEnded(const absl::Status& reason) override;

  Context context_;
  absl::AnyInvocable<void(const absl::Status& reason) &&> function_;
};

}  // namespace dialtone
