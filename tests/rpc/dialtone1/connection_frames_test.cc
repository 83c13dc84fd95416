// Every type of frame in every state of a stream, sent as bytes to a real connection of either
// side: it takes the frame and goes on serving, or it says goodbye with the reason that
// docs/protocol.md gives. And bytes that are no frames.
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "connection_test_support.h"
#include "dialtone/transport/absl_strings.h"
#include "raw_frames.h"

namespace dialtone::dialtone1 {
namespace {

using ConnectionFramesTest = ConnectionTest;

enum State { kIdle, kOpen, kHalfClosed, kCancelled, kClosed, kStates };
constexpr const char* kStateNames[] = {"idle", "open", "half-closed", "cancelled", "closed"};

struct Case {
  const char* name;
  std::string bytes;
  Expected expected[kStates];
};

std::vector<Case> ServerCases() {
  const std::string goaway(4, '\0');
  std::string settings;
  AppendSettingsFrame(Settings(), settings);
  std::string unknown = Bytes(FrameType::kPing, 0, 1, 5, "xyz");
  unknown[4] = 9;
  std::string skipped = unknown;
  skipped[4] = static_cast<char>(0x89);
  return {
      {"REQUEST", Request(1, kFlagEnd, kEcho, 0), {kFine, kId, kId, kId, kId}},
      {"REQUEST+END without message", Request(1, 0, kHold, 0), {kFine, kId, kId, kId, kId}},
      {"RESPONSE", Bytes(FrameType::kResponse, 0, 1), {kState, kState, kState, kState, kState}},
      {"RESPONSE+END",
       Bytes(FrameType::kResponse, kFlagEnd, 1),
       {kState, kState, kState, kState, kState}},
      {"DATA",
       Bytes(FrameType::kData, kFlagMessage, 1, 0, "more"),
       {kState, kFine, kState, kState, kFine}},
      {"DATA+END", Bytes(FrameType::kData, kFlagEnd, 1), {kState, kFine, kState, kState, kFine}},
      {"DATA+MESSAGE+END",
       Bytes(FrameType::kData, kFlagEnd | kFlagMessage, 1, 0, "last"),
       {kState, kFine, kState, kState, kFine}},
      {"CANCEL", Bytes(FrameType::kCancel, 0, 1, 1), {kState, kFine, kFine, kState, kFine}},
      {"WINDOW", Bytes(FrameType::kWindow, 0, 1, 1000), {kState, kFine, kFine, kFine, kFine}},
      {"WINDOW of the connection",
       Bytes(FrameType::kWindow, 0, 0, 1000),
       {kFine, kFine, kFine, kFine, kFine}},
      {"PING", Bytes(FrameType::kPing, 0, 0, 9), {kFine, kFine, kFine, kFine, kFine}},
      {"PING answer", Bytes(FrameType::kPing, kFlagEnd, 0, 9), {kFine, kFine, kFine, kFine, kFine}},
      {"GOAWAY", Bytes(FrameType::kGoaway, 0, 0, 0, goaway), {kFine, kFine, kFine, kFine, kFine}},
      {"SETTINGS", settings, {kTwice, kTwice, kTwice, kTwice, kTwice}},
      {"unknown type", unknown, {kUnknown, kUnknown, kUnknown, kUnknown, kUnknown}},
      {"unknown type, skip bit", skipped, {kFine, kFine, kFine, kFine, kFine}},
  };
}

TEST_F(ConnectionFramesTest, EveryFrameInEveryStateAtTheServer) {
  StartServer();
  int connections = 0;
  for (const Case& c : ServerCases()) {
    for (int state = kIdle; state < kStates; ++state) {
      SCOPED_TRACE(absl::StrCat(c.name, " at a stream that is ", kStateNames[state]));
      StartRawClient();
      std::string bytes = Hello();
      if (state != kIdle) bytes += Request(1, state == kOpen ? 0 : kFlagEnd, kHold, 1);
      if (state == kCancelled) bytes += Bytes(FrameType::kCancel, 0, 1, 1);
      OnClient([&] { raw_client_->Send(bytes); });
      ASSERT_TRUE(
          RunUntil([&] { return server_->has_connection() && !raw_client_->Frames().empty(); }));
      if (state != kIdle) {
        ASSERT_TRUE(RunUntil([&] { return server_->connection().calls_in_flight() == 1; }));
      }
      if (state == kCancelled) {
        ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.last().cancelled.has_value(); }));
      }
      if (state == kClosed) {
        OnServer([&] { server_->dispatcher.last().Reply("bye"); });
        ASSERT_TRUE(RunUntil([&] { return raw_client_->Count(FrameType::kResponse, 1) == 1; }));
      }
      OnClient([&] { raw_client_->Send(c.bytes + Request(101, kFlagEnd, kEcho, 2)); });
      if (c.expected[state] == kFine) {
        ASSERT_TRUE(RunUntil([&] { return raw_client_->Count(FrameType::kResponse, 101) == 1; }));
        EXPECT_FALSE(raw_client_->Error().has_value());
      } else {
        ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
        EXPECT_FALSE(raw_client_->broken()) << "the GOAWAY must not be lost to a reset";
        ASSERT_TRUE(raw_client_->Error().has_value());
        EXPECT_EQ(GoawayReasonName(raw_client_->Error()->reason),
                  GoawayReasonName(*c.expected[state]));
        EXPECT_EQ(raw_client_->Count(FrameType::kResponse, 101), 0u);
      }
      OnClient([&] { raw_client_->Close(); });
      ++connections;
      ASSERT_TRUE(RunUntil([&] {
        OnServer([&] {
          for (const auto& handler : server_->dispatcher.handlers) {
            if (!handler->finished && handler->cancelled) handler->Finish(absl::CancelledError(""));
          }
        });
        return server_->closed == connections;
      }));
    }
  }
  EXPECT_EQ(server_->dispatcher.unfinished(), 0u);
}

