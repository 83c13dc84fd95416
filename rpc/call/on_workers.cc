#include "dialtone/rpc/on_workers.h"

#include "absl/strings/str_cat.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"

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
      static constinit LogKind kind(LogLevel::kError, "functions on workers that threw");
      if (kind.Admits())
        Log(kind.level(), absl::StrCat("a function that ran on workers threw: ", e.what()));
    } catch (...) {
      status_ = absl::InternalError("the function threw something that is no std::exception");
    }
  }
  promise_->ResumeLater();
}

}  // namespace dialtone::internal
