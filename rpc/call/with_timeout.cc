#include "dialtone/rpc/with_timeout.h"

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/transport/check.h"

namespace dialtone::internal {
namespace {

Task<absl::Status> WaitFor(absl::Duration timeout) {
  absl::Status slept = co_await Sleep(timeout);
  co_return slept;
}

}  // namespace

TimeoutAwait::TimeoutAwait(absl::Duration timeout, ChildScope& child)
    : timeout_(timeout), child_(child), timer_(WaitFor(timeout)) {}

bool TimeoutAwait::Suspend(PromiseBase& parent) {
  DIALTONE_CHECK(parent_ == nullptr, "a task with a timeout is awaited twice");
  parent_ = &parent;
  TaskScope& scope = parent.scope();
  deadline_ = scope.timer_loop().Now() + timeout_;
  starting_ = true;
  Start(child_, scope, deadline_);
  // Else the child ends with its parent before the time is over.
  const bool needs_timer = child_.running() && deadline_ < scope.context().deadline();
  if (needs_timer && !scope.abandoned()) Start(timer_, scope);
  starting_ = false;
  if (running() > 0) return true;
  if (!scope.abandoned()) return false;
  parent.ResumeLater();  // the child was lost: this coroutine does not go on
  return true;
}

void TimeoutAwait::OnChildEnded(ChildScope& child) {
  if (&child == &child_) {
    // What it waited for may have ended with its deadline, just before the timer.
    if (deadline_ <= parent_->scope().timer_loop().Now()) expired_ = true;
    if (timer_.running()) timer_.Cancel(absl::CancelledError("WithTimeout: the task has ended"));
  } else if (child_.running() && timer_.failure().ok() && !child_.abandoned()) {
    expired_ = true;
    child_.Cancel(DeadlineExceeded());
  }
  if (running() == 0 && !starting_) parent_->ResumeLater();
}

absl::Status TimeoutAwait::Expired() const {
  if (child_.exception() != nullptr) std::rethrow_exception(child_.exception());
  return expired_ ? DeadlineExceeded() : absl::OkStatus();
}

absl::Status TimeoutAwait::DeadlineExceeded() const {
  return absl::DeadlineExceededError(
      absl::StrCat("WithTimeout: the task took longer than ", absl::FormatDuration(timeout_)));
}

}  // namespace dialtone::internal
