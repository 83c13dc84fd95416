// What HandledCall does with a handler that is a coroutine, from its first run to its end. The rest is in
// handled_call.cc.
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "guarded.h"
#include "handled_call.h"
#include "server_loop.h"

namespace dialtone::internal {

bool HandledCall::RunCoroutine() {
  ServerLoop::RunningMethod running(loop_, method_);
  absl::Status started;
  bool done = false;
  {
    Context::Scope install(context());  // what returns the task need not be a coroutine itself
    started = Guarded(method_, [&] {
      task_ = MakeTask();
      return task_.valid() ? absl::OkStatus()
                           : absl::InternalError("the handler returned a task that was moved from");
    });
    if (started.ok()) {
      task_.promise().BecomeRoot(*this);
      done = Run(task_.promise());
    }
  }
  if (!started.ok()) {
    FinishWith(std::move(started));
    return false;
  }
  bool finished = false;
  finished_ = &finished;
  ServerMethodCounters* const counters = counters_;
  done ? OnTaskDone() : AfterRun();
  if (finished) {  // and this object is the loop's again
    if (counters != nullptr) counters->NoteNone();
    return false;
  }
  finished_ = nullptr;  // it is suspended, or its reply is with a worker
  if (counters_ != nullptr) OnSuspended();
  ArmDeadline();
  return true;
}

// Calls that leave the reactor are all measured, for themselves.
void HandledCall::OnSuspended() {
  counters_->NoteSuspension();
  measured_for_ = 1;
  if (arrived_ == Instant()) arrived_ = begun_at_ = loop_.loop().Now();
  // Not read, as suspension was not expected: now, then.
  if (begun_at_ == arrived_) begun_at_ = loop_.loop().Now();
}

void HandledCall::RunPosted(PromiseBase& promise) {
  ServerLoop::RunningMethod running(loop_, method_);
  Resume(promise);
}

void HandledCall::OnTaskDone() {
  absl::Status status = Guarded(method_, [&] { return task_.await_resume(); });
  task_ = Task<absl::Status>();
  FinishWith(std::move(status));
}

void HandledCall::OnTaskLost() {
  lost_ = true;
  static constinit LogKind kind(LogLevel::kError, "handlers that the compiler has lost");
  if (kind.Admits()) {
    Log(kind.level(),
        absl::StrCat(ToAbsl(method()),
                     ": the compiler has lost the handler's coroutine; see "
                     "docs/gcc12-coroutines.md for the pattern and its cure"),
        {{"method", method()}});
  }
  FinishWith(
      absl::InternalError(absl::StrCat(ToAbsl(method()), ": the handler's coroutine was lost")));
}

void HandledCall::AbandonHandler(const absl::Status& reason) {
  if (task_.valid()) Abandon(reason);
}

void HandledCall::OnTaskAbandoned() {
  {
    ServerLoop::RunningMethod running(loop_, method_);
    Context::Scope install(context());  // for destructors
    task_ = Task<absl::Status>();
  }
  FinishWith(context().status());
}

}  // namespace dialtone::internal
