// What a peer cannot make a Dialtone/1 connection do: hold more, read more, answer more than its limits say.
#include <string>

#include "absl/strings/str_cat.h"
#include "connection_test_support.h"
#include "raw_frames.h"

namespace dialtone::dialtone1 {
namespace {

using ConnectionBoundsTest = ConnectionTest;

TEST_F(ConnectionBoundsTest, AClientThatDoesNotReadIsNotReadFrom) {
  ConnectionLimits limits;
  limits.write_queue_bytes_max = 64 * 1024;
  limits.write_stall_timeout = absl::InfiniteDuration();
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
  EXPECT_LT(begun, 100u) << "the server went on reading";
  OnClient([&] { raw_client_->SetReading(true); });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.handlers.size() == kRequests; }));
}

std::string Pings(uint32_t count) {
  std::string pings(count * kHeaderBytes, '\0');
  for (uint32_t i = 0; i < count; ++i) {
    EncodeHeader(MakeHeader(FrameType::kPing, 0, 0, i), pings.data() + i * kHeaderBytes);
  }
  return pings;
}

TEST_F(ConnectionBoundsTest, AFloodOfPingsEndsTheConnection) {
  ConnectionLimits limits;
  limits.control_frames_max = 32;
  limits.ping_interval_min = absl::ZeroDuration();
  StartServer(limits);
  StartRawClient();
  std::string bytes(kPreface);
  AppendSettingsFrame(Settings(), bytes);
  OnClient([&] { raw_client_->Send(bytes); });
  // As many as may be under way, again and again, faster than a second lets through.
  size_t answered = 0;
  while (answered < 32) {
    OnClient([&] { raw_client_->Send(Pings(8)); });
    answered += 8;
    ASSERT_TRUE(RunUntil([&] { return raw_client_->Count(FrameType::kPing, 0) == answered; }));
  }
  EXPECT_FALSE(raw_client_->Error().has_value());
  network_.RunFor(absl::Seconds(2));
  OnClient([&] { raw_client_->Send(Pings(8)); });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->Count(FrameType::kPing, 0) == 40; }));
  EXPECT_FALSE(raw_client_->Error().has_value()) << "a second later there is room again";
  for (int i = 0; i < 4; ++i) {
    OnClient([&] { raw_client_->Send(Pings(8)); });
    network_.RunFor(absl::Milliseconds(10));
  }
  ASSERT_TRUE(RunUntil([&] { return raw_client_->Error().has_value(); }));
  EXPECT_EQ(raw_client_->Error()->reason, GoawayReason::kLimit);
  EXPECT_NE(raw_client_->Error()->text.find("control frames"), std::string::npos)
      << raw_client_->Error()->text;
  ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kControlFrames], 1);
}

TEST_F(ConnectionBoundsTest, NinePingsAtOnceEndTheConnection) {
  StartServer();
  for (const uint32_t pings : {8u, 9u}) {
    SCOPED_TRACE(pings);
    StartRawClient();
    std::string bytes(kPreface);
    AppendSettingsFrame(Settings(), bytes);
    OnClient([&] { raw_client_->Send(bytes); });
    ASSERT_TRUE(RunUntil([&] { return raw_client_->Frames().size() == 1; }));
    OnClient([&] { raw_client_->Send(Pings(pings)); });
    ASSERT_TRUE(RunUntil([&] { return raw_client_->Count(FrameType::kPing, 0) == 8; }));
    network_.RunFor(absl::Seconds(1));
    const std::vector<Frame> frames = raw_client_->Frames();
    for (uint32_t i = 0; i < 8; ++i) {
      EXPECT_EQ(frames.at(i + 1).header.argument, i) << "answers come in order";
      EXPECT_TRUE(frames.at(i + 1).has(kFlagEnd));
    }
    EXPECT_EQ(raw_client_->Error().has_value(), pings == 9);
    if (pings == 8) continue;
    EXPECT_EQ(raw_client_->Error()->reason, GoawayReason::kLimit);
    EXPECT_EQ(raw_client_->Error()->text, "more than 8 PINGs without an answer");
    ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
  }
}

TEST_F(ConnectionBoundsTest, IncompleteMessagesAboveTheBudgetCostTheNewestCallItsLife) {
  ConnectionLimits limits;
  limits.bytes_in_flight_max = 600'000;
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
  EXPECT_GE(server_->dispatcher.reached[ServerLimit::kBytesInFlight], 1);
}

