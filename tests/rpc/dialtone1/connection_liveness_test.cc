// Peers that fall silent, peers that ask too often whether one is there, and connections that have grown old.
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "connection_test_support.h"
#include "raw_frames.h"

namespace dialtone::dialtone1 {
namespace {

class LivenessTest : public ConnectionTest {
 protected:
  void StartRawServerAndClient(const ConnectionLimits& limits = ConnectionLimits()) {
    StartRawServer();
    StartClient(limits);
    OnServer([&] { raw_server_->Send(Hello()); });
    ASSERT_TRUE(RunUntil([&] { return client_->ready != 0; }));
  }
  size_t PingsAtServer() const { return raw_server_->Count(FrameType::kPing, 0); }
  // As a server would, each once.
  void AnswerPings() {
    for (const size_t seen = PingsAtServer(); answered_ < seen; ++answered_) {
      uint32_t token = 0;
      for (const Frame& frame : raw_server_->Frames()) {
        if (frame.type() == FrameType::kPing) token = frame.header.argument;
      }
      OnServer([&] { raw_server_->Send(Bytes(FrameType::kPing, kFlagEnd, 0, token)); });
    }
  }

  size_t answered_ = 0;
};

TEST_F(LivenessTest, ASilentServerLosesItsCalls) {
  Start();
  ExpectServes();
  TestCall& call = Call(kHold, "x");
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 1; }));
  network_.Pause(*server_loop_);
  network_.RunFor(absl::Seconds(49));
  EXPECT_FALSE(call.ended);
  network_.RunFor(absl::Seconds(17));
  ASSERT_TRUE(call.ended);
  EXPECT_EQ(call.code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(call.end.never_ran);
  EXPECT_EQ(call.text(), absl::StrCat("wait for reply from ", address_.ToString(),
                                      ": the peer has not answered a PING within 20s "
                                      "(ConnectionLimits::ping_timeout)"));
  network_.RunFor(absl::Seconds(3));
  EXPECT_TRUE(client_->closed());
  network_.Resume(*server_loop_);
}

TEST_F(LivenessTest, ASilentClientIsGivenUp) {
  Start();
  Call(kHold, "x");
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 1; }));
  network_.Pause(*client_loop_);
  network_.RunFor(absl::Seconds(49));
  EXPECT_FALSE(server_->dispatcher.last().cancelled.has_value());
  network_.RunFor(absl::Seconds(17));
  EXPECT_TRUE(server_->dispatcher.last().cancelled.has_value());
  network_.Resume(*client_loop_);
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kPingTimeout], 1);
}

TEST_F(LivenessTest, ALongQuietCallIsLeftAlone) {
  ConnectionLimits limits;
  limits.ping_interval = absl::Seconds(7);
  limits.ping_timeout = absl::Seconds(2);
  Start(limits, limits);
  TestCall& call = Call(kHold, "x");
  network_.RunFor(absl::Hours(1));
  EXPECT_FALSE(call.ended) << call.end.status;
  OnServer([&] { server_->dispatcher.last().Reply("r"); });
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_TRUE(call.end.status.ok()) << call.end.status;
}

TEST_F(LivenessTest, AQuietServerIsAskedEveryIntervalOrABitMore) {
  StartRawServerAndClient();
  Call(kHold, "x");
  network_.RunFor(absl::Seconds(29));
  EXPECT_EQ(PingsAtServer(), 0u);
  for (int minute = 0; minute < 60; ++minute) {
    for (int second = 0; second < 60; ++second) {
      AnswerPings();
      network_.RunFor(absl::Seconds(1));
    }
  }
  EXPECT_GE(PingsAtServer(), 3600u / 46);
  EXPECT_LE(PingsAtServer(), 3600u / 30 + 1);
  EXPECT_FALSE(client_->closed());
}

TEST_F(LivenessTest, NobodyIsAskedWhileMessagesCome) {
  StartRawServerAndClient();
  OnClient([&] { client_->Open(kStream, "x"); });
  for (int i = 0; i < 30; ++i) {
    network_.RunFor(absl::Seconds(29));
    OnServer([&] { raw_server_->Send(Bytes(FrameType::kData, kFlagMessage, 1, 0, "still here")); });
  }
  EXPECT_EQ(PingsAtServer(), 0u);
}

TEST_F(LivenessTest, AnyByteAnswersThatQuestion) {
  StartRawServerAndClient();
  TestCall* call = nullptr;
  OnClient([&] { call = &client_->Open(kStream, "x"); });
  for (int i = 0; i < 10; ++i) {
    const size_t before = PingsAtServer();
    ASSERT_TRUE(RunUntil([&] { return PingsAtServer() > before; }, absl::Seconds(60)));
    network_.RunFor(absl::Seconds(19));
    OnServer([&] { raw_server_->Send(Bytes(FrameType::kData, kFlagMessage, 1, 0, "busy")); });
  }
  EXPECT_FALSE(call->ended);
}

