// Connections on which nothing happens, and connections on which nothing moves.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "connection_test_support.h"

namespace dialtone::dialtone1 {
namespace {

class ConnectionIdleTest : public ConnectionTest {
 protected:
  static ConnectionLimits IdleAfter(absl::Duration timeout) {
    ConnectionLimits limits;
    limits.idle_timeout = timeout;
    return limits;
  }
  static ConnectionLimits StallsAfter(absl::Duration timeout) {
    ConnectionLimits limits;
    limits.write_stall_timeout = timeout;
    limits.write_queue_bytes_max = 64 * 1024;
    return limits;
  }
  // A client in bytes that asks for answers much larger than what it asks with, more than fit into
  // the network on the way.
  void StartThirstyClient() {
    StartRawClient();
    server_->dispatcher.on_begin = [](TestHandler& handler) {
      handler.on_half_close = nullptr;
      handler.Finish(absl::AbortedError(std::string(7000, 't')));
    };
    std::string bytes(kPreface);
    AppendSettingsFrame(Settings(), bytes);
    for (uint32_t i = 0; i < 2000; ++i) {
      std::string block;
      if (i == 0) AppendPair(block, kPathKey, kHold.path);
      std::string frame(kHeaderBytes + block.size(), '\0');
      WriteFrameHead(MakeHeader(FrameType::kRequest, kFlagEnd | kFlagMessage, 2 * i + 1, 1),
                     TimePrefix::None(), block, 0, frame.data());
      bytes += frame;
    }
    OnClient([&] {
      raw_client_->SetReading(false);
      raw_client_->Send(bytes);
    });
    ASSERT_TRUE(RunUntil([&] { return !server_->dispatcher.handlers.empty(); }));
  }
};

TEST_F(ConnectionIdleTest, AnIdleConnectionIsToldToGo) {
  Start(IdleAfter(absl::Seconds(10)));
  ExpectServes();
  network_.RunFor(absl::Seconds(9));
  EXPECT_EQ(client_->draining, 0);
  network_.RunFor(absl::Seconds(7));
  EXPECT_EQ(client_->draining, 1);
  EXPECT_TRUE(client_->closed());
  EXPECT_TRUE(client_->closed_status.ok()) << client_->closed_status;
  EXPECT_EQ(server_->connections(), 0u);
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kIdleTimeout], 1);
}

TEST_F(ConnectionIdleTest, OneWithoutAnyCallIsIdle) {
  StartServer(IdleAfter(absl::Seconds(10)));
  std::string settings;
  AppendSettingsFrame(Settings(), settings);
  for (const std::string& behind_preface : {settings, std::string()}) {
    StartRawClient();
    OnClient([&] { raw_client_->Send(std::string(kPreface) + behind_preface); });
    network_.RunFor(absl::Seconds(9));
    EXPECT_FALSE(raw_client_->Error().has_value());
    network_.RunFor(absl::Seconds(6));
    ASSERT_TRUE(raw_client_->Error().has_value());
    EXPECT_EQ(raw_client_->Error()->reason, GoawayReason::kIdle);
    ASSERT_TRUE(RunUntil([&] { return server_->connections() == 0; })) << "though nobody answered";
  }
}

TEST_F(ConnectionIdleTest, NotAllGoAtOnce) {
  StartServer(IdleAfter(absl::Seconds(1000)));
  std::vector<std::unique_ptr<RawPeer>> peers;
  std::string bytes(kPreface);
  AppendSettingsFrame(Settings(), bytes);
  for (int i = 0; i < 20; ++i) {
    OnClient([&] {
      peers.push_back(std::make_unique<RawPeer>(*client_loop_, address_));
      peers.back()->Send(bytes);
    });
  }
  const auto gone = [&] {
    return std::count_if(peers.begin(), peers.end(),
                         [](const auto& peer) { return peer->Error().has_value(); });
  };
  network_.RunFor(absl::Seconds(999));
  EXPECT_EQ(gone(), 0);
  network_.RunFor(absl::Seconds(126));
  EXPECT_GT(gone(), 2);
  EXPECT_LT(gone(), 18);
  network_.RunFor(absl::Seconds(126));
  EXPECT_EQ(gone(), 20);
  OnClient([&] { peers.clear(); });
}

TEST_F(ConnectionIdleTest, OneWithACallNowAndThenIsNot) {
  Start(IdleAfter(absl::Seconds(10)));
  for (int i = 0; i < 10; ++i) {
    ExpectServes();
    network_.RunFor(absl::Seconds(9));
  }
  EXPECT_EQ(client_->draining, 0);
}

