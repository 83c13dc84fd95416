// Several tasks at once as parts of a whole: contexts, a shutdown, and what ten thousand cost.
#include <gtest/gtest.h>

#include <tuple>
#include <utility>
#include <vector>

#include "counting_new.h"
#include "dialtone/rpc/when_all.h"
#include "local_scope.h"
#include "tool_tasks.h"

namespace dialtone::when_all_scope_test {
namespace {

// --- Contexts ---

Task<absl::Status> AllWait(Forever& forever) {
  co_return co_await WhenAll(forever.Wait(), forever.Wait(), forever.Wait());
}
Task<absl::Status> NestedAllWait(Forever& forever) {
  co_return co_await WhenAll(AllWait(forever), AllWait(forever), forever.Wait());
}

TEST(WhenAll, IsCancelledFromOutside) {
  Context context = Context::Cancellable();
  LocalScope scope(context);
  Forever forever;
  Task<absl::Status> task = NestedAllWait(forever);
  scope.Start(task);
  EXPECT_EQ(forever.waiting, 7);
  context.Cancel(absl::DeadlineExceededError("late"));
  scope.RunPostedWork();
  ASSERT_TRUE(scope.done);
  EXPECT_EQ(forever.waiting, 0);
  EXPECT_EQ(task.await_resume(), absl::DeadlineExceededError("late"));
}

TEST(WhenAll, InAnEndedContextEndsWithIt) {
  Context context = Context::Cancellable();
  context.Cancel();
  LocalScope scope(context);
  Forever forever;
  EXPECT_TRUE(absl::IsCancelled(scope.Run(NestedAllWait(forever))));
  EXPECT_EQ(forever.waiting, 0);
}

Task<absl::Status> CancelItself(Context parent, int& ended) {
  Context own = Context::Current();
  EXPECT_NE(own.state(), parent.state());
  EXPECT_EQ(own.deadline(), parent.deadline());
  own.Cancel();
  co_await Yield();
  EXPECT_TRUE(Context::Current().cancelled());
  EXPECT_EQ(Context::Current().state(), own.state());
  ++ended;
  co_return absl::OkStatus();
}
Task<absl::Status> IsNotCancelled(Context parent, int& ended) {
  for (int i = 0; i < 3; ++i) co_await Yield();
  EXPECT_FALSE(Context::Current().cancelled());
  EXPECT_NE(Context::Current().state(), parent.state());
  ++ended;
  co_return absl::OkStatus();
}
Task<absl::Status> ContextsOfTheirOwn(Context parent, int& ended) {
  absl::Status all = co_await WhenAll(CancelItself(parent, ended), IsNotCancelled(parent, ended));
  EXPECT_EQ(Context::Current().state(), parent.state());
  EXPECT_FALSE(Context::Current().cancelled());
  co_return all;
}

TEST(WhenAll, GivesEachAContextOfItsOwn) {
  const Context context = Context::Cancellable(Instant::FromNanoseconds(7));
  LocalScope scope(context);
  int ended = 0;
  EXPECT_TRUE(scope.Run(ContextsOfTheirOwn(context, ended)).ok());
  EXPECT_EQ(ended, 2);
}

Task<void> KeepContext(Context& kept) {
  kept = Context::Current();
  co_return;
}
Task<void> KeepContexts(Context& first, Context& second) {
  co_await WhenAll(KeepContext(first), KeepContext(second));
}

TEST(WhenAll, EndsTheContextOfWhatHasEnded) {
  LocalScope scope;
  Context first;
  Context second;
  scope.Run(KeepContexts(first, second));
  EXPECT_TRUE(absl::IsCancelled(first.status()));
  EXPECT_TRUE(absl::IsCancelled(second.status()));
}

// --- Abandoned at a shutdown ---

Task<absl::Status> HoldBesideOthers(ManualEvent& first, ManualEvent& second, int& count,
                                    int levels) {
  Alive held(count);
  absl::Status ended;
  if (levels == 0) {
    ended = co_await WhenAll(HoldUntil(first, count), HoldUntil(second, count));
  } else {
    ended = co_await WhenAll(HoldBesideOthers(first, second, count, levels - 1),
                             StatusAfter(levels, absl::OkStatus()));
  }
  co_return ended;
}

TEST(WhenAll, IsDestroyedWhenTheLastOfThemHasLetGo) {
  for (int levels = 0; levels < 4; ++levels) {
    int count = 0;
    ManualEvent first;
    ManualEvent second;
    LocalScope scope(Context::Cancellable());
    Task<absl::Status> task = HoldBesideOthers(first, second, count, levels);
    scope.Start(task);
    const int held = count;
    EXPECT_EQ(held, levels + 3);
    EXPECT_FALSE(Abandon(scope));
    first.Open();
    scope.RunPostedWork();
    EXPECT_EQ(count, held - 1);  // where it was suspended
    EXPECT_FALSE(scope.abandoned_now);
    second.Open();
    scope.RunPostedWork();
    EXPECT_FALSE(scope.done);
    ASSERT_TRUE(scope.abandoned_now);
    task = Task<absl::Status>();
    EXPECT_EQ(count, 0);
  }
}

// In each state that a turn of the executor leaves.
TEST(WhenAll, IsAbandonedInEveryState) {
  int states = 0;
  for (int turns = 0;; ++turns) {
    int count = 0;
    ManualEvent first;
    ManualEvent second;
    first.Open();
    second.Open();
    LocalScope scope(Context::Cancellable());
    Task<absl::Status> task = HoldBesideOthers(first, second, count, 3);
    scope.StartOnly(task);
    for (int i = 0; i < turns; ++i) scope.RunOnePosted();
    if (scope.done) break;
    ++states;
    ASSERT_TRUE(Abandon(scope)) << turns;
    task = Task<absl::Status>();
    EXPECT_EQ(count, 0) << turns;
  }
  EXPECT_GT(states, 5);
}

// --- Never awaited ---

TEST(WhenAll, ThatIsNotAwaitedRunsNothing) {
  bool marked = false;
  int count = 0;
  ManualEvent gate;
  {
    auto all = WhenAll(MarkAfter(0, marked), HoldUntil(gate, count));
  }
  EXPECT_FALSE(marked);
  EXPECT_FALSE(gate.waited_for());
}

// --- Many ---

Task<absl::StatusOr<int>> Look(Depth& depth, int yields, int value) {
  depth.Look();
  for (int i = 0; i < yields; ++i) co_await Yield();
  depth.Look();
  co_return value;
}
Task<absl::StatusOr<std::vector<int>>> LookTogether(Depth& depth, int yields) {
  std::vector<Task<absl::StatusOr<int>>> tasks;
  for (int i = 0; i < kMany; ++i) tasks.push_back(Look(depth, yields * (i % 3), i));
  co_return co_await WhenAll(std::move(tasks));
}

TEST(WhenAll, StaysFlatOverTenThousand) {
  for (const int yields : {0, 1}) {
    Depth depth;
    LocalScope scope;
    absl::StatusOr<std::vector<int>> all = scope.Run(LookTogether(depth, yields));
    ASSERT_TRUE(all.ok());
    ASSERT_EQ(all->size(), static_cast<size_t>(kMany));
    for (int i = 0; i < kMany; ++i) EXPECT_EQ((*all)[static_cast<size_t>(i)], i);
    EXPECT_LT(depth.worst, kFlat);
  }
}

Task<absl::Status> TenThousandWait(Forever& forever, ManualEvent& gate) {
  std::vector<Task<absl::Status>> tasks;
  for (int i = 0; i < kMany; ++i) tasks.push_back(forever.Wait());
  tasks.push_back(Stubborn(gate));
  tasks.push_back(StatusAfter(1, absl::NotFoundError("last")));
  co_return co_await WhenAll(std::move(tasks));
}

TEST(WhenAll, CancelsTenThousand) {
  Context context = Context::Cancellable();
  LocalScope scope(context);
  Forever forever;
  ManualEvent gate;
  gate.Open();
  EXPECT_EQ(scope.Run(TenThousandWait(forever, gate)), absl::NotFoundError("last"));
  EXPECT_EQ(forever.waiting, 0);
}

Task<int> ManyTimes(int times) {
  int sum = 0;
  for (int i = 0; i < times; ++i) {
    std::tuple<int, int> both = co_await WhenAll(IntAfter(i % 2, 1), IntAfter(i % 3, 2));
    sum += std::get<0>(both) + std::get<1>(both);
  }
  co_return sum;
}

TEST(WhenAll, AllocatesNothingInTheSteadyState) {
  LocalScope scope(Context::Cancellable());
  EXPECT_EQ(scope.Run(ManyTimes(100)), 300);
  const size_t before = allocations_of_this_thread;
  EXPECT_EQ(scope.Run(ManyTimes(100)), 300);
  EXPECT_EQ(allocations_of_this_thread, before);
}

}  // namespace
}  // namespace dialtone::when_all_scope_test
