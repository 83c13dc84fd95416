#include "dialtone/rpc/internal/coroutine.h"

#include "dialtone/rpc/internal/child_scope.h"

namespace dialtone::internal {

void TaskScope::Resume(PromiseBase& promise) {
  // A child's, which goes through its root's RunPosted().
  if (promise.scope_ != this) return promise.scope_->Resume(promise);
  bool done = false;
  {
    Context::Scope install(context_);
    done = Run(promise);
  }
  // Last: both may destroy this scope.
  done ? OnTaskDone() : AfterRun();
}

bool TaskScope::Run(PromiseBase& promise) {
  PromiseBase* current = &promise;
  awaited_ = nullptr;
  do {
    next_ = nullptr;
    current->awaiting_ = false;
    current->frame_.Resume();
    // `current` is still there, unless it ended and its parent, which runs next, destroys it.
    if (next_ == nullptr && !root_done_ && !current->awaiting_) lost_ = true;
    current = next_;
  } while (current != nullptr);
  if (!root_done_) return false;
  DIALTONE_CHECK(groups_ == nullptr, "a coroutine has ended before the tasks that it started");
  return true;
}

void TaskScope::AfterRun() {
  if (!lost_ || abandoned_) return;
  if (groups_ != nullptr) Abandon(absl::InternalError("a coroutine was lost"));
  settling_ = true;
  Settle();
}

void TaskScope::OnPosted(PromiseBase& promise) {
  StopDriving();
  if (std::exchange(awaited_, nullptr) != nullptr) OnAwaitedElsewhere();
  if (!abandoned_) return RunPosted(promise);
  settling_ = true;
  Settle();
}

void TaskScope::Settle() {
  if (!settling_ || groups_ != nullptr) return;
  settling_ = false;
  lost_ ? OnTaskLost() : OnTaskAbandoned();
}

bool TaskScope::Drives(Loop& loop) {
  StopDriving();
  if (!BeginDriving(loop)) return false;
  driven_ = &loop;
  return true;
}

void TaskScope::Abandon(const absl::Status& reason) {
  if (std::exchange(abandoned_, true)) return;
  context_.Cancel(reason);
  if (awaited_ != nullptr) awaited_->OnContextEnded(reason);
  for (ChildGroup* group = groups_; group != nullptr; group = group->next_)
    group->AbandonRunning(reason);
}

void PromiseBase::DestroyCoroutine() {
  const CoroutineFrame frame = frame_;
  frame.Destroy();
}

bool PromiseBase::RunChild(PromiseBase& parent, PromiseBase& child) {
  TaskScope& scope = *parent.scope_;
  DIALTONE_CHECK(child.scope_ == nullptr, "a task is awaited twice");
  child.scope_ = &scope;
  child.parent_ = &parent;
  child.running_inline_ = true;
  child.frame_.Resume();
  child.running_inline_ = false;
  if (child.frame_.done()) return false;
  // A lost child keeps its parent waiting for ever: the root is told.
  if (!child.awaiting_) scope.lost_ = true;
  return true;
}

void PromiseBase::OnFinalSuspend() noexcept {
  if (parent_ == nullptr) {
    scope_->root_done_ = true;
  } else if (!running_inline_) {
    scope_->next_ = parent_;
  }
}

}  // namespace dialtone::internal
