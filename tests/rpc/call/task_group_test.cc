// Groups of tasks, so many at a time: by themselves, without a network.
#include "dialtone/rpc/task_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "dialtone/rpc/when_all.h"
#include "local_scope.h"
#include "tool_tasks.h"

namespace dialtone::task_group_test {
namespace {

struct Load {
  int running = 0;
  int most = 0;
  int ended = 0;
};

Task<absl::Status> Work(Load& load, int yields) {
  load.most = std::max(load.most, ++load.running);
  for (int i = 0; i < yields; ++i) co_await Yield();
  --load.running;
  ++load.ended;
  co_return absl::OkStatus();
}

Task<absl::Status> WorkOften(Load& load, size_t tasks_max, int tasks, int yields) {
  TaskGroup group(tasks_max);
  for (int i = 0; i < tasks; ++i) {
    absl::Status started = co_await group.Start(Work(load, yields * (i % 3)));
    if (!started.ok()) co_return started;
    EXPECT_LE(group.running(), std::max<size_t>(tasks_max, 1));
  }
  co_return co_await group.Wait();
}

TEST(TaskGroup, RunsSoManyAtATime) {
  for (const int yields : {0, 1, 2}) {
    Load load;
    LocalScope scope;
    EXPECT_TRUE(scope.Run(WorkOften(load, 5, 100, yields)).ok());
    EXPECT_EQ(load.ended, 100);
    EXPECT_EQ(load.running, 0);
    EXPECT_EQ(load.most, yields == 0 ? 1 : 5);
  }
}

TEST(TaskGroup, RunsOneAtLeast) {
  Load load;
  LocalScope scope;
  EXPECT_TRUE(scope.Run(WorkOften(load, 0, 3, 1)).ok());
  EXPECT_EQ(load.most, 1);
}

TEST(TaskGroup, RunsTenThousandOneAfterTheOtherAndAtOnce) {
  for (const size_t tasks_max : {size_t{1}, size_t{10'000}}) {
    Load load;
    LocalScope scope;
    EXPECT_TRUE(scope.Run(WorkOften(load, tasks_max, 10'000, 1)).ok());
    EXPECT_EQ(load.ended, 10'000);
  }
}

Task<absl::Status> Nothing() {
  TaskGroup group(1);
  absl::Status none = co_await group.Wait();
  co_return none;
}

TEST(TaskGroup, MayStayEmpty) {
  LocalScope scope;
  EXPECT_TRUE(scope.Run(Nothing()).ok());
}

Task<absl::Status> WaitTwice(Load& load) {
  TaskGroup group(10);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i) (co_await group.Start(Work(load, i))).IgnoreError();
    absl::Status ended = co_await group.Wait();
    EXPECT_EQ(load.running, 0);
    if (!ended.ok()) co_return ended;
  }
  co_return absl::OkStatus();
}

TEST(TaskGroup, MayBeUsedAgain) {
  Load load;
  LocalScope scope;
  EXPECT_TRUE(scope.Run(WaitTwice(load)).ok());
  EXPECT_EQ(load.ended, 12);
}

// The captures of a lambda live as long as its task.
Task<absl::Status> StartLambdas(std::vector<std::string>& out) {
  TaskGroup group(10);
  for (int i = 0; i < 4; ++i) {
    const std::string text = std::to_string(i) + std::string(100, 'x');
    auto append = [&out, text]() -> Task<void> {
      co_await Yield();
      out.push_back(text);
    };
    absl::Status started = co_await group.Start(append);
    if (!started.ok()) co_return started;
  }
  co_return co_await group.Wait();
}

TEST(TaskGroup, KeepsALambdaThatItRuns) {
  std::vector<std::string> out;
  LocalScope scope;
  EXPECT_TRUE(scope.Run(StartLambdas(out)).ok());
  ASSERT_EQ(out.size(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(out[i], std::to_string(i) + std::string(100, 'x'));
}

template <class Function>
concept MayBeStarted =
    requires(TaskGroup& group, Function f) { group.Start(static_cast<Function>(f)); };
using Lambda = decltype([] { return IntAfter(0, 1); });
static_assert(MayBeStarted<Lambda&> && !MayBeStarted<Lambda&&> && !MayBeStarted<const Lambda&&>);
static_assert(MayBeStarted<Task<int>&&> && !MayBeStarted<Task<int>&>);

// --- Failures ---

struct Seen {
  absl::Status refused;
  absl::Status waited;
  int thrown = 0;
};

Task<void> FailInAGroup(Forever& forever, ManualEvent& gate, int yields, Seen& seen) {
  TaskGroup group(3);
  (co_await group.Start(forever.Wait())).IgnoreError();
  (co_await group.Start(Stubborn(gate))).IgnoreError();
  (co_await group.Start(StatusAfter(yields, absl::NotFoundError("no key")))).IgnoreError();
  seen.refused = co_await group.Start(Stubborn(gate));
  seen.waited = co_await group.Wait();
  EXPECT_EQ(group.running(), 0u);
}

TEST(TaskGroup, ThatHasFailedCancelsTheRestAndBeginsNothingMore) {
  for (int yields = 0; yields < 3; ++yields) {
    Forever forever;
    ManualEvent gate;
    Seen seen;
    LocalScope scope;
    Task<void> task = FailInAGroup(forever, gate, yields, seen);
    scope.Start(task);
    EXPECT_EQ(forever.waiting, 0);
    EXPECT_THAT(std::string(forever.last.message()), testing::HasSubstr("NOT_FOUND: no key"));
    EXPECT_EQ(seen.refused, absl::NotFoundError("no key"));
    EXPECT_FALSE(scope.done);
    gate.Open();
    scope.RunPostedWork();
    EXPECT_TRUE(scope.done);
    EXPECT_EQ(seen.waited, absl::NotFoundError("no key"));
  }
}

Task<void> ThrowInAGroup(Forever& forever, int yields, Seen& seen) {
  TaskGroup group(3);
  (co_await group.Start(forever.Wait())).IgnoreError();
  (co_await group.Start(ThrowAfter(yields, 7))).IgnoreError();
  for (int i = 0; i < yields + 1; ++i) co_await Yield();
  seen.refused = co_await group.Start(forever.Wait());
  try {
    seen.waited = co_await group.Wait();
  } catch (int thrown) {
    seen.thrown = thrown;
  }
}

TEST(TaskGroup, ThrowsWhatATaskHasThrownFromWait) {
  for (int yields = 0; yields < 3; ++yields) {
    Forever forever;
    Seen seen;
    LocalScope scope;
    scope.Run(ThrowInAGroup(forever, yields, seen));
    EXPECT_TRUE(absl::IsCancelled(seen.refused));
    EXPECT_EQ(seen.thrown, 7);
    EXPECT_EQ(forever.waiting, 0);
  }
}

Task<absl::Status> CancelTheGroup(Forever& forever, absl::Status reason) {
  TaskGroup group(3);
  for (int i = 0; i < 3; ++i) (co_await group.Start(forever.Wait())).IgnoreError();
  EXPECT_EQ(forever.waiting, 3);
  group.Cancel(reason);
  absl::Status refused = co_await group.Start(forever.Wait());
  absl::Status waited = co_await group.Wait();
  EXPECT_EQ(refused, waited);
  EXPECT_EQ(forever.waiting, 0);
  co_return waited;
}

TEST(TaskGroup, MayBeCancelled) {
  Forever forever;
  LocalScope scope;
  EXPECT_EQ(scope.Run(CancelTheGroup(forever, absl::AbortedError("enough"))),
            absl::AbortedError("enough"));
  EXPECT_EQ(forever.last, absl::AbortedError("enough"));
}

TEST(TaskGroup, IsCancelledWithoutAReason) {
  Forever forever;
  LocalScope scope;
  const absl::Status waited = scope.Run(CancelTheGroup(forever, absl::OkStatus()));
  EXPECT_EQ(waited.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(forever.last, waited);
}

// --- From outside ---

Task<void> WaitInAGroup(Forever& forever, size_t tasks_max, int tasks, Seen& seen) {
  TaskGroup group(tasks_max);
  for (int i = 0; i < tasks; ++i) {
    seen.refused = co_await group.Start(forever.Wait());
    if (!seen.refused.ok()) break;
  }
  seen.waited = co_await group.Wait();
}

TEST(TaskGroup, IsCancelledFromOutside) {
  for (const int tasks : {3, 4}) {  // in Wait(), and in Start()
    Context context = Context::Cancellable();
    LocalScope scope(context);
    Forever forever;
    Seen seen;
    Task<void> task = WaitInAGroup(forever, 3, tasks, seen);
    scope.Start(task);
    EXPECT_EQ(forever.waiting, 3);
    EXPECT_FALSE(scope.done);
    context.Cancel(absl::DeadlineExceededError("late"));
    scope.RunPostedWork();
    ASSERT_TRUE(scope.done);
    EXPECT_EQ(forever.waiting, 0);
    EXPECT_EQ(seen.waited, absl::DeadlineExceededError("late"));
    EXPECT_EQ(seen.refused.ok(), tasks == 3);
  }
}

TEST(TaskGroup, BeginsNothingInAnEndedContext) {
  Context context = Context::Cancellable();
  context.Cancel();
  LocalScope scope(context);
  Load load;
  EXPECT_TRUE(absl::IsCancelled(scope.Run(WorkOften(load, 3, 3, 1))));
  EXPECT_EQ(load.ended, 0);
}

Task<absl::Status> Misuse(TaskGroup& group, Forever& forever) {
  absl::Status started = co_await group.Start(forever.Wait());
  absl::Status waited = co_await group.Wait();
  EXPECT_EQ(waited.code(), started.code());
  co_return started;
}
Task<absl::Status> MisuseFromBeside(Forever& forever) {
  TaskGroup group(3);
  (co_await group.Start(IntAfter(1, 1))).IgnoreError();
  absl::Status misused = co_await WhenAll(Misuse(group, forever));
  (co_await group.Wait()).IgnoreError();
  co_return misused;
}

TEST(TaskGroup, IsNotForTasksThatRunBesideItsCoroutine) {
  Forever forever;
  LocalScope scope;
  EXPECT_EQ(scope.Run(MisuseFromBeside(forever)).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(forever.waiting, 0);
}

Task<void> LeaveEarly(Forever& forever) {
  TaskGroup group(3);
  (co_await group.Start(forever.Wait())).IgnoreError();
}

TEST(TaskGroupDeathTest, MustBeWaitedFor) {
  Forever forever;
  EXPECT_DEATH(
      {
        LocalScope scope(Context::Cancellable());
        scope.Run(LeaveEarly(forever));
      },
      "destroyed before they have ended");
}

// --- Abandoned at a shutdown ---

enum class Where { kInStart, kInWait, kElsewhere, kNested };

Task<absl::Status> HoldInAGroup(ManualEvent& mine, ManualEvent& theirs, int& count, Where where) {
  Alive held(count);
  TaskGroup group(where == Where::kInStart ? 1 : 3);
  if (where == Where::kNested) {
    (co_await group.Start(HoldInAGroup(mine, theirs, count, Where::kElsewhere))).IgnoreError();
  } else {
    (co_await group.Start(HoldUntil(theirs, count))).IgnoreError();
  }
  if (where == Where::kInStart) (co_await group.Start(HoldUntil(theirs, count))).IgnoreError();
  if (where == Where::kElsewhere) co_await mine;
  co_return co_await group.Wait();
}

TEST(TaskGroup, IsDestroyedWhenItsCoroutineAndItsTasksHaveLetGo) {
  for (const Where where : {Where::kInStart, Where::kInWait, Where::kElsewhere, Where::kNested}) {
    for (const bool mine_first : {false, true}) {
      int count = 0;
      ManualEvent mine;
      ManualEvent theirs;
      LocalScope scope(Context::Cancellable());
      Task<absl::Status> task = HoldInAGroup(mine, theirs, count, where);
      scope.Start(task);
      EXPECT_GE(count, 2);
      EXPECT_FALSE(Abandon(scope));
      (mine_first ? mine : theirs).Open();
      scope.RunPostedWork();
      EXPECT_GE(count, 1);
      EXPECT_EQ(scope.abandoned_now, !mine_first && where < Where::kElsewhere);
      (mine_first ? theirs : mine).Open();
      scope.RunPostedWork();
      ASSERT_TRUE(scope.abandoned_now);
      EXPECT_FALSE(scope.done);
      task = Task<absl::Status>();
      EXPECT_EQ(count, 0);
    }
  }
}

// --- RunTaskGroup ---

enum class Leaves { kWell, kEarly, kByFailing, kByThrowing, kWhenATaskFails, kWhenATaskThrows };

Task<absl::Status> WithBody(Forever& forever, Leaves leaves) {
  auto body = [&](TaskGroup& group) -> Task<absl::Status> {
    if (leaves == Leaves::kEarly) co_return absl::OkStatus();
    if (leaves != Leaves::kWell) (co_await group.Start(forever.Wait())).IgnoreError();
    if (leaves == Leaves::kByFailing) co_return absl::NotFoundError("no key");
    if (leaves == Leaves::kByThrowing) throw 1;
    if (leaves == Leaves::kWhenATaskFails)
      co_return co_await group.Start(StatusAfter(2, absl::DataLossError("lost")));
    if (leaves == Leaves::kWhenATaskThrows) co_return co_await group.Start(ThrowAfter(2, 2));
    co_return co_await group.Start(StatusAfter(2, absl::OkStatus()));
  };
  co_return co_await RunTaskGroup(3, body);
}

TEST(RunTaskGroup, WaitsWhicheverWayItsBodyLeaves) {
  Forever forever;
  LocalScope scope;
  EXPECT_TRUE(scope.Run(WithBody(forever, Leaves::kWell)).ok());
  EXPECT_TRUE(scope.Run(WithBody(forever, Leaves::kEarly)).ok());
  EXPECT_EQ(scope.Run(WithBody(forever, Leaves::kByFailing)), absl::NotFoundError("no key"));
  EXPECT_EQ(scope.Run(WithBody(forever, Leaves::kWhenATaskFails)), absl::DataLossError("lost"));
  EXPECT_EQ(forever.waiting, 0);
  for (const Leaves leaves : {Leaves::kByThrowing, Leaves::kWhenATaskThrows})
    EXPECT_THROW(scope.Run(WithBody(forever, leaves)).IgnoreError(), int);
  EXPECT_EQ(forever.waiting, 0);
}

template <class Body>
concept MayBeBody = requires(Body b) { RunTaskGroup(1, static_cast<Body>(b)); };
using GroupBody = decltype([](TaskGroup&) { return StatusAfter(0, absl::OkStatus()); });
static_assert(MayBeBody<GroupBody&> && !MayBeBody<GroupBody&&>);

}  // namespace
}  // namespace dialtone::task_group_test
