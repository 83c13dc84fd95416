#include "dialtone/rpc/sleep.h"

#include <utility>

#include "dialtone/transport/check.h"

namespace dialtone {

// A sleep belongs to a loop's timers, its end may come from the timer, on that loop, or from the
// context, on any thread. Everything is decided on the loop; the coroutine is resumed when nothing
// of this object is posted any more.

bool Sleep::Suspend(internal::PromiseBase& promise) {
  DIALTONE_CHECK(promise_ == nullptr, "a sleep is awaited by two coroutines");
  promise_ = &promise;
  loop_ = &promise.scope().timer_loop();
  finished_ = interrupted_ = cut_short_ = false;
  posted_.store(1, std::memory_order_relaxed);  // this function, until it is done with this object
  if (internal::ContextState* context = promise.scope().context().state(); context != nullptr) {
    if (!context->Add(*this)) return false;
    context_ = context;
  }
  posted_.fetch_add(1, std::memory_order_relaxed);
  if (loop_->IsLeading()) {
    Begin();
  } else {
    loop_->Post(begin_);
  }
  Finish();
  return true;
}

absl::Status Sleep::await_resume() {
  const Context& context = std::exchange(promise_, nullptr)->scope().context();
  LeaveContext();
  if (!finished_) return context.status();
  if (!cut_short_) return absl::OkStatus();
  // The timer may have come before the one that ends the context.
  absl::Status status = context.status();
  return status.ok() ? absl::DeadlineExceededError("sleep: the deadline of its context has come")
                     : status;
}

void Sleep::OnContextEnded(const absl::Status&) {
  // Nothing posted any more: the coroutine is about to go on, and this object with it.
  int posted = posted_.load(std::memory_order_relaxed);
  do {
    if (posted == 0) return;
  } while (!posted_.compare_exchange_weak(posted, posted + 1, std::memory_order_relaxed));
  loop_->Post(interrupt_);
}

void Sleep::Begin() {
  if (interrupted_) return Finish();
  // The armed timer counts as posted too: it holds the coroutine back until it fires or is
  // disarmed.
  posted_.fetch_add(1, std::memory_order_relaxed);
  const Instant end = loop_->Now() + duration_;
  const Instant deadline = promise_->scope().context().deadline();
  cut_short_ = deadline < end;
  loop_->Arm(timer_, cut_short_ ? deadline : end);
  Finish();
}

void Sleep::OnTimer() {
  finished_ = true;
  Finish();
}

void Sleep::Interrupt() {
  interrupted_ = true;
  if (timer_.armed()) {
    loop_->Disarm(timer_);
    Finish();
  }
  Finish();
}

void Sleep::Finish() {
  if (posted_.fetch_sub(1, std::memory_order_acq_rel) == 1) promise_->ResumeLater();
}

}  // namespace dialtone
