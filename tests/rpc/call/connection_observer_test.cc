// What observers of connections are told, and when: in virtual time, where each way takes 10 ms.
#include "dialtone/rpc/connection_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connection_notes.h"
#include "sim_fleet.h"

namespace dialtone::connection_observer_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kFirst[] = "10.0.0.1:7000";
constexpr char kSecond[] = "10.0.0.2:7000";
constexpr char kName[] = "db.example";
constexpr char kTarget[] = "dns:///db.example:7000";

class ConnectionSteps : public FleetTest {
 protected:
  ConnectionSteps() {
    world_.network.SetLatency("local", "local", absl::Milliseconds(10), absl::Milliseconds(10));
  }

  std::unique_ptr<Channel> Watched(const std::string& target,
                                   ChannelOptions options = ChannelOptions()) {
    options.connection_observers.push_back(std::make_shared<ConnectionNoter>(notes_));
    options.observers.push_back(std::make_shared<WriteNoter>(notes_));
    return MakeChannel(target, options);
  }

  StepNotes notes_;
};

TEST_F(ConnectionSteps, AreToldInTheirOrderFromTheNameToTheFirstReply) {
  Serve(kFirst);
  names().Set(kName, {"10.0.0.1"}, absl::Seconds(30));
  names().SetDelay(absl::Milliseconds(5));
  auto channel = Watched(kTarget);
  ASSERT_EQ(Ask(*channel), kFirst);
  EXPECT_THAT(notes_.Take(),
              ElementsAre("0ms look up dns:///db.example:7000", "5ms resolved: 10.0.0.1:7000",
                          "5ms #1 connecting to 10.0.0.1:7000", "25ms #1 connected",
                          "25ms #1 settings written", "25ms written to 10.0.0.1:7000",
                          "45ms #1 settings read"));
  channel.reset();
  EXPECT_THAT(notes_.Take(),
              ElementsAre("45ms #1 closing", "45ms #1 closed: the channel was destroyed"));
}

struct ThrowsAlways final : ConnectionObserver {
  void OnLookUp(std::string_view, Instant) override { throw 1; }
  void OnResolved(std::string_view, const absl::StatusOr<std::vector<Address>>&, Instant) override {
    throw 2;
  }
  void OnConnecting(const ConnectionView&) override { throw 3; }
  void OnConnected(const ConnectionView&) override { throw 4; }
  void OnSettingsWritten(const ConnectionView&) override { throw 5; }
  void OnSettingsRead(const ConnectionView&) override { throw 6; }
  void OnClosing(const ConnectionView&) override { throw 7; }
  void OnClosed(const ConnectionView&, const absl::Status&) override { throw 8; }
};

TEST_F(ConnectionSteps, AreToldToOthersBehindAnObserverThatThrows) {
  Serve(kFirst);
  names().Set(kName, {"10.0.0.1"}, absl::Seconds(30));
  ChannelOptions options;
  options.connection_observers.push_back(std::make_shared<ThrowsAlways>());
  auto channel = Watched(kTarget, options);
  EXPECT_EQ(Ask(*channel), kFirst);
  channel.reset();
  EXPECT_EQ(notes_.Take().size(), 9u);
}

TEST_F(ConnectionSteps, OfAConnectionThatIsThereAreNotToldAgain) {
  Serve(kFirst);
  auto channel = Watched(kFirst);
  ASSERT_EQ(Ask(*channel), kFirst);
  notes_.Take();
  ASSERT_EQ(Ask(*channel), kFirst);
  EXPECT_THAT(notes_.Take(), ElementsAre("40ms written to 10.0.0.1:7000"));
}

TEST_F(ConnectionSteps, EndEarlyWhereNobodyListens) {
  auto channel = Watched(kFirst);
  EXPECT_EQ(Ask(*channel), "UNAVAILABLE: connect 10.0.0.1:7000: connection refused");
  EXPECT_THAT(notes_.Take(),
              ElementsAre("0ms #1 connecting to 10.0.0.1:7000", "20ms #1 closing",
                          "20ms #1 closed: connect 10.0.0.1:7000: connection refused"));
}

TEST_F(ConnectionSteps, ANameThatIsNoneIsToldOf) {
  auto channel = Watched(kTarget);
  EXPECT_EQ(Ask(*channel), "UNAVAILABLE: resolve db.example: no such name (NXDOMAIN)");
  EXPECT_THAT(notes_.Take(),
              ElementsAre("0ms look up dns:///db.example:7000",
                          "1ms resolved: resolve db.example: no such name (NXDOMAIN)"));
}

