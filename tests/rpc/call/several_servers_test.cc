// A target with several servers: who is connected to, who takes calls, who rests. In virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim_fleet.h"

namespace dialtone::several_servers_test {
namespace {

using testing::Each;
using testing::Ge;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr char kA[] = "10.0.0.1:7000";
constexpr char kB[] = "10.0.0.2:7000";
constexpr char kC[] = "10.0.0.3:7000";
constexpr char kD[] = "10.0.0.4:7000";
constexpr char kTwo[] = "list:10.0.0.1:7000,10.0.0.2:7000";
constexpr char kThree[] = "list:10.0.0.1:7000,10.0.0.2:7000,10.0.0.3:7000";
constexpr char kFour[] = "list:10.0.0.1:7000,10.0.0.2:7000,10.0.0.3:7000,10.0.0.4:7000";

ChannelOptions With(PickPolicy policy) {
  ChannelOptions options;
  options.pick_policy = policy;
  return options;
}
ChannelOptions FirstThatWorks() { return With(PickPolicy::kFirstThatWorks); }
ChannelOptions InTurn() { return With(PickPolicy::kRoundRobin); }

class SeveralServers : public FleetTest {
 protected:
  // A channel whose servers are all connected to.
  std::unique_ptr<Channel> Connected(const std::string& target, const ChannelOptions& options) {
    auto channel = MakeChannel(target, options);
    channel->Connect();
    RunFor(absl::Milliseconds(1));
    return channel;
  }
};

// --- Policies ---

TEST_F(SeveralServers, InTurnEachTakesAsManyCalls) {
  for (const char* address : {kA, kB, kC}) Serve(address);
  auto channel = Connected(kThree, InTurn());
  EXPECT_THAT(AskMany(*channel, 300),
              UnorderedElementsAre(Pair(kA, 100), Pair(kB, 100), Pair(kC, 100)));
}

TEST_F(SeveralServers, TheLessLoadedOfTwoIsTheDefault) {
  for (const char* address : {kA, kB, kC}) Serve(address);
  servers_[kB]->time = absl::Milliseconds(50);
  auto channel = Connected(kThree, ChannelOptions());
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 1000; ++i) {
    calls.push_back(StartCoroutine(*channel, "x"));
    RunFor(absl::Milliseconds(1));
  }
  for (auto& call : calls) EXPECT_TRUE(call.Wait().ok());
  EXPECT_GT(servers_[kA]->calls(), 300);
  EXPECT_GT(servers_[kC]->calls(), 300);
  EXPECT_LT(servers_[kB]->calls(), 100);  // it is slow, so what it was given still runs
  EXPECT_GT(servers_[kB]->calls(), 10);
}

TEST_F(SeveralServers, FirstThatWorksConnectsToOne) {
  for (const char* address : {kA, kB, kC}) Serve(address);
  auto channel = MakeChannel(kThree, FirstThatWorks());
  EXPECT_THAT(AskMany(*channel, 50), UnorderedElementsAre(Pair(kA, 50)));
  EXPECT_EQ(servers_[kB]->server().connections() + servers_[kC]->server().connections(), 0u);
}

TEST_F(SeveralServers, FirstThatWorksMovesOnWhenThatOneIsLost) {
  for (const char* address : {kA, kB}) Serve(address);
  auto channel = MakeChannel(kTwo, FirstThatWorks());
  EXPECT_EQ(Ask(*channel), kA);
  Stop(kA);
  EXPECT_EQ(Ask(*channel), kB);
  Serve(kA);
  RunFor(absl::Minutes(1));
  EXPECT_EQ(Ask(*channel), kB);  // it works
  Stop(kB);
  EXPECT_EQ(Ask(*channel), kA);
}

TEST_F(SeveralServers, ADeadAddressIsNotWaitedFor) {
  ServeUnreachably(kA);
  Serve(kB);
  EXPECT_THAT(AskMany(*MakeChannel(kTwo), 20), UnorderedElementsAre(Pair(kB, 20)));
  EXPECT_LE(Milliseconds(), 1);
  ChannelOptions options = FirstThatWorks();
  EXPECT_EQ(Ask(*MakeChannel(kTwo, options)), kB);
  EXPECT_EQ(Milliseconds(), 250);
  options.next_address_delay = absl::Seconds(1);
  EXPECT_EQ(Ask(*MakeChannel(kTwo, options)), kB);
  EXPECT_EQ(Milliseconds(), 1250);
  RunFor(absl::Seconds(10));
}

TEST_F(SeveralServers, AnAddressThatRefusesCostsNoTime) {
  Serve(kC);
  EXPECT_EQ(Ask(*MakeChannel(kThree, FirstThatWorks())), kC);
  EXPECT_EQ(Milliseconds(), 0);
}

TEST_F(SeveralServers, TheLoserOfARaceIsLetGo) {
  ServeUnreachably(kA);
  Serve(kB);
  auto channel = MakeChannel(kTwo, FirstThatWorks());
  EXPECT_EQ(Ask(*channel), kB);
  Reach();
  RunFor(absl::Seconds(10));
  EXPECT_EQ(servers_[kA]->server().connections(), 0u);
  EXPECT_EQ(world_.network.live_connections(), 1u);
}

TEST_F(SeveralServers, WhenAllAreDeadTheReasonIsTold) {
  EXPECT_EQ(Ask(*MakeChannel(kThree, FirstThatWorks())),
            "UNAVAILABLE: connect 10.0.0.1:7000: connection refused");
  EXPECT_EQ(Ask(*MakeChannel(kThree)), "UNAVAILABLE: connect 10.0.0.1:7000: connection refused");
  for (const char* address : {kA, kB}) ServeUnreachably(address);
  EXPECT_EQ(Ask(*MakeChannel(kTwo, FirstThatWorks())),
            "UNAVAILABLE: connect 10.0.0.1:7000: timed out after 5s");
  EXPECT_EQ(Milliseconds(), 5250);
}

TEST_F(SeveralServers, AServerThatComesBackIsFoundByTheCallsThatAreMade) {
  Serve(kA);
  auto channel = Connected(kTwo, InTurn());
  EXPECT_THAT(AskMany(*channel, 10), UnorderedElementsAre(Pair(kA, 10)));
  Serve(kB);
  for (int i = 0; i < 20; ++i) {
    RunFor(absl::Milliseconds(100));
    Ask(*channel);
  }
  EXPECT_THAT(AskMany(*channel, 10), UnorderedElementsAre(Pair(kA, 5), Pair(kB, 5)));
}

// --- Rest ---

TEST_F(SeveralServers, OneThatFailsRestsAndComesBackByOneCall) {
  for (const char* address : {kA, kB, kC}) Serve(address);
  ChannelOptions options = InTurn();
  options.outliers.rest.jitter = 0;
  auto channel = Connected(kThree, options);
  FleetServer& bad = *servers_[kB];
  bad.status = absl::UnavailableError("out of order");
  AskMany(*channel, 100);
  EXPECT_EQ(bad.NewCalls(), 5);  // failures_in_row_max
  RunFor(absl::Milliseconds(990));
  AskMany(*channel, 100);
  EXPECT_EQ(bad.NewCalls(), 0);
  RunFor(absl::Milliseconds(20));
  AskMany(*channel, 100);
  EXPECT_EQ(bad.NewCalls(), 1);  // on trial, and failed: now it rests twice as long
  RunFor(absl::Milliseconds(1900));
  AskMany(*channel, 100);
  EXPECT_EQ(bad.NewCalls(), 0);
  bad.status = absl::OkStatus();
  RunFor(absl::Milliseconds(200));
  EXPECT_THAT(AskMany(*channel, 300),
              UnorderedElementsAre(Pair(kA, 100), Pair(kB, 100), Pair(kC, 100)));
}

TEST_F(SeveralServers, OneOnTrialTakesOneCallAtATime) {
  for (const char* address : {kA, kB}) Serve(address);
  auto channel = Connected(kTwo, InTurn());
  FleetServer& bad = *servers_[kB];
  bad.status = absl::UnavailableError("out of order");
  AskMany(*channel, 30);
  bad.status = absl::OkStatus();
  bad.time = absl::Seconds(1);
  bad.NewCalls();
  RunFor(absl::Milliseconds(1300));
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(StartCoroutine(*channel, "x"));
  RunFor(absl::Milliseconds(900));
  EXPECT_EQ(bad.NewCalls(), 1);
  RunFor(absl::Milliseconds(200));  // the trial has succeeded
  for (int i = 0; i < 20; ++i) calls.push_back(StartCoroutine(*channel, "x"));
  RunFor(absl::Milliseconds(900));
  EXPECT_EQ(bad.NewCalls(), 10);
  for (auto& call : calls) EXPECT_TRUE(call.Wait().ok());
}

TEST_F(SeveralServers, AConnectionThatCouldNotBeMadeIsTriedWithOneCallToo) {
  Serve(kA);
  auto channel = Connected(kTwo, InTurn());
  EXPECT_EQ(Ask(*channel), kA);
  FleetServer& late = Serve(kB);
  late.time = absl::Seconds(1);
  RunFor(absl::Milliseconds(200));
  EXPECT_EQ(Ask(*channel), kA);  // has it connect
  RunFor(absl::Milliseconds(10));
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(StartCoroutine(*channel, "x"));
  for (auto& call : calls) EXPECT_TRUE(call.Wait().ok());
  EXPECT_EQ(late.calls(), 1);
}

TEST_F(SeveralServers, NoMoreThanTheirShareRestsAtATime) {
  for (const char* address : {kA, kB, kC, kD}) {
    Serve(address).status = absl::UnavailableError("out of order");
  }
  auto channel = Connected(kFour, InTurn());
  AskMany(*channel, 400);
  int resting = 0;
  for (auto& [address, server] : servers_) {
    const bool rests = server->calls() == 5;
    resting += rests;
    EXPECT_TRUE(rests || server->calls() > 150) << address << ": " << server->calls();
  }
  EXPECT_EQ(resting, 2);  // resting_share_max is a half
}

TEST_F(SeveralServers, TheOnlyServerNeverRests) {
  Serve(kA).status = absl::UnavailableError("out of order");
  auto channel = MakeChannel(kA);
  AskMany(*channel, 100);
  EXPECT_EQ(servers_[kA]->calls(), 100);
}

TEST_F(SeveralServers, OnlyWhatSaysThatAServerDoesNotWorkIsAFailure) {
  for (const char* address : {kA, kB}) Serve(address);
  auto channel = Connected(kTwo, InTurn());
  for (const absl::Status& answer :
       {absl::NotFoundError(""), absl::InternalError(""), absl::UnknownError(""),
        absl::ResourceExhaustedError(""), absl::AbortedError("")}) {
    servers_[kB]->status = answer;
    AskMany(*channel, 40);
    EXPECT_EQ(servers_[kB]->NewCalls(), 20) << answer;
  }
  // A success between failures.
  servers_[kB]->status = absl::UnavailableError("");
  servers_[kB]->fail_each = 2;
  AskMany(*channel, 40);
  EXPECT_EQ(servers_[kB]->NewCalls(), 20);
  // Calls given up by their callers.
  servers_[kB]->fail_each = 1;
  servers_[kB]->time = absl::Seconds(1);
  for (int i = 0; i < 40; ++i) {
    Call<Text> call = StartCoroutine(*channel, "x");
    RunFor(absl::Milliseconds(1));
    call.Cancel();
    call.Wait().IgnoreError();
  }
  EXPECT_EQ(servers_[kB]->NewCalls(), 20);
}

TEST_F(SeveralServers, NoAnswerInTimeIsAFailure) {
  for (const char* address : {kA, kB}) Serve(address);
  servers_[kB]->time = absl::Hours(1);
  ChannelOptions options = InTurn();
  options.outliers.rest.initial = absl::Minutes(1);
  auto channel = Connected(kTwo, options);
  for (int i = 0; i < 40; ++i) Ask(*channel, Timeout(absl::Milliseconds(20)));
  EXPECT_EQ(servers_[kB]->calls(), 5);
}

TEST_F(SeveralServers, SoIsALostConnection) {
  for (const char* address : {kA, kB}) Serve(address);
  auto channel = Connected(kTwo, InTurn());
  servers_[kB]->time = absl::Minutes(1);
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(StartCoroutine(*channel, "x"));
  RunFor(absl::Milliseconds(10));
  servers_[kB]->time = absl::ZeroDuration();
  servers_[kB]->NewCalls();
  EXPECT_EQ(world_.network.ResetConnectionsTo(*Address::Parse(kB)), 1u);
  RunFor(absl::Milliseconds(10));
  AskMany(*channel, 20);
  EXPECT_EQ(servers_[kB]->NewCalls(), 0);
  RunFor(absl::Seconds(2));
  Ask(*channel);  // has it connect
  RunFor(absl::Milliseconds(10));
  AskMany(*channel, 20);
  EXPECT_GE(servers_[kB]->NewCalls(), 9);
}

TEST_F(SeveralServers, OneThatFailsMoreOftenThanTheOthersRests) {
  std::string target = "list:";
  for (int i = 1; i <= 6; ++i) {
    const std::string address = absl::StrCat("10.0.1.", i, ":7000");
    Serve(address);
    absl::StrAppend(&target, i == 1 ? "" : ",", address);
  }
  FleetServer& bad = *servers_["10.0.1.3:7000"];
  bad.status = absl::UnavailableError("flaky");
  bad.fail_each = 2;
  ChannelOptions options = InTurn();
  options.outliers.rest.initial = absl::Minutes(1);
  auto channel = Connected(target, options);
  AskMany(*channel, 1200);
  EXPECT_EQ(bad.NewCalls(), 200);
  RunFor(absl::Seconds(11));  // the interval is over
  AskMany(*channel, 1000);
  EXPECT_EQ(bad.NewCalls(), 0);
}

TEST_F(SeveralServers, FirstThatWorksLeavesOneThatFails) {
  for (const char* address : {kA, kB}) Serve(address);
  auto channel = MakeChannel(kTwo, FirstThatWorks());
  servers_[kA]->status = absl::UnavailableError("out of order");
  AskMany(*channel, 50);
  EXPECT_EQ(servers_[kA]->calls(), 5);
  EXPECT_EQ(servers_[kB]->calls(), 45);
  RunFor(absl::Seconds(5));
  AskMany(*channel, 10);
  EXPECT_EQ(servers_[kB]->calls(), 55);
  EXPECT_EQ(servers_[kA]->server().connections(), 0u);
}

// --- Nobody calls ---

TEST_F(SeveralServers, ConnectionsThatNobodyUsesAreClosed) {
  for (const char* address : {kA, kB}) Serve(address);
  ChannelOptions options = InTurn();
  options.idle_timeout = absl::Minutes(10);
  auto channel = Connected(kTwo, options);
  for (int i = 0; i < 60; ++i) {
    RunFor(absl::Minutes(1));
    EXPECT_TRUE(StartCoroutine(*channel, "x").Wait().ok());
  }
  EXPECT_EQ(world_.network.live_connections(), 2u);
  RunFor(absl::Minutes(21));
  EXPECT_EQ(world_.network.live_connections(), 0u);
  EXPECT_EQ(channel->state(), ChannelState::kIdle);
  RunFor(absl::Hours(24));
  EXPECT_EQ(world_.network.live_connections(), 0u);
  AskMany(*channel, 1);
  RunFor(absl::Milliseconds(1));
  EXPECT_THAT(AskMany(*channel, 10), UnorderedElementsAre(Pair(kA, 5), Pair(kB, 5)));
}

// A call that ends just before the channel looks for the second time, and one that lasts for long.
TEST_F(SeveralServers, ACallUnderWayIsUseAndTheTimeWithoutItBeginsAtItsEnd) {
  FleetServer& server = Serve(kA);
  for (const absl::Duration time : {absl::Seconds(119), absl::Hours(1)}) {
    server.time = time;
    ChannelOptions options;
    options.idle_timeout = absl::Minutes(1);
    auto channel = MakeChannel(kA, options);
    EXPECT_EQ(Ask(*channel, Timeout(absl::InfiniteDuration())), kA);
    RunFor(absl::Seconds(59));
    EXPECT_EQ(world_.network.live_connections(), 1u) << time;
    RunFor(absl::Minutes(2));
    EXPECT_EQ(world_.network.live_connections(), 0u) << time;
  }
}

}  // namespace
}  // namespace dialtone::several_servers_test