TEST_F(LivenessTest, WithoutCallsNobodyIsAsked) {
  StartRawServerAndClient();
  TestCall& call = Call(kEcho, "x");
  OnServer([&] { raw_server_->Send(Bytes(FrameType::kResponse, kFlagEnd, 1)); });
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  network_.RunFor(absl::Minutes(1));
  EXPECT_EQ(network_.events_to_come(), 0u) << "an idle client has no timer";
  network_.RunFor(absl::Hours(1));
  EXPECT_EQ(PingsAtServer(), 0u);
  EXPECT_FALSE(client_->closed());
}

TEST_F(LivenessTest, UnlessThatIsAskedFor) {
  ConnectionLimits limits;
  limits.ping_without_calls = true;
  StartRawServerAndClient(limits);
  network_.RunFor(absl::Seconds(46));
  EXPECT_EQ(PingsAtServer(), 1u);
  network_.RunFor(absl::Seconds(22));
  EXPECT_TRUE(client_->closed());
  EXPECT_NE(client_->closed_status.message().find("ConnectionLimits::ping_timeout"),
            absl::string_view::npos)
      << client_->closed_status;
}

TEST_F(LivenessTest, NeverIsAnIntervalToo) {
  for (const absl::Duration never : {absl::InfiniteDuration(), absl::ZeroDuration()}) {
    ConnectionLimits limits;
    limits.ping_interval = never;
    OnServer([&] { raw_server_.reset(); });
    OnClient([&] { client_.reset(); });
    StartRawServerAndClient(limits);
    TestCall& call = Call(kHold, "x");
    network_.RunFor(absl::Hours(1));
    EXPECT_EQ(PingsAtServer(), 0u);
    EXPECT_FALSE(call.ended);
  }
}

TEST_F(LivenessTest, ASilenceOfOnesOwnMakingIsNone) {
  ConnectionLimits limits;
  limits.write_queue_bytes_max = 64 * 1024;
  limits.write_stall_timeout = absl::InfiniteDuration();
  StartServer(limits);
  StartRawClient();
  server_->dispatcher.on_begin = [](TestHandler& handler) {
    if (handler.path != kHold.path) handler.Finish(absl::AbortedError(std::string(7000, 't')));
  };
  std::string bytes = Hello() + Request(1, kFlagEnd, kHold, 1) + Request(3, kFlagEnd, kEcho, 2);
  for (uint32_t i = 0; i < 500; ++i) {
    bytes += Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage, 2 * i + 5, 2);
  }
  OnClient([&] {
    raw_client_->SetReading(false);
    raw_client_->Send(bytes);
  });
  network_.RunFor(absl::Minutes(10));
  EXPECT_LT(server_->dispatcher.handlers.size(), 100u) << "the server has stopped reading";
  EXPECT_EQ(server_->connections(), 1u);
  OnClient([&] { raw_client_->SetReading(true); });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.handlers.size() == 502; }));
  EXPECT_FALSE(raw_client_->Error().has_value());
}

// --- Asking too often ---

class PingRateTest : public LivenessTest {
 protected:
  // Pings every `interval`, for `count` times; how many there were when the peer had enough.
  int PingServer(absl::Duration interval, int count, std::string_view between = {}) {
    for (int i = 1; i <= count; ++i) {
      OnClient([&] { raw_client_->Send(Bytes(FrameType::kPing, 0, 0, 1).append(between)); });
      network_.RunFor(interval);
      if (raw_client_->Error().has_value()) return i;
    }
    return count + 1;
  }
  void StartRawClientOf(const ConnectionLimits& limits) {
    StartServer(limits);
    StartRawClient();
    OnClient([&] { raw_client_->Send(Hello() + Request(1, 0, kStream, 1)); });
    ASSERT_TRUE(RunUntil([&] { return !server_->dispatcher.handlers.empty(); }));
  }
};

TEST_F(PingRateTest, WhoAsksTooOftenIsToldOff) {
  StartRawClientOf(ConnectionLimits());
  const int pings = PingServer(absl::Seconds(1), 100);
  EXPECT_GT(pings, 10);
  EXPECT_LT(pings, 15);
  ASSERT_TRUE(raw_client_->Error().has_value());
  EXPECT_EQ(raw_client_->Error()->reason, GoawayReason::kLimit);
  EXPECT_EQ(raw_client_->Error()->text,
            "PINGs more often than every 5s with no message between them "
            "(ConnectionLimits::ping_interval_min)");
  ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
  EXPECT_TRUE(server_->dispatcher.last().cancelled.has_value());
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kPings], 1);
}

TEST_F(PingRateTest, NorDoesCreditBetweenThemHelp) {
  StartRawClientOf(ConnectionLimits());
  const int pings = PingServer(absl::Seconds(1), 100, Bytes(FrameType::kWindow, 0, 0, 1));
  EXPECT_GT(pings, 10);
  EXPECT_LT(pings, 15);
}