std::vector<Case> ClientCases() {
  const std::string goaway(4, '\0');
  std::string settings;
  AppendSettingsFrame(Settings(), settings);
  std::string unknown = Bytes(FrameType::kPing, 0, 1, 5, "xyz");
  unknown[4] = 9;
  std::string skipped = unknown;
  skipped[4] = static_cast<char>(0x89);
  return {
      {"REQUEST", Request(1, kFlagEnd, kEcho, 0), {kState, kState, kState, kState, kState}},
      {"RESPONSE", Bytes(FrameType::kResponse, 0, 1), {kState, kFine, kFine, kFine, kState}},
      {"RESPONSE+END+MESSAGE",
       Bytes(FrameType::kResponse, kFlagEnd | kFlagMessage, 1, 0, "r"),
       {kState, kFine, kFine, kFine, kState}},
      {"RESPONSE+END with an error",
       Bytes(FrameType::kResponse, kFlagEnd, 1, 5),
       {kState, kFine, kFine, kFine, kState}},
      {"RESPONSE+END+REFUSED",
       Bytes(FrameType::kResponse, kFlagEnd | kFlagRefused, 1, 14),
       {kState, kFine, kFine, kFine, kState}},
      {"DATA",
       Bytes(FrameType::kData, kFlagMessage, 1, 0, "more"),
       {kState, kFine, kFine, kFine, kState}},
      {"DATA+END", Bytes(FrameType::kData, kFlagEnd, 1), {kState, kState, kState, kState, kState}},
      {"CANCEL", Bytes(FrameType::kCancel, 0, 1, 1), {kState, kState, kState, kState, kState}},
      {"WINDOW", Bytes(FrameType::kWindow, 0, 1, 1000), {kState, kFine, kFine, kFine, kFine}},
      {"WINDOW of the connection",
       Bytes(FrameType::kWindow, 0, 0, 1000),
       {kFine, kFine, kFine, kFine, kFine}},
      {"PING", Bytes(FrameType::kPing, 0, 0, 9), {kFine, kFine, kFine, kFine, kFine}},
      {"SETTINGS", settings, {kTwice, kTwice, kTwice, kTwice, kTwice}},
      {"unknown type", unknown, {kUnknown, kUnknown, kUnknown, kUnknown, kUnknown}},
      {"unknown type, skip bit", skipped, {kFine, kFine, kFine, kFine, kFine}},
      {"even stream id",
       Bytes(FrameType::kData, kFlagMessage, 2, 0, "x"),
       {kId, kId, kId, kId, kId}},
  };
}

