#include "dialtone/rpc/task_group.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace dialtone {

TaskGroup::TaskGroup(size_t tasks_max) : tasks_max_(std::max<size_t>(tasks_max, 1)) {}

void TaskGroup::Cancel(const absl::Status& reason) {
  const absl::Status why =
      reason.ok() ? absl::CancelledError("the task group was cancelled") : reason;
  Fail(why, why);
}

void TaskGroup::Fail(const absl::Status& failure, const absl::Status& reason) {
  if (!failure_.ok()) return;
  failure_ = failure;
  CancelRunning(reason);
}

void TaskGroup::OnChildEnded(internal::ChildScope& child) {
  const std::unique_ptr<internal::ChildScope> ended(&child);
  if (child.exception() != nullptr) {
    if (exception_ == nullptr) exception_ = child.exception();
    const absl::Status threw =
        absl::CancelledError("TaskGroup: another task of the group threw an exception");
    Fail(threw, threw);
  } else if (!child.failure().ok()) {
    Fail(child.failure(),
         absl::CancelledError(absl::StrCat("TaskGroup: another task of the group failed: ",
                                           child.failure().ToString())));
  }
  if (waiting_ != nullptr && running() <= waits_for_)
    std::exchange(waiting_, nullptr)->ResumeLater();
}

bool TaskGroup::IsOf(internal::PromiseBase& promise) {
  if (scope_ == nullptr) scope_ = &promise.scope();
  return scope_ == &promise.scope();
}

absl::Status TaskGroup::Refusal() const {
  return failure_.ok() ? scope_->context().status() : failure_;
}

// --- Start ---

bool TaskGroup::StartAwait::Suspend(internal::PromiseBase& promise) {
  elsewhere_ = !group_.IsOf(promise);
  if (elsewhere_ || !group_.Refusal().ok() || group_.running() < group_.tasks_max_) return false;
  group_.waiting_ = &promise;
  group_.waits_for_ = group_.tasks_max_ - 1;
  return true;
}

absl::Status TaskGroup::StartAwait::await_resume() {
  if (elsewhere_) {
    return absl::FailedPreconditionError(
        "TaskGroup: started in another coroutine than the group's, which may end before the task "
        "does: give it a group of its own");
  }
  absl::Status refusal = group_.Refusal();
  if (!refusal.ok()) return refusal;
  group_.ChildGroup::Start(*task_.release(), *group_.scope_);
  return absl::OkStatus();
}

// --- Wait ---

bool TaskGroup::WaitAwait::Suspend(internal::PromiseBase& promise) {
  elsewhere_ = !group_.IsOf(promise);
  if (elsewhere_ || group_.running() == 0) return false;
  group_.waiting_ = &promise;
  group_.waits_for_ = 0;
  return true;
}

absl::Status TaskGroup::WaitAwait::await_resume() {
  if (elsewhere_) {
    return absl::FailedPreconditionError(
        "TaskGroup: awaited in another coroutine than the group's");
  }
  if (group_.exception_ != nullptr) std::rethrow_exception(group_.exception_);
  return group_.failure_;
}

}  // namespace dialtone
