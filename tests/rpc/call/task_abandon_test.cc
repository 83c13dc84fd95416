// Tasks that are destroyed before their end, where they are suspended.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "local_scope.h"

namespace dialtone::task_abandon_test {
namespace {

struct Token {
  explicit Token(int& count) : alive(count) {}
  ~Token() {}
  Alive alive;
};

Task<int> WaitHolding(Token, ManualEvent& gate) {
  co_await gate;
  co_return 1;
}

// Suspends `levels` below, each level in another way of holding its child.
Task<int> HoldAndWait(int& count, ManualEvent& gate, int levels) {
  Alive local(count);
  const std::string long_text(100, 'x');
  int sum = 0;
  if (levels == 0) {
    sum = co_await WaitHolding(Token(count), gate);
  } else if (levels % 3 == 0) {
    sum = co_await HoldAndWait(count, gate, levels - 1);
  } else if (levels % 3 == 1) {
    Task<int> child = HoldAndWait(count, gate, levels - 1);
    Task<int> never_started = WaitHolding(Token(count), gate);
    sum = co_await child;
  } else {
    auto child = std::make_unique<Task<int>>(HoldAndWait(count, gate, levels - 1));
    sum = co_await *child;
  }
  co_return sum + static_cast<int>(long_text.size());
}

TEST(TaskAbandon, IsDestroyedWhereItIsSuspendedOnceWhatItAwaitsHasLetGo) {
  for (int levels = 0; levels < 12; ++levels) {
    int count = 0;
    ManualEvent gate;
    LocalScope scope(Context::Cancellable());
    Task<int> task = HoldAndWait(count, gate, levels);
    scope.Start(task);
    ASSERT_TRUE(gate.waited_for());
    const int held = count;
    EXPECT_GE(held, levels + 2);
    scope.Abandon(absl::CancelledError("over"));
    scope.RunPostedWork();
    EXPECT_FALSE(scope.abandoned_now);  // the gate still knows the coroutine
    EXPECT_EQ(count, held);
    EXPECT_TRUE(scope.context().cancelled());
    gate.Open();
    scope.RunPostedWork();
    ASSERT_TRUE(scope.abandoned_now);
    task = Task<int>();
    EXPECT_EQ(count, 0) << levels;
    EXPECT_FALSE(scope.done);
  }
}

TEST(TaskAbandon, IsDestroyedThoughItsResumeWasPostedAlready) {
  int count = 0;
  ManualEvent gate;
  LocalScope scope(Context::Cancellable());
  Task<int> task = HoldAndWait(count, gate, 3);
  scope.Start(task);
  gate.Open();
  scope.Abandon(absl::CancelledError("over"));
  EXPECT_FALSE(scope.abandoned_now);
  scope.RunPostedWork();
  ASSERT_TRUE(scope.abandoned_now);
  task = Task<int>();
  EXPECT_EQ(count, 0);
}

Task<int> Value(int value) { co_return value; }
Task<int> Pass() { co_return co_await Value(1); }

TEST(TaskAbandon, YieldsAtEveryAwaitOnceItsContextHasEnded) {
  Context context = Context::Cancellable();
  context.Cancel();
  LocalScope scope(context);
  Task<int> ready = Pass();
  ready.promise().BecomeRoot(scope);
  scope.Resume(ready.promise());
  EXPECT_FALSE(scope.done);  // its child ended at once, and others may run all the same
  scope.RunPostedWork();
  EXPECT_TRUE(scope.done);
}

}  // namespace
}  // namespace dialtone::task_abandon_test
