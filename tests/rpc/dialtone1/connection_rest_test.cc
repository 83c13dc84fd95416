// Server connections at rest: what they keep, when they may not rest, and what ends a rest. That nothing else changes is shown
// by all the other tests of connections, which run a second time with servers that let them rest whenever they may.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connection_test_support.h"
#include "raw_frames.h"
#include "resting_state.h"
#include "window_tuner.h"

namespace dialtone::dialtone1 {
namespace {

class ConnectionRestTest : public ConnectionTest {
 protected:
  bool Rest() {
    bool rests = false;
    OnServer([&] { rests = server_->Rest(); });
    return rests;
  }
  // A client in bytes, whose settings have come.
  void StartHello(const std::string& more = "",
                  const ConnectionLimits& limits = ConnectionLimits()) {
    StartServer(limits);
    StartRawClient();
    Send(Hello() + more);
  }
  void Send(const std::string& bytes) {
    OnClient([&] { raw_client_->Send(bytes); });
    network_.RunFor(absl::Milliseconds(10));
  }
  GoawayReason Reason() { return raw_client_->Error().value_or(GoawayInfo()).reason; }
};

TEST_F(ConnectionRestTest, ARestEndsWithTheNextCall) {
  Start();
  for (int i = 0; i < 3; ++i) {
    ExpectServes();
    EXPECT_TRUE(Rest());
    EXPECT_EQ(server_->awoken, i);
    EXPECT_FALSE(Rest()) << "it does already";
  }
  ExpectServes();
  EXPECT_EQ(server_->awoken, 3);
  EXPECT_EQ(server_->dispatcher.lookups, 1) << "the method is bound still";
}

TEST_F(ConnectionRestTest, CanBeLookedAt) {
  Start();
  ExpectServes();
  ServerConnection& connection = server_->connection();
  ConnectionInfo before;
  ConnectionTraffic traffic;
  Address local;
  OnServer([&] {
    before = connection.info();
    traffic = connection.traffic();
    local = connection.local();
  });
  EXPECT_GT(traffic.bytes_in, 0u);
  EXPECT_GT(traffic.bytes_out, 0u);
  const auto expect_same = [&] {
    EXPECT_EQ(connection.info().peer, before.peer);
    EXPECT_EQ(connection.info().protocol, before.protocol);
    EXPECT_EQ(connection.info().compressions.has(Compression::kGzip),
              before.compressions.has(Compression::kGzip));
    EXPECT_EQ(connection.traffic().bytes_in, traffic.bytes_in);
    EXPECT_EQ(connection.traffic().bytes_out, traffic.bytes_out);
    EXPECT_EQ(connection.local(), local);
    EXPECT_EQ(connection.calls_in_flight(), 0u);
  };
  ASSERT_TRUE(Rest());
  OnServer(expect_same);
  OnServer([&] { connection.OnRestDue(); });
  EXPECT_EQ(server_->awoken, 1);
  OnServer(expect_same);
}

TEST_F(ConnectionRestTest, NotBeforeTheSettingsHaveCome) {
  StartServer();
  StartRawClient();
  const std::string hello = Hello();
  Send(hello.substr(0, kPrefaceBytes));
  EXPECT_FALSE(Rest());
  Send(hello.substr(kPrefaceBytes, 10));
  EXPECT_FALSE(Rest());
  Send(hello.substr(kPrefaceBytes + 10));
  EXPECT_TRUE(Rest());
}

TEST_F(ConnectionRestTest, NotInTheMidstOfAFrame) {
  StartHello();
  const std::string request = Request(1, kFlagEnd, kEcho, 1);
  Send(request.substr(0, 5));
  EXPECT_FALSE(Rest());
  Send(request.substr(5, 20));
  EXPECT_FALSE(Rest());
  Send(request.substr(25));
  EXPECT_TRUE(Rest());
  EXPECT_EQ(raw_client_->Count(FrameType::kResponse, 1), 1u);
}

TEST_F(ConnectionRestTest, NotWhileACallIsUnderWay) {
  Start();
  TestCall& call = Call(kHold, "x");
  ASSERT_TRUE(RunUntil([&] { return !server_->dispatcher.handlers.empty(); }));
  network_.RunFor(absl::Seconds(1));
  EXPECT_FALSE(Rest());
  OnServer([&] {
    server_->dispatcher.last().Reply("y");
    EXPECT_FALSE(server_->Rest()) << "the reply has not left";
  });
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_TRUE(Rest());
}

TEST_F(ConnectionRestTest, NotAfterWordsOfGoodbye) {
  StartHello(Bytes(FrameType::kGoaway, 0, 0, 0, std::string(4, '\0')));
  EXPECT_FALSE(Rest());
}

TEST_F(ConnectionRestTest, NotWhileItDrains) {
  StartHello();
  OnServer([&] { server_->connection().Drain(); });
  network_.RunFor(absl::Milliseconds(10));
  EXPECT_FALSE(Rest());
}

TEST_F(ConnectionRestTest, NotRightBehindFramesThatAreCounted) {
  StartHello(Bytes(FrameType::kPing, 0, 0, 1));
  EXPECT_FALSE(Rest());
  network_.RunFor(absl::Seconds(4));
  EXPECT_FALSE(Rest()) << "PINGs are counted for longer";
  network_.RunFor(absl::Seconds(2));
  EXPECT_TRUE(Rest());
}

TEST_F(ConnectionRestTest, NotWhereThePeerIsWatchedWithoutCalls) {
  ConnectionLimits limits;
  limits.ping_without_calls = true;
  Start(limits);
  ExpectServes();
  EXPECT_FALSE(Rest());
}

TEST_F(ConnectionRestTest, PingsAreAnswered) {
  StartHello();
  ASSERT_TRUE(Rest());
  Send(Bytes(FrameType::kPing, 0, 0, 7));
  EXPECT_EQ(raw_client_->Count(FrameType::kPing, 0), 1u);
  EXPECT_EQ(server_->awoken, 1);
}

TEST_F(ConnectionRestTest, SettingsMayNotComeAgain) {
  StartHello();
  ASSERT_TRUE(Rest());
  Send(Hello().substr(kPrefaceBytes));
  EXPECT_EQ(Reason(), GoawayReason::kSettings);
}

TEST_F(ConnectionRestTest, KnowsTheMethodsThatWereBound) {
  StartHello(Request(1, kFlagEnd, kEcho, 7) + Request(3, kFlagEnd, kNever, 8));
  ASSERT_TRUE(Rest());
  Send(Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage, 5, 7, "x") +
       Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage, 7, 8, "x"));
  EXPECT_EQ(raw_client_->Count(FrameType::kResponse, 5), 1u);
  EXPECT_EQ(raw_client_->Count(FrameType::kResponse, 7), 1u);
  EXPECT_EQ(server_->dispatcher.unknown_paths,
            (std::vector<std::string>{std::string(kNever.path), std::string(kNever.path)}));
  ASSERT_TRUE(Rest());
  Send(Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage, 9, 6, "x"));
  EXPECT_EQ(Reason(), GoawayReason::kMethod);
}

