// Targets that are names: looked up beside the calls, and again when that is due. In virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "call_fixture.h"
#include "sim_fleet.h"

namespace dialtone::names_test {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;
using testing::UnorderedElementsAre;

constexpr char kName[] = "db.example";
constexpr char kTarget[] = "dns:///db.example:7000";
constexpr char kFirst[] = "10.0.0.1:7000";
constexpr char kSecond[] = "10.0.0.2:7000";
constexpr char kNoSuchName[] = "UNAVAILABLE: resolve db.example: no such name (NXDOMAIN)";

class Names : public FleetTest {
 protected:
  // A call a second, for so long.
  void AskEachSecond(Channel& channel, int seconds) {
    for (int i = 0; i < seconds; ++i) {
      RunFor(absl::Seconds(1));
      last_ = Ask(channel);
    }
  }

  std::string last_;  // where the last of these went
};

// --- Targets ---

TEST_F(Names, AreWrittenInSeveralWays) {
  Serve(kFirst);
  names().Set(kName, {"10.0.0.1"}, absl::Seconds(30));
  for (const char* target :
       {"db.example:7000", "dns:db.example:7000", kTarget, "dns://10.0.0.53:53/db.example:7000",
        "list:db.example:7000", "dns:///10.0.0.1:7000", "list:10.0.0.1:7000,db.example:7000"}) {
    EXPECT_EQ(Ask(*MakeChannel(target)), kFirst) << target;
  }
}

TEST_F(Names, BadOnesAreSaidToBeBadAtOnce) {
  const std::map<std::string, std::string> errors = {
      {"db.example", "address \"db.example\": port at 10: \":\" is missing"},
      {"db.example:0", "resolve \"db.example:0\": port \"0\" is no number from 1 to 65535"},
      {"dns:///db.example:x",
       "resolve \"dns:///db.example:x\": port \"x\" is no number from 1 to 65535"},
      {"dns://db.example:7000",
       "resolve \"dns://db.example:7000\": after \"dns://\" a \"/\" is missing"},
      {"dns://ns.example/db:1",
       "resolve \"dns://ns.example/db:1\": name server \"ns.example\" is no address like "
       "10.0.0.53:53"},
      {"dns:unix:/x", "resolve \"dns:unix:/x\": a path is no name"},
      {"10.0.0.256:1", "address \"10.0.0.256:1\": ip at 0: \"10.0.0.256\" is not an IPv4 address"},
  };
  for (const auto& [target, error] : errors)
    EXPECT_EQ(Ask(*MakeChannel(target)), "INVALID_ARGUMENT: " + error);
}

TEST_F(Names, AListMayMixNamesAndAddresses) {
  for (const char* address : {kFirst, kSecond, "10.0.0.3:7001"}) Serve(address);
  names().Set(kName, {"10.0.0.1", "10.0.0.2"}, absl::Seconds(30));
  ChannelOptions options;
  options.pick_policy = PickPolicy::kRoundRobin;
  auto channel = MakeChannel("list:db.example:7000,10.0.0.3:7001,none.example:1", options);
  Ask(*channel);
  EXPECT_THAT(AskMany(*channel, 30),
              UnorderedElementsAre(Pair(kFirst, 10), Pair(kSecond, 10), Pair("10.0.0.3:7001", 10)));
}

TEST_F(Names, NoMoreAddressesAreUsedThanTheOptionSays) {
  for (const char* address : {kFirst, kSecond}) Serve(address);
  names().Set(kName, {"10.0.0.1", "10.0.0.2"}, absl::Seconds(30));
  ChannelOptions options;
  options.names.addresses_max = 1;
  auto channel = MakeChannel(kTarget, options);
  EXPECT_THAT(AskMany(*channel, 20), UnorderedElementsAre(Pair(kFirst, 20)));
}

// --- Waiting for an answer ---

TEST_F(Names, CallsWaitForTheAnswerAsForAConnection) {
  Serve(kFirst);
  names().Set(kName, {"10.0.0.1"}, absl::Seconds(30));
  names().SetDelay(absl::Seconds(2));
  auto channel = MakeChannel(kTarget);
  EXPECT_EQ(channel->state(), ChannelState::kIdle);
  Call<Text> waiting = StartCoroutine(*channel, "x");
  RunFor(absl::Seconds(1));
  EXPECT_EQ(channel->state(), ChannelState::kConnecting);
  EXPECT_EQ(Ask(*channel, Timeout(absl::Milliseconds(500))),
            "DEADLINE_EXCEEDED: /test.Service/Coroutine: deadline of 500ms exceeded while waiting "
            "for a connection to dns:///db.example:7000");
  EXPECT_TRUE(waiting.Wait().ok());
  EXPECT_EQ(Milliseconds(), 2000);
  EXPECT_EQ(names().lookups(kName), 1u);
}

TEST_F(Names, ANameThatIsNoneFailsCallsAndIsAskedForAgain) {
  auto channel = MakeChannel(kTarget);
  EXPECT_EQ(Ask(*channel), kNoSuchName);
  EXPECT_EQ(channel->state(), ChannelState::kTransientFailure);
  Serve(kFirst);
  names().Set(kName, {"10.0.0.1"}, absl::Seconds(30));
  EXPECT_EQ(Ask(*channel), kNoSuchName);  // in backoff: at once, and nobody is asked
  EXPECT_EQ(world_.Time(), absl::Milliseconds(1));
  EXPECT_EQ(names().lookups(kName), 1u);
  RunFor(absl::Milliseconds(130));
  EXPECT_EQ(channel->state(), ChannelState::kIdle);
  EXPECT_EQ(Ask(*channel), kFirst);
  EXPECT_EQ(names().lookups(kName), 2u);
}

TEST_F(Names, WaitForReadyWaitsForTheNameToo) {
  auto channel = MakeChannel(kTarget);
  Call<Text> call = StartCoroutine(*channel, "x", WaitForReady());
  RunFor(absl::Seconds(3));
  const size_t asked = names().lookups(kName);
  EXPECT_GE(asked, 4u);  // with growing waits between
  EXPECT_LE(asked, 12u);
  Serve(kFirst);
  names().Set(kName, {"10.0.0.1"}, absl::Seconds(30));
  EXPECT_TRUE(call.Wait().ok());
}

TEST_F(Names, EachFailureSaysWhatHasFailed) {
  names().Set(kName, {}, absl::Seconds(30));
  EXPECT_EQ(Ask(*MakeChannel(kTarget)),
            "UNAVAILABLE: resolve db.example: the name has no address (no A and no AAAA record)");
  names().Fail(kName, "the server is on fire");
  EXPECT_EQ(Ask(*MakeChannel(kTarget)), "UNAVAILABLE: resolve db.example: the server is on fire");
}

TEST_F(Names, ASilentNameServerIsWaitedForUntilTheTimeout) {
  names().Silence(kName);
  ChannelOptions options;
  options.names.timeout = absl::Seconds(3);
  auto channel = MakeChannel(kTarget, options);
  EXPECT_THAT(Ask(*channel), StartsWith("UNAVAILABLE: resolve db.example: no answer"));
  EXPECT_EQ(world_.Time(), absl::Seconds(3));
}

TEST_F(Names, AChannelMayGoWhileItsNameIsLookedUp) {
  names().SetDelay(absl::Seconds(2));
  auto channel = MakeChannel(kTarget);
  Call<Text> call = StartCoroutine(*channel, "x");
  RunFor(absl::Seconds(1));
  channel.reset();
  EXPECT_EQ(Show(call.Wait()), "CANCELLED: the channel was destroyed");
  EXPECT_EQ(world_.Time(), absl::Seconds(1));
  RunFor(absl::Seconds(10));
}

TEST_F(Names, AndFromWithinACallbackToo) {
  names().SetDelay(absl::Seconds(2));
  auto channel = MakeChannel(kTarget);
  bool ended = false;
  StartCoroutine(*channel, "x", Timeout(absl::Seconds(1))).Then([&](absl::StatusOr<Text> reply) {
    EXPECT_TRUE(absl::IsDeadlineExceeded(reply.status()));
    channel.reset();
    ended = true;
  });
  RunFor(absl::Seconds(10));
  EXPECT_TRUE(ended);
}

// --- Asking again ---

TEST_F(Names, AnAnswerIsAskedForAnewWhenItsTimeIsOver) {
  Serve(kFirst);
  Serve(kSecond);
  names().Set(kName, {"10.0.0.1"}, absl::Seconds(30));
  auto channel = MakeChannel(kTarget);
  EXPECT_EQ(Ask(*channel), kFirst);
  names().Set(kName, {"10.0.0.2"}, absl::Seconds(30));
  AskEachSecond(*channel, 29);
  EXPECT_EQ(last_, kFirst);
  EXPECT_EQ(names().lookups(kName), 1u);
  AskEachSecond(*channel, 3);
  EXPECT_EQ(last_, kSecond);
  EXPECT_EQ(names().lookups(kName), 2u);
  EXPECT_EQ(servers_[kFirst]->server().connections(), 0u);
}

TEST_F(Names, TheTimeIsBoundedBelowAndAbove) {
  Serve(kFirst);
  names().Set(kName, {"10.0.0.1"}, absl::ZeroDuration());
  auto channel = MakeChannel(kTarget);
  AskEachSecond(*channel, 60);
  EXPECT_GE(names().lookups(kName), 9u);  // ttl_min is 5 s
  EXPECT_LE(names().lookups(kName), 13u);
  names().Set(kName, {"10.0.0.1"}, absl::Hours(1000));
  AskEachSecond(*channel, 10);
  const size_t before = names().lookups(kName);
  AskEachSecond(*channel, 602);  // ttl_max is 10 min
  EXPECT_EQ(names().lookups(kName), before + 1);
}

TEST_F(Names, WithoutCallsNobodyAsks) {
  Serve(kFirst);
  names().Set(kName, {"10.0.0.1"}, absl::Seconds(30));
  auto channel = MakeChannel(kTarget);
  EXPECT_EQ(Ask(*channel), kFirst);
  RunFor(absl::Hours(5));
  EXPECT_EQ(names().lookups(kName), 1u);
  EXPECT_EQ(Ask(*channel), kFirst);
  RunFor(absl::Seconds(1));
  EXPECT_EQ(names().lookups(kName), 2u);
}

TEST_F(Names, ALostServerHasTheNameLookedUpAtOnce) {
  Serve(kFirst);
  Serve(kSecond);
  names().Set(kName, {"10.0.0.1"}, absl::Hours(1));
  auto channel = MakeChannel(kTarget);
  EXPECT_EQ(Ask(*channel), kFirst);
  RunFor(absl::Seconds(10));
  names().Set(kName, {"10.0.0.2"}, absl::Hours(1));
  Stop(kFirst);
  EXPECT_EQ(Ask(*channel), kSecond);
  EXPECT_EQ(names().lookups(kName), 2u);
}

TEST_F(Names, ButNotTooOften) {
  names().Set(kName, {"10.0.0.1"}, absl::Hours(1));
  auto channel = MakeChannel(kTarget);
  for (int i = 0; i < 200; ++i) {
    RunFor(absl::Milliseconds(50));
    EXPECT_EQ(Ask(*channel), "UNAVAILABLE: connect 10.0.0.1:7000: connection refused");
  }
  EXPECT_GE(names().lookups(kName), 3u);
  EXPECT_LE(names().lookups(kName), 12u);  // refresh_min is 1 s
}

TEST_F(Names, ServersThatWereKnownAreBetterThanNone) {
  Serve(kFirst);
  names().Set(kName, {"10.0.0.1"}, absl::Seconds(5));
  auto channel = MakeChannel(kTarget);
  EXPECT_EQ(Ask(*channel), kFirst);
  names().Fail(kName, "SERVFAIL");
  LogLines log;
  AskEachSecond(*channel, 20);
  EXPECT_EQ(last_, kFirst);
  EXPECT_GE(names().lookups(kName), 3u);
  EXPECT_THAT(
      log.text(),
      HasSubstr("resolve db.example: SERVFAIL; going on with the 1 addresses known so far"));
}

TEST_F(Names, ServersThatAreGoneFinishTheirCallsAndNewOnesTakeTheNext) {
  FleetServer& first = Serve(kFirst);
  first.time = absl::Seconds(9);
  Serve(kSecond);
  names().Set(kName, {"10.0.0.1"}, absl::Seconds(5));
  auto channel = MakeChannel(kTarget);
  CallInfo info;
  Call<Text> call = StartCoroutine(*channel, "x").Capture(info);
  RunFor(absl::Seconds(1));
  first.time = absl::ZeroDuration();
  names().Set(kName, {"10.0.0.2"}, absl::Seconds(5));
  AskEachSecond(*channel, 6);
  EXPECT_EQ(last_, kSecond);
  EXPECT_EQ(first.server().connections(), 1u);
  EXPECT_TRUE(call.Wait().ok());
  EXPECT_EQ(info.peer.ToString(), kFirst);
  RunFor(absl::Seconds(2));
  EXPECT_EQ(first.server().connections(), 0u);
}

TEST_F(Names, AServerThatStaysKeepsItsConnection) {
  FleetServer& first = Serve(kFirst);
  Serve(kSecond);
  names().Set(kName, {"10.0.0.1"}, absl::Seconds(5));
  auto channel = MakeChannel(kTarget);
  EXPECT_EQ(Ask(*channel), kFirst);
  EXPECT_EQ(world_.network.live_connections(), 1u);
  names().Set(kName, {"10.0.0.2", "10.0.0.1"}, absl::Seconds(5));
  AskEachSecond(*channel, 20);
  EXPECT_EQ(first.server().connections(), 1u);
  EXPECT_EQ(world_.network.live_connections(), 2u);
  EXPECT_EQ(AskMany(*channel, 40).size(), 2u);
}

TEST_F(Names, EveryLoopLearnsOfAChange) {
  Serve(kFirst);
  Serve(kSecond);
  names().Set(kName, {"10.0.0.1"}, absl::Seconds(5));
  auto onward = MakeChannel(kTarget);
  // A server whose handlers, on both reactors, call the name.
  Server relay(SimServer::With(world_.runtime));
  std::map<std::string, int> reached;
  relay.Add(std::make_unique<CoroutineService>(
      [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
        CallInfo info;
        Call<Text> call = StartCoroutine(*onward, "x").Capture(info);
        const absl::StatusOr<Text> reply = co_await std::move(call);
        ++reached[info.peer.ToString()];
        co_return reply.status();
      }));
  const auto bound = relay.Listen("127.0.0.1:0");
  ASSERT_TRUE(bound.ok() && relay.Start().ok());
  std::vector<std::unique_ptr<Channel>> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(MakeChannel(bound->ToString()));
  const auto all_ask = [&] {
    for (auto& client : clients) EXPECT_TRUE(StartCoroutine(*client, "x").Wait().ok());
  };
  all_ask();
  EXPECT_THAT(reached, UnorderedElementsAre(Pair(kFirst, 4)));
  EXPECT_EQ(names().lookups(kName), 1u);
  names().Set(kName, {"10.0.0.2"}, absl::Seconds(5));
  RunFor(absl::Seconds(6));
  reached.clear();
  all_ask();
  EXPECT_THAT(reached, UnorderedElementsAre(Pair(kSecond, 4)));
  EXPECT_EQ(names().lookups(kName), 2u);
}

// --- Both families ---

TEST_F(Names, BothFamiliesAreUsed) {
  Serve(kFirst);
  Serve("[fd00::1]:7000");
  names().Set(kName, {"10.0.0.1", "fd00::1"}, absl::Seconds(30));
  auto channel = MakeChannel(kTarget);
  Ask(*channel);
  EXPECT_EQ(AskMany(*channel, 40).size(), 2u);
  ChannelOptions options;
  options.pick_policy = PickPolicy::kFirstThatWorks;
  EXPECT_EQ(Ask(*MakeChannel(kTarget, options)), "[fd00::1]:7000");
}

TEST_F(Names, AFamilyThatDoesNotWorkIsNotWaitedFor) {
  Serve(kFirst);
  ServeUnreachably("[fd00::1]:7000");
  names().SetDelay(absl::ZeroDuration());
  names().Set(kName, {"fd00::1", "10.0.0.1"}, absl::Seconds(30));
  EXPECT_EQ(Ask(*MakeChannel(kTarget)), kFirst);
  EXPECT_EQ(Milliseconds(), 0);  // both are tried at the same time
  ChannelOptions options;
  options.pick_policy = PickPolicy::kFirstThatWorks;
  EXPECT_EQ(Ask(*MakeChannel(kTarget, options)), kFirst);
  EXPECT_EQ(Milliseconds(), 250);  // the second a moment later
}

}  // namespace
}  // namespace dialtone::names_test
