// What a peer cannot make a Dialtone/1 connection do: hold more, read more, answer more than its limits say.
#include <string>

#include "absl/strings/str_cat.h"
#include "connection_test_support.h"

namespace dialtone::dialtone1 {
namespace {

using ConnectionBoundsTest = ConnectionTest;

TEST_F(ConnectionBoundsTest, AClientThatDoesNotReadIsNotReadFrom) {
  ConnectionLimits limits;
  limits.write_queue_bytes_max = 64 * 1024;
  StartServer(limits);
  StartRawClient();
  std::string bytes(kPreface);
  AppendSettingsFrame(Settings(), bytes);
  OnClient([&] {
    raw_client_->Send(bytes);
    raw_client_->SetReading(false);
  });
  // Requests whose answers are much larger than they are, far more than fit anywhere.
  ASSERT_TRUE(RunUntil([&] { return server_->has_connection(); }));
  server_->dispatcher.on_begin = [](TestHandler& handler) {
    handler.on_half_close = nullptr;
    handler.Finish(absl::AbortedError(std::string(7000, 't')));
  };
  constexpr uint32_t kRequests = 20'000;
  OnClient([&] {
    std::string requests;
    for (uint32_t i = 0; i < kRequests; ++i) {
      std::string block;
      if (i == 0) AppendPair(block, kPathKey, kHold.path);
      FrameHeader header = MakeHeader(FrameType::kRequest, kFlagEnd | kFlagMessage, 2 * i + 1, 1);
      std::string frame(kHeaderBytes + block.size(), '\0');
      WriteFrameHead(header, TimePrefix::None(), block, 0, frame.data());
      requests += frame;
    }
    raw_client_->Send(requests);
  });
  network_.RunFor(absl::Seconds(20));
  const size_t begun = server_->dispatcher.handlers.size();
  EXPECT_GT(begun, 5u);
  EXPECT_LT(begun, kRequests / 2) << "the server went on reading";
  OnClient([&] { raw_client_->SetReading(true); });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.handlers.size() == kRequests; }));
}

TEST_F(ConnectionBoundsTest, AFloodOfPingsEndsTheConnection) {
  StartServer();
  StartRawClient();
  std::string bytes(kPreface);
  AppendSettingsFrame(Settings(), bytes);
  std::string ping(kHeaderBytes, '\0');
  EncodeHeader(MakeHeader(FrameType::kPing, 0, 0, 7), ping.data());
  for (int i = 0; i < 1024; ++i) bytes += ping;
  OnClient([&] { raw_client_->Send(bytes); });
  network_.RunFor(absl::Milliseconds(200));
  EXPECT_EQ(raw_client_->Count(FrameType::kPing, 0), 1024u);
  EXPECT_FALSE(raw_client_->Error().has_value());
  network_.RunFor(absl::Seconds(2));
  OnClient([&] { raw_client_->Send(ping); });
  network_.RunFor(absl::Milliseconds(100));
  EXPECT_FALSE(raw_client_->Error().has_value()) << "a second later there is room again";
  std::string flood;
  for (int i = 0; i < 1100; ++i) flood += ping;
  OnClient([&] { raw_client_->Send(flood); });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->Error().has_value(); }));
  EXPECT_EQ(raw_client_->Error()->reason, GoawayReason::kLimit);
  ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
}

TEST_F(ConnectionBoundsTest, IncompleteMessagesAboveTheBudgetCostTheNewestCallItsLife) {
  ConnectionLimits limits;
  limits.incomplete_bytes_max = 600'000;
  Start(limits);
  OnClient([&] {
    client_->Call(kEcho, Pattern(500'000, 1));
    client_->Call(kEcho, Pattern(500'000, 2));
  });
  ASSERT_TRUE(RunUntil([&] { return client_->all_done(); }));
  EXPECT_TRUE(client_->calls[0]->end.status.ok()) << client_->calls[0]->end.status;
  EXPECT_EQ(client_->calls[1]->code(), absl::StatusCode::kResourceExhausted)
      << client_->calls[1]->end.status;
  EXPECT_NE(client_->calls[1]->text().find("600000 bytes"), std::string::npos)
      << client_->calls[1]->text();
  ExpectServes();
}

TEST_F(ConnectionBoundsTest, IncompleteRepliesAboveTheBudgetCostTheNewestCallItsLife) {
  ConnectionLimits limits;
  limits.incomplete_bytes_max = 600'000;
  Start(ConnectionLimits(), limits);
  OnClient([&] {
    client_->Call(kEcho, Pattern(500'000, 1));
    client_->Call(kEcho, Pattern(500'000, 2));
  });
  ASSERT_TRUE(RunUntil([&] { return client_->all_done(); }));
  int ended_well = 0;
  for (const auto& call : client_->calls) {
    ended_well += call->end.status.ok();
    EXPECT_TRUE(call->end.status.ok() || call->code() == absl::StatusCode::kResourceExhausted)
        << call->end.status;
  }
  EXPECT_GE(ended_well, 1);
  ExpectServes();
}

}  // namespace
}  // namespace dialtone::dialtone1