TEST_F(ConnectionRestTest, KnowsWhichStreamsHaveBeen) {
  StartHello(Request(5, kFlagEnd, kEcho, 1));
  ASSERT_TRUE(Rest());
  Send(Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage, 3, 1, "x"));
  EXPECT_EQ(Reason(), GoawayReason::kStreamId);
}

TEST_F(ConnectionRestTest, BearsWhatComesLate) {
  StartServer();
  server_->dispatcher.on_begin = [](TestHandler& handler) {
    handler.Finish(absl::AbortedError("not now"));
  };
  StartRawClient();
  Send(Hello() + Request(1, 0, kStream, 1));  // which ends before its client does
  ASSERT_TRUE(Rest());
  Send(Bytes(FrameType::kData, kFlagMessage, 1, 0, std::string(1000, 'x')));
  EXPECT_EQ(Reason(), GoawayReason::kNone);
  // No more than the stream's window had left, though.
  const std::string data = Bytes(FrameType::kData, kFlagMessage, 1, 0, std::string(60'000, 'x'));
  for (int i = 0; i < 4; ++i) {
    Send(data);
    EXPECT_EQ(Reason(), GoawayReason::kNone) << i;
    ASSERT_TRUE(Rest());
  }
  Send(data);
  EXPECT_EQ(Reason(), GoawayReason::kFlowControl);
}

TEST_F(ConnectionRestTest, LateCancelsArePaidFor) {
  ConnectionLimits limits;
  limits.control_frames_max = 10;
  std::string requests = Request(1, kFlagEnd, kEcho, 1);
  std::string cancels;
  for (uint32_t i = 1; i < 20; ++i)
    requests += Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage, 2 * i + 1, 1, "x");
  for (uint32_t i = 0; i < 20; ++i) cancels += Bytes(FrameType::kCancel, 0, 2 * i + 1);
  StartHello(requests, limits);
  ASSERT_TRUE(Rest());
  Send(cancels + cancels);
  EXPECT_EQ(Reason(), GoawayReason::kNone);
  Send(cancels);
  EXPECT_EQ(Reason(), GoawayReason::kLimit);
}

TEST_F(ConnectionRestTest, WindowsAreWhatTheyWere) {
  StartHello(Request(1, kFlagEnd, kEcho, 1));
  // The connection's has a mebibyte, of which half a window is given back at a time.
  const auto request = [](uint32_t stream) {
    return Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage, stream, 1, std::string(60'000, 'x'));
  };
  uint32_t stream = 3;
  const auto credit_given = [&] { return raw_client_->Count(FrameType::kWindow, 0); };
  for (; credit_given() == 0; stream += 2) {
    ASSERT_LT(stream, 40u);
    Send(request(stream));
    ASSERT_TRUE(Rest());
  }
  EXPECT_GE(stream, 3 + 2 * 8) << "credit was given too soon";
  // And the client has given none: one mebibyte of replies is all that comes.
  for (; stream < 60; stream += 2) Send(request(stream));
  uint64_t replied = 0;
  for (const Frame& frame : raw_client_->Frames()) {
    if (frame.type() == FrameType::kResponse || frame.type() == FrameType::kData)
      replied += frame.message.size();
  }
  EXPECT_LE(replied, kMinConnectionWindow);
  EXPECT_GT(replied, kMinConnectionWindow - 66'000);
}

TEST_F(ConnectionRestTest, AnIdleOneIsToldToGo) {
  ConnectionLimits limits;
  limits.idle_timeout = absl::Seconds(10);
  StartHello("", limits);
  network_.RunFor(absl::Seconds(8));
  ASSERT_TRUE(Rest());
  Send(Bytes(FrameType::kPing, 0, 0, 7));  // is no call
  network_.RunFor(absl::Milliseconds(500));
  EXPECT_EQ(Reason(), GoawayReason::kNone);
  network_.RunFor(absl::Seconds(5));
  EXPECT_EQ(Reason(), GoawayReason::kIdle);
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kIdleTimeout], 1);
  ASSERT_TRUE(RunUntil([&] { return server_->connections() == 0; }));
}

TEST_F(ConnectionRestTest, IsIdleForAsLongAsOneThatIsAwake) {
  ConnectionLimits limits;
  limits.idle_timeout = absl::Seconds(100);
  Start(limits);
  for (int i = 0; i < 20; ++i) {  // each call counts
    ExpectServes();
    ASSERT_TRUE(Rest());
    network_.RunFor(absl::Seconds(60));
  }
  EXPECT_EQ(client_->draining, 0);
  network_.RunFor(absl::Seconds(39));
  EXPECT_EQ(client_->draining, 0);
  network_.RunFor(absl::Seconds(60));
  EXPECT_EQ(client_->draining, 1);
  EXPECT_EQ(server_->awoken, 20);
}

TEST_F(ConnectionRestTest, AnOldOneIsToldToGo) {
  ConnectionLimits limits;
  limits.max_age = absl::Seconds(100);
  Start(limits);
  ExpectServes();
  ASSERT_TRUE(Rest());
  network_.RunFor(absl::Seconds(45));
  ExpectServes();  // which makes it no younger
  ASSERT_TRUE(Rest());
  network_.RunFor(absl::Seconds(44));
  EXPECT_EQ(client_->draining, 0);
  network_.RunFor(absl::Seconds(22));
  EXPECT_EQ(client_->draining, 1);
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kMaxAge], 1);
}