TEST_F(ConnectionFramesTest, EveryFrameInEveryStateAtTheClient) {
  for (const Case& c : ClientCases()) {
    for (int state = kIdle; state < kStates; ++state) {
      SCOPED_TRACE(absl::StrCat(c.name, " at a stream that is ", kStateNames[state]));
      OnServer([&] { raw_server_.reset(); });
      StartRawServer();
      OnClient([&] { client_.reset(); });
      StartClient();
      OnServer([&] { raw_server_->Send(Hello()); });
      TestCall* call = nullptr;
      if (state != kIdle) {
        OnClient([&] {
          call = state == kOpen ? &client_->Open(kEcho, "first") : &client_->Call(kEcho, "first");
        });
        ASSERT_TRUE(RunUntil([&] { return raw_server_->Count(FrameType::kRequest, 1) == 1; }));
      }
      if (state == kCancelled) {
        OnClient([&] { call->Cancel(); });
        ASSERT_TRUE(RunUntil([&] { return raw_server_->Count(FrameType::kCancel, 1) == 1; }));
      }
      if (state == kClosed) {
        OnServer([&] { raw_server_->Send(Bytes(FrameType::kResponse, kFlagEnd, 1)); });
        ASSERT_TRUE(RunUntil([&] { return call->ended; }));
      }
      network_.RunFor(absl::Milliseconds(5));
      OnServer([&] { raw_server_->Send(c.bytes); });
      network_.RunFor(absl::Milliseconds(5));
      if (c.expected[state] == kFine) {
        ASSERT_FALSE(client_->closed()) << client_->closed_status;
        TestCall& next = Call(kEcho, "next");
        const uint32_t id = state == kIdle ? 1 : 3;
        ASSERT_TRUE(RunUntil([&] { return raw_server_->Count(FrameType::kRequest, id) == 1; }));
        OnServer([&] {
          raw_server_->Send(Bytes(FrameType::kResponse, kFlagEnd | kFlagMessage, id, 0, "r"));
        });
        ASSERT_TRUE(RunUntil([&] { return next.ended; }));
        EXPECT_TRUE(next.end.status.ok()) << next.end.status;
      } else {
        ASSERT_TRUE(RunUntil([&] { return raw_server_->Error().has_value(); }));
        EXPECT_EQ(GoawayReasonName(raw_server_->Error()->reason),
                  GoawayReasonName(*c.expected[state]));
        OnServer([&] { raw_server_->Close(); });
        ASSERT_TRUE(RunUntil([&] { return client_->closed(); }));
        EXPECT_TRUE(absl::IsUnavailable(client_->closed_status)) << client_->closed_status;
        EXPECT_NE(
            client_->closed_status.message().find(ToAbsl(GoawayReasonName(*c.expected[state]))),
            absl::string_view::npos)
            << client_->closed_status;
        if (state == kOpen || state == kHalfClosed) {
          EXPECT_TRUE(call->ended);
          EXPECT_EQ(call->code(), absl::StatusCode::kUnavailable);
        }
      }
    }
  }
}

struct Misdeed {
  const char* name;
  std::string bytes;
  GoawayReason reason;
};

TEST_F(ConnectionFramesTest, AServerNamesWhatAClientDidWrong) {
  std::string bad_reserved = Bytes(FrameType::kPing, 0x80, 0);
  std::string too_long = Bytes(FrameType::kData, kFlagMessage, 1);
  Store32(too_long.data(), 70'000);
  std::string pieces(4 + 3000, 'p');
  Store32(pieces.data(), 2000);
  const std::string bad_pair = "\x01\x00\x00Kv";
  const std::vector<Misdeed> misdeeds = {
      {"falling stream id", Request(5, kFlagEnd, kHold, 1) + Request(3, kFlagEnd, kHold, 0),
       GoawayReason::kStreamId},
      {"even stream id", Request(4, kFlagEnd, kHold, 1), GoawayReason::kStreamId},
      {"unbound method", Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage, 1, 7),
       GoawayReason::kMethod},
      {"id 0 without a path", Bytes(FrameType::kRequest, kFlagEnd | kFlagMessage, 1, 0),
       GoawayReason::kMethod},
      {"bound twice", Request(1, kFlagEnd, kHold, 1) + Request(3, kFlagEnd, kEcho, 1),
       GoawayReason::kMethod},
      {"method id too large", Request(1, kFlagEnd, kHold, 1'000'000), GoawayReason::kMethod},
      {"reserved flag", bad_reserved, GoawayReason::kProtocol},
      {"frame too long", too_long, GoawayReason::kFrameSize},
      {"metadata broken", Bytes(FrameType::kRequest, kFlagEnd, 1, 1, bad_pair, bad_pair.size()),
       GoawayReason::kMetadata},
      {"more than was declared",
       Request(1, 0, kHold, 1) + Bytes(FrameType::kData, kFlagMessage | kFlagMore, 1, 0, pieces),
       GoawayReason::kMessage},
      {"credit of 0", Bytes(FrameType::kWindow, 0, 0, 0), GoawayReason::kFlowControl},
      {"credit above 2^31-1", Bytes(FrameType::kWindow, 0, 0, 0x7FFFFFFF),
       GoawayReason::kFlowControl},
      {"stream credit above 2^31-1",
       Request(1, kFlagEnd, kHold, 1) + Bytes(FrameType::kWindow, 0, 1, 0x7FFFFFFF),
       GoawayReason::kFlowControl},
      {"compressed unasked", Bytes(FrameType::kData, kFlagMessage | kFlagCompressed, 1, 0, "x"),
       GoawayReason::kProtocol},
  };
  StartServer();
  int connections = 0;
  for (const Misdeed& misdeed : misdeeds) {
    SCOPED_TRACE(misdeed.name);
    StartRawClient();
    OnClient([&] { raw_client_->Send(Hello() + misdeed.bytes); });
    ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
    ASSERT_TRUE(raw_client_->Error().has_value());
    EXPECT_EQ(GoawayReasonName(raw_client_->Error()->reason), GoawayReasonName(misdeed.reason));
    EXPECT_FALSE(raw_client_->Error()->text.empty());
    OnClient([&] { raw_client_->Close(); });
    ++connections;
    OnServer([&] {
      for (const auto& handler : server_->dispatcher.handlers) {
        if (!handler->finished) handler->Finish(absl::CancelledError(""));
      }
    });
    ASSERT_TRUE(RunUntil([&] { return server_->closed == connections; }));
  }
  StartClient();
  ExpectServes();
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kProtocolError], connections);
}