TEST_F(ConnectionIdleTest, OneWithALongCallIsNot) {
  Start(IdleAfter(absl::Seconds(10)));
  TestCall& call = Call(kHold, "x");
  network_.RunFor(absl::Seconds(100));
  EXPECT_EQ(client_->draining, 0);
  OnServer([&] { server_->dispatcher.last().Reply("r"); });
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_TRUE(call.end.status.ok()) << call.end.status;
  network_.RunFor(absl::Seconds(16));
  EXPECT_EQ(client_->draining, 1);
}

TEST_F(ConnectionIdleTest, TheTimeBeginsWhenALongCallHasEnded) {
  Start(IdleAfter(absl::Seconds(10)));
  for (int i = 0; i < 12; ++i) {
    TestCall& call = Call(kHold, "x");
    network_.RunFor(absl::Seconds(30) + i * absl::Milliseconds(300));
    OnServer([&] { server_->dispatcher.last().Reply("r"); });
    ASSERT_TRUE(RunUntil([&] { return call.ended; }));
    network_.RunFor(absl::Milliseconds(9900));
    ASSERT_EQ(client_->draining, 0) << i;
  }
}

TEST_F(ConnectionIdleTest, NeverIsATimeoutToo) {
  ConnectionLimits limits = IdleAfter(absl::InfiniteDuration());
  limits.write_stall_timeout = absl::InfiniteDuration();
  Start(limits);
  ExpectServes();
  network_.RunFor(absl::Hours(24));
  EXPECT_EQ(client_->draining, 0);
}

TEST_F(ConnectionIdleTest, AClientThatAcceptsNoByteIsClosedWithTheReason) {
  StartServer(StallsAfter(absl::Seconds(5)));
  StartThirstyClient();
  network_.RunFor(absl::Seconds(4));
  EXPECT_EQ(server_->connections(), 1u);
  network_.RunFor(absl::Milliseconds(1500));
  // Whoever reads again just then finds out why.
  OnClient([&] { raw_client_->SetReading(true); });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->Error().has_value(); }));
  EXPECT_EQ(raw_client_->Error()->reason, GoawayReason::kLimit);
  EXPECT_NE(raw_client_->Error()->text.find("for 5s (ConnectionLimits::write_stall_timeout)"),
            std::string::npos)
      << raw_client_->Error()->text;
  ASSERT_TRUE(RunUntil([&] { return server_->connections() == 0; }));
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kWriteStall], 1);
}

TEST_F(ConnectionIdleTest, OneThatNeverReadsAgainIsCutOff) {
  StartServer(StallsAfter(absl::Seconds(5)));
  StartThirstyClient();
  network_.RunFor(absl::Seconds(8));
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(ConnectionIdleTest, OneThatAcceptsALittleNowAndThenIsNot) {
  StartServer(StallsAfter(absl::Seconds(5)));
  StartThirstyClient();
  for (int i = 0; i < 10; ++i) {
    network_.RunFor(absl::Seconds(4));
    const size_t before = raw_client_->received().size();
    OnClient([&] { raw_client_->SetReading(true); });
    network_.RunFor(absl::Milliseconds(5));
    ASSERT_GT(raw_client_->received().size(), before) << "time " << i;
    OnClient([&] { raw_client_->SetReading(false); });
  }
  EXPECT_EQ(server_->connections(), 1u);
}

TEST_F(ConnectionIdleTest, AServerThatAcceptsNoByteLosesItsClient) {
  StartRawServer();
  StartClient(StallsAfter(absl::Seconds(5)));
  OnServer([&] {
    std::string bytes(kPreface);
    AppendSettingsFrame(Settings(), bytes);
    raw_server_->Send(bytes);
  });
  ASSERT_TRUE(RunUntil([&] { return raw_server_->connected(); }));
  OnServer([&] { raw_server_->SetReading(false); });
  for (int i = 0; i < 60; ++i) Call(kEcho, Pattern(60'000));
  network_.RunFor(absl::Seconds(4));
  EXPECT_FALSE(client_->closed());
  network_.RunFor(absl::Seconds(5));
  EXPECT_TRUE(client_->closed());
  ASSERT_TRUE(client_->calls.front()->ended);
  EXPECT_EQ(client_->calls.front()->code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(client_->calls.front()->text().find("write_stall_timeout"), std::string::npos)
      << client_->calls.front()->text();
}

}  // namespace
}  // namespace dialtone::dialtone1
