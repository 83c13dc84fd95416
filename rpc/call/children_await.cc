#include "dialtone/rpc/internal/children_await.h"

#include "absl/strings/str_cat.h"

namespace dialtone::internal {

bool ChildrenAwait::Suspend(PromiseBase& parent) {
  DIALTONE_CHECK(parent_ == nullptr, "tasks are awaited together twice");
  parent_ = &parent;
  starting_ = true;
  StartAll();
  starting_ = false;
  if (running() > 0) return true;
  if (!parent.scope().abandoned()) return false;
  // A child was lost: this coroutine does not go on.
  parent.ResumeLater();
  return true;
}

void ChildrenAwait::StartOne(ChildScope& child, bool under_way) {
  if (parent_->scope().abandoned()) return;
  if (!cancel_reason_.ok() && !under_way) return;
  Start(child, parent_->scope());
  if (!cancel_reason_.ok() && child.running()) child.Cancel(cancel_reason_);
}

void ChildrenAwait::OnChildEnded(ChildScope& child) {
  if (!child.failure().ok() && failures_++ == 0) first_failure_ = child.failure();
  if (child.exception() != nullptr) {
    if (exception_ == nullptr) exception_ = child.exception();
    Decide(child, absl::CancelledError(absl::StrCat(name_, ": another task threw an exception")));
  } else if (decided_by_ == DecidedBy::kAFailure && !child.failure().ok()) {
    Decide(child, absl::CancelledError(
                      absl::StrCat(name_, ": another task failed: ", child.failure().ToString())));
  } else if (decided_by_ == DecidedBy::kTheFirst ||
             (decided_by_ == DecidedBy::kASuccess && child.failure().ok())) {
    Decide(child, absl::CancelledError(absl::StrCat(name_, ": another task was first")));
  }
  if (running() == 0 && !starting_) parent_->ResumeLater();
}

void ChildrenAwait::Decide(ChildScope& child, const absl::Status& why) {
  if (!cancel_reason_.ok()) return;
  decider_ = &child;
  cancel_reason_ = why;
  CancelRunning(why);
}

const ChildScope* ChildrenAwait::Decider() const {
  if (exception_ != nullptr) std::rethrow_exception(exception_);
  return decider_;
}

absl::Status ChildrenAwait::AllFailed() const {
  if (failures_ == 0)
    return absl::InvalidArgumentError(absl::StrCat(name_, ": there are no tasks"));
  if (failures_ == 1) return first_failure_;
  return absl::Status(first_failure_.code(),
                      absl::StrCat(name_, ": all ", failures_,
                                   " tasks failed, the first with: ", first_failure_.message()));
}

}  // namespace dialtone::internal
