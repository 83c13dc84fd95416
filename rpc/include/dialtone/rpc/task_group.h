// Runs as many tasks and calls as come up, so many at a time, and waits for all of them.
//
//   dialtone::TaskGroup group(16);
//   for (const std::string& key : keys) {
//     absl::Status started = co_await group.Start(Fetch(key, values));   // waits while 16 run
//     if (!started.ok()) break;                                          // one has failed
//   }
//   absl::Status fetched = co_await group.Wait();                        // of the first that failed
//
// The first that fails (ends with an absl::Status or absl::StatusOr that is not OK, or throws) cancels the rest, and no more
// begin; a task that others shall survive keeps its errors to itself. What succeeds has left its result where the group's
// user wants it: values of StatusOr are dropped.
//
// The tasks run where the coroutine does, one at a time, each in a context of its own, which ends with the coroutine's and
// has its deadline. They may use the coroutine's variables that were declared before the group. So Wait() must have been
// awaited before the group is destroyed; a coroutine that leaves while tasks of its group run aborts the process. Where
// there are several ways out, RunTaskGroup() sees to that:
//
//   auto fetch_all = [&](dialtone::TaskGroup& group) -> dialtone::Task<absl::Status> { … };
//   absl::Status fetched = co_await dialtone::RunTaskGroup(16, fetch_all);
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "dialtone/rpc/internal/child_scope.h"
#include "dialtone/rpc/internal/runnable.h"

namespace dialtone {

// Made, used and destroyed by one coroutine (of a handler, a BlockOn, a task that runs beside others), and by those that it
// awaits; not by the tasks that run in the group, which may have groups of their own.
//
// Wait() before it goes: destroying a group whose tasks run aborts the process. RunTaskGroup() below sees to that. A Call
// that is started here is under way already, so one more than the limit may be in flight while it waits for room.
class TaskGroup final : private internal::ChildGroup {
  class StartAwait;
  class WaitAwait;

 public:
  // At most `tasks_max` run at a time; at least one.
  explicit TaskGroup(size_t tasks_max);

  // Waits until there is room, then runs the task, or the call, which is moved from, to where it first waits.
  // OK: it has begun. Otherwise it was dropped: with the failure if one has failed, what Cancel() gave as its reason, why
  // the coroutine's context has ended, or FAILED_PRECONDITION in a coroutine that runs beside the group's.
  template <internal::Runnable A>
  StartAwait Start(A&& runnable);
  // A function that returns a task: a copy lives as long as that, so that a lambda may have captures. From a variable only,
  // because of g++ 12 (docs/gcc12-coroutines.md).
  template <class Function>
    requires internal::Runnable<std::invoke_result_t<Function&>>
  StartAwait Start(Function& function);
  template <class Function>
    requires internal::Runnable<std::invoke_result_t<const Function&>>
  StartAwait Start(const Function&& function) = delete;

  // Waits until all have ended. The status of the first that failed, if any; throws what the first that threw has thrown.
  WaitAwait Wait();

  // Cancels all that run; no more begin. Wait() returns `reason`, unless a task has failed before; OK, which is no
  // reason, becomes CANCELLED.
  void Cancel(const absl::Status& reason = absl::CancelledError("the task group was cancelled"));

  size_t running() const { return ChildGroup::running(); }

 private:
  void OnChildEnded(internal::ChildScope& child) override;
  void Fail(const absl::Status& failure, const absl::Status& reason);
  // True: `promise` belongs to the coroutine that uses this.
  bool IsOf(internal::PromiseBase& promise);
  // Why nothing may begin now.
  absl::Status Refusal() const;

  const size_t tasks_max_;
  internal::TaskScope* scope_ = nullptr;      // of the coroutine, once it has used this
  internal::PromiseBase* waiting_ = nullptr;  // until at most waits_for_ run
  size_t waits_for_ = 0;
  absl::Status failure_;
  std::exception_ptr exception_;
};

class [[nodiscard]] TaskGroup::StartAwait final : public internal::Awaitable {
 public:
  StartAwait(TaskGroup& group, std::unique_ptr<internal::ChildScope> task)
      : group_(group), task_(std::move(task)) {}
  ~StartAwait() {}
  StartAwait(const StartAwait&) = delete;
  StartAwait& operator=(const StartAwait&) = delete;

  bool await_ready() const { return false; }
  bool Suspend(internal::PromiseBase& promise);
  absl::Status await_resume();

 private:
  TaskGroup& group_;
  std::unique_ptr<internal::ChildScope> task_;
  bool elsewhere_ = false;
};

class [[nodiscard]] TaskGroup::WaitAwait final : public internal::Awaitable {
 public:
  explicit WaitAwait(TaskGroup& group) : group_(group) {}
  ~WaitAwait() {}
  WaitAwait(const WaitAwait&) = delete;
  WaitAwait& operator=(const WaitAwait&) = delete;

  bool await_ready() const { return false; }
  bool Suspend(internal::PromiseBase& promise);
  absl::Status await_resume();

 private:
  TaskGroup& group_;
  bool elsewhere_ = false;
};

namespace internal {

template <class Function>
auto RunFunction(Function function) -> Task<RunnableResult<std::invoke_result_t<Function&>>> {
  co_return co_await function();
}

}  // namespace internal

template <internal::Runnable A>
TaskGroup::StartAwait TaskGroup::Start(A&& runnable) {
  using Child = internal::Child<internal::RunnableResult<A>>;
  return StartAwait(
      *this, std::make_unique<Child>(internal::RunnableTraits<A>::ToTask(std::move(runnable))));
}
template <class Function>
  requires internal::Runnable<std::invoke_result_t<Function&>>
TaskGroup::StartAwait TaskGroup::Start(Function& function) {
  return Start(internal::RunFunction<Function>(function));
}
inline TaskGroup::WaitAwait TaskGroup::Wait() { return WaitAwait(*this); }

// Runs `body(group)`, then waits for the group, whichever way the body has left: if it fails or throws, what runs is
// cancelled. The result is the body's status, or if that is OK the group's. From a variable only, because of g++ 12.
template <class Body>
  requires std::is_invocable_r_v<Task<absl::Status>, Body&, TaskGroup&>
Task<absl::Status> RunTaskGroup(size_t tasks_max, Body& body) {
  TaskGroup group(tasks_max);
  absl::Status own;
  std::exception_ptr thrown;
  try {
    own = co_await body(group);
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown != nullptr) {
    group.Cancel(absl::CancelledError("the task group's body threw an exception"));
  } else if (!own.ok()) {
    group.Cancel(own);
  }
  absl::Status all = co_await group.Wait();
  if (thrown != nullptr) std::rethrow_exception(thrown);
  if (!own.ok()) co_return own;
  co_return all;
}
template <class Body>
  requires std::is_invocable_r_v<Task<absl::Status>, const Body&, TaskGroup&>
Task<absl::Status> RunTaskGroup(size_t tasks_max, const Body&& body) = delete;

}  // namespace dialtone
