// Several tasks at once, until all have ended: by themselves, without a network.
#include "dialtone/rpc/when_all.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "local_scope.h"
#include "tool_tasks.h"

namespace dialtone::when_all_test {
namespace {

using TextOr = absl::StatusOr<std::string>;

template <class Await>
using ResultOfAwait = decltype(std::declval<Await>().await_resume());
template <class... A>
using All = ResultOfAwait<decltype(WhenAll(std::declval<A>()...))>;
template <class... A>
using Settled = ResultOfAwait<decltype(WhenAllSettled(std::declval<A>()...))>;

static_assert(std::is_same_v<All<Task<TextOr>, Task<absl::Status>, Task<int>>,
                             absl::StatusOr<std::tuple<std::string, std::monostate, int>>>);
static_assert(std::is_same_v<All<Task<int>, Task<void>>, std::tuple<int, std::monostate>>);
static_assert(std::is_same_v<All<Task<absl::Status>, Task<absl::Status>>, absl::Status>);
static_assert(std::is_same_v<All<Task<absl::Status>, Task<void>>, absl::Status>);
static_assert(std::is_same_v<All<Task<void>, Task<void>>, void>);
static_assert(std::is_same_v<All<Call<int>>, absl::StatusOr<std::tuple<int>>>);
static_assert(
    std::is_same_v<All<std::vector<Task<TextOr>>>, absl::StatusOr<std::vector<std::string>>>);
static_assert(std::is_same_v<All<std::vector<Task<int>>>, std::vector<int>>);
static_assert(std::is_same_v<All<std::vector<Task<absl::Status>>>, absl::Status>);
static_assert(std::is_same_v<All<std::vector<Task<void>>>, void>);
static_assert(std::is_same_v<Settled<Task<TextOr>, Task<absl::Status>, Task<void>>,
                             std::tuple<TextOr, absl::Status, std::monostate>>);
static_assert(std::is_same_v<Settled<std::vector<Task<TextOr>>>, std::vector<TextOr>>);

template <class A>
concept MayBeGiven = requires(A a) { WhenAll(static_cast<A>(a)); };
static_assert(MayBeGiven<Task<int>&&> && !MayBeGiven<Task<int>&>);

Task<std::string> Values(int yields) {
  bool marked = false;
  absl::StatusOr<std::tuple<std::string, std::monostate, int, std::monostate>> all =
      co_await WhenAll(TextAfter(yields, "text"), StatusAfter(yields / 2, absl::OkStatus()),
                       IntAfter(2 * yields, 7), MarkAfter(yields, marked));
  auto& [text, none, number, mark] = all.value();
  co_return text + std::to_string(number) + (marked ? "!" : "?");
}

TEST(WhenAll, GivesTheValuesOfAllInOrder) {
  for (int yields = 0; yields < 4; ++yields) {
    LocalScope scope;
    EXPECT_EQ(scope.Run(Values(yields)), "text7!");
  }
}

TEST(WhenAll, OfWhatEndsAtOnceDoesNotSuspend) {
  LocalScope scope;
  Task<std::string> task = Values(0);
  scope.StartOnly(task);
  EXPECT_TRUE(scope.done);
}

Task<std::vector<int>> ValuesOfAVector(int count, int yields) {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < count; ++i) tasks.push_back(IntAfter((i * yields) % 5, i));
  co_return co_await WhenAll(std::move(tasks));
}

TEST(WhenAll, TakesAVector) {
  LocalScope scope;
  EXPECT_THAT(scope.Run(ValuesOfAVector(4, 3)), testing::ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(scope.Run(ValuesOfAVector(0, 0)), testing::IsEmpty());
}

// They take turns: each goes as far as it can, then the next.
Task<void> Log(std::string& log, char name) {
  for (int i = 0; i < 3; ++i) {
    log += name;
    co_await Yield();
  }
}
Task<void> LogTogether(std::string& log) { co_await WhenAll(Log(log, 'a'), Log(log, 'b')); }

TEST(WhenAll, RunsThemInTurns) {
  std::string log;
  LocalScope scope;
  scope.Run(LogTogether(log));
  EXPECT_EQ(log, "ababab");
}

// --- Failures ---

Task<absl::Status> FailBesideOthers(Forever& forever, ManualEvent& gate, int yields) {
  absl::StatusOr<std::tuple<std::string, std::monostate, std::monostate>> all = co_await WhenAll(
      forever.WaitForText(), StatusAfter(yields, absl::NotFoundError("no key")), Stubborn(gate));
  co_return all.status();
}

TEST(WhenAll, CancelsTheRestWhenOneFailsAndWaitsForIt) {
  Forever forever;
  ManualEvent gate;
  LocalScope scope;
  Task<absl::Status> task = FailBesideOthers(forever, gate, 2);
  scope.Start(task);
  EXPECT_EQ(forever.waiting, 0);
  EXPECT_EQ(forever.last.code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(std::string(forever.last.message()), testing::HasSubstr("NOT_FOUND: no key"));
  EXPECT_FALSE(scope.done);  // one of them has not ended
  gate.Open();
  scope.RunPostedWork();
  ASSERT_TRUE(scope.done);
  EXPECT_EQ(task.await_resume(), absl::NotFoundError("no key"));
}

TEST(WhenAll, DoesNotBeginWhatIsNotWantedAnyMore) {
  Forever forever;
  ManualEvent gate;
  LocalScope scope;
  EXPECT_EQ(scope.Run(FailBesideOthers(forever, gate, 0)), absl::NotFoundError("no key"));
  EXPECT_FALSE(gate.waited_for());
}

Task<absl::Status> FailTwice(int first, int second) {
  co_return co_await WhenAll(StatusAfter(first, absl::NotFoundError("a")),
                             StatusAfter(second, absl::DataLossError("b")));
}

TEST(WhenAll, TellsTheFailureThatCameFirst) {
  LocalScope scope;
  EXPECT_EQ(scope.Run(FailTwice(1, 2)), absl::NotFoundError("a"));
  EXPECT_EQ(scope.Run(FailTwice(3, 2)), absl::DataLossError("b"));
}

Task<std::string> SettleAll(Forever& forever) {
  auto [text, failed, number] = co_await WhenAllSettled(
      TextAfter(3, "text"), StatusAfter(0, absl::NotFoundError("no key")), IntAfter(1, 7));
  EXPECT_EQ(forever.waiting, 0);
  co_return *text + failed.ToString() + std::to_string(number);
}
Task<std::vector<absl::Status>> SettleAVector() {
  std::vector<Task<absl::Status>> tasks;
  tasks.push_back(StatusAfter(0, absl::NotFoundError("a")));
  tasks.push_back(StatusAfter(2, absl::OkStatus()));
  co_return co_await WhenAllSettled(std::move(tasks));
}

TEST(WhenAllSettled, LetsAllComeToTheirEnd) {
  Forever forever;
  LocalScope scope;
  EXPECT_EQ(scope.Run(SettleAll(forever)), "textNOT_FOUND: no key7");
  EXPECT_THAT(scope.Run(SettleAVector()),
              testing::ElementsAre(absl::NotFoundError("a"), absl::OkStatus()));
}

// --- Exceptions ---

Task<int> ThrowBesideOthers(Forever& forever, int yields, bool settled) {
  if (const bool now = settled; now) {
    auto [a, b, c] =
        co_await WhenAllSettled(forever.Wait(), ThrowAfter(yields, 1), ThrowAfter(yields + 1, 2));
    co_return 0;
  }
  absl::StatusOr<std::tuple<std::monostate, int, int>> all =
      co_await WhenAll(forever.Wait(), ThrowAfter(yields, 1), ThrowAfter(yields + 1, 2));
  co_return 0;
}
Task<int> CatchBesideOthers(Forever& forever, int yields, bool settled) {
  int caught = 0;
  try {
    caught = co_await ThrowBesideOthers(forever, yields, settled);
  } catch (int thrown) {
    caught = thrown;
  }
  co_return caught;
}

TEST(WhenAll, ThrowsWhatTheFirstHasThrownWhenAllHaveEnded) {
  for (const bool settled : {false, true}) {
    for (int yields = 0; yields < 3; ++yields) {
      Forever forever;
      LocalScope scope;
      EXPECT_EQ(scope.Run(CatchBesideOthers(forever, yields, settled)), 1);
      EXPECT_EQ(forever.waiting, 0);
      EXPECT_TRUE(absl::IsCancelled(forever.last));
      EXPECT_THROW(scope.Run(ThrowBesideOthers(forever, yields, settled)), int);
    }
  }
}

}  // namespace
}  // namespace dialtone::when_all_test
