#include "dialtone/rpc/internal/child_scope.h"

#include <utility>

#include "dialtone/transport/check.h"

namespace dialtone::internal {

// --- ChildScope ---

ChildScope::~ChildScope() {
  DIALTONE_CHECK(!running(), "what runs tasks is destroyed before they have ended");
}

void ChildScope::Run(Instant deadline) {
  TaskScope& parent = *group_->parent_;
  root_ = &parent.root();
  set_context(parent.context().Child(deadline));
  promise().BecomeRoot(*this);
  Resume(promise());
}

void ChildScope::OnTaskDone() {
  try {
    failure_ = TakeResult();
  } catch (...) {
    exception_ = std::current_exception();
  }
  End();
}

void ChildScope::OnTaskLost() {
  // What this is a part of cannot be completed. All of it is given up, as at a shutdown, but for the
  // lost coroutine's frame, which is left alone; then the root is told.
  TaskScope& root = *root_;
  root.lost_ = true;
  root.Abandon(absl::InternalError("a coroutine was lost"));
  End(/*lost=*/true);
}

void ChildScope::End(bool lost) {
  {
    Context::Scope install(context());  // for destructors
    DropTask(lost);
  }
  StopDriving();
  context().state()->EndIfShared("the task that this was a part of has ended");
  set_context(Context());
  ChildGroup& group = *group_;
  TaskScope& parent = *group.parent_;
  group.Remove(*this);
  group.OnChildEnded(*this);
  parent.Settle();
}

void ChildScope::AwaitedElsewhere::Link(const Context& context, CancelNode& awaited) {
  awaited_ = &awaited;
  context_ = context.state();
  if (context_->Add(*this)) return;
  context_ = nullptr;
  awaited.OnContextEnded(context.status());
}

// Waits while the awaited is being told: it may go afterwards.
void ChildScope::AwaitedElsewhere::Unlink() {
  if (context_ != nullptr) std::exchange(context_, nullptr)->Remove(*this);
}

// --- ChildGroup ---

ChildGroup::~ChildGroup() {
  DIALTONE_CHECK(running_ == 0, "what runs tasks is destroyed before they have ended");
}

void ChildGroup::Start(ChildScope& child, TaskScope& parent, Instant deadline) {
  Add(child, parent);
  child.Run(deadline);
}

void ChildGroup::CancelRunning(const absl::Status& reason) {
  for (ChildScope* child = first_; child != nullptr; child = child->next_) child->Cancel(reason);
}

void ChildGroup::AbandonRunning(const absl::Status& reason) {
  for (ChildScope* child = first_; child != nullptr; child = child->next_) child->Abandon(reason);
}

void ChildGroup::Add(ChildScope& child, TaskScope& parent) {
  if (running_++ == 0) {
    parent_ = &parent;
    previous_ = nullptr;
    next_ = parent.groups_;
    if (next_ != nullptr) next_->previous_ = this;
    parent.groups_ = this;
  }
  child.group_ = this;
  child.previous_ = nullptr;
  child.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &child;
  first_ = &child;
}

void ChildGroup::Remove(ChildScope& child) {
  (child.previous_ == nullptr ? first_ : child.previous_->next_) = child.next_;
  if (child.next_ != nullptr) child.next_->previous_ = child.previous_;
  child.group_ = nullptr;
  if (--running_ > 0) return;
  (previous_ == nullptr ? parent_->groups_ : previous_->next_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

}  // namespace dialtone::internal
