#include "dialtone/rpc/on_workers.h"

#include "absl/strings/str_cat.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "unshared_status.h"

namespace dialtone::internal {

// Whoever takes the work out of the queue, a worker or the end of the context, has the coroutine resumed.

bool OnWorkersBase::Suspend(PromiseBase& promise) {
  promise_ = &promise;
  const Context& context = promise.scope().context();
  if (context.cancelled()) {
    status_ = context.status();
    return false;
  }
  if (!promise.scope().workers().Post(work_)) {
    status_ = absl::ResourceExhaustedError(
        "run on workers: their queue is full (RuntimeOptions::worker_queue_max)");
    return false;
  }
  // From now on a worker may be done with it at any time.
  ContextState* const state = context.state();
  if (state == nullptr) return true;
  if (state->Add(*this)) {
    context_ = state;
    return true;
  }
  // It has ended meanwhile.
  if (!promise.scope().workers().Withdraw(work_)) return true;
  status_ = context.status();
  return false;
}

void OnWorkersBase::OnContextEnded(const absl::Status& reason) {
  if (!promise_->scope().workers().Withdraw(work_)) return;
  status_ = Unshared(reason);
  promise_->ResumeLater();
}

// What nobody waits for any more does not run: its context may have ended when a worker had it already.
void OnWorkersBase::RunOnWorker() {
  const Context& context = promise_->scope().context();
  if (context.cancelled()) {
    status_ = Unshared(context.status());
  } else {
    RunFunction();
  }
  promise_->ResumeLater();
}

void OnWorkersBase::RunFunction() {
  Context::Scope install(promise_->scope().context());
  try {
    function_(argument_);
  } catch (const std::exception& e) {
    status_ = absl::InternalError("the function threw an exception");
    static constinit LogKind kind(LogLevel::kError, "functions on workers that threw");
    if (kind.Admits())
      Log(kind.level(), absl::StrCat("a function that ran on workers threw: ", e.what()));
  } catch (...) {
    status_ = absl::InternalError("the function threw something that is no std::exception");
  }
}

}  // namespace dialtone::internal
