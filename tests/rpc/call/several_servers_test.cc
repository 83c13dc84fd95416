// A target with several servers: who is connected to, who takes calls, when connections are closed.
// In virtual time.
#include "several_servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dialtone::several_servers_test {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

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

// It is ready, and yet nothing to wait for: its trial's one call may take long.
TEST_F(SeveralServers, CallsThatWaitHaveALostServerConnectedToThoughAnotherIsOnTrial) {
  ConnectionLimits limits;
  limits.streams_max = 64;
  limits.max_age = absl::Seconds(2);
  FleetServer& full = Serve(kB, limits);
  auto channel = Connected(kTwo, InTurn());
  FleetServer& trial = Serve(kA);
  RunFor(absl::Milliseconds(200));
  Ask(*channel);  // has it connect
  RunFor(absl::Milliseconds(10));
  trial.time = absl::Seconds(8);
  full.time = absl::Seconds(5);
  full.NewCalls();
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 65; ++i) calls.push_back(StartCoroutine(*channel, "x"));
  Call<Text> waits = StartCoroutine(*channel, "x");
  RunFor(absl::Seconds(1));
  EXPECT_EQ(trial.calls(), 1);
  EXPECT_EQ(full.NewCalls(), 64);
  full.time = absl::ZeroDuration();
  RunFor(absl::Milliseconds(1300));  // max_age has come, and a tenth
  EXPECT_EQ(full.NewCalls(), 1);
  EXPECT_TRUE(std::move(waits).Wait().ok());
  for (auto& call : calls) EXPECT_TRUE(call.Wait().ok());
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
