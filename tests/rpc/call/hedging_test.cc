// Calls that may run more than once are sent to a second server when the first is slow: in virtual
// time.
#include <gmock/gmock.h>

#include <optional>
#include <string>

#include "attempts_fixture.h"

namespace dialtone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Hedging : public AttemptsTest {
 protected:
  static ChannelOptions After20Ms(uint32_t hedges_max = 1) {
    ChannelOptions options = WithSteadyRetries();
    options.hedging = HedgeAfter(absl::Milliseconds(20));
    options.hedging.hedges_max = hedges_max;
    return options;
  }
  void ExpectStats(Channel& channel, uint64_t hedges, uint64_t won) {
    EXPECT_EQ(channel.stats().hedges, hedges);
    EXPECT_EQ(channel.stats().hedges_won, won);
  }
  std::vector<bool> Cancelled() {
    RunFor(absl::Milliseconds(1));
    std::vector<bool> cancelled;
    for (const Attempt& attempt : attempts_) cancelled.push_back(attempt.cancelled);
    return cancelled;
  }
};

// --- The first good answer ---

TEST_F(Hedging, ASlowCallGoesToASecondServerWhoseAnswerIsTheCalls) {
  script_ = {Answers(absl::Seconds(5)), Answers(absl::Milliseconds(3))};
  auto channel = Connect(2, After20Ms());
  EXPECT_EQ(Ask(*channel), "OK: hello");
  EXPECT_THAT(Times(), ElementsAre(0, 20));
  EXPECT_EQ(Milliseconds(), 23);
  EXPECT_NE(attempts_[0].server, attempts_[1].server);
  EXPECT_EQ(info_.peer.ToString(), attempts_[1].server);
  EXPECT_EQ(info_.attempts, 2u);
  EXPECT_THAT(Cancelled(), ElementsAre(true, false));
  ExpectStats(*channel, 1, 1);
  EXPECT_EQ(watch_->starts, 1);
  EXPECT_EQ(watch_->ends, 1);
}

TEST_F(Hedging, TheFirstServersAnswerCountsIfItIsTheFirst) {
  script_ = {Answers(absl::Milliseconds(25)), Answers(absl::Seconds(5))};
  auto channel = Connect(2, After20Ms());
  EXPECT_EQ(Ask(*channel), "OK: hello");
  EXPECT_EQ(Milliseconds(), 25);
  EXPECT_EQ(info_.peer.ToString(), attempts_[0].server);
  EXPECT_THAT(Cancelled(), ElementsAre(false, true));
  ExpectStats(*channel, 1, 0);
  EXPECT_EQ(watch_->ends, 1);
}

TEST_F(Hedging, ACallThatIsAnsweredInTimeIsSentOnce) {
  script_ = {Answers(absl::Milliseconds(19))};
  auto channel = Connect(2, After20Ms());
  EXPECT_EQ(Ask(*channel), "OK: hello");
  RunFor(absl::Seconds(1));
  EXPECT_EQ(attempts_.size(), 1u);
  ExpectStats(*channel, 0, 0);
}

TEST_F(Hedging, SeveralHedgesGoToAServerEach) {
  script_ = {Answers(absl::Seconds(5)), Answers(absl::Seconds(5)), Answers(absl::Seconds(5)),
             Answers(absl::Milliseconds(1))};
  auto channel = Connect(4, After20Ms(/*hedges_max=*/3));
  EXPECT_EQ(Ask(*channel), "OK: hello");
  EXPECT_THAT(Times(), ElementsAre(0, 20, 40, 60));
  std::set<std::string> servers;
  for (const Attempt& attempt : attempts_) servers.insert(attempt.server);
  EXPECT_EQ(servers.size(), 4u);
  EXPECT_THAT(Cancelled(), ElementsAre(true, true, true, false));
  ExpectStats(*channel, 3, 1);
}

TEST_F(Hedging, NoMoreThanTheOptionSays) {
  script_ = {Answers(absl::Seconds(1))};
  auto channel = Connect(4, After20Ms(/*hedges_max=*/2));
  EXPECT_EQ(Ask(*channel), "OK: hello");
  EXPECT_THAT(Times(), ElementsAre(0, 20, 40));
}

