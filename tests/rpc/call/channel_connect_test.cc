// Until when a call waits, and how a channel finds and loses its server: in virtual time, to the
// nanosecond.
#include <gmock/gmock.h>

#include <utility>
#include <vector>

#include "call_fixture.h"
#include "sim_servers.h"

namespace dialtone::channel_connect_test {
namespace {

using testing::ElementsAre;

constexpr char kTarget[] = "127.0.0.1:7000";
constexpr char kRefused[] = "UNAVAILABLE: connect 127.0.0.1:7000: connection refused";

class ChannelConnect : public testing::Test {
 protected:
  std::unique_ptr<Server> StartServer(const std::string& address = kTarget) {
    auto server = std::make_unique<Server>(SimServer::With(world_.runtime));
    server->Add(std::make_unique<CoroutineService>(gate_.Handler(absl::Milliseconds(100))));
    server->Add(std::make_unique<PlainService>(PlainHello));
    EXPECT_TRUE(server->Listen(address).ok());
    EXPECT_TRUE(server->Start().ok());
    return server;
  }
  std::unique_ptr<Channel> MakeChannel(const std::string& target = kTarget,
                                       ChannelOptions options = ChannelOptions()) {
    options.runtime = &world_.runtime;
    return std::make_unique<Channel>(target, options);
  }
  Instant Now() { return world_.network.Now(); }

  Gate gate_;
  SimProcess world_;
};

// --- Deadlines ---

TEST_F(ChannelConnect, FifteenSecondsAreTheDefault) {
  auto server = StartServer();
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartCoroutine(*channel, "x").Wait()),
            "DEADLINE_EXCEEDED: /test.Service/Coroutine: deadline of 15s exceeded while waiting "
            "for the reply of 127.0.0.1:7000");
  EXPECT_EQ(world_.Time(), absl::Seconds(15));
  world_.network.RunFor(absl::Seconds(1));
  EXPECT_EQ(gate_.cancelled, 1);
}

TEST_F(ChannelConnect, TheChannelMaySetAnotherDefault) {
  auto server = StartServer();
  ChannelOptions options;
  options.default_timeout = absl::Milliseconds(1500);
  auto channel = MakeChannel(kTarget, options);
  EXPECT_TRUE(absl::IsDeadlineExceeded(StartCoroutine(*channel, "x").Wait().status()));
  EXPECT_EQ(world_.Time(), absl::Milliseconds(1500));
}

TEST_F(ChannelConnect, NoTimeAtAllEndsAtOnce) {
  auto server = StartServer();
  auto channel = MakeChannel();
  const Instant before = Now();
  EXPECT_EQ(Show(StartPlain(*channel, "x", Timeout(absl::ZeroDuration())).Wait()),
            "DEADLINE_EXCEEDED: /test.Plain/Plain: deadline of 0 exceeded before the call began");
  EXPECT_EQ(Now(), before);
}

TEST_F(ChannelConnect, InfiniteOnlyByAsking) {
  auto server = StartServer();
  auto channel = MakeChannel();
  After open(world_, absl::Hours(1), [this] { gate_.open = true; });
  EXPECT_EQ(Show(StartCoroutine(*channel, "x", Timeout(absl::InfiniteDuration())).Wait()),
            "OK: let go");
  EXPECT_GE(world_.Time(), absl::Hours(1));
}

TEST_F(ChannelConnect, TheContextShortensTheDeadline) {
  auto server = StartServer();
  auto channel = MakeChannel();
  const Context context = Context::Cancellable(Now() + absl::Seconds(2));
  Context::Scope scope(context);
  EXPECT_EQ(Show(StartCoroutine(*channel, "x", Timeout(absl::Seconds(10))).Wait()),
            "DEADLINE_EXCEEDED: /test.Service/Coroutine: deadline of 2s exceeded while waiting for "
            "the reply of 127.0.0.1:7000");
  EXPECT_EQ(world_.Time(), absl::Seconds(2));
}

TEST_F(ChannelConnect, ACallInAnEndedContextEndsWithItsReason) {
  auto server = StartServer();
  auto channel = MakeChannel();
  Context context = Context::Cancellable();
  context.Cancel();
  Context::Scope scope(context);
  EXPECT_EQ(Show(StartCoroutine(*channel, "x").Wait()),
            "CANCELLED: /test.Service/Coroutine: the caller gave up");
}

// --- A server that is not there ---

TEST_F(ChannelConnect, ARefusedConnectionFailsTheCallAtOnce) {
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), kRefused);
  EXPECT_LT(world_.Time(), absl::Milliseconds(1));
  EXPECT_EQ(channel->state(), ChannelState::kTransientFailure);
}

// Cancels all calls that it was given, and lets go of them, when the first call ends.
struct CancelSiblings final : ClientObserver {
  void OnEnd(const ClientCallView&, const absl::Status&) override {
    for (CancelHandle& sibling : std::exchange(siblings, {})) sibling.Cancel();
  }
  std::vector<CancelHandle> siblings;
};

