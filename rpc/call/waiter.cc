#include "dialtone/rpc/internal/waiter.h"

#include <utility>

#include "dialtone/transport/check.h"
#include "unshared_status.h"

namespace dialtone::internal {

absl::Status UnsharedCopy(const absl::Status& status) { return Unshared(status); }

// --- WaitLine ---

void WaitLine::PushBack(Waiter& waiter) {
  waiter.line_ = this;
  waiter.previous_ = tail_;
  waiter.next_ = nullptr;
  (tail_ == nullptr ? head_ : tail_->next_) = &waiter;
  tail_ = &waiter;
}

bool WaitLine::Remove(Waiter& waiter) {
  if (waiter.line_ != this) return false;
  (waiter.previous_ == nullptr ? head_ : waiter.previous_->next_) = waiter.next_;
  (waiter.next_ == nullptr ? tail_ : waiter.next_->previous_) = waiter.previous_;
  waiter.line_ = nullptr;
  return true;
}

void WaitLine::ServeFront(WaitLine& served) {
  Waiter& waiter = *head_;
  Remove(waiter);
  served.PushBack(waiter);
  waiter.line_ = nullptr;
}

void WaitLine::ResumeAll() {
  // Each may be gone as soon as it is told.
  while (head_ != nullptr) std::exchange(head_, head_->next_)->promise_->ResumeLater();
  tail_ = nullptr;
}

// --- Waiter ---

Waiter::~Waiter() {
  DIALTONE_CHECK(context_ == nullptr && line_ == nullptr, "destroyed while it waits");
}

bool Waiter::Suspend(PromiseBase& promise) {
  promise_ = &promise;
  ContextState* context = promise.scope().context().state();
  gave_up_ = context != nullptr && context->ended();
  if (gave_up_ || JoinLine()) return false;
  if (context == nullptr) return true;
  if (context->Add(*this)) {
    context_ = context;
    return true;
  }
  // It has ended meanwhile. Who was served meanwhile is being resumed.
  gave_up_ = LeaveLine();
  return !gave_up_;
}

absl::Status Waiter::EndWait() {
  LeaveContext();
  return gave_up_ ? promise_->scope().context().status() : absl::OkStatus();
}

void Waiter::OnContextEnded(const absl::Status&) {
  if (!LeaveLine()) return;
  gave_up_ = true;
  promise_->ResumeLater();
}

void Waiter::LeaveContext() {
  if (context_ != nullptr) std::exchange(context_, nullptr)->Remove(*this);
}

}  // namespace dialtone::internal