TEST_F(ConnectionSteps, AServerThatDrainsAndTheOneAfterItAreTwoConnections) {
  Serve(kFirst);
  auto channel = Watched(kFirst);
  ASSERT_EQ(Ask(*channel), kFirst);
  notes_.Take();
  servers_.clear();
  RunFor(absl::Milliseconds(100));
  EXPECT_THAT(notes_.Take(), ElementsAre("50ms #1 draining", "50ms #1 closing", "50ms #1 closed"));
  Serve(kFirst);
  ASSERT_EQ(Ask(*channel), kFirst);
  // As one was lost, no request leaves before the server's first bytes have come.
  EXPECT_THAT(notes_.Take(),
              ElementsAre("140ms #2 connecting to 10.0.0.1:7000", "160ms #2 connected",
                          "160ms #2 settings written", "180ms #2 settings read",
                          "180ms written to 10.0.0.1:7000"));
}

TEST_F(ConnectionSteps, OneThatIsResetIsClosedWithTheReason) {
  Serve(kFirst);
  auto channel = Watched(kFirst);
  ASSERT_EQ(Ask(*channel), kFirst);
  notes_.Take();
  world_.network.ResetConnections();
  RunFor(absl::Milliseconds(50));
  EXPECT_THAT(
      notes_.Take(),
      ElementsAre("50ms #1 closing",
                  "50ms #1 closed: wait for reply from 10.0.0.1:7000: connection reset by peer"));
}

TEST_F(ConnectionSteps, AViewTellsOfTheConnectionUntilItIsClosed) {
  class Looker final : public ConnectionObserver {
   public:
    void OnSettingsRead(const ConnectionView& connection) override {
      at_settings = connection.Metrics();
      target = connection.target();
    }
    void OnClosing(const ConnectionView& connection) override { at_end = connection.Metrics(); }
    ConnectionMetrics at_settings;
    ConnectionMetrics at_end;
    std::string target;
  };
  Serve(kFirst);
  auto looker = std::make_shared<Looker>();
  ChannelOptions options;
  options.connection_observers.push_back(looker);
  auto channel = MakeChannel(kFirst, options);
  ASSERT_EQ(Ask(*channel), kFirst);
  EXPECT_EQ(looker->target, kFirst);
  EXPECT_EQ(looker->at_settings.id, 1u);
  EXPECT_EQ(looker->at_settings.peer.ToString(), kFirst);
  EXPECT_EQ(looker->at_settings.protocol, "dialtone/1");
  EXPECT_EQ(looker->at_settings.age, absl::Milliseconds(40));
  EXPECT_EQ(looker->at_settings.calls_in_flight, 1u);
  EXPECT_GT(looker->at_settings.bytes_out, 0u);
  channel.reset();
  EXPECT_EQ(looker->at_end.calls_in_flight, 0u);
  EXPECT_GE(looker->at_end.bytes_in, looker->at_settings.bytes_in);
}

// --- Requests that have left ---

TEST_F(ConnectionSteps, ARequestIsWrittenOnceForEachAttempt) {
  for (const char* address : {kFirst, kSecond}) Serve(address);
  ChannelOptions options;
  options.pick_policy = PickPolicy::kRoundRobin;
  options.retry.attempts_max = 2;
  options.retry.backoff.initial = absl::Milliseconds(100);
  options.retry.backoff.jitter = 0;
  auto channel = Watched(absl::StrCat("list:", kFirst, ",", kSecond), options);
  ASSERT_TRUE(channel->WaitUntilReady(absl::Seconds(1)));
  RunFor(absl::Milliseconds(30));
  notes_.Take();
  servers_[kFirst]->status = servers_[kSecond]->status = absl::UnavailableError("busy");
  const Method read{"/test.Service/Coroutine", MethodKind::kUnary, Idempotency::kNoSideEffects};
  const int64_t begin = Milliseconds();
  EXPECT_FALSE(Call<Text>(*channel, read, MakeText("x"), CallOptions()).Wait().ok());
  const std::vector<std::string> notes = notes_.Take();
  ASSERT_EQ(notes.size(), 2u) << absl::StrJoin(notes, "\n");
  EXPECT_EQ(notes[0].find(absl::StrCat(begin, "ms written to 10.0.0.")), 0u) << notes[0];
  EXPECT_EQ(notes[1].find(absl::StrCat(begin + 120, "ms written to 10.0.0.")), 0u) << notes[1];
  EXPECT_NE(notes[0].substr(notes[0].find(' ')), notes[1].substr(notes[1].find(' ')));
}

