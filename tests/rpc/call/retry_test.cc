// Calls that may run more than once are tried again when they fail, and no others: in virtual time.
#include <gmock/gmock.h>

#include <string>

#include "attempts_fixture.h"

namespace dialtone {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

class Retry : public AttemptsTest {};

TEST_F(Retry, AFailedCallIsTriedAgainAfterABackoffAtAnotherServer) {
  script_ = {Fails(), Fails(), Answers()};
  auto channel = Connect(3, WithSteadyRetries());
  EXPECT_EQ(Ask(*channel), "OK: hello");
  EXPECT_THAT(Times(), ElementsAre(0, 20, 60));
  EXPECT_NE(attempts_[0].server, attempts_[1].server);
  EXPECT_NE(attempts_[0].server, attempts_[2].server);
  EXPECT_NE(attempts_[1].server, attempts_[2].server);
  EXPECT_EQ(info_.attempts, 3u);
  EXPECT_EQ(info_.peer.ToString(), attempts_[2].server);
  EXPECT_EQ(channel->stats().retries, 2u);
  EXPECT_EQ(channel->stats().resends, 0u);
  EXPECT_EQ(watch_->starts, 1) << "observers see calls, not attempts";
  EXPECT_EQ(watch_->ends, 1);
}

TEST_F(Retry, BothMarksOfAProtoAllowIt) {
  script_ = {Fails(), Answers()};
  auto channel = Connect(1);
  EXPECT_EQ(Ask(*channel, CallOptions(), kWriteMethod), "OK: hello");
}

TEST_F(Retry, AMethodWithoutAMarkIsSentOnce) {
  script_ = {Fails(), Answers()};
  auto channel = Connect(3);
  EXPECT_EQ(Ask(*channel, CallOptions(), kCoroutineMethod), "UNAVAILABLE: busy");
  EXPECT_EQ(attempts_.size(), 1u);
  EXPECT_EQ(info_.attempts, 1u);
}

TEST_F(Retry, JitterSpreadsTheAttempts) {
  script_ = {Fails()};
  auto channel = Connect(1);
  bool early = false;
  bool late = false;
  for (int i = 0; i < 20; ++i) {
    Restart();
    EXPECT_THAT(Ask(*channel), HasSubstr("UNAVAILABLE: busy"));
    ASSERT_EQ(attempts_.size(), 3u);
    EXPECT_GE(Times()[1], 10);
    EXPECT_LE(Times()[1], 30);
    EXPECT_GE(Times()[2] - Times()[1], 19);
    EXPECT_LE(Times()[2] - Times()[1], 60);
    early = early || Times()[1] < 17;
    late = late || Times()[1] > 23;
  }
  EXPECT_TRUE(early && late);
}

TEST_F(Retry, AfterSoManyAttemptsTheLastOnesStatusIsTheEnd) {
  script_ = {Fails(), Fails(), Fails(absl::UnavailableError("the third"))};
  auto channel = Connect(1);
  EXPECT_EQ(Ask(*channel), "UNAVAILABLE: the third; tried 3 times (RetryOptions::attempts_max)");
  EXPECT_EQ(attempts_.size(), 3u);
  EXPECT_EQ(watch_->ends, 1);
}

TEST_F(Retry, OtherErrorsAreAnswers) {
  auto channel = Connect(2);
  for (int code = 1; code <= 16; ++code) {
    const auto status = static_cast<absl::StatusCode>(code);
    if (status == absl::StatusCode::kUnavailable) continue;
    script_ = {Fails(absl::Status(status, "no")), Answers()};
    Restart();
    EXPECT_THAT(Ask(*channel), HasSubstr(": no"));
    EXPECT_EQ(attempts_.size(), 1u) << code;
  }
}

TEST_F(Retry, WhichErrorsAreIsAnOption) {
  ChannelOptions options;
  options.retry.codes = {absl::StatusCode::kAborted, absl::StatusCode::kDataLoss};
  auto channel = Connect(1, options);
  script_ = {Fails(absl::AbortedError("x")), Fails(absl::DataLossError("x")), Answers()};
  EXPECT_EQ(Ask(*channel), "OK: hello");
  script_ = {Fails()};
  Restart();
  EXPECT_EQ(Ask(*channel), "UNAVAILABLE: busy");
}

// --- Who says what holds ---

TEST_F(Retry, TheNearestOfCallMethodServiceAndChannelHolds) {
  script_ = {Fails()};
  ChannelOptions options;
  options.retry.attempts_max = 2;
  options.methods["test.Service"].retry.emplace().attempts_max = 4;
  options.methods["test.Service/Coroutine"].retry.emplace().attempts_max = 5;
  options.methods["test.Other"].retry.emplace().attempts_max = 6;
  const auto attempts = [this](const ChannelOptions& of_channel, const CallOptions& of_call) {
    servers_.clear();
    auto channel = Connect(1, of_channel);
    Ask(*channel, of_call);
    return attempts_.size();
  };
  RetryOptions three;
  three.attempts_max = 3;
  EXPECT_EQ(attempts(options, CallOptions().set_retry(three)), 3u);
  EXPECT_EQ(attempts(options, CallOptions().set_retry(NoRetries())), 1u);
  EXPECT_EQ(attempts(options, CallOptions()), 5u);
  options.methods.erase("test.Service/Coroutine");
  EXPECT_EQ(attempts(options, CallOptions()), 4u);
  options.methods.erase("test.Service");
  EXPECT_EQ(attempts(options, CallOptions()), 2u);
}

TEST_F(Retry, WhatIsSetForAMethodOrACallHoldsForOneWithoutAMarkToo) {
  script_ = {Fails()};
  auto channel = Connect(1);
  Ask(*channel, CallOptions().set_retry(RetryOptions()), kCoroutineMethod);
  EXPECT_EQ(attempts_.size(), 3u);
  servers_.clear();
  ChannelOptions options;
  options.methods["test.Service/Coroutine"].retry.emplace();
  channel = Connect(1, options);
  Ask(*channel, CallOptions(), kCoroutineMethod);
  EXPECT_EQ(attempts_.size(), 3u);
}

// --- The deadline ---

TEST_F(Retry, AnAttemptThatCouldNotBeginBeforeTheDeadlineIsNotWaitedFor) {
  script_ = {Fails()};
  auto channel = Connect(1, WithSteadyRetries());
  EXPECT_EQ(Ask(*channel, Timeout(absl::Milliseconds(60))),
            "UNAVAILABLE: busy; not tried again: its deadline comes first");
  EXPECT_THAT(Times(), ElementsAre(0, 20));
  EXPECT_EQ(Milliseconds(), 20);
}

TEST_F(Retry, TheDeadlineIsTheWholeCalls) {
  script_ = {Fails(), Answers(absl::Seconds(10))};
  auto channel = Connect(1, WithSteadyRetries());
  EXPECT_THAT(Ask(*channel, Timeout(absl::Milliseconds(60))), HasSubstr("deadline of 60ms"));
  EXPECT_EQ(Milliseconds(), 60);
  RunFor(absl::Milliseconds(1));
  EXPECT_TRUE(attempts_[1].cancelled);
}

// --- The budget ---

class RetryBudgetTest : public Retry {
 protected:
  // How many of so many calls, made at once, are tried again.
  size_t RetriesOf(Channel& channel, size_t calls) {
    const size_t before = attempts_.size();
    std::vector<Call<Text>> begun;
    for (size_t i = 0; i < calls; ++i) begun.push_back(Start(channel));
    for (Call<Text>& call : begun) last_ = Show(std::move(call).Wait());
    return attempts_.size() - before - calls;
  }
  std::string last_;
};

TEST_F(RetryBudgetTest, AShareOfTheCallsIsTriedAgain) {
  script_ = {Fails()};
  ChannelOptions options = WithSteadyRetries();
  options.retry_budget.per_second = 0;
  auto channel = Connect(1, options);
  const size_t retries = RetriesOf(*channel, 100);
  EXPECT_GE(retries, 19u);
  EXPECT_LE(retries, 20u);
  EXPECT_EQ(
      last_,
      "UNAVAILABLE: busy; not tried again: too many calls fail (ChannelOptions::retry_budget)");
  EXPECT_EQ(channel->stats().retries, retries);
  EXPECT_EQ(channel->stats().over_budget, 100u);
}

TEST_F(RetryBudgetTest, AndSoManyASecond) {
  script_ = {Fails()};
  ChannelOptions options = WithSteadyRetries();
  options.retry_budget.ratio = 0;
  options.retry_budget.per_second = 10;
  options.retry_budget.window = absl::Seconds(1);
  auto channel = Connect(1, options);
  EXPECT_EQ(RetriesOf(*channel, 100), 10u) << "what a second earns is there at the beginning";
  RunFor(absl::Milliseconds(500));
  const size_t later = RetriesOf(*channel, 100);
  EXPECT_GE(later, 3u);
  EXPECT_LE(later, 5u);
  RunFor(absl::Hours(1));
  EXPECT_LE(RetriesOf(*channel, 100), 10u) << "quiet hours leave no storm behind";
}

// --- Ends while it rests ---

class RetryRest : public Retry {
 protected:
  std::unique_ptr<Channel> ConnectToRest() {
    script_ = {Fails()};
    ChannelOptions options;
    options.retry.backoff.initial = options.retry.backoff.max = absl::Seconds(10);
    return Connect(2, options);
  }
};

TEST_F(RetryRest, ACancelEndsItAtOnce) {
  auto channel = ConnectToRest();
  Call<Text> call = Start(*channel);
  RunFor(absl::Seconds(1));
  EXPECT_EQ(attempts_.size(), 1u);
  call.Cancel();
  EXPECT_TRUE(absl::IsCancelled(std::move(call).Wait().status()));
  EXPECT_EQ(Milliseconds(), 1000);
  RunFor(absl::Minutes(1));
  EXPECT_EQ(attempts_.size(), 1u);
  EXPECT_EQ(watch_->ends, 1);
}

TEST_F(RetryRest, ItsContextsEndEndsItAtOnce) {
  auto channel = ConnectToRest();
  Context context = Context::Cancellable();
  std::optional<Call<Text>> call;
  {
    Context::Scope scope(context);
    call.emplace(Start(*channel));
  }
  RunFor(absl::Seconds(1));
  context.Cancel();
  EXPECT_TRUE(absl::IsCancelled(std::move(*call).Wait().status()));
  EXPECT_EQ(Milliseconds(), 1000);
}

TEST_F(RetryRest, AChannelThatIsDestroyedEndsItAtOnce) {
  auto channel = ConnectToRest();
  absl::Status end;
  Start(*channel).Then([&end](const absl::StatusOr<Text>& reply) { end = reply.status(); });
  RunFor(absl::Seconds(1));
  channel.reset();
  EXPECT_TRUE(absl::IsCancelled(end)) << end;
  EXPECT_EQ(watch_->ends, 1);
  EXPECT_EQ(Milliseconds(), 1000);
}

// --- Servers that are not there ---

TEST_F(Retry, ACallThatWasRunningWhenItsConnectionWasLostIsTriedAgain) {
  script_ = {Answers(absl::Seconds(1)), Answers()};
  auto channel = Connect(1, WithSteadyRetries());
  Call<Text> call = Start(*channel);
  RunFor(absl::Milliseconds(5));
  EXPECT_EQ(world_.network.ResetConnections(), 1u);
  EXPECT_EQ(Show(std::move(call).Capture(info_).Wait()), "OK: hello");
  EXPECT_THAT(Times(), ElementsAre(0, 25));
  EXPECT_EQ(info_.attempts, 2u);
}

TEST_F(Retry, WhatCanNotBeSentFailsAtOnceAsEver) {
  script_ = {Answers()};
  auto channel = Connect(1);
  servers_.clear();
  RunFor(absl::Milliseconds(1));
  Restart();
  EXPECT_EQ(Ask(*channel), "UNAVAILABLE: connect 10.0.0.1:7000: connection refused");
  EXPECT_EQ(Milliseconds(), 0);
  EXPECT_EQ(info_.attempts, 0u);
}

TEST_F(Retry, AnAttemptAfterTheFirstThatFindsNoServerCounts) {
  script_ = {Answers(absl::Seconds(1)), Answers()};
  auto channel = Connect(1, WithSteadyRetries());
  Call<Text> call = Start(*channel);
  RunFor(absl::Milliseconds(5));
  EXPECT_EQ(world_.network.ResetConnections(), 1u);
  servers_.clear();
  EXPECT_EQ(Show(std::move(call).Capture(info_).Wait()),
            "UNAVAILABLE: connect 10.0.0.1:7000: connection refused; tried 3 times "
            "(RetryOptions::attempts_max)");
  EXPECT_EQ(Milliseconds(), 65);
  EXPECT_EQ(info_.attempts, 1u);
}

// --- What servers ask for ---

TEST_F(Retry, AServerSaysWhen) {
  script_ = {{absl::ZeroDuration(), absl::UnavailableError("busy"), absl::Seconds(3)},
             {absl::ZeroDuration(), absl::UnavailableError("busy"), absl::ZeroDuration()},
             Answers()};
  auto channel = Connect(1);
  EXPECT_EQ(Ask(*channel), "OK: hello");
  EXPECT_THAT(Times(), ElementsAre(0, 3000, 3000));
}

TEST_F(Retry, OrThatItIsNotToBeAskedAgain) {
  script_ = {{absl::ZeroDuration(), absl::UnavailableError("busy"), absl::InfiniteDuration()}};
  auto channel = Connect(2);
  EXPECT_EQ(Ask(*channel), "UNAVAILABLE: busy; not tried again: its server asks not to");
  EXPECT_EQ(attempts_.size(), 1u);
}

TEST_F(Retry, ButNotForLongerThanTheDeadlineOrTheOption) {
  script_ = {{absl::ZeroDuration(), absl::UnavailableError("busy"), absl::Seconds(61)}};
  auto channel = Connect(1);
  EXPECT_EQ(Ask(*channel, Timeout(absl::InfiniteDuration())),
            "UNAVAILABLE: busy; not tried again: its server asks for a longer wait than "
            "RetryOptions::pushback_max");
  script_[0].pushback = absl::Seconds(20);
  Restart();
  EXPECT_EQ(Ask(*channel), "UNAVAILABLE: busy; not tried again: its deadline comes first");
  EXPECT_EQ(Milliseconds(), 0);
}

TEST_F(Retry, WhatAServerAsksMakesNoErrorOneThatIsTriedAgain) {
  script_ = {{absl::ZeroDuration(), absl::InternalError("bug"), absl::ZeroDuration()}};
  auto channel = Connect(1);
  EXPECT_EQ(Ask(*channel), "INTERNAL: bug");
  EXPECT_EQ(attempts_.size(), 1u);
}

}  // namespace
}  // namespace dialtone