TEST_F(Hedging, WithOneServerThereIsNone) {
  script_ = {Answers(absl::Seconds(1))};
  auto channel = Connect(1, After20Ms(/*hedges_max=*/3));
  EXPECT_EQ(Ask(*channel), "OK: hello");
  EXPECT_EQ(attempts_.size(), 1u);
  ExpectStats(*channel, 0, 0);
}

// --- Who is hedged ---

TEST_F(Hedging, IsOffUnlessAskedForAndForMethodsWithoutAMark) {
  script_ = {Answers(absl::Seconds(1))};
  auto channel = Connect(2);
  Ask(*channel);
  EXPECT_EQ(attempts_.size(), 1u);
  servers_.clear();
  channel = Connect(2, After20Ms());
  Ask(*channel, CallOptions(), kCoroutineMethod);
  EXPECT_EQ(attempts_.size(), 1u);
  Restart();
  Ask(*channel, CallOptions().set_hedging(NoHedging()));
  EXPECT_EQ(attempts_.size(), 1u);
}

TEST_F(Hedging, CanBeSetForAMethodAndForACallWhateverTheMark) {
  script_ = {Answers(absl::Seconds(1))};
  ChannelOptions options;
  options.methods["test.Service/Coroutine"].hedging = HedgeAfter(absl::Milliseconds(50));
  auto channel = Connect(2, options);
  Ask(*channel, CallOptions(), kCoroutineMethod);
  EXPECT_THAT(Times(), ElementsAre(0, 50));
  Restart();
  Ask(*channel, CallOptions().set_hedging(HedgeAfter(absl::Milliseconds(70))), kCoroutineMethod);
  EXPECT_THAT(Times(), ElementsAre(0, 70));
}

TEST_F(Hedging, BringsNoRetriesToAMethodWithoutAMark) {
  script_ = {Answers(absl::Milliseconds(30)), Fails()};
  script_[0].status = absl::UnavailableError("busy");
  ChannelOptions options;
  options.methods["test.Other"].retry.emplace();
  auto channel = Connect(3, options);
  EXPECT_EQ(Ask(*channel, CallOptions().set_hedging(HedgeAfter(absl::Milliseconds(20))),
                kCoroutineMethod),
            "UNAVAILABLE: busy");
  EXPECT_THAT(Times(), ElementsAre(0, 20));
  Restart();
  EXPECT_EQ(Ask(*channel, CallOptions(), kCoroutineMethod), "UNAVAILABLE: busy");
  EXPECT_EQ(attempts_.size(), 1u);
}

// --- Errors ---

TEST_F(Hedging, AnErrorThatNoRetryCuresIsTheEndWhoeverSaysIt) {
  script_ = {Answers(absl::Seconds(5)), Fails(absl::NotFoundError("no"))};
  auto channel = Connect(2, After20Ms());
  EXPECT_EQ(Ask(*channel), "NOT_FOUND: no");
  EXPECT_EQ(Milliseconds(), 20);
  EXPECT_EQ(info_.peer.ToString(), attempts_[1].server);
  EXPECT_THAT(Cancelled(), ElementsAre(true, false));
  ExpectStats(*channel, 1, 0);
  script_ = {{absl::Milliseconds(30), absl::NotFoundError("no"), std::nullopt},
             Answers(absl::Seconds(5))};
  Restart();
  EXPECT_EQ(Ask(*channel), "NOT_FOUND: no");
  EXPECT_EQ(Milliseconds(), 30);
  EXPECT_THAT(Cancelled(), ElementsAre(false, true));
  EXPECT_EQ(watch_->ends, 2);
}

TEST_F(Hedging, WhenOneAttemptFailsTheCallGoesOnWithTheOther) {
  script_ = {Answers(absl::Milliseconds(100)), Fails()};
  auto channel = Connect(2, After20Ms());
  EXPECT_EQ(Ask(*channel), "OK: hello");
  EXPECT_EQ(Milliseconds(), 100);
  EXPECT_EQ(info_.peer.ToString(), attempts_[0].server);
  script_ = {{absl::Milliseconds(50), absl::UnavailableError("busy"), std::nullopt},
             Answers(absl::Milliseconds(80))};
  Restart();
  EXPECT_EQ(Ask(*channel), "OK: hello");
  EXPECT_EQ(Milliseconds(), 100);
  EXPECT_EQ(info_.peer.ToString(), attempts_[1].server);
  EXPECT_EQ(channel->stats().retries, 0u);
}

