#include "dialtone/rpc/block_on.h"

#include <utility>

#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "dialtone/transport/mutex.h"

namespace dialtone::internal {
namespace {

// The executor of a thread that sits in BlockOn(): a queue of coroutines to resume, and an event to
// sleep on.
class BlockOnScope final : public TaskScope {
 public:
  explicit BlockOnScope(Runtime& runtime) : TaskScope(Context::Current()), runtime_(runtime) {}

  void Run(PromiseBase& root) {
    root.BecomeRoot(*this);
    Resume(root);
    while (!done_) {
      if (Work* work = TakeWork(); work != nullptr) {
        work->Run();
      } else {
        Sleep();
      }
    }
  }
  bool lost() const { return lost_; }

  void PostResume(Work& work) override {
    MutexLock lock(mutex_);
    queue_.PushBack(work);
    // Under the lock: this scope ends with the last resume, which needs the lock first.
    work_there_.Set();
  }
  // What the coroutine awaits comes in on this thread, as in Call::Wait(): no other is woken for it, and in a callback,
  // which holds up the loop's background thread, no other could do it.
  bool Drives(Loop& loop) override {
    if (loop.is_reactor()) return false;
    driven_ = &loop;
    return true;
  }
  Loop& timer_loop() override { return *runtime_.reactors().front(); }
  Workers& workers() override { return runtime_.workers(); }

 private:
  void OnTaskDone() override { done_ = true; }
  void OnTaskLost() override { done_ = lost_ = true; }
  void OnTaskAbandoned() override {}  // nobody abandons what a thread waits for

  void Sleep() {
    if (Loop* loop = std::exchange(driven_, nullptr); loop != nullptr) {
      loop->Drive(work_there_, Instant::Infinite());
    } else {
      runtime_.network().Wait(work_there_, Instant::Infinite());
    }
  }

  Work* TakeWork() {
    MutexLock lock(mutex_);
    Work* work = queue_.PopFront();
    if (work == nullptr) work_there_.Reset();
    return work;
  }

  Runtime& runtime_;
  Loop* driven_ = nullptr;  // by Sleep(), when it comes to that
  bool done_ = false;
  bool lost_ = false;
  Event work_there_;
  Mutex mutex_;
  WorkList queue_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::Status BlockOnPromise(PromiseBase& promise, Runtime& runtime) {
  if (Loop::OnReactor()) {
    absl::Status status = absl::FailedPreconditionError(
        "BlockOn on a reactor would stop everything that runs there: co_await the task, or run the "
        "service on workers");
    static constinit LogKind kind(LogLevel::kError, "handlers that would block their reactor");
    if (kind.Admits()) Log(kind.level(), ToStd(status.message()));
    return status;
  }
  BlockOnScope scope(runtime);
  scope.Run(promise);
  DIALTONE_CHECK(!scope.lost(), "a coroutine was miscompiled: see docs/gcc12-coroutines.md");
  return absl::OkStatus();
}

}  // namespace dialtone::internal