TEST_F(ConnectionSteps, ALargeRequestIsWrittenWhenItsLastPieceIs) {
  Serve(kFirst);
  auto channel = Watched(kFirst);
  ASSERT_EQ(Ask(*channel), kFirst);
  notes_.Take();
  // More than the server's window of a stream: it has to say that the rest may come.
  const auto reply =
      StartCoroutine(*channel, std::string(400 * 1024, 'x'), Timeout(absl::Seconds(10))).Wait();
  ASSERT_TRUE(reply.ok()) << reply.status();
  const int64_t end = Milliseconds();
  const std::vector<std::string> notes = notes_.Take();
  ASSERT_EQ(notes.size(), 1u);
  int64_t written = 0;
  ASSERT_TRUE(absl::SimpleAtoi(notes[0].substr(0, notes[0].find("ms ")), &written));
  EXPECT_GE(written, 60) << "not before credit has come back";
  EXPECT_LE(written, end - 20) << "the reply is a round trip behind it";
}

TEST_F(ConnectionSteps, ACallThatIsGivenUpBeforeItLeavesIsNotWritten) {
  Serve(kFirst);
  auto channel = Watched(kFirst);
  EXPECT_EQ(Ask(*channel, Timeout(absl::Milliseconds(15))).find("DEADLINE_EXCEEDED"), 0u);
  RunFor(absl::Milliseconds(100));
  for (const std::string& note : notes_.Take())
    EXPECT_EQ(note.find("written to"), std::string::npos) << note;
}

// A call whose start was posted, as a callback's is, can be ended by what its own start does for the channel.
TEST_F(ConnectionSteps, MayEndTheCallThatIsAboutToBeSent) {
  struct Ender final : ConnectionObserver {
    void OnConnecting(const ConnectionView&) override { how(); }
    std::function<void()> how = [] {};
  };
  Serve(kFirst);
  for (const bool drop : {false, true}) {
    const auto ender = std::make_shared<Ender>();
    ChannelOptions options;
    options.connection_observers = {ender};
    options.idle_timeout = absl::Milliseconds(20);
    auto channel = MakeChannel(kFirst, options);
    ASSERT_EQ(Ask(*channel), kFirst);
    RunFor(absl::Seconds(1));
    ASSERT_EQ(channel->state(), ChannelState::kIdle);
    std::optional<Call<Text>> held;
    int ended = 0;
    ender->how = [&] {
      if (!held.has_value()) return;
      ++ended;
      drop ? held.reset() : held->Cancel();
    };
    StartCoroutine(*channel, "x", Timeout(absl::ZeroDuration())).Then([&](const auto&) {
      held.emplace(StartCoroutine(*channel, "y", WaitForReady()));
    });
    RunFor(absl::Seconds(10));
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(held.has_value(), !drop);
    if (!drop) {
      EXPECT_EQ(Show(held->Wait()).find("CANCELLED"), 0u);
    }
    EXPECT_EQ(channel->Metrics().Find(kCoroutineMethod.path)->in_flight(), 0);
  }
}

TEST_F(ConnectionSteps, WhoDoesNotAskIsNotToldOfWrites) {
  Serve(kFirst);
  ChannelOptions options;
  options.observers.push_back(std::make_shared<WriteNoter>(notes_, /*wants=*/false));
  auto channel = MakeChannel(kFirst, options);
  ASSERT_EQ(Ask(*channel), kFirst);
  EXPECT_THAT(notes_.Take(), IsEmpty());
}

// --- In process ---

TEST(ConnectionStepsInProcess, HaveNoBytes) {
  SimProcess process;
  SimServer sim(process, Hello);
  StepNotes notes;
  ChannelOptions options = process.ClientOptions();
  options.connection_observers.push_back(std::make_shared<ConnectionNoter>(notes));
  options.observers.push_back(std::make_shared<WriteNoter>(notes));
  {
    Channel channel(sim.server, options);
    ASSERT_TRUE(StartCoroutine(channel, "x").Wait().ok());
  }
  const std::vector<std::string> told = notes.Take();
  EXPECT_THAT(told, ElementsAre(testing::HasSubstr("#1 connecting to "), "0ms #1 connected",
                                "0ms #1 closed: the channel was destroyed"));
}

}  // namespace
}  // namespace dialtone::connection_observer_test