TEST_F(ChannelConnect, AnObserverMayCancelOthersOfTheCallsThatFailTogether) {
  auto observer = std::make_shared<CancelSiblings>();
  ChannelOptions options;
  options.observers.push_back(observer);
  auto channel = MakeChannel(kTarget, options);
  std::vector<std::string> ends;
  Call<Text> later = StartPlain(*channel, "later", WaitForReady());
  for (int i = 0; i < 5; ++i) {
    observer->siblings.push_back(
        StartPlain(*channel, "x").Then([&ends](const absl::StatusOr<Text>& reply) {
          ends.push_back(Show(reply));
        }));
  }
  observer->siblings.erase(observer->siblings.begin());
  observer->siblings.pop_back();
  world_.network.RunFor(absl::Milliseconds(1));
  const std::string cancelled = "CANCELLED: /test.Plain/Plain: cancelled by the caller";
  EXPECT_THAT(ends,
              testing::UnorderedElementsAre(kRefused, cancelled, cancelled, cancelled, kRefused));
  EXPECT_TRUE(observer->siblings.empty());
  auto server = StartServer();
  EXPECT_EQ(Show(std::move(later).Wait()), "OK: hello later");
}

TEST_F(ChannelConnect, InBackoffACallFailsAtOnceWithTheLastReason) {
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), kRefused);
  auto server = StartServer();  // which nobody has noticed yet
  const Instant before = Now();
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), kRefused);
  EXPECT_EQ(Now(), before);
  world_.network.RunFor(absl::Milliseconds(130));
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), "OK: hello x");
}

TEST_F(ChannelConnect, WaitForReadyWaitsUntilTheServerComesUp) {
  auto channel = MakeChannel();
  Call<Text> call = StartPlain(*channel, "x", WaitForReady());
  world_.network.RunFor(absl::Seconds(3));
  auto server = StartServer();
  EXPECT_EQ(Show(call.Wait()), "OK: hello x");
  EXPECT_LT(world_.Time(), absl::Seconds(10));
}

TEST_F(ChannelConnect, WaitForReadyKeepsItsDeadline) {
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartPlain(*channel, "x", WaitForReady()).Wait()),
            "DEADLINE_EXCEEDED: /test.Plain/Plain: deadline of 15s exceeded while waiting for a "
            "connection to 127.0.0.1:7000");
  EXPECT_EQ(world_.Time(), absl::Seconds(15));
}

TEST_F(ChannelConnect, TheConnectTimeoutBoundsWaitingForAConnection) {
  auto server = StartServer();
  world_.network.Partition("local", "local");
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()),
            "UNAVAILABLE: connect 127.0.0.1:7000: timed out after 5s");
  EXPECT_EQ(world_.Time(), absl::Seconds(5));
  world_.network.Heal("local", "local");
}

// --- Backoff ---

// The instants at which a channel begins to connect, as its watchers see them.
class Attempts {
 public:
  Attempts(SimProcess& world, Channel& channel)
      : watch_(channel.WatchState([this, &world](ChannelState state) {
          if (state == ChannelState::kConnecting) instants_.push_back(world.network.Now());
        })) {}
  std::vector<absl::Duration> Waits() const {
    std::vector<absl::Duration> waits;
    for (size_t i = 1; i < instants_.size(); ++i) waits.push_back(instants_[i] - instants_[i - 1]);
    return waits;
  }
  void Clear() { instants_.clear(); }

 private:
  std::vector<Instant> instants_;
  std::unique_ptr<Channel::Watch> watch_;
};

TEST_F(ChannelConnect, WaitsBetweenAttemptsGrowWithJitterUpToALimit) {
  auto channel = MakeChannel();
  Attempts attempts(world_, *channel);
  const CallOptions options =
      CallOptions().set_wait_for_ready(true).set_timeout(absl::InfiniteDuration());
  Call<Text> call = StartPlain(*channel, "x", options);
  world_.network.RunFor(absl::Minutes(3));
  const std::vector<absl::Duration> waits = attempts.Waits();
  ASSERT_GE(waits.size(), 15u);
  absl::Duration nominal = absl::Milliseconds(100);
  int far_from_nominal = 0;
  for (absl::Duration wait : waits) {
    EXPECT_GE(wait, nominal * 0.8);
    EXPECT_LE(wait, nominal * 1.2 + absl::Milliseconds(1));
    const double share = absl::FDivDuration(wait, nominal);
    if (share < 0.95 || share > 1.05) ++far_from_nominal;
    nominal = std::min(absl::Seconds(10), nominal * 1.6);
  }
  EXPECT_GE(far_from_nominal, 3);
  EXPECT_LE(waits.back(), absl::Seconds(12));
}