TEST_F(Hedging, AServerThatCannotBeSentTheCallDoesNotEndItForTheOther) {
  limits_[1].metadata_bytes_max = 8 * 1024;
  script_ = {Answers(absl::Milliseconds(100))};
  ChannelOptions options = After20Ms();
  options.pick_policy = PickPolicy::kRoundRobin;
  auto channel = Connect(2, options);
  CallOptions call;
  EXPECT_TRUE(call.metadata.Add("token", std::string(10'000, 'x')).ok());
  EXPECT_EQ(Ask(*channel, call), "OK: hello");
  EXPECT_EQ(Milliseconds(), 100);
  EXPECT_EQ(info_.peer.ToString(), attempts_[0].server);
  EXPECT_EQ(info_.attempts, 2u);
  ExpectStats(*channel, 1, 0);
  EXPECT_THAT(Ask(*channel, call), HasSubstr("is above the peer's limit of 8192"));
}

TEST_F(Hedging, WhenAllHaveFailedItIsTriedAgain) {
  const Meets slow_failure{absl::Milliseconds(30), absl::UnavailableError("busy"), std::nullopt};
  script_ = {slow_failure, slow_failure, Answers()};
  auto channel = Connect(3, After20Ms());
  EXPECT_EQ(Ask(*channel), "OK: hello");
  EXPECT_THAT(Times(), ElementsAre(0, 20, 70));
  EXPECT_EQ(info_.attempts, 3u);
  EXPECT_EQ(channel->stats().retries, 1u);
  ExpectStats(*channel, 1, 0);
}

TEST_F(Hedging, WhenAllHaveFailedAndThereAreNoRetriesTheLastOnesStatusIsTheEnd) {
  script_ = {{absl::Milliseconds(30), absl::UnavailableError("first"), std::nullopt},
             {absl::Milliseconds(30), absl::UnavailableError("second"), std::nullopt}};
  ChannelOptions options = After20Ms();
  options.retry = NoRetries();
  auto channel = Connect(2, options);
  EXPECT_EQ(Ask(*channel), "UNAVAILABLE: second");
  EXPECT_EQ(Milliseconds(), 50);
  EXPECT_EQ(info_.peer.ToString(), attempts_[1].server);
}

TEST_F(Hedging, AServerThatAsksForItHasNoFurtherAttemptsMade) {
  const Meets never_again{absl::ZeroDuration(), absl::UnavailableError("busy"),
                          absl::InfiniteDuration()};
  script_ = {{absl::Milliseconds(100), absl::UnavailableError("first"), std::nullopt}, never_again};
  auto channel = Connect(4, After20Ms(/*hedges_max=*/3));
  EXPECT_EQ(Ask(*channel), "UNAVAILABLE: first; not tried again: its server asks not to");
  EXPECT_THAT(Times(), ElementsAre(0, 20));
}

TEST_F(Hedging, ALostConnectionLeavesTheCallToTheOtherServer) {
  script_ = {Answers(absl::Seconds(5)), Answers(absl::Milliseconds(50))};
  auto channel = Connect(2, After20Ms());
  Call<Text> call = Start(*channel);
  RunFor(absl::Milliseconds(30));
  ASSERT_EQ(attempts_.size(), 2u);
  EXPECT_EQ(world_.network.ResetConnectionsTo(*Address::Parse(attempts_[0].server)), 1u);
  EXPECT_EQ(Show(std::move(call).Wait()), "OK: hello");
  EXPECT_EQ(Milliseconds(), 70);
}

// --- The deadline, and other ends ---

TEST_F(Hedging, NoneBeginsAtOrAfterTheDeadline) {
  script_ = {Answers(absl::Seconds(1))};
  auto channel = Connect(2, After20Ms());
  EXPECT_THAT(Ask(*channel, Timeout(absl::Milliseconds(20))), HasSubstr("DEADLINE_EXCEEDED"));
  EXPECT_EQ(attempts_.size(), 1u);
}

TEST_F(Hedging, TheDeadlineEndsAllAttempts) {
  script_ = {Answers(absl::Seconds(1))};
  auto channel = Connect(3, After20Ms(/*hedges_max=*/2));
  EXPECT_THAT(Ask(*channel, Timeout(absl::Milliseconds(50))), HasSubstr(":7000 and 2 more"));
  EXPECT_EQ(Milliseconds(), 50);
  EXPECT_THAT(Cancelled(), ElementsAre(true, true, true));
  EXPECT_EQ(watch_->ends, 1);
}

TEST_F(Hedging, ACancelEndsAllAttempts) {
  script_ = {Answers(absl::Seconds(1))};
  auto channel = Connect(2, After20Ms());
  Call<Text> call = Start(*channel);
  RunFor(absl::Milliseconds(30));
  call.Cancel();
  EXPECT_TRUE(absl::IsCancelled(std::move(call).Wait().status()));
  EXPECT_EQ(Milliseconds(), 30);
  EXPECT_THAT(Cancelled(), ElementsAre(true, true));
  EXPECT_EQ(watch_->ends, 1);
}

TEST_F(Hedging, AChannelThatIsDestroyedEndsAllAttempts) {
  script_ = {Answers(absl::Seconds(1))};
  auto channel = Connect(2, After20Ms());
  int told = 0;
  Start(*channel).Then([&told](const absl::StatusOr<Text>& reply) {
    ++told;
    EXPECT_TRUE(absl::IsCancelled(reply.status()));
  });
  RunFor(absl::Milliseconds(30));
  channel.reset();
  EXPECT_EQ(told, 1);
  EXPECT_THAT(Cancelled(), ElementsAre(true, true));
  EXPECT_EQ(watch_->ends, 1);
}

// --- The budget ---

TEST_F(Hedging, SharesTheBudgetOfRetries) {
  script_ = {Answers(absl::Milliseconds(30))};
  ChannelOptions options = After20Ms();
  options.retry_budget.per_second = 0;
  auto channel = Connect(2, options);
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 100; ++i) calls.push_back(Start(*channel));
  for (Call<Text>& call : calls) EXPECT_EQ(Show(std::move(call).Wait()), "OK: hello");
  const size_t hedges = attempts_.size() - 100;
  EXPECT_GE(hedges, 19u);
  EXPECT_LE(hedges, 20u);
  ExpectStats(*channel, hedges, 0);
  EXPECT_EQ(channel->stats().over_budget, 100 - hedges);
}

// --- Percentiles ---

class HedgingByPercentile : public Hedging {
 protected:
  void Ask100(Channel& channel) {
    // Nine in ten take 10 ms, one takes 40.
    for (int i = 0; i < 100; ++i) {
      script_ = {Answers(absl::Milliseconds(i % 10 == 9 ? 40 : 10))};
      Restart();
      EXPECT_EQ(Ask(channel), "OK: hello");
    }
  }
};

TEST_F(HedgingByPercentile, BeginsAfterAsLongAsThatShareOfTheCallsTook) {
  ChannelOptions options;
  options.hedging = HedgeAtPercentile(0.95);
  auto channel = Connect(2, options);
  Ask100(*channel);
  ExpectStats(*channel, 0, 0);
  script_ = {Answers(absl::Seconds(5)), Answers()};
  Restart();
  EXPECT_EQ(Ask(*channel), "OK: hello");
  ASSERT_EQ(attempts_.size(), 2u);
  EXPECT_GE(Times()[1], 40);
  EXPECT_LE(Times()[1], 45);
}

TEST_F(HedgingByPercentile, TheDelayHoldsUntilItIsKnown) {
  ChannelOptions options;
  options.hedging = HedgeAtPercentile(0.5);
  options.hedging.delay = absl::Milliseconds(200);
  auto channel = Connect(2, options);
  script_ = {Answers(absl::Seconds(5)), Answers()};
  EXPECT_EQ(Ask(*channel), "OK: hello");
  EXPECT_THAT(Times(), ElementsAre(0, 200));
  Ask100(*channel);
  script_ = {Answers(absl::Seconds(5)), Answers()};
  Restart();
  EXPECT_EQ(Ask(*channel), "OK: hello");
  EXPECT_LE(Times()[1], 12);
}

TEST_F(HedgingByPercentile, EachMethodHasItsOwn) {
  ChannelOptions options;
  options.hedging = HedgeAtPercentile(0.5);
  auto channel = Connect(2, options);
  Ask100(*channel);
  script_ = {Answers(absl::Seconds(1))};
  Restart();
  EXPECT_EQ(Ask(*channel, CallOptions(), kWriteMethod), "OK: hello");
  EXPECT_EQ(attempts_.size(), 1u);
}

}  // namespace
}  // namespace dialtone
