// Task<T>: a coroutine that ends with a T. Lazy: its body starts when it is awaited, or run by a
// server (handlers) or by BlockOn().
//
//   dialtone::Task<absl::Status> Twice(greeter::Greeter::Client greeter, GreetRequest request) {
//     absl::StatusOr<GreetReply> first = co_await greeter.Greet(request);
//     if (!first.ok()) co_return first.status();
//     co_return (co_await greeter.Greet(request)).status();
//   }
//
// What may be awaited: tasks, calls, and the awaitables of this library (docs/coroutine-tools.md).
// Users of g++ 12 should read docs/gcc12-coroutines.md.
#pragma once

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include "dialtone/rpc/internal/coroutine.h"
#include "dialtone/transport/check.h"

namespace dialtone {

template <class T>
class Task;

namespace internal {

class TaskPromiseBase : public PromiseBase {
 public:
  template <class A>
    requires std::is_base_of_v<Awaitable, std::remove_cvref_t<A>>
  AwaitWrapper<std::remove_reference_t<A>> await_transform(A&& awaitable) {
    return AwaitWrapper<std::remove_reference_t<A>>(*this, awaitable);
  }
  template <class A>
    requires(!std::is_base_of_v<Awaitable, std::remove_cvref_t<A>>)
  void await_transform(A&&) {
    static_assert(
        std::is_base_of_v<Awaitable, std::remove_cvref_t<A>>,
        "a dialtone::Task can await tasks, calls and this library's tools (Sleep, WhenAll, "
        "…): awaitables of other libraries resume on threads of their own");
  }

 protected:
  using PromiseBase::PromiseBase;
};

template <class T>
class TaskPromise final : public TaskPromiseBase {
  static_assert(kMayBeResult<T>, "g++ 12: a task's result can be aligned to 8 bytes at most");

 public:
  TaskPromise() : TaskPromiseBase(std::coroutine_handle<TaskPromise>::from_promise(*this)) {}
  Task<T> get_return_object();
  template <class U = T>
    requires std::is_convertible_v<U&&, T>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T Take() {
    RethrowException();
    DIALTONE_CHECK(value_.has_value(), "a task ended without co_return");
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> final : public TaskPromiseBase {
 public:
  TaskPromise() : TaskPromiseBase(std::coroutine_handle<TaskPromise>::from_promise(*this)) {}
  Task<void> get_return_object();
  void return_void() {}
  void Take() { RethrowException(); }
};

}  // namespace internal

// A resource that moves. Destroying one that was never started destroys its arguments and no more. Whatever a started one
// awaits knows its address: so whoever runs a task ends it before destroying it (checked). A server does that for a
// handler that has not ended by a shutdown's deadline: what it awaits is cancelled, and when that has let go the
// coroutine is destroyed where it is suspended, with its locals and all that it awaits, instead of going on.
template <class T = void>
class [[nodiscard]] Task : public internal::Awaitable {
 public:
  using promise_type = internal::TaskPromise<T>;

  Task() = default;
  Task(Task&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    Task old(std::move(*this));
    promise_ = std::exchange(other.promise_, nullptr);
    return *this;
  }
  ~Task() {
    if (promise_ == nullptr) return;
    DIALTONE_CHECK(promise_->may_be_destroyed(), "a task is destroyed while it awaits something");
    promise_->DestroyCoroutine();
  }

  bool valid() const { return promise_ != nullptr; }

  // For the framework: awaiting, and running a root.
  bool await_ready() const { return false; }
  bool Suspend(internal::PromiseBase& parent) {
    DIALTONE_CHECK(promise_ != nullptr, "awaiting a task that was moved from");
    return internal::PromiseBase::RunChild(parent, *promise_);
  }
  T await_resume() { return promise_->Take(); }
  promise_type& promise() const {
    DIALTONE_CHECK(promise_ != nullptr, "running a task that was moved from");
    return *promise_;
  }
  // Leaves its coroutine, which was lost, alone: it can neither be resumed nor destroyed.
  void Forget() { promise_ = nullptr; }

 private:
  friend promise_type;
  friend class internal::TaskPromiseBase;
  explicit Task(promise_type& promise) : promise_(&promise) {}

  promise_type* promise_ = nullptr;  // owned, with its coroutine
};

template <class T>
Task<T> internal::TaskPromise<T>::get_return_object() {
  return Task<T>(*this);
}
inline Task<void> internal::TaskPromise<void>::get_return_object() { return Task<void>(*this); }

}  // namespace dialtone
