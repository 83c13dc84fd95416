#include "dialtone/rpc/internal/coroutine.h"

namespace dialtone::internal {

void TaskScope::Resume(PromiseBase& promise) {
  {
    Context::Scope install(context_);
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
  }
  // Last: both may destroy this scope.
  if (root_done_) {
    OnTaskDone();
  } else if (lost_) {
    OnTaskLost();
  }
}

void TaskScope::Abandon(const absl::Status& reason) {
  if (std::exchange(abandoned_, true)) return;
  context_.Cancel(reason);
  if (awaited_ != nullptr) awaited_->OnContextEnded(reason);
}

void PromiseBase::RunResume() {
  if (scope_->abandoned_) return scope_->OnTaskAbandoned();
  scope_->RunPosted(*this);
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
