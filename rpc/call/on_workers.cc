#include "dialtone/rpc/on_workers.h"

#include "dialtone/transport/log.h"

namespace dialtone::internal {

bool OnWorkersBase::Suspend(PromiseBase& promise) {
  promise_ = &promise;
  if (promise.scope().workers().Post(work_)) return true;
  status_ = absl::ResourceExhaustedError(
      "run on workers: their queue is full (RuntimeOptions::worker_queue_max)");
  return false;
}

void OnWorkersBase::RunOnWorker() {
  {
    Context::Scope install(promise_->scope().context());
    try {
      function_(argument_);
    } catch (const std::exception& e) {
      status_ = absl::InternalError("the function threw an exception");
      Log(LogLevel::kError, e.what());
    } catch (...) {
      status_ = absl::InternalError("the function threw something that is no std::exception");
    }
  }
  promise_->ResumeLater();
}

}  // namespace dialtone::internal