TEST_F(ConnectionBoundsTest, IncompleteRepliesAboveTheBudgetCostTheNewestCallItsLife) {
  ConnectionLimits limits;
  limits.bytes_in_flight_max = 600'000;
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

TEST_F(ConnectionBoundsTest, RepliesThatWaitAboveTheBudgetCostTheNewestCallItsLife) {
  ConnectionLimits limits;
  limits.bytes_in_flight_max = 1'100'000;
  process_ = std::make_unique<ByteBudget>(100'000'000);
  StartServer(limits);
  server_->dispatcher.process = process_.get();
  StartClient();
  OnClient([&] {
    for (int i = 0; i < 3; ++i) client_->Call(kHold, "x");
  });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.handlers.size() == 3; }));
  OnServer([&] {
    for (const auto& handler : server_->dispatcher.handlers) handler->Reply(Pattern(400'000));
    EXPECT_EQ(process_->used(), 1'200'000u);
  });
  ASSERT_TRUE(RunUntil([&] { return client_->all_done(); }));
  EXPECT_TRUE(client_->calls[0]->end.status.ok()) << client_->calls[0]->end.status;
  EXPECT_TRUE(client_->calls[1]->end.status.ok()) << client_->calls[1]->end.status;
  EXPECT_EQ(client_->calls[2]->code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(
      client_->calls[2]->text().find("more than 1100000 bytes are in flight on this connection "
                                     "(ConnectionLimits::bytes_in_flight_max)"),
      std::string::npos)
      << client_->calls[2]->text();
  EXPECT_EQ(process_->used(), 0u);
  ExpectServes();
}

// With one pair of so many bytes.
Metadata MetadataOf(size_t bytes) {
  Metadata metadata;
  EXPECT_TRUE(metadata.Add("key", std::string(bytes, 'v')).ok());
  return metadata;
}

// Such calls may stay for ever: the end of their requests never comes.
TEST_F(ConnectionBoundsTest, ACallWhoseMetadataFindNoRoomIsRefused) {
  ConnectionLimits limits;
  limits.bytes_in_flight_max = 100'000;
  process_ = std::make_unique<ByteBudget>(1'000'000);
  StartServer(limits);
  server_->dispatcher.process = process_.get();
  StartClient();
  ExpectServes();  // the server's settings have come
  server_->dispatcher.handlers.clear();
  const Metadata metadata = MetadataOf(16'000);
  OnClient([&] {
    for (int i = 0; i < 7; ++i) client_->Call(kHold, "x", &metadata);
  });
  TestCall& newest = *client_->calls.back();
  ASSERT_TRUE(RunUntil([&] { return newest.ended; }));
  EXPECT_EQ(newest.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(newest.end.refused);
  EXPECT_NE(newest.text().find("more than 100000 bytes are in flight on this connection "
                               "(ConnectionLimits::bytes_in_flight_max)"),
            std::string::npos)
      << newest.text();
  EXPECT_EQ(server_->dispatcher.handlers.size(), 6u) << "it never ran";
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kBytesInFlight], 1);
  EXPECT_GE(process_->used(), 96'000u);
  // Neither one without metadata is, nor one with few.
  ExpectServes();
  const Metadata few = MetadataOf(500);
  TestCall& small = Call(kEcho, "y", &few);
  ASSERT_TRUE(RunUntil([&] { return small.ended; }));
  EXPECT_TRUE(small.end.status.ok()) << small.end.status;
  OnServer([&] { server_->dispatcher.handlers.front()->Reply("done"); });
  TestCall& again = Call(kEcho, "z", &metadata);
  ASSERT_TRUE(RunUntil([&] { return again.ended; }));
  EXPECT_TRUE(again.end.status.ok()) << again.end.status;
  OnServer([&] {
    for (size_t i = 1; i < 6; ++i) server_->dispatcher.handlers[i]->Reply("done");
  });
  ASSERT_TRUE(RunUntil([&] { return client_->all_done(); }));
  EXPECT_EQ(process_->used(), 0u);
}

TEST_F(ConnectionBoundsTest, ACallsMetadataCountUntilItsHandlerHasEnded) {
  process_ = std::make_unique<ByteBudget>(1'000'000);
  StartServer();
  server_->dispatcher.process = process_.get();
  server_->dispatcher.on_cancel = [](TestHandler&) {};  // it goes on
  StartClient();
  ExpectServes();  // the server's settings have come
  server_->dispatcher.handlers.clear();
  const Metadata metadata = MetadataOf(10'000);
  TestCall& cancelled = Call(kHold, "x", &metadata);
  TestCall& slow = Call(kHold, "y", &metadata);
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.handlers.size() == 2; }));
  const uint64_t of_both = process_->used();
  EXPECT_GE(of_both, 20'000u);
  EXPECT_LE(of_both, 21'000u);
  OnClient([&] { cancelled.Cancel(); });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.handlers[0]->cancelled.has_value(); }));
  EXPECT_EQ(process_->used(), of_both);
  OnServer([&] { server_->dispatcher.handlers[0]->Finish(absl::CancelledError("given up")); });
  EXPECT_GE(process_->used(), 10'000u);
  EXPECT_LE(process_->used(), 10'500u);
  // What is left to be sent is the reply.
  OnServer([&] {
    server_->dispatcher.handlers[1]->Reply(Pattern(400'000));
    EXPECT_EQ(process_->used(), 400'000u);
  });
  ASSERT_TRUE(RunUntil([&] { return slow.ended; }));
  EXPECT_EQ(process_->used(), 0u);
}

TEST_F(ConnectionBoundsTest, AFrameCutShortCountsInTheBudgets) {
  process_ = std::make_unique<ByteBudget>(1'000'000);
  StartServer();
  server_->dispatcher.process = process_.get();
  const std::string small = Request(1, kFlagEnd, kEcho, 1);
  std::string payload;
  AppendPair(payload, kPathKey, kEcho.path);
  const size_t meta = payload.size();
  payload.append(kMaxPieceBytes, 'x');
  const std::string large =
      Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage, 3, 2, payload, meta);
  for (const bool goes_on : {true, false}) {
    StartRawClient();
    const auto send = [&](std::string_view bytes) {
      OnClient([&] { raw_client_->Send(bytes); });
      network_.RunFor(absl::Seconds(1));
    };
    send(Hello() + small.substr(0, small.size() - 1));
    EXPECT_EQ(process_->used(), 0u) << "it is not worth counting";
    send(small.substr(small.size() - 1) + large.substr(0, large.size() - 1));
    EXPECT_GE(process_->used(), kMaxPieceBytes);
    EXPECT_LE(process_->used(), 2 * kMaxPieceBytes);
    if (goes_on) {
      send(large.substr(large.size() - 1));
      ASSERT_TRUE(RunUntil([&] { return raw_client_->Count(FrameType::kResponse, 3) == 1; }));
    }
    OnClient([&] { raw_client_.reset(); });
    ASSERT_TRUE(RunUntil([&] { return server_->connections() == 0; }));
    EXPECT_EQ(process_->used(), 0u);
  }
}

TEST_F(ConnectionBoundsTest, TheProcessHasOneBudgetForAllConnections) {
  process_ = std::make_unique<ByteBudget>(600'000);
  StartServer();
  server_->dispatcher.process = process_.get();
  StartClient();
  ExpectServes();
  process_->Add(400'000);  // held by other connections
  TestCall& call = Call(kEcho, Pattern(500'000));
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(call.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(
      call.text().find("of the 600000 bytes that may be in flight in this process, and leaves "
                       "too few (RuntimeOptions::bytes_in_flight_max)"),
      std::string::npos)
      << call.text();
  process_->Add(200'001);
  TestCall& other = Call(kEcho, Pattern(100'000));
  ASSERT_TRUE(RunUntil([&] { return other.ended; }));
  EXPECT_NE(other.text().find("more than 600000 bytes are in flight in this process "
                              "(RuntimeOptions::bytes_in_flight_max)"),
            std::string::npos)
      << other.text();
  process_->Subtract(600'001);
  TestCall& again = Call(kEcho, Pattern(200'000));
  ASSERT_TRUE(RunUntil([&] { return again.ended; }));
  EXPECT_TRUE(again.end.status.ok()) << again.end.status;
  EXPECT_EQ(process_->used(), 0u);
}

TEST_F(ConnectionBoundsTest, AClientsRepliesCountInItsProcessesBudget) {
  process_ = std::make_unique<ByteBudget>(300'000);
  StartServer();
  ClientOptions options;
  options.process_bytes = process_.get();
  StartClient(ConnectionLimits(), options);
  TestCall& call = Call(kEcho, Pattern(500'000));
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(call.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(call.text().find("RuntimeOptions::bytes_in_flight_max"), std::string::npos)
      << call.text();
  ASSERT_TRUE(RunUntil([&] { return process_->used() == 0; })) << "the piece under way has come";
  ExpectServes();
}

TEST_F(ConnectionBoundsTest, ClientsThatDoNotReadAreNotReadFromWhenTheProcessHoldsTooMuch) {
  process_ = std::make_unique<ByteBudget>(100'000);
  StartServer();
  server_->dispatcher.process = process_.get();
  StartRawClient();
  server_->dispatcher.on_begin = [](TestHandler& handler) {
    handler.on_half_close = nullptr;
    handler.Finish(absl::AbortedError(std::string(7000, 't')));
  };
  std::string bytes(kPreface);
  AppendSettingsFrame(Settings(), bytes);
  for (uint32_t i = 0; i < 5000; ++i) {
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
  network_.RunFor(absl::Seconds(10));
  EXPECT_GT(process_->used(), 0u);
  EXPECT_LT(process_->used(), 600'000u) << "a read's worth, and a few answers";
  EXPECT_LT(server_->dispatcher.handlers.size(), 100u);
  OnClient([&] { raw_client_->SetReading(true); });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.handlers.size() == 5000; }));
  ASSERT_TRUE(RunUntil([&] { return process_->used() == 0; }));
}

}  // namespace
}  // namespace dialtone::dialtone1
