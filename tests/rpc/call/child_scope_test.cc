// The machinery below WhenAll and its like: contexts, executors, and what the compiler has lost.
#include "dialtone/rpc/internal/child_scope.h"

#include <gtest/gtest.h>

#include <utility>

#include "dialtone/rpc/when_all.h"
#include "local_scope.h"
#include "tool_tasks.h"

namespace dialtone {
namespace {

// A coroutine that comes back without having ended and without telling what it waits for, as a child.
struct LosesItself {
  struct promise_type : internal::PromiseBase {
    promise_type() : PromiseBase(std::coroutine_handle<promise_type>::from_promise(*this)) {}
    LosesItself get_return_object() { return LosesItself{this}; }
    void return_void() {}
  };
  promise_type* promise;
};
LosesItself Lose() { co_await std::suspend_always(); }

class LostChild final : public internal::ChildScope {
 public:
  explicit LostChild(internal::PromiseBase& promise) : promise_(promise) {}
  bool lost() const { return lost_; }

 private:
  internal::PromiseBase& promise() override { return promise_; }
  absl::Status TakeResult() override { return absl::OkStatus(); }
  void DropTask(bool lost) override { lost_ = lost; }

  internal::PromiseBase& promise_;
  bool lost_ = false;
};

// Starts a lost child beside the coroutine, and goes on.
class StartLost final : public internal::Awaitable, private internal::ChildGroup {
 public:
  explicit StartLost(LostChild& child) : child_(child) {}
  ~StartLost() {}
  bool await_ready() const { return false; }
  bool Suspend(internal::PromiseBase& parent) {
    Start(child_, parent.scope());
    return false;
  }
  void await_resume() {}

 private:
  void OnChildEnded(internal::ChildScope&) override {}
  LostChild& child_;
};

Task<absl::Status> LoseAfter(int yields, LostChild& child) {
  for (int i = 0; i < yields; ++i) co_await Yield();
  co_await StartLost(child);
  absl::Status never = co_await StatusAfter(1, absl::OkStatus());
  co_return never;
}
Task<absl::Status> LoseBesideOthers(int yields, LostChild& child, ManualEvent& gate, int& count,
                                    int levels) {
  Alive held(count);
  absl::Status ended;
  if (levels == 0) {
    ended = co_await WhenAll(LoseAfter(yields, child), HoldUntil(gate, count));
  } else {
    ended = co_await WhenAll(LoseBesideOthers(yields, child, gate, count, levels - 1),
                             StatusAfter(levels, absl::OkStatus()));
  }
  co_return ended;
}

// The whole is given up, in order, and its root is told once.
TEST(LostChild, EndsAllThatItIsAPartOf) {
  for (int levels = 0; levels < 3; ++levels) {
    for (int yields = 0; yields < 3; ++yields) {
      LosesItself lost = Lose();
      LostChild child(*lost.promise);
      ManualEvent gate;
      int count = 0;
      LocalScope scope(Context::Cancellable());
      Task<absl::Status> task = LoseBesideOthers(yields, child, gate, count, levels);
      scope.Start(task);
      EXPECT_TRUE(child.lost());
      EXPECT_TRUE(scope.context().cancelled());
      EXPECT_EQ(scope.lost, !gate.waited_for());
      gate.Open();
      scope.RunPostedWork();
      EXPECT_TRUE(scope.lost);
      EXPECT_FALSE(scope.done);
      EXPECT_FALSE(scope.abandoned_now);
      task = Task<absl::Status>();
      EXPECT_EQ(count, 0);
      lost.promise->DestroyCoroutine();
    }
  }
}

Task<void> RunALost(LostChild& child) {
  co_await StartLost(child);
  co_await Yield();
}

TEST(LostChild, OfACoroutineThatIsNotWaitingForItIsNoticed) {
  LosesItself lost = Lose();
  LostChild child(*lost.promise);
  LocalScope scope;
  Task<void> task = RunALost(child);
  scope.Start(task);
  EXPECT_TRUE(scope.lost);
  EXPECT_FALSE(scope.done);
  task = Task<void>();
  lost.promise->DestroyCoroutine();
}

// A child goes through its root's RunPosted(), for those who watch what holds an executor.
class WatchingScope final : public internal::TaskScope {
 public:
  WatchingScope() : TaskScope(Context()) {}
  void Run(internal::PromiseBase& root) {
    root.BecomeRoot(*this);
    Resume(root);
    while (Work* work = queue_.PopFront()) work->Run();
  }
  void PostResume(Work& work) override { queue_.PushBack(work); }
  Loop& timer_loop() override { std::abort(); }
  Workers& workers() override { std::abort(); }

  int resumes = 0;
  bool done = false;

 private:
  void OnTaskDone() override { done = true; }
  void OnTaskLost() override {}
  void OnTaskAbandoned() override {}
  void RunPosted(internal::PromiseBase& promise) override {
    ++resumes;
    Resume(promise);
  }
  WorkList queue_;
};

Task<absl::Status> NestedYields() {
  co_return co_await WhenAll(StatusAfter(2, absl::OkStatus()), StatusAfter(3, absl::OkStatus()));
}
Task<absl::Status> MoreNestedYields() {
  co_return co_await WhenAll(NestedYields(), StatusAfter(1, absl::OkStatus()));
}

TEST(ChildScope, IsResumedAsItsRootIs) {
  WatchingScope scope;
  Task<absl::Status> task = MoreNestedYields();
  scope.Run(task.promise());
  EXPECT_TRUE(scope.done);
  // The yields, and once each for what waited for children.
  EXPECT_EQ(scope.resumes, 2 + 3 + 1 + 2);
}

}  // namespace
}  // namespace dialtone