TEST_F(PingRateTest, WhoAsksAsOftenAsIsAllowedIsNot) {
  ConnectionLimits limits;
  limits.ping_interval = absl::InfiniteDuration();  // this client answers nothing
  StartRawClientOf(limits);
  EXPECT_EQ(PingServer(absl::Seconds(5), 200), 201);
  EXPECT_EQ(PingServer(absl::Milliseconds(1), 9), 10) << "nor who does so a few times in a row";
  network_.RunFor(absl::Minutes(1));
  EXPECT_EQ(PingServer(absl::Milliseconds(1), 9), 10);
}

TEST_F(PingRateTest, NorWhoMeasuresWhileMessagesPass) {
  StartRawClientOf(ConnectionLimits());
  EXPECT_EQ(
      PingServer(absl::Milliseconds(50), 200, Bytes(FrameType::kData, kFlagMessage, 1, 0, "m")),
      201);
  // Those of the other direction count as well.
  OnServer([&] { server_->dispatcher.last().Send("m"); });
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(PingServer(absl::Milliseconds(50), 1), 2);
    OnServer([&] { server_->dispatcher.last().Send("m"); });
  }
}

TEST_F(PingRateTest, ZeroAllowsAllThatFitsAmongTheControlFrames) {
  ConnectionLimits limits;
  limits.ping_interval_min = absl::ZeroDuration();
  StartRawClientOf(limits);
  EXPECT_EQ(PingServer(absl::Milliseconds(10), 200), 201);
}

TEST_F(PingRateTest, AClientBearsNoMoreThanAServer) {
  StartRawServerAndClient();
  TestCall& call = Call(kHold, "x");
  for (int i = 0; i < 20 && !call.ended; ++i) {
    OnServer([&] { raw_server_->Send(Bytes(FrameType::kPing, 0, 0, 1)); });
    network_.RunFor(absl::Seconds(1));
  }
  ASSERT_TRUE(call.ended);
  EXPECT_NE(call.text().find("ConnectionLimits::ping_interval_min"), std::string::npos)
      << call.text();
}

// --- Age ---

TEST_F(LivenessTest, AnOldConnectionIsToldToGoWhenItsCallsHaveEnded) {
  ConnectionLimits limits;
  limits.max_age = absl::Seconds(100);
  Start(limits);
  TestCall& call = Call(kHold, "x");
  network_.RunFor(absl::Seconds(89));
  EXPECT_EQ(client_->draining, 0);
  network_.RunFor(absl::Seconds(22));
  EXPECT_EQ(client_->draining, 1);
  network_.RunFor(absl::Hours(1));
  EXPECT_FALSE(call.ended) << "it is let go on";
  OnServer([&] { server_->dispatcher.last().Reply("late"); });
  ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
  EXPECT_TRUE(call.end.status.ok()) << call.end.status;
  EXPECT_EQ(call.messages, std::vector<std::string>{"late"});
  EXPECT_TRUE(client_->closed_status.ok()) << client_->closed_status;
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kMaxAge], 1);
}

TEST_F(LivenessTest, ItsCallsHaveTheGraceToEndIn) {
  ConnectionLimits limits;
  limits.max_age = absl::Seconds(100);
  limits.max_age_grace = absl::Seconds(30);
  Start(limits);
  TestCall& call = Call(kHold, "x");
  network_.RunFor(absl::Seconds(119));
  EXPECT_FALSE(call.ended);
  EXPECT_FALSE(server_->dispatcher.last().cancelled.has_value());
  network_.RunFor(absl::Seconds(22));
  ASSERT_TRUE(call.ended);
  EXPECT_EQ(call.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(call.text().find("ConnectionLimits::max_age_grace"), std::string::npos) << call.text();
  EXPECT_TRUE(server_->dispatcher.last().cancelled.has_value());
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kMaxAgeGrace], 1);
}

TEST_F(LivenessTest, ConnectionsOfOneAgeGoOneAfterTheOther) {
  ConnectionLimits limits;
  limits.max_age = absl::Seconds(1000);
  limits.idle_timeout = absl::InfiniteDuration();
  StartServer(limits);
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 20; ++i) {
    OnClient([&] {
      peers.push_back(std::make_unique<RawPeer>(*client_loop_, address_));
      peers.back()->Send(Hello());
    });
  }
  network_.RunFor(absl::Seconds(899));
  std::set<int> seconds;
  size_t gone = 0;
  for (int second = 899; second < 1102; ++second) {
    const size_t before = std::exchange(gone, 0);
    for (const auto& peer : peers) gone += peer->Count(FrameType::kGoaway, 0) != 0;
    if (gone != before) seconds.insert(second);
    network_.RunFor(absl::Seconds(1));
  }
  EXPECT_EQ(gone, 20u);
  EXPECT_GT(seconds.size(), 10u);
  EXPECT_GT(*seconds.rbegin() - *seconds.begin(), 80);
  OnClient([&] { peers.clear(); });
}

}  // namespace
}  // namespace dialtone::dialtone1
