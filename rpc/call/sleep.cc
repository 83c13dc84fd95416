#include "dialtone/rpc/sleep.h"

namespace dialtone {

// A sleep belongs to a loop's timers, its end may come from the timer, on that loop, or from the
// context, on any thread. Everything is decided on the loop; the coroutine is resumed when nothing
// of this object is posted any more.

bool Sleep::Suspend(internal::PromiseBase& promise) {
  promise_ = &promise;
  loop_ = &promise.scope().timer_loop();
  internal::ContextState* context = promise.scope().context().state();
  if (context != nullptr && context->ended()) return false;
  posted_.store(1,
                std::memory_order_relaxed);  // this function itself, until it is done with `this`
  if (context != nullptr) {
    registered_ = true;
    if (!context->Add(*this)) {
      registered_ = false;
      return false;
    }
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
  internal::ContextState* context = promise_->scope().context().state();
  if (context == nullptr) return absl::OkStatus();
  if (registered_) context->Remove(*this);
  return finished_ ? absl::OkStatus() : context->status();
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
  loop_->Arm(timer_, loop_->Now() + duration_);
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