TEST_F(ConnectionFramesTest, CreditComesBackWhileAMessageIsIncomplete) {
  StartServer();
  StartRawClient();
  constexpr uint32_t kTotal = 40 * 65'536;
  std::string first(65'536, 'x');
  Store32(first.data(), kTotal);
  std::string bytes = Hello();
  std::string path;
  AppendPair(path, kPathKey, kHold.path);
  bytes += Bytes(FrameType::kRequest, 0, 1, 1, path, path.size());
  bytes += Bytes(FrameType::kData, kFlagMessage | kFlagMore, 1, 0, first);
  for (int i = 0; i < 38; ++i) {
    bytes += Bytes(FrameType::kData, kFlagMessage | kFlagMore, 1, 0, std::string(65'536, 'x'));
  }
  OnClient([&] { raw_client_->Send(bytes); });
  network_.RunFor(absl::Seconds(5));
  EXPECT_FALSE(raw_client_->Error().has_value());
  uint64_t stream_credit = 0;
  uint64_t connection_credit = 0;
  for (const Frame& frame : raw_client_->Frames()) {
    if (frame.type() != FrameType::kWindow) continue;
    (frame.header.stream == 0 ? connection_credit : stream_credit) += frame.header.argument;
  }
  EXPECT_GT(stream_credit, kTotal - 65'536 - kMinStreamWindow / 2 - 65'536);
  EXPECT_GT(connection_credit, kTotal - 65'536 - kMinConnectionWindow / 2 - 65'536);
  EXPECT_TRUE(server_->dispatcher.last().messages.empty());
}

TEST_F(ConnectionFramesTest, GarbageEndsOneConnectionAndNoOther) {
  StartServer();
  StartClient();
  ExpectServes();
  const std::string valid =
      Hello() + Request(1, kFlagEnd, kEcho, 1) + Bytes(FrameType::kPing, 0, 0, 1) +
      Bytes(FrameType::kRequest, kFlagMessage, 3, 1, "open") +
      Bytes(FrameType::kData, kFlagMessage | kFlagEnd, 3, 0, "closed") +
      Bytes(FrameType::kCancel, 0, 3, 0) + Bytes(FrameType::kWindow, 0, 0, 100'000);
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::string bytes = valid;
    const size_t from = seed % 4 == 0 ? 0 : kPrefaceBytes;  // sometimes the preface, too
    for (uint32_t i = 0; i < 1 + seed % 5; ++i) {
      bytes[from + random() % (bytes.size() - from)] = static_cast<char>(random());
    }
    if (seed % 7 == 0) bytes.resize(random() % bytes.size() + 1);
    StartRawClient();
    OnClient([&] { raw_client_->Send(bytes); });
    network_.RunFor(absl::Milliseconds(20));
    OnClient([&] { raw_client_->Close(); });
  }
  ExpectServes();
  ASSERT_TRUE(RunUntil([&] { return server_->connections() == 1; }));
  EXPECT_EQ(server_->connection().calls_in_flight(), 0u);
}

}  // namespace
}  // namespace dialtone::dialtone1