TEST_F(ChannelConnect, ASuccessBeginsTheWaitsAnew) {
  auto channel = MakeChannel();
  Attempts attempts(world_, *channel);
  const CallOptions options =
      CallOptions().set_wait_for_ready(true).set_timeout(absl::InfiniteDuration());
  Call<Text> first = StartPlain(*channel, "x", options);
  world_.network.RunFor(absl::Seconds(20));
  auto server = StartServer();
  EXPECT_TRUE(first.Wait().ok());
  server.reset();
  world_.network.RunFor(absl::Seconds(1));
  attempts.Clear();
  Call<Text> second = StartPlain(*channel, "x", options);
  world_.network.RunFor(absl::Seconds(1));
  ASSERT_GE(attempts.Waits().size(), 2u);
  EXPECT_LE(attempts.Waits().front(), absl::Milliseconds(121));
}

// --- States ---

TEST_F(ChannelConnect, WatchersSeeTheStatesInOrder) {
  auto channel = MakeChannel();
  std::vector<std::string> states;
  auto watch = channel->WatchState(
      [&](ChannelState state) { states.emplace_back(ChannelStateName(state)); });
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), kRefused);
  world_.network.RunFor(absl::Milliseconds(200));
  EXPECT_THAT(states, ElementsAre("idle", "connecting", "transient failure", "idle"));
  states.clear();
  auto server = StartServer();
  EXPECT_TRUE(StartPlain(*channel, "x").Wait().ok());
  server.reset();
  world_.network.RunFor(absl::Seconds(1));
  EXPECT_THAT(states, ElementsAre("connecting", "ready", "idle"));
  states.clear();
  watch.reset();
  channel->Connect();
  world_.network.RunFor(absl::Seconds(1));
  EXPECT_TRUE(states.empty());
}

TEST_F(ChannelConnect, WaitUntilReady) {
  auto channel = MakeChannel();
  EXPECT_FALSE(channel->WaitUntilReady(absl::Seconds(2)));
  EXPECT_EQ(world_.Time(), absl::Seconds(2));
  EXPECT_FALSE(channel->WaitUntilReady(absl::ZeroDuration()));
  auto server = StartServer();
  EXPECT_TRUE(channel->WaitUntilReady(absl::Seconds(30)));
  EXPECT_LT(world_.Time(), absl::Seconds(10));
  EXPECT_EQ(channel->state(), ChannelState::kReady);
  EXPECT_TRUE(channel->WaitUntilReady(absl::ZeroDuration()));
}

TEST_F(ChannelConnect, ReconnectsAfterTheServerWasRestarted) {
  auto server = StartServer();
  auto channel = MakeChannel();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), "OK: hello x");
    server.reset();
    server = StartServer();
    world_.network.RunFor(absl::Milliseconds(10));
  }
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), "OK: hello x");
}

TEST_F(ChannelConnect, ALostConnectionEndsItsCallsAndNamesThePeer) {
  auto server = StartServer();
  auto channel = MakeChannel();
  Call<Text> call = StartCoroutine(*channel, "x");
  world_.network.RunFor(absl::Seconds(1));
  EXPECT_EQ(gate_.entered, 1);
  EXPECT_EQ(world_.network.ResetConnections(), 1u);
  const std::string shown = Show(call.Wait());
  EXPECT_EQ(shown.rfind("UNAVAILABLE: ", 0), 0u) << shown;
  EXPECT_NE(shown.find(kTarget), std::string::npos) << shown;
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), "OK: hello x");
}

// --- Targets ---

TEST_F(ChannelConnect, ABadTargetSaysWhatIsWrongWithIt) {
  for (const char* target : {"", "nonsense", "127.0.0.1", "127.0.0.1:70000", "[::1:7000",
                             "unix:", "list:", "list:127.0.0.1:1,oops", "127.0.0.1:0"}) {
    auto channel = MakeChannel(target);
    const absl::Status status = StartPlain(*channel, "x").Wait().status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << target << ": " << status;
    EXPECT_GT(status.message().size(), 10u) << target << ": " << status;
    EXPECT_EQ(StartPlain(*channel, "x", WaitForReady()).Wait().status(), status);
  }
  EXPECT_EQ(Show(StartPlain(*MakeChannel("127.0.0.1:0"), "x").Wait()),
            "INVALID_ARGUMENT: resolve \"127.0.0.1:0\": port 0 finds no server");
}

TEST_F(ChannelConnect, AListMovesToTheNextAddress) {
  auto second = StartServer("127.0.0.1:7002");
  auto channel = MakeChannel("list:127.0.0.1:7001,127.0.0.1:7002");
  CallInfo info;
  auto reply = StartPlain(*channel, "x").Capture(info).Wait();
  EXPECT_EQ(Show(reply), "OK: hello x");
  EXPECT_EQ(info.peer.ToString(), "127.0.0.1:7002");
  auto first = StartServer("127.0.0.1:7001");
  second.reset();
  world_.network.RunFor(absl::Seconds(1));
  reply = StartPlain(*channel, "x").Capture(info).Wait();
  EXPECT_EQ(Show(reply), "OK: hello x");
  EXPECT_EQ(info.peer.ToString(), "127.0.0.1:7001");
}

}  // namespace
}  // namespace dialtone::channel_connect_test
