// Takes blocking work off the reactor: runs a function on a worker thread while the coroutine is
// suspended. The context goes along, so that blocking calls the function makes share the handler's
// deadline and cancellation. When that ends while the function still waits for a worker, it does not run, and the coroutine
// goes on at once, with why. A function that has begun is waited for: one that takes long looks at
// Context::Current().cancelled() now and then.
//
//   auto read_file = [&] { text = ReadAll(path); };
//   absl::Status done = co_await dialtone::OnWorkers(read_file);
//
// The function is passed by reference, from a variable of the coroutine: g++ 12 destroys a lambda
// with captures that is written inside an awaiting expression twice, so that form does not compile.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "dialtone/rpc/context.h"
#include "dialtone/rpc/internal/coroutine.h"

namespace dialtone {

namespace internal {

class OnWorkersBase : public Awaitable, private CancelNode {
 public:
  bool await_ready() const { return false; }
  // CANCELLED, DEADLINE_EXCEEDED or whatever the context has ended with before the function began, and RESOURCE_EXHAUSTED
  // when the workers' queue is full: it has not run. INTERNAL when it threw; otherwise OK.
  bool Suspend(PromiseBase& promise);
  absl::Status await_resume() {
    LeaveContext();
    return std::move(status_);
  }

 protected:
  OnWorkersBase(void (*function)(void*), void* argument)
      : function_(function), argument_(argument) {}
  // A coroutine that is abandoned is destroyed without being resumed.
  ~OnWorkersBase() { LeaveContext(); }

 private:
  void OnContextEnded(const absl::Status& reason) override;
  void LeaveContext() {
    if (context_ != nullptr) std::exchange(context_, nullptr)->Remove(*this);
  }
  void RunOnWorker();
  void RunFunction();

  void (*const function_)(void*);
  void* const argument_;
  PromiseBase* promise_ = nullptr;
  ContextState* context_ = nullptr;  // while this is linked there
  absl::Status status_;
  MemberWork<&OnWorkersBase::RunOnWorker> work_{*this};
};

}  // namespace internal

template <class Function>
class [[nodiscard]] OnWorkers final : public internal::OnWorkersBase {
 public:
  explicit OnWorkers(Function& function)
      : OnWorkersBase([](void* f) { (*static_cast<Function*>(f))(); },
                      const_cast<std::remove_const_t<Function>*>(std::addressof(function))) {}
  explicit OnWorkers(const Function&& function) = delete;
};
template <class Function>
OnWorkers(Function&) -> OnWorkers<Function>;

}  // namespace dialtone
