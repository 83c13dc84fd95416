#include "dialtone/rpc/block_on.h"

#include <utility>

#include "absl/container/inlined_vector.h"
#include "delivery_scope.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "dialtone/transport/mutex.h"
#include "gathering_scope.h"

namespace dialtone::internal {
namespace {

// After so many batches of coroutines it is time to look at the clock, and for input.
constexpr int kBatchesBetweenLooks = 16;

// The loops that coroutines wait for something on, and how many do. One is led by this thread while it sleeps; the others'
// background threads lead them.
class DrivenLoops {
 public:
  void Add(Loop& loop) {
    for (Waited& waited : loops_) {
      if (waited.loop == &loop) {
        ++waited.count;
        return;
      }
    }
    // In a callback this thread is one of those background threads itself.
    const bool first = &loop == DeliveryScope::Current();
    loops_.insert(first ? loops_.begin() : loops_.end(), Waited{&loop, 1});
  }
  void Remove(Loop& loop) {
    for (auto waited = loops_.begin(); waited != loops_.end(); ++waited) {
      if (waited->loop != &loop) continue;
      if (--waited->count == 0) loops_.erase(waited);
      return;
    }
  }
  // False: no loop is waited for.
  bool Drive(Event& event, Instant until) {
    if (loops_.empty()) return false;
    AttendOthers(1);
    loops_.front().loop->Drive(event, until);
    AttendOthers(-1);
    return true;
  }
  // Does what there is to do now.
  void Look() {
    Event never;
    for (const Waited& waited : loops_) waited.loop->Drive(never, Instant());
  }

 private:
  struct Waited {
    Loop* loop;
    int count;
  };

  void AttendOthers(int delta) {
    for (size_t i = 1; i < loops_.size(); ++i) loops_[i].loop->Attend(delta);
  }

  absl::InlinedVector<Waited, 2> loops_;
};

// The executor of a thread that sits in BlockOn(): a queue of coroutines to resume, and an event to
// sleep on.
class BlockOnScope final : public TaskScope {
 public:
  // A deadline ends the context here: whoever made it need not, and not everything that is awaited looks at the clock.
  explicit BlockOnScope(Runtime& runtime)
      : TaskScope(Context::Current().deadline().infinite() ? Context::Current()
                                                           : Context::Current().Child()),
        runtime_(runtime),
        until_(context().deadline()) {}

  void Run(PromiseBase& root) {
    root.BecomeRoot(*this);
    Resume(root);
    while (!done_) {
      if (WorkList work = TakeWork(); !work.empty()) {
        RunAll(work);
        if (++batches_ == kBatchesBetweenLooks) LookUp();
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
  Loop& timer_loop() override { return *runtime_.reactors().front(); }
  Workers& workers() override { return runtime_.workers(); }

 private:
  void RunAll(WorkList& work) {
    GatheringScope gathering;
    while (Work* const next = work.PopFront()) {
      gathering.set_more(!work.empty());
      next->Run();
      if (done_) return;
    }
  }
  void OnTaskDone() override { done_ = true; }
  void OnTaskLost() override { done_ = lost_ = true; }
  void OnTaskAbandoned() override {}  // nobody abandons what a thread waits for
  // What the coroutine awaits comes in on this thread, as in Call::Wait(): no other is woken for it, and in a callback,
  // which holds up the loop's background thread, no other could do it.
  bool BeginDriving(Loop& loop) override {
    if (loop.is_reactor()) return false;
    driven_.Add(loop);
    return true;
  }
  void EndDriving(Loop& loop) override { driven_.Remove(loop); }

  void Sleep() {
    slept_ = slept_ || !work_there_.is_set();
    if (!driven_.Drive(work_there_, until_)) runtime_.network().Wait(work_there_, until_);
    if (!work_there_.is_set()) EndIfLate();
  }

  // For coroutines that resume each other, or are resumed, so fast that this thread never sleeps for long.
  void LookUp() {
    batches_ = 0;
    if (done_) return;
    if (!std::exchange(slept_, false)) {
      driven_.Look();
      // In a callback this leads the loop of its channel, where it may have begun calls before.
      Event never;
      runtime_.network().Wait(never, Instant());
    }
    EndIfLate();
  }

  void EndIfLate() {
    if (until_.infinite() || runtime_.network().Now() < until_) return;
    until_ = Instant::Infinite();
    Context(context()).Cancel(
        absl::DeadlineExceededError("BlockOn: the deadline of its context has come"));
  }

  WorkList TakeWork() {
    MutexLock lock(mutex_);
    if (queue_.empty()) work_there_.Reset();
    return std::exchange(queue_, WorkList());
  }

  Runtime& runtime_;
  Instant until_;
  DrivenLoops driven_;
  bool done_ = false;
  bool lost_ = false;
  int batches_ = 0;     // since it last looked up
  bool slept_ = false;  // since then
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
  // In a coroutine of an outer one, which blocks now.
  GatheringScope::FlushCurrent();
  const GatheringScope gathers_nothing;
  BlockOnScope scope(runtime);
  scope.Run(promise);
  DIALTONE_CHECK(!scope.lost(), "a coroutine was miscompiled: see docs/gcc12-coroutines.md");
  return absl::OkStatus();
}

}  // namespace dialtone::internal
