// The first of several tasks: by themselves, without a network.
#include "dialtone/rpc/when_any.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "local_scope.h"
#include "tool_tasks.h"

namespace dialtone::when_any_test {
namespace {

using TextOr = absl::StatusOr<std::string>;

template <class Await>
using ResultOfAwait = decltype(std::declval<Await>().await_resume());
template <class... A>
using Any = ResultOfAwait<decltype(WhenAny(std::declval<A>()...))>;
template <class... A>
using Raced = ResultOfAwait<decltype(Race(std::declval<A>()...))>;

static_assert(std::is_same_v<Any<Task<TextOr>, Task<TextOr>>, TextOr>);
static_assert(std::is_same_v<Any<Call<int>, Task<absl::StatusOr<int>>>, absl::StatusOr<int>>);
static_assert(std::is_same_v<Any<Task<TextOr>, Call<int>, Task<absl::Status>>,
                             absl::StatusOr<std::variant<std::string, int, std::monostate>>>);
static_assert(std::is_same_v<Any<Task<int>, Task<bool>>, std::variant<int, bool>>);
static_assert(std::is_same_v<Any<Task<void>, Task<void>>, void>);
static_assert(std::is_same_v<Any<std::vector<Task<absl::Status>>>, absl::Status>);
static_assert(std::is_same_v<Any<std::vector<Call<int>>>, absl::StatusOr<int>>);
static_assert(std::is_same_v<Raced<Task<TextOr>, Task<TextOr>>, TextOr>);
static_assert(std::is_same_v<Raced<Task<TextOr>, Task<absl::Status>, Task<void>>,
                             std::variant<TextOr, absl::Status, std::monostate>>);

Task<TextOr> FirstOf(Forever& forever, ManualEvent& gate, int failure_after, int success_after,
                     size_t& index) {
  std::vector<Task<TextOr>> tasks;
  tasks.push_back(forever.WaitForText());
  tasks.push_back([](ManualEvent& gate_of_it) -> Task<TextOr> {
    co_await gate_of_it;
    co_return "too late";
  }(gate));
  tasks.push_back([](int yields) -> Task<TextOr> {
    absl::Status failed = co_await StatusAfter(yields, absl::NotFoundError("no key"));
    co_return failed;
  }(failure_after));
  tasks.push_back(TextAfter(success_after, "first"));
  co_return co_await WhenAny(std::move(tasks)).CaptureIndex(index);
}

TEST(WhenAny, GivesTheFirstSuccessWhenTheOthersAreCancelledAndHaveEnded) {
  for (const int failure_after : {0, 1, 5}) {
    Forever forever;
    ManualEvent gate;
    size_t index = 99;
    LocalScope scope;
    Task<TextOr> task = FirstOf(forever, gate, failure_after, 2, index);
    scope.Start(task);
    EXPECT_EQ(forever.waiting, 0);
    EXPECT_EQ(forever.last, absl::CancelledError("WhenAny: another task was first"));
    EXPECT_FALSE(scope.done);
    gate.Open();
    scope.RunPostedWork();
    ASSERT_TRUE(scope.done);
    EXPECT_EQ(*task.await_resume(), "first");
    EXPECT_EQ(index, 3u);
  }
}

Task<TextOr> FirstOfTwo(int first, int second) {
  co_return co_await WhenAny(TextAfter(first, "a"), TextAfter(second, "b"));
}

TEST(WhenAny, DoesNotBeginWhatIsNotWantedAnyMore) {
  bool marked = false;
  struct Tasks {
    static Task<int> Go(bool& marked) {
      std::variant<int, std::monostate> first =
          co_await WhenAny(IntAfter(0, 7), MarkAfter(0, marked));
      co_return std::get<0>(first);
    }
  };
  LocalScope scope;
  EXPECT_EQ(scope.Run(Tasks::Go(marked)), 7);
  EXPECT_FALSE(marked);
  EXPECT_EQ(*scope.Run(FirstOfTwo(3, 2)), "b");
  EXPECT_EQ(*scope.Run(FirstOfTwo(2, 2)), "a");
}

Task<absl::Status> AllFail(int count) {
  std::vector<Task<absl::Status>> tasks;
  for (int i = 0; i < count; ++i) {
    tasks.push_back(StatusAfter(
        i == 1 ? 0 : 2, i == 1 ? absl::NotFoundError("no key") : absl::DataLossError("lost")));
  }
  co_return co_await WhenAny(std::move(tasks));
}

TEST(WhenAny, SaysHowTheFirstFailedWhenAllDid) {
  LocalScope scope;
  const absl::Status failed = scope.Run(AllFail(3));
  EXPECT_EQ(failed.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(
      std::string(failed.message()),
      testing::AllOf(testing::HasSubstr("all 3 tasks failed"), testing::HasSubstr("no key")));
  EXPECT_EQ(scope.Run(AllFail(1)), absl::DataLossError("lost"));
  EXPECT_EQ(scope.Run(AllFail(0)).code(), absl::StatusCode::kInvalidArgument);
}

Task<absl::StatusOr<int>> Mixed(int text_after, int status_after) {
  size_t index = 99;
  absl::StatusOr<std::variant<std::string, std::monostate>> first =
      co_await WhenAny(TextAfter(text_after, "text"), StatusAfter(status_after, absl::OkStatus()))
          .CaptureIndex(index);
  if (!first.ok()) co_return first.status();
  EXPECT_EQ(first->index(), index);
  co_return static_cast<int>(index);
}

TEST(WhenAny, TakesTasksOfDifferentTypes) {
  LocalScope scope;
  EXPECT_EQ(*scope.Run(Mixed(1, 2)), 0);
  EXPECT_EQ(*scope.Run(Mixed(2, 1)), 1);
}

Task<absl::Status> RaceOf(Forever& forever, int failure_after) {
  size_t index = 99;
  std::variant<absl::Status, TextOr> first =
      co_await Race(StatusAfter(failure_after, absl::NotFoundError("no key")),
                    forever.WaitForText())
          .CaptureIndex(index);
  EXPECT_EQ(index, first.index());
  co_return std::get<0>(first);
}
Task<void> RaceOfMarks(bool& first, bool& second) {
  std::vector<Task<void>> tasks;
  tasks.push_back(MarkAfter(3, first));
  tasks.push_back(MarkAfter(1, second));
  size_t index = 99;
  co_await Race(std::move(tasks)).CaptureIndex(index);
  EXPECT_EQ(index, 1u);
  bool third = false;
  co_await Race(MarkAfter(0, third), MarkAfter(3, first)).CaptureIndex(index);
  EXPECT_EQ(index, 0u);
}

TEST(Race, IsOverWithTheFirstThatEnds) {
  for (int yields = 0; yields < 3; ++yields) {
    Forever forever;
    LocalScope scope;
    EXPECT_EQ(scope.Run(RaceOf(forever, yields)), absl::NotFoundError("no key"));
    EXPECT_EQ(forever.waiting, 0);
  }
  bool first = false;
  bool second = false;
  LocalScope scope;
  scope.Run(RaceOfMarks(first, second));
  EXPECT_TRUE(second);
}

Task<int> ThrowFirst(Forever& forever, int yields) {
  std::variant<int, std::monostate> first;
  try {
    absl::StatusOr<std::variant<int, std::monostate>> any =
        co_await WhenAny(ThrowAfter(yields, 3), forever.Wait());
    first = any.value();
  } catch (int thrown) {
    first = thrown;
  }
  co_return std::get<0>(first);
}

TEST(WhenAny, ThrowsWhatOneHasThrownWhenAllHaveEnded) {
  for (int yields = 0; yields < 2; ++yields) {
    Forever forever;
    LocalScope scope;
    EXPECT_EQ(scope.Run(ThrowFirst(forever, yields)), 3);
    EXPECT_EQ(forever.waiting, 0);
  }
}

Task<absl::Status> NoneIsFirst(Forever& forever) {
  co_return co_await WhenAny(forever.Wait(), forever.Wait());
}

TEST(WhenAny, IsCancelledFromOutside) {
  Context context = Context::Cancellable();
  LocalScope scope(context);
  Forever forever;
  Task<absl::Status> task = NoneIsFirst(forever);
  scope.Start(task);
  EXPECT_EQ(forever.waiting, 2);
  context.Cancel(absl::DeadlineExceededError("late"));
  scope.RunPostedWork();
  ASSERT_TRUE(scope.done);
  EXPECT_EQ(task.await_resume().code(), absl::StatusCode::kDeadlineExceeded);
}

Task<absl::Status> HoldTwo(ManualEvent& first, ManualEvent& second, int& count) {
  Alive held(count);
  co_return co_await WhenAny(HoldUntil(first, count), HoldUntil(second, count));
}

TEST(WhenAny, IsDestroyedWhenTheLastOfThemHasLetGo) {
  for (const bool decided : {false, true}) {
    int count = 0;
    ManualEvent first;
    ManualEvent second;
    LocalScope scope(Context::Cancellable());
    Task<absl::Status> task = HoldTwo(first, second, count);
    scope.Start(task);
    if (decided) {
      first.Open();
      scope.RunPostedWork();
    }
    EXPECT_FALSE(Abandon(scope));
    first.Open();
    second.Open();
    scope.RunPostedWork();
    ASSERT_TRUE(scope.abandoned_now);
    task = Task<absl::Status>();
    EXPECT_EQ(count, 0);
  }
}

Task<absl::StatusOr<int>> FirstOfMany(Forever& forever) {
  std::vector<Task<absl::StatusOr<int>>> tasks;
  for (int i = 0; i < kMany; ++i) {
    tasks.push_back([](Forever& waits, bool first) -> Task<absl::StatusOr<int>> {
      co_await Yield();
      if (first) co_return 1;
      absl::Status ended = co_await waits.Wait();
      co_return ended;
    }(forever, i == kMany / 2));
  }
  co_return co_await WhenAny(std::move(tasks));
}

TEST(WhenAny, CancelsTenThousand) {
  Forever forever;
  LocalScope scope;
  EXPECT_EQ(*scope.Run(FirstOfMany(forever)), 1);
  EXPECT_EQ(forever.waiting, 0);
}

}  // namespace
}  // namespace dialtone::when_any_test
