// Calls that meet a limit of Dialtone/1: sizes of messages and metadata, calls at a time, methods bound.
#include <deque>
#include <memory>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "connection_test_support.h"
#include "raw_frames.h"

namespace dialtone::dialtone1 {
namespace {

using ConnectionLimitTest = ConnectionTest;

TEST_F(ConnectionLimitTest, AReplyAboveTheCallersLimitEndsThatCallOnly) {
  Start();
  for (const size_t size : {1000u, 500'000u}) {
    TestCall* call = nullptr;
    OnClient(
        [&] { call = &client_->Call(kEcho, Pattern(size), nullptr, Instant::Infinite(), 999); });
    ASSERT_TRUE(RunUntil([&] { return call->ended; }));
    EXPECT_EQ(call->code(), absl::StatusCode::kResourceExhausted);
    EXPECT_NE(call->text().find("limit of 999"), std::string::npos) << call->text();
    EXPECT_TRUE(call->messages.empty());
    ASSERT_TRUE(RunUntil([&] { return client_->connection().calls_in_flight() == 0; }));
  }
  ExpectServes();
}

TEST_F(ConnectionLimitTest, MessagesGrowToWhateverLimitIsSet) {
  constexpr size_t kLarge = 64 * 1024 * 1024;
  ConnectionLimits limits;
  limits.message_bytes_max = kLarge;
  process_ = std::make_unique<ByteBudget>(uint64_t{1} << 30);
  StartServer(limits);
  server_->dispatcher.process = process_.get();
  StartClient(limits);
  const std::string message = Pattern(kLarge);
  TestCall& call = Call(kEcho, message);
  ASSERT_TRUE(RunUntil([&] { return call.ended; }, absl::Hours(1)));
  EXPECT_TRUE(call.end.status.ok()) << call.end.status;
  ASSERT_EQ(call.messages.size(), 1u);
  EXPECT_TRUE(call.messages.front() == message);
  EXPECT_TRUE(RunUntil([&] { return process_->used() == 0; }));
  TestCall& above = Call(kEcho, Pattern(kLarge + 1));
  ASSERT_TRUE(RunUntil([&] { return above.ended; }));
  EXPECT_EQ(above.code(), absl::StatusCode::kResourceExhausted);
  ExpectServes();
}

TEST_F(ConnectionLimitTest, ARequestAboveTheServersLimitFailsBeforeItIsSent) {
  ConnectionLimits limits;
  limits.message_bytes_max = 100'000;
  Start(limits);
  ExpectServes();
  TestCall& call = Call(kEcho, Pattern(100'001));
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(call.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(call.text().find("100001 bytes is above the peer's limit of 100000"), std::string::npos)
      << call.text();
  EXPECT_TRUE(call.end.local);
  EXPECT_EQ(server_->dispatcher.handlers.size(), 1u);
  ExpectServes();
}

TEST_F(ConnectionLimitTest, ARequestThatOutranTheServersSettingsIsAnsweredWithItsLimit) {
  ConnectionLimits limits;
  limits.message_bytes_max = 100'000;
  Start(limits);
  TestCall& pieces = Call(kEcho, Pattern(100'001));
  ASSERT_TRUE(RunUntil([&] { return pieces.ended; }));
  EXPECT_EQ(pieces.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(pieces.text().find("100000"), std::string::npos) << pieces.text();
  ExpectServes();
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kMessageBytes], 1);
}

TEST_F(ConnectionLimitTest, AReplyAboveTheClientsAnnouncedLimitIsNotSent) {
  ConnectionLimits client;
  client.message_bytes_max = 5000;
  Start(ConnectionLimits(), client);
  TestCall& call = Call(kEcho, Pattern(5001));
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(call.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(call.text().find("5001 bytes is above the client's limit of 5000"), std::string::npos)
      << call.text();
  ExpectServes();
}

TEST_F(ConnectionLimitTest, MetadataAboveTheLimitFailsTheCallOnly) {
  Start();
  ExpectServes();
  Metadata metadata;
  ASSERT_TRUE(metadata.Add("k", std::string(17'000, 'v')).ok());
  TestCall& call = Call(kEcho, "x", &metadata);
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(call.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(call.text().find("limit of 16384"), std::string::npos) << call.text();
  Metadata bad;
  bad.AddUnchecked("Bad Key", "v");
  TestCall& illegal = Call(kEcho, "x", &bad);
  ASSERT_TRUE(RunUntil([&] { return illegal.ended; }));
  EXPECT_EQ(illegal.code(), absl::StatusCode::kInvalidArgument);
  ExpectServes();
}

TEST_F(ConnectionLimitTest, MetadataAheadOfTheSettingsAreJudgedByTheServer) {
  Start();
  Metadata taken;
  ASSERT_TRUE(taken.Add("k", std::string(16'000, 'v')).ok());
  Metadata above;
  ASSERT_TRUE(above.Add("k", std::string(17'000, 'v')).ok());
  Metadata endless;
  ASSERT_TRUE(endless.Add("k", std::string(65'535, 'v')).ok());
  const TestCall* calls[3] = {};
  OnClient([&] {
    client_->on_ready = [&] {
      calls[0] = &client_->Call(kEcho, "x", &taken);
      calls[1] = &client_->Call(kEcho, "x", &above);
      calls[2] = &client_->Call(kEcho, "x", &endless);
    };
  });
  ASSERT_TRUE(RunUntil([&] { return calls[2] != nullptr && client_->all_done(); }));
  EXPECT_TRUE(calls[0]->end.status.ok()) << calls[0]->end.status;
  EXPECT_EQ(calls[1]->code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(calls[1]->text().find("above the server's limit of 16384"), std::string::npos)
      << calls[1]->text();
  EXPECT_EQ(calls[2]->code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(calls[2]->text().find("above the protocol's limit of 65535"), std::string::npos)
      << calls[2]->text();
  ExpectServes();
}

TEST_F(ConnectionLimitTest, AStatusThatOutgrowsTheMetadataLimitStillEndsTheCall) {
  Start();
  server_->dispatcher.on_begin = [](TestHandler& handler) {
    handler.on_half_close = [](TestHandler& h) {
      absl::Status status = absl::DataLossError(std::string(100'000, 't'));
      status.SetPayload("type.googleapis.com/test.Detail", absl::Cord(std::string(60'000, 'd')));
      h.Finish(status);
    };
  };
  TestCall& call = Call(kEcho, "x");
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(call.code(), absl::StatusCode::kDataLoss);
  EXPECT_GT(call.text().size(), 1000u);
  EXPECT_LT(call.text().size(), 16'384u);
}

TEST_F(ConnectionLimitTest, CallsBeyondTheServersLimitWaitAtTheClient) {
  ConnectionLimits limits;
  limits.streams_max = 100;
  Start(limits);
  OnClient([&] {
    for (int i = 0; i < 150; ++i) client_->Call(kHold, "x");
    EXPECT_EQ(client_->connection().calls_in_flight(), 64u)
        << "the protocol's minimum holds until SETTINGS have come";
  });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.handlers.size() == 100; }));
  network_.RunFor(absl::Seconds(1));
  EXPECT_EQ(server_->dispatcher.handlers.size(), 100u);
  EXPECT_FALSE(client_->connection().has_capacity());
  OnServer([&] {
    for (int i = 0; i < 100; ++i) server_->dispatcher.handlers[i]->Reply("r");
  });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.handlers.size() == 150; }));
  OnServer([&] {
    for (int i = 100; i < 150; ++i) server_->dispatcher.handlers[i]->Reply("r");
  });
  ASSERT_TRUE(RunUntil([&] { return client_->all_done(); }));
  for (const auto& call : client_->calls) EXPECT_TRUE(call->end.status.ok()) << call->end.status;
}

TEST_F(ConnectionLimitTest, ACallThatTheServerHasNoRoomForIsRefused) {
  ConnectionLimits limits;
  limits.streams_max = 10;  // below what the protocol lets a server announce
  Start(limits);
  OnClient([&] {
    for (int i = 0; i < 20; ++i) client_->Call(kHold, "x");
  });
  ASSERT_TRUE(RunUntil([&] {
    size_t ended = 0;
    for (const auto& call : client_->calls) ended += call->ended;
    return ended == 10;
  }));
  for (const auto& call : client_->calls) {
    if (!call->ended) continue;
    EXPECT_EQ(call->code(), absl::StatusCode::kResourceExhausted);
    EXPECT_TRUE(call->end.never_ran);
  }
  EXPECT_EQ(server_->dispatcher.handlers.size(), 10u);
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kStreams], 10);
}

TEST_F(ConnectionLimitTest, MoreMethodsThanCanBeBoundStillWork) {
  ConnectionLimits limits;
  limits.methods_max = 64;
  Start(limits);
  std::deque<std::string> paths;
  std::deque<Method> methods;
  for (int i = 0; i < 80; ++i) {
    paths.push_back(absl::StrCat("/test.Many/Method", i));
    methods.push_back(Method{paths.back(), MethodKind::kUnary});
  }
  for (int round = 0; round < 2; ++round) {
    for (const Method& method : methods) {
      TestCall& call = Call(method, "x");
      ASSERT_TRUE(RunUntil([&] { return call.ended; }));
      ASSERT_EQ(call.code(), absl::StatusCode::kUnimplemented) << call.end.status;
    }
  }
  EXPECT_EQ(server_->dispatcher.lookups, 80 + 16);
  EXPECT_EQ(server_->dispatcher.unknown_paths.size(), 160u);
  ExpectServes();
}

TEST_F(ConnectionLimitTest, MetadataThatOutrunTheServersLimitAreAnsweredWithIt) {
  ConnectionLimits limits;
  limits.metadata_bytes_max = 8192;
  StartServer(limits);
  StartRawClient();
  std::string metadata;
  AppendPair(metadata, kPathKey, kEcho.path);
  AppendPair(metadata, "k", std::string(9000, 'v'));
  OnClient([&] {
    raw_client_->Send(Hello() +
                      Bytes(FrameType::kRequest, kFlagEnd, 1, 1, metadata, metadata.size()));
  });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->Count(FrameType::kResponse, 1) == 1; }));
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kMetadataBytes], 1);
  EXPECT_TRUE(server_->dispatcher.handlers.empty());
}

// A call of a method that was bound before, with nothing in it but the time left and a message.
std::string WholeRequest(uint32_t stream, uint32_t method_id) {
  std::string payload(kTimePrefixBytes, '\0');
  Store64(payload.data(), 1'000'000);
  return Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage | kFlagDeadline, stream, method_id,
               payload + "hi");
}

TEST_F(ConnectionLimitTest, AWholeRequestIsHeldAgainstEveryLimitToo) {
  ConnectionLimits limits;
  limits.streams_max = 1;
  limits.message_bytes_max = 2;
  StartServer(limits);
  StartRawClient();
  OnClient(
      [&] { raw_client_->Send(Hello() + Request(1, kFlagEnd, kHold, 1) + WholeRequest(3, 1)); });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->Count(FrameType::kResponse, 3) == 1; }));
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kStreams], 1);
  EXPECT_EQ(server_->dispatcher.handlers.size(), 1u);
  OnServer([&] { server_->dispatcher.last().Finish(absl::OkStatus()); });
  // A method that was never bound.
  OnClient([&] { raw_client_->Send(WholeRequest(5, 2)); });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->Error().has_value(); }));
  EXPECT_EQ(raw_client_->Error()->reason, GoawayReason::kMethod);
}

TEST_F(ConnectionLimitTest, WhatComesBehindTheLastStreamOfADrainIsCounted) {
  StartServer();
  StartRawClient();
  OnClient([&] { raw_client_->Send(Hello() + Request(1, kFlagEnd, kHold, 1)); });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 1; }));
  OnServer([&] { server_->connection().Drain(); });
  network_.RunFor(absl::Seconds(2));  // it announces the last stream, though its PING has no answer
  OnClient([&] { raw_client_->Send(Request(3, kFlagEnd, kHold, 2) + WholeRequest(5, 1)); });
  network_.RunFor(absl::Seconds(1));
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kDraining], 2);
  EXPECT_EQ(server_->dispatcher.handlers.size(), 1u);
  OnServer([&] { server_->dispatcher.last().Finish(absl::OkStatus()); });
}

}  // namespace
}  // namespace dialtone::dialtone1