TEST_F(ConnectionRestTest, Drains) {
  Start();
  ExpectServes();
  ASSERT_TRUE(Rest());
  OnServer([&] { server_->connection().Drain(); });
  ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
  EXPECT_TRUE(client_->closed_status.ok()) << client_->closed_status;
  ASSERT_TRUE(RunUntil([&] { return server_->closed == 1; }));
}

TEST_F(ConnectionRestTest, IsAborted) {
  Start();
  ExpectServes();
  ASSERT_TRUE(Rest());
  OnServer([&] { server_->AbortAll(); });
  ASSERT_TRUE(RunUntil([&] { return server_->closed == 1 && client_->closed(); }));
}

TEST_F(ConnectionRestTest, NoticesThatItsClientHasGone) {
  for (const bool in_peace : {true, false}) {
    StartHello();
    ASSERT_TRUE(Rest());
    OnClient([&] { in_peace ? raw_client_->End() : raw_client_->Close(); });
    EXPECT_TRUE(RunUntil([&] { return server_->connections() == 0; })) << in_peace;
    OnClient([&] { raw_client_.reset(); });
    OnServer([&] { server_.reset(); });
  }
}

TEST_F(ConnectionRestTest, MayBeDestroyed) {
  StartHello();
  ASSERT_TRUE(Rest());
  OnServer([&] { server_.reset(); });
}

