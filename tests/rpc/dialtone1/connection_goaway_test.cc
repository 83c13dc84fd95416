// What Dialtone/1 connections make of a GOAWAY: who says why, and which numbers it may have.
#include <string>

#include "absl/strings/str_cat.h"
#include "connection_test_support.h"
#include "little_endian.h"

namespace dialtone::dialtone1 {
namespace {

using ConnectionGoawayTest = ConnectionTest;

std::string Goaway(uint32_t last_stream, uint32_t reason, std::string_view text) {
  std::string frame(kHeaderBytes + 4, '\0');
  FrameHeader header = MakeHeader(FrameType::kGoaway, 0, 0, last_stream);
  header.length = static_cast<uint32_t>(4 + text.size());
  EncodeHeader(header, frame.data());
  Store32(frame.data() + kHeaderBytes, reason);
  return frame.append(text);
}

std::string Greeting() {
  std::string bytes(kPreface);
  AppendSettingsFrame(Settings(), bytes);
  return bytes;
}

// A RESPONSE, with an empty message if its flags say so.
std::string Answer(uint8_t flags, uint32_t stream, uint32_t status = 0) {
  std::string frame(kHeaderBytes, '\0');
  EncodeHeader(MakeHeader(FrameType::kResponse, flags, stream, status), frame.data());
  return frame;
}

TEST_F(ConnectionGoawayTest, AGoawayWithAReasonIsWhatCallsEndWith) {
  StartRawServer();
  StartClient();
  TestCall& call = Call(kEcho, "x");
  OnServer([&] {
    raw_server_->Send(
        absl::StrCat(std::string(kPreface), Goaway(kNoLastStream, 11, "too many connections")));
  });
  ASSERT_TRUE(RunUntil([&] { return call.ended; })) << "the server need not close first";
  EXPECT_EQ(client_->draining, 1);
  EXPECT_EQ(call.code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(call.end.never_ran);
  EXPECT_NE(call.text().find("LIMIT: too many connections"), std::string::npos) << call.text();
  ASSERT_TRUE(RunUntil([&] { return raw_server_->ended(); }));
}

TEST_F(ConnectionGoawayTest, AGoawayWithAReasonIsNamedByTheCallsThatNeverRan) {
  StartRawServer();
  StartClient();
  TestCall& call = Call(kEcho, "x");
  OnServer([&] {
    raw_server_->Send(absl::StrCat(std::string(kPreface), Goaway(0, 77, "too\x01many")));
  });
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_TRUE(call.end.never_ran);
  EXPECT_NE(call.text().find("reason 77: too\\001many"), std::string::npos) << call.text();
}

TEST_F(ConnectionGoawayTest, AGoawayMayFallButNotRise) {
  StartRawServer();
  StartClient();
  TestCall& call = Call(kEcho, "x");
  OnServer([&] {
    std::string bytes(kPreface);
    AppendSettingsFrame(Settings(), bytes);
    raw_server_->Send(absl::StrCat(bytes, Goaway(kNoLastStream, 0, ""), Goaway(5, 0, ""),
                                   Goaway(5, 0, ""), Goaway(3, 0, "")));
  });
  ASSERT_TRUE(RunUntil([&] { return client_->draining == 1; }));
  network_.RunFor(absl::Seconds(1));
  EXPECT_FALSE(call.ended) << call.end.status;
  OnServer([&] { raw_server_->Send(Goaway(5, 0, "")); });
  ASSERT_TRUE(RunUntil([&] { return raw_server_->Error().has_value(); }));
  EXPECT_EQ(raw_server_->Error()->reason, GoawayReason::kStreamId);
  EXPECT_EQ(raw_server_->Error()->text, "a GOAWAY has the last stream 5, the one before had 3");
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(call.code(), absl::StatusCode::kUnavailable);
}

TEST_F(ConnectionGoawayTest, ADrainingConnectionClosesOnceAllItsCallsAreGivenUp) {
  StartRawServer();
  StartClient();
  TestCall& first = Call(kEcho, "x");
  TestCall& second = Call(kEcho, "y");
  OnServer([&] { raw_server_->Send(Greeting() + Goaway(kNoLastStream, 0, "")); });
  ASSERT_TRUE(RunUntil([&] { return client_->draining == 1; }));
  OnClient([&] { first.Cancel(); });
  network_.RunFor(absl::Seconds(10));
  EXPECT_FALSE(raw_server_->ended()) << "the other one may be answered";
  OnClient([&] { second.Cancel(); });
  ASSERT_TRUE(RunUntil([&] { return raw_server_->ended(); }, absl::Seconds(1)));
  EXPECT_EQ(raw_server_->Count(FrameType::kCancel, 1), 1u);
  EXPECT_EQ(raw_server_->Count(FrameType::kCancel, 3), 1u) << "said before the end";
  EXPECT_TRUE(RunUntil([&] { return client_->closed(); }, absl::Seconds(2))) << "goodbye_timeout";
  EXPECT_TRUE(client_->closed_status.ok()) << client_->closed_status;
}

TEST_F(ConnectionGoawayTest, CallsThatWereGivenUpBeforeKeepNoConnectionThatDrains) {
  StartRawServer();
  StartClient();
  TestCall& answered = Call(kEcho, "x");
  TestCall& ended = Call(kEcho, "y");
  TestCall& given_up = Call(kEcho, "z");
  OnClient([&] {
    ended.Cancel();
    given_up.Cancel();
  });
  OnServer([&] {
    raw_server_->Send(Greeting() + Answer(kFlagEnd, 3, 1) + Goaway(kNoLastStream, 0, ""));
  });
  ASSERT_TRUE(RunUntil([&] { return client_->draining == 1; }));
  network_.RunFor(absl::Seconds(10));
  EXPECT_FALSE(raw_server_->ended());
  OnServer([&] { raw_server_->Send(Answer(kFlagEnd | kFlagMessage, 1)); });
  ASSERT_TRUE(RunUntil([&] { return raw_server_->ended(); }, absl::Seconds(1)));
  EXPECT_TRUE(answered.end.status.ok()) << answered.end.status;
}

TEST_F(ConnectionGoawayTest, AClientsGoawayWithALastStreamIsAnError) {
  StartServer();
  for (const uint32_t last : {0u, 1u}) {
    StartRawClient();
    std::string bytes(kPreface);
    AppendSettingsFrame(Settings(), bytes);
    OnClient([&] { raw_client_->Send(bytes + Goaway(last, 0, "leaving")); });
    network_.RunFor(absl::Seconds(1));
    EXPECT_EQ(raw_client_->Error().has_value(), last == 1);
  }
  EXPECT_EQ(raw_client_->Error()->reason, GoawayReason::kProtocol);
}

TEST_F(ConnectionGoawayTest, AServerThatIsToldOfAnErrorCancelsItsCallsAndCloses) {
  StartServer();
  StartRawClient();
  std::string bytes(kPreface);
  AppendSettingsFrame(Settings(), bytes);
  std::string block;
  AppendPair(block, kPathKey, kHold.path);
  std::string request(kHeaderBytes + block.size(), '\0');
  WriteFrameHead(MakeHeader(FrameType::kRequest, kFlagEnd | kFlagMessage, 1, 1), TimePrefix::None(),
                 block, 0, request.data());
  OnClient([&] { raw_client_->Send(bytes + request + Goaway(0, 13, "lost my mind")); });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
  EXPECT_FALSE(raw_client_->Error().has_value()) << "an error is not answered with one";
  ASSERT_TRUE(server_->dispatcher.last().cancelled.has_value());
  OnServer([&] { server_->dispatcher.last().Finish(absl::CancelledError("")); });
  OnClient([&] { raw_client_->End(); });
  ASSERT_TRUE(RunUntil([&] { return server_->connections() == 0; }));
}

std::string BareRequest(const Method& method, uint32_t id) {
  std::string block;
  AppendPair(block, kPathKey, method.path);
  std::string request(kHeaderBytes + block.size(), '\0');
  WriteFrameHead(MakeHeader(FrameType::kRequest, kFlagEnd | kFlagMessage, id, id),
                 TimePrefix::None(), block, 0, request.data());
  return request;
}

// Not only if there is nothing to read, although a connection that is closed with unread input is reset.
TEST_F(ConnectionGoawayTest, AServerThatClosesAtOnceSaysFirstWhichCallsItHasTaken) {
  StartServer();
  for (const size_t unread : {0u, 1u, 400u}) {
    SCOPED_TRACE(unread);
    StartRawClient();
    std::string bytes(kPreface);
    AppendSettingsFrame(Settings(), bytes);
    OnClient([&] { raw_client_->Send(bytes + BareRequest(kHold, 1)); });
    ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 1; }));
    network_.Pause(*server_loop_);
    OnClient([&] {
      for (size_t i = 0; i < unread; ++i)
        raw_client_->Send(BareRequest(kHold, static_cast<uint32_t>(2 * i + 3)));
    });
    network_.RunFor(absl::Seconds(1));
    OnServer([&] {
      server_->connection().Abort();
      server_->dispatcher.last().Finish(absl::CancelledError(""));
    });
    network_.Resume(*server_loop_);
    ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
    EXPECT_FALSE(raw_client_->broken());
    ASSERT_FALSE(raw_client_->Frames().empty());
    const FrameHeader last = raw_client_->Frames().back().header;
    EXPECT_EQ(last.type, static_cast<uint8_t>(FrameType::kGoaway));
    EXPECT_EQ(last.argument, 1u);
    ASSERT_TRUE(RunUntil([&] { return server_->connections() == 0; }));
  }
  EXPECT_EQ(server_->dispatcher.handlers.size(), 3u);
}

TEST_F(ConnectionGoawayTest, AServerThatClosesARestingConnectionAtOnceSaysTheSame) {
  Start();
  TestCall& call = Call(kEcho, "x");
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  network_.RunFor(absl::Seconds(1));
  OnServer([&] {
    server_->Rest();  // if it does not already
    server_->connection().Abort();
  });
  // The client has not heard of it.
  TestCall& next = Call(kEcho, "y");
  ASSERT_TRUE(RunUntil([&] { return next.ended; }));
  EXPECT_TRUE(next.end.never_ran) << next.end.status;
}

}  // namespace
}  // namespace dialtone::dialtone1
