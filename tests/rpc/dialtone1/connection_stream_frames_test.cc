// Every frame of a stream of messages, at a stream that is between two messages, in the middle of one, or was left there:
// the table of connection_frames_test.cc, carried on. Either side takes the frame and goes on serving, or says goodbye
// with the reason that docs/protocol.md gives.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "connection_test_support.h"
#include "raw_frames.h"

namespace dialtone::dialtone1::connection_stream_frames_test {
namespace {

using StreamFramesTest = ConnectionTest;

constexpr uint8_t kPiece = kFlagMessage | kFlagMore;

std::string Data(uint8_t flags, std::string_view part) {
  return Bytes(FrameType::kData, flags, 1, 0, part);
}
// The first of a message of 10 bytes, 6 of which are still to come.
std::string FirstPiece() {
  std::string part(4, '\0');
  Store32(part.data(), 10);
  return Data(kPiece, part + "abcd");
}

enum State { kBetween, kInMessage, kHalfClosed, kCancelled, kClosed, kStates };
constexpr const char* kStateNames[] = {"between messages", "in a message", "half-closed",
                                       "cancelled in a message", "closed in a message"};

struct Case {
  const char* name;
  std::string bytes;
  Expected expected[kStates];
};

std::vector<Case> ServerCases() {
  return {
      {"REQUEST", Request(1, kFlagEnd, kHold, 0), {kId, kId, kId, kId, kId}},
      {"RESPONSE", Bytes(FrameType::kResponse, 0, 1), {kState, kState, kState, kState, kState}},
      {"RESPONSE+END",
       Bytes(FrameType::kResponse, kFlagEnd, 1),
       {kState, kState, kState, kState, kState}},
      {"a message", Data(kFlagMessage, "more"), {kFine, kBroken, kState, kState, kFine}},
      {"an empty message", Data(kFlagMessage, ""), {kFine, kBroken, kState, kState, kFine}},
      {"the rest of it", Data(kFlagMessage, "efghij"), {kFine, kFine, kState, kState, kFine}},
      {"more than the rest",
       Data(kFlagMessage, "efghijk"),
       {kFine, kBroken, kState, kState, kFine}},
      {"a first piece", FirstPiece(), {kFine, kBroken, kState, kState, kFine}},
      {"a further piece", Data(kPiece, "efg"), {kBroken, kFine, kState, kState, kFine}},
      {"END", Data(kFlagEnd, ""), {kFine, kBroken, kState, kState, kFine}},
      {"the rest and END",
       Data(kFlagMessage | kFlagEnd, "efghij"),
       {kFine, kFine, kState, kState, kFine}},
      {"CANCEL", Bytes(FrameType::kCancel, 0, 1, 0), {kFine, kFine, kFine, kState, kFine}},
      {"WINDOW", Bytes(FrameType::kWindow, 0, 1, 100'000), {kFine, kFine, kFine, kFine, kFine}},
      {"PING", Bytes(FrameType::kPing, 0, 0, 9), {kFine, kFine, kFine, kFine, kFine}},
  };
}

// What a client has got messages of has run, whatever its server says then: it must not be sent again.
TEST_F(StreamFramesTest, ARefusalBehindAMessageOrAPieceOfOneIsAnErrorLikeAnyOther) {
  const std::string refusal = Bytes(FrameType::kResponse, kFlagEnd | kFlagRefused, 1, 14);
  const std::string goaway = Bytes(FrameType::kGoaway, 0, 0, 0, std::string(4, '\0'));
  for (const std::string& end : {refusal, goaway}) {
    for (const std::string& before : {std::string(), Data(kFlagMessage, "whole"), FirstPiece()}) {
      SCOPED_TRACE(before.size());
      OnServer([&] { raw_server_.reset(); });
      StartRawServer();
      OnClient([&] { client_.reset(); });
      StartClient();
      OnServer([&] { raw_server_->Send(Hello()); });
      TestCall* call = nullptr;
      OnClient([&] { call = &client_->Call(kStream, "x"); });
      ASSERT_TRUE(RunUntil([&] { return raw_server_->Count(FrameType::kRequest, 1) == 1; }));
      OnServer([&] { raw_server_->Send(before + end); });
      ASSERT_TRUE(RunUntil([&] { return call->ended; }));
      EXPECT_EQ(call->code(), absl::StatusCode::kUnavailable);
      EXPECT_EQ(call->end.never_ran, before.empty());
      EXPECT_EQ(call->end.refused, before.empty() && end == refusal);
    }
  }
}

TEST_F(StreamFramesTest, EveryFrameInTheMiddleOfAStreamAtTheServer) {
  StartServer();
  int connections = 0;
  for (const Case& c : ServerCases()) {
    for (int state = kBetween; state < kStates; ++state) {
      SCOPED_TRACE(absl::StrCat(c.name, " at a stream that is ", kStateNames[state]));
      StartRawClient();
      std::string bytes = Hello() + Request(1, 0, kStream, 1) + Data(kFlagMessage, "whole");
      if (state == kHalfClosed) {
        bytes += Data(kFlagEnd, "");
      } else if (state != kBetween) {
        bytes += FirstPiece();
      }
      if (state == kCancelled) bytes += Bytes(FrameType::kCancel, 0, 1, 0);
      const size_t before = server_->dispatcher.handlers.size();
      OnClient([&] { raw_client_->Send(bytes); });
      ASSERT_TRUE(RunUntil([&] {
        return server_->dispatcher.handlers.size() > before &&
               server_->dispatcher.last().messages.size() == 2;
      }));
      TestHandler& handler = server_->dispatcher.last();
      OnServer([&] { handler.Send("a reply"); });
      network_.RunFor(absl::Milliseconds(5));
      if (state == kCancelled) {
        ASSERT_TRUE(handler.cancelled.has_value());
      }
      if (state == kClosed) OnServer([&] { handler.Finish(absl::OkStatus()); });
      OnClient([&] { raw_client_->Send(c.bytes + Request(101, kFlagEnd, kEcho, 2)); });
      if (c.expected[state] == kFine) {
        ASSERT_TRUE(RunUntil([&] { return raw_client_->Count(FrameType::kResponse, 101) == 1; }));
        EXPECT_FALSE(raw_client_->Error().has_value());
      } else {
        ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
        ASSERT_TRUE(raw_client_->Error().has_value());
        EXPECT_EQ(GoawayReasonName(raw_client_->Error()->reason),
                  GoawayReasonName(*c.expected[state]));
      }
      OnClient([&] { raw_client_->Close(); });
      ++connections;
      ASSERT_TRUE(RunUntil([&] {
        OnServer([&] {
          if (!handler.finished && handler.cancelled) handler.Finish(absl::CancelledError(""));
        });
        return server_->closed == connections;
      }));
    }
  }
  EXPECT_EQ(server_->dispatcher.unfinished(), 0u);
}

std::vector<Case> ClientCases() {
  return {
      {"RESPONSE", Bytes(FrameType::kResponse, 0, 1), {kState, kState, kState, kFine, kState}},
      {"a message", Data(kFlagMessage, "more"), {kFine, kBroken, kBroken, kFine, kState}},
      {"an empty message", Data(kFlagMessage, ""), {kFine, kBroken, kBroken, kFine, kState}},
      {"the rest of it", Data(kFlagMessage, "efghij"), {kFine, kFine, kFine, kFine, kState}},
      {"a first piece", FirstPiece(), {kFine, kBroken, kBroken, kFine, kState}},
      {"a further piece", Data(kPiece, "efg"), {kBroken, kFine, kFine, kFine, kState}},
      {"DATA+END", Data(kFlagEnd, ""), {kState, kState, kState, kState, kState}},
      {"RESPONSE+END",
       Bytes(FrameType::kResponse, kFlagEnd, 1),
       {kFine, kBroken, kBroken, kFine, kState}},
      {"RESPONSE+END with the rest of it",
       Bytes(FrameType::kResponse, kFlagEnd | kFlagMessage, 1, 0, "efghij"),
       {kFine, kFine, kFine, kFine, kState}},
      {"RESPONSE+END with an error",
       Bytes(FrameType::kResponse, kFlagEnd, 1, 5),
       {kFine, kFine, kFine, kFine, kState}},
      {"WINDOW", Bytes(FrameType::kWindow, 0, 1, 1000), {kFine, kFine, kFine, kFine, kFine}},
      {"CANCEL", Bytes(FrameType::kCancel, 0, 1, 1), {kState, kState, kState, kState, kState}},
      {"PING", Bytes(FrameType::kPing, 0, 0, 9), {kFine, kFine, kFine, kFine, kFine}},
  };
}

TEST_F(StreamFramesTest, EveryFrameInTheMiddleOfAStreamAtTheClient) {
  for (const Case& c : ClientCases()) {
    for (int state = kBetween; state < kStates; ++state) {
      SCOPED_TRACE(absl::StrCat(c.name, " at a stream that is ", kStateNames[state]));
      OnServer([&] { raw_server_.reset(); });
      StartRawServer();
      OnClient([&] { client_.reset(); });
      StartClient();
      OnServer([&] { raw_server_->Send(Hello()); });
      ASSERT_TRUE(RunUntil([&] { return client_->ready != 0; }));
      TestCall* call = nullptr;
      OnClient([&] { call = &client_->Open(kStream, "first"); });
      // In this state "half-closed" is the client's own doing, in the middle of what the server sends.
      if (state == kHalfClosed) OnClient([&] { call->stream->SendEnd(); });
      ASSERT_TRUE(RunUntil([&] { return raw_server_->Count(FrameType::kRequest, 1) == 1; }));
      std::string bytes = Bytes(FrameType::kResponse, 0, 1) + Data(kFlagMessage, "whole");
      if (state != kBetween) bytes += FirstPiece();
      OnServer([&] { raw_server_->Send(bytes); });
      ASSERT_TRUE(RunUntil([&] { return call->messages.size() == 1; }));
      network_.RunFor(absl::Milliseconds(5));
      if (state == kCancelled) OnClient([&] { call->Cancel(); });
      if (state == kClosed) {
        OnServer([&] { raw_server_->Send(Bytes(FrameType::kResponse, kFlagEnd, 1, 10)); });
        ASSERT_TRUE(RunUntil([&] { return call->ended; }));
      }
      network_.RunFor(absl::Milliseconds(5));
      OnServer([&] { raw_server_->Send(c.bytes); });
      network_.RunFor(absl::Milliseconds(5));
      if (c.expected[state] == kFine) {
        ASSERT_FALSE(client_->closed()) << client_->closed_status;
        TestCall& next = Call(kEcho, "next");
        ASSERT_TRUE(RunUntil([&] { return raw_server_->Count(FrameType::kRequest, 3) == 1; }));
        OnServer([&] {
          raw_server_->Send(Bytes(FrameType::kResponse, kFlagEnd | kFlagMessage, 3, 0, "r"));
        });
        ASSERT_TRUE(RunUntil([&] { return next.ended; }));
        EXPECT_TRUE(next.end.status.ok()) << next.end.status;
      } else {
        ASSERT_TRUE(RunUntil([&] { return raw_server_->Error().has_value(); }));
        EXPECT_EQ(GoawayReasonName(raw_server_->Error()->reason),
                  GoawayReasonName(*c.expected[state]));
        OnServer([&] { raw_server_->Close(); });
        ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
        EXPECT_TRUE(call->done());
      }
    }
  }
}

}  // namespace
}  // namespace dialtone::dialtone1::connection_stream_frames_test