TEST_F(ConnectionRestTest, WhatIsBoundLaterIsItsOwn) {
  StartHello(Request(1, kFlagEnd, kEcho, 1));
  ASSERT_TRUE(Rest());
  Send(Request(3, kFlagEnd, kNever, 2));
  ASSERT_TRUE(Rest());
  Send(Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage, 5, 1, "x") +
       Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage, 7, 2, "x"));
  EXPECT_EQ(raw_client_->Count(FrameType::kResponse, 5), 1u);
  EXPECT_EQ(raw_client_->Count(FrameType::kResponse, 7), 1u);
  EXPECT_EQ(server_->dispatcher.unknown_paths.size(), 2u);
}

// Ten megabytes a second, of which more ahead only stand longer in a queue: bursts a minute apart.
TEST(WindowTuner, KnowsAfterARestWhatItHasMeasured) {
  static constexpr uint32_t kCap = 8 * 1024 * 1024;
  const auto target_after_bursts = [](bool rests) {
    auto tuner = std::make_unique<WindowTuner>(256 * 1024, kCap);
    Instant now = Instant::FromNanoseconds(1'000'000'000);
    for (int burst = 0; burst < 6; ++burst) {
      for (int i = 0; i < 20; ++i) {
        if (!tuner->MayBegin(now)) continue;
        tuner->Begin(now);
        tuner->Arrive(tuner->target());
        now = now + absl::Seconds(tuner->target() / 10e6);
        tuner->End(now);
      }
      now = now + absl::Minutes(1);
      if (!rests) continue;
      auto other = std::make_unique<WindowTuner>(256 * 1024, kCap);
      other->Resume(tuner->target(), tuner->TakeMeasured());
      tuner = std::move(other);
    }
    return tuner->target();
  };
  EXPECT_LT(target_after_bursts(false), kCap);
  EXPECT_EQ(target_after_bursts(true), target_after_bursts(false));
}

TEST(CommonStates, AreKeptOnceForThoseThatAreEqual) {
  CommonStates states(nullptr);
  const auto with_method = [](uint32_t id, std::string_view path) {
    CommonState state;
    EXPECT_FALSE(state.methods.Bind(id, path, nullptr, 64).has_value());
    return state;
  };
  {
    const CommonStates::Kept first = states.Keep(with_method(1, "/a.A/a"));
    {
      const CommonStates::Kept same = states.Keep(with_method(1, "/a.A/a"));
      EXPECT_EQ(&*same, &*first);
      EXPECT_EQ(states.size(), 1u);
    }
    EXPECT_EQ(first->methods.Find(1)->path, "/a.A/a");
    const CommonStates::Kept other_id = states.Keep(with_method(2, "/a.A/a"));
    const CommonStates::Kept other_path = states.Keep(with_method(1, "/a.A/b"));
    CommonState other_settings = with_method(1, "/a.A/a");
    other_settings.peer_settings.connection_window += 1;
    const CommonStates::Kept other = states.Keep(std::move(other_settings));
    EXPECT_EQ(states.size(), 4u);
  }
  EXPECT_EQ(states.size(), 0u);
}

}  // namespace
}  // namespace dialtone::dialtone1
