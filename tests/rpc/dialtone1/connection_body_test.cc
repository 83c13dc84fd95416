// What messages are besides bytes: packed, and with an attachment. Between connections, and against
// bytes of a peer that keeps to no rule.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compressions.h"
#include "connection_test_support.h"

namespace dialtone::dialtone1::connection_body_test {
namespace {

std::string Hello(uint32_t features = 0, uint32_t compressions = 0) {
  Settings settings;
  settings.features = features;
  settings.compressions = compressions;
  std::string bytes(kPreface);
  AppendSettingsFrame(settings, bytes);
  return bytes;
}

std::string Number(uint32_t value) {
  std::string bytes(4, '\0');
  Store32(bytes.data(), value);
  return bytes;
}

// A REQUEST for kEcho with END, method id 1, whose message part is `part`.
std::string Request(uint32_t stream, uint8_t flags, std::string_view part) {
  std::string block;
  if (stream == 1) AppendPair(block, kPathKey, kEcho.path);
  std::string frame(kHeaderBytes + block.size(), '\0');
  WriteFrameHead(MakeHeader(FrameType::kRequest, kFlagMessage | flags, stream, 1),
                 TimePrefix::None(), block, static_cast<uint32_t>(part.size()), frame.data());
  return frame.append(part);
}

std::string CompressedPart(uint8_t algorithm, uint32_t original_bytes, std::string_view bytes) {
  return std::string(1, static_cast<char>(algorithm)).append(Number(original_bytes)).append(bytes);
}

class ConnectionBodyTest : public ConnectionTest {
 protected:
  // A call whose handler sends its request's attachment and `reply_attachment` back.
  TestCall& CallWith(TestMessage request) {
    TestCall* call = nullptr;
    OnClient([&] { call = &client_->Call(kHold, std::move(request)); });
    return *call;
  }
  void ReplyWith(const TestMessage& reply) {
    server_->dispatcher.on_begin = [reply](TestHandler& handler) {
      handler.on_half_close = [reply](TestHandler& h) { h.Reply(reply); };
    };
  }
  TestHandler& handler() { return server_->dispatcher.last(); }
};

// --- Attachments ---

TEST_F(ConnectionBodyTest, AttachmentsOfEverySizeArriveBothWaysBesideMessagesOfEverySize) {
  ConnectionLimits limits;
  limits.message_bytes_max = 16 * 1024 * 1024;
  Start(limits, limits);
  for (const size_t message_bytes : {0u, 1u, 5000u, 65536u, 300'000u}) {
    for (const size_t attached_bytes : {1u, 4095u, 4096u, 60'000u, 65'532u, 65'536u, 3'000'000u}) {
      SCOPED_TRACE(absl::StrCat(message_bytes, " and ", attached_bytes));
      const TestMessage both(Pattern(message_bytes, 1), Packing(),
                             Attachment(Pattern(attached_bytes, 2)));
      ReplyWith(both);
      TestCall& call = CallWith(both);
      ASSERT_TRUE(RunUntil([&] { return call.ended; }));
      ASSERT_TRUE(call.end.status.ok()) << call.end.status;
      EXPECT_EQ(handler().messages, std::vector<std::string>{Pattern(message_bytes, 1)});
      EXPECT_TRUE(handler().attachment.view() == Pattern(attached_bytes, 2));
      EXPECT_EQ(call.messages, std::vector<std::string>{Pattern(message_bytes, 1)});
      EXPECT_TRUE(call.attachment.view() == Pattern(attached_bytes, 2));
    }
  }
}

TEST_F(ConnectionBodyTest, AnAttachmentIsSentFromWhereItIsAndLetGoWhenItHasLeft) {
  ConnectionLimits limits;
  limits.message_bytes_max = 16 * 1024 * 1024;
  Start(limits, limits);
  ExpectServes();  // the settings are known
  const auto bytes = std::make_shared<const std::string>(Pattern(3'000'000));
  OnClient([&] {
    client_->Call(kHold, TestMessage("m", Packing(), Attachment::Share(bytes, *bytes)));
    EXPECT_EQ(bytes.use_count(), 2) << "this one, and that of the message which waits";
  });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 1; }));
  ASSERT_TRUE(RunUntil([&] { return handler().half_closed; }));
  EXPECT_EQ(bytes.use_count(), 1);
  EXPECT_TRUE(handler().attachment.view() == *bytes);
  OnServer([&] { handler().Reply("done"); });
  ASSERT_TRUE(RunUntil([&] { return client_->all_done(); }));
}

TEST_F(ConnectionBodyTest, WhatCameInPiecesIsHandedOverInItsBlock) {
  Start();
  OnClient([&] {
    client_->Call(kHold, TestMessage(Pattern(100), Packing(), Attachment(Pattern(200'000))));
    client_->Call(kHold, TestMessage(Pattern(100), Packing(), Attachment(Pattern(2'000))));
  });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 2; }));
  ASSERT_TRUE(RunUntil([&] {
    return server_->dispatcher.handlers[0]->half_closed &&
           server_->dispatcher.handlers[1]->half_closed;
  }));
  for (const auto& handler : server_->dispatcher.handlers) {
    const bool large = handler->attachment.size() > 100'000;
    const char* const owner = static_cast<const char*>(handler->attachment.owner().get());
    EXPECT_EQ(handler->attachment.view().data() - owner, large ? 100 : 0)
        << "behind its message, or in memory of its own";
    OnServer([&] { handler->Reply("done"); });
  }
  ASSERT_TRUE(RunUntil([&] { return client_->all_done(); }));
}

TEST_F(ConnectionBodyTest, AnAttachmentBeforeTheServersSettingsWaitsForThem) {
  StartRawServer();
  StartClient();
  TestCall& call = CallWith(TestMessage("hello", Packing(), Attachment(Pattern(10))));
  ASSERT_TRUE(RunUntil([&] { return raw_server_->Count(FrameType::kRequest, 1) == 1; }));
  network_.RunFor(absl::Milliseconds(100));
  EXPECT_EQ(raw_server_->Count(FrameType::kData, 1), 0u)
      << "sent before it was known to be welcome";
  OnServer([&] { raw_server_->Send(Hello(kFeatureAttached)); });
  ASSERT_TRUE(RunUntil([&] { return raw_server_->Count(FrameType::kData, 1) == 1; }));
  const Frame data = raw_server_->Frames().back();
  EXPECT_EQ(data.header.flags, kFlagMessage | kFlagEnd | kFlagAttached);
  EXPECT_EQ(data.message, Number(5) + "hello" + Pattern(10));
  OnClient([&] { call.Cancel(); });
}

TEST_F(ConnectionBodyTest, AServerThatAcceptsNoAttachmentsGetsNone) {
  StartRawServer();
  StartClient();
  TestCall& early = CallWith(TestMessage("hello", Packing(), Attachment(Pattern(10))));
  ASSERT_TRUE(RunUntil([&] { return raw_server_->Count(FrameType::kRequest, 1) == 1; }));
  OnServer([&] { raw_server_->Send(Hello(kFeatureCompressed)); });
  ASSERT_TRUE(RunUntil([&] { return early.ended; }));
  EXPECT_EQ(early.code(), absl::StatusCode::kUnimplemented);
  EXPECT_NE(early.text().find("accepts no attachments"), std::string::npos) << early.text();
  EXPECT_TRUE(early.end.local);
  ASSERT_TRUE(RunUntil([&] { return raw_server_->Count(FrameType::kCancel, 1) == 1; }));
  TestCall& late = CallWith(TestMessage("hello", Packing(), Attachment(Pattern(10))));
  ASSERT_TRUE(RunUntil([&] { return late.ended; }));
  EXPECT_EQ(late.code(), absl::StatusCode::kUnimplemented);
  network_.RunFor(absl::Milliseconds(100));
  EXPECT_EQ(raw_server_->Count(FrameType::kRequest, 3), 0u) << "it need not be begun";
  EXPECT_EQ(raw_server_->Count(FrameType::kData, 1), 0u);
}

TEST_F(ConnectionBodyTest, AClientThatAcceptsNoAttachmentsGetsNone) {
  StartServer();
  ReplyWith(TestMessage("reply", Packing(), Attachment(Pattern(10))));
  StartRawClient();
  OnClient([&] { raw_client_->Send(Hello() + Request(1, kFlagEnd, "x")); });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->Count(FrameType::kResponse, 1) == 1; }));
  const Frame response = raw_client_->Frames().back();
  EXPECT_EQ(response.header.argument, static_cast<uint32_t>(absl::StatusCode::kUnimplemented));
  EXPECT_NE(response.metadata.find("accepts no attachments"), std::string_view::npos);
}

TEST_F(ConnectionBodyTest, MessageAndAttachmentTogetherAreHeldAgainstTheLimit) {
  ConnectionLimits limits;
  limits.message_bytes_max = 100'000;
  Start(limits, limits);
  TestCall& fits = CallWith(TestMessage(Pattern(40'000), Packing(), Attachment(Pattern(60'000))));
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 1; }));
  ASSERT_TRUE(RunUntil([&] { return handler().half_closed; }));
  OnServer([&] { handler().Reply(TestMessage("", Packing(), Attachment(Pattern(100'001)))); });
  ASSERT_TRUE(RunUntil([&] { return fits.ended; }));
  EXPECT_EQ(fits.code(), absl::StatusCode::kResourceExhausted) << fits.end.status;
  TestCall& too_large =
      CallWith(TestMessage(Pattern(40'001), Packing(), Attachment(Pattern(60'000))));
  ASSERT_TRUE(RunUntil([&] { return too_large.ended; }));
  EXPECT_EQ(too_large.code(), absl::StatusCode::kResourceExhausted) << too_large.end.status;
  EXPECT_NE(too_large.text().find("100001 bytes"), std::string::npos) << too_large.text();
  ExpectServes();
}

TEST_F(ConnectionBodyTest, APeersAttachmentsAboveTheLimitEndTheirCall) {
  ConnectionLimits limits;
  limits.message_bytes_max = 100'000;
  StartServer(limits);
  StartRawClient();
  // 10 bytes of a message, and the attachment that was announced to come.
  OnClient([&] {
    raw_client_->Send(Hello() + Request(1, kFlagMore | kFlagAttached,
                                        Number(100'001) + Number(10) + Pattern(2000)));
  });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->Count(FrameType::kResponse, 1) == 1; }));
  EXPECT_EQ(raw_client_->Frames().back().header.argument,
            static_cast<uint32_t>(absl::StatusCode::kResourceExhausted));
  EXPECT_FALSE(raw_client_->Error().has_value());
}

// --- Packed messages ---

TEST_F(ConnectionBodyTest, PackedMessagesArriveAsTheyWereSentWithWhatIsSaidOfThem) {
  Start();
  ExpectServes();
  for (const size_t bytes : {0u, 1u, 1000u, 65'531u, 65'532u, 400'000u}) {
    for (const Compression algorithm : {Compression::kGzip, Compression::kZstd}) {
      if (!CompressionAvailable(algorithm)) continue;
      SCOPED_TRACE(absl::StrCat(bytes, " bytes"));
      const Attachment attachment(Pattern(bytes / 2, 7));
      const TestMessage packed(Pattern(bytes), Packing{algorithm, 1'000'000}, attachment);
      ReplyWith(packed);
      TestCall& call = CallWith(packed);
      ASSERT_TRUE(RunUntil([&] { return call.ended; }));
      ASSERT_TRUE(call.end.status.ok()) << call.end.status;
      EXPECT_EQ(handler().messages, std::vector<std::string>{Pattern(bytes)});
      EXPECT_EQ(handler().packing.algorithm, algorithm);
      EXPECT_EQ(handler().packing.original_bytes, 1'000'000u);
      EXPECT_TRUE(handler().attachment.view() == attachment.view());
      EXPECT_EQ(call.messages, std::vector<std::string>{Pattern(bytes)});
      EXPECT_EQ(call.packing.algorithm, algorithm);
      EXPECT_EQ(call.packing.original_bytes, 1'000'000u);
      EXPECT_TRUE(call.attachment.view() == attachment.view());
    }
  }
}

TEST_F(ConnectionBodyTest, EachSideKnowsWhatTheOtherUnpacks) {
  ConnectionLimits none;
  none.accept_compressed = false;
  Start(ConnectionLimits(), none);
  EXPECT_TRUE(client_->connection().info().compressions.empty()) << "before the settings";
  ExpectServes();
  for (const Compression algorithm : {Compression::kGzip, Compression::kZstd}) {
    EXPECT_EQ(client_->connection().info().compressions.has(algorithm),
              CompressionAvailable(algorithm));
  }
  EXPECT_FALSE(client_->connection().info().compressions.has(Compression::kNone));
  EXPECT_TRUE(server_->connection().info().compressions.empty());
}

TEST_F(ConnectionBodyTest, AlgorithmsWithoutTheFeatureCountForNothing) {
  StartRawServer();
  StartClient();
  OnServer([&] { raw_server_->Send(Hello(0, 0xFFFFFFFF)); });
  ASSERT_TRUE(RunUntil([&] { return raw_server_->Frames().size() == 1; }));
  network_.RunFor(absl::Milliseconds(100));
  EXPECT_TRUE(client_->connection().info().compressions.empty());
}

TEST_F(ConnectionBodyTest, AnAlgorithmThatWasNotAnnouncedEndsTheConnection) {
  StartServer();
  for (const int algorithm : {0, 3, 32, 33, 255}) {
    SCOPED_TRACE(algorithm);
    StartRawClient();
    OnClient([&] {
      raw_client_->Send(Hello() +
                        Request(1, kFlagEnd | kFlagCompressed,
                                CompressedPart(static_cast<uint8_t>(algorithm), 5, "xxxxx")));
    });
    ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
    ASSERT_TRUE(raw_client_->Error().has_value());
    EXPECT_EQ(raw_client_->Error()->reason, GoawayReason::kProtocol);
    EXPECT_NE(raw_client_->Error()->text.find(absl::StrCat("algorithm ", algorithm)),
              std::string::npos)
        << raw_client_->Error()->text;
  }
}

TEST_F(ConnectionBodyTest, CompressedToASideThatAcceptsNoneEndsTheConnection) {
  ConnectionLimits none;
  none.accept_compressed = false;
  StartServer(none);
  StartRawClient();
  OnClient([&] {
    raw_client_->Send(Hello() + Request(1, kFlagEnd | kFlagCompressed,
                                        CompressedPart(kAlgorithmGzip, 5, "xxxxx")));
  });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->ended(); }));
  ASSERT_TRUE(raw_client_->Error().has_value());
  EXPECT_EQ(raw_client_->Error()->reason, GoawayReason::kProtocol);
}

TEST_F(ConnectionBodyTest, TheOriginalSizeIsHeldAgainstTheLimitBeforeMemoryIsTaken) {
  // Both libraries are optional; a server without them takes no compressed message, so there is no size to hold against anything.
  if (AvailableAlgorithms() == 0) GTEST_SKIP() << "no algorithm in this build";
  const uint8_t algorithm =
      CompressionAvailable(Compression::kZstd) ? kAlgorithmZstd : kAlgorithmGzip;
  ConnectionLimits limits;
  limits.message_bytes_max = 100'000;
  StartServer(limits);
  StartRawClient();
  // In one frame, in pieces, and with an attachment that is too much besides.
  OnClient([&] {
    raw_client_->Send(
        Hello() +
        Request(1, kFlagEnd | kFlagCompressed, CompressedPart(algorithm, 100'001, "few")) +
        Request(3, kFlagMore | kFlagCompressed,
                Number(5000) + CompressedPart(algorithm, 0xFFFFFFFF, Pattern(2000))) +
        Request(5, kFlagEnd | kFlagCompressed | kFlagAttached,
                CompressedPart(algorithm, 99'990, Number(3) + "few" + Pattern(11))) +
        Request(7, kFlagEnd | kFlagCompressed | kFlagAttached,
                CompressedPart(algorithm, 99'989, Number(3) + "few" + Pattern(11))));
  });
  ASSERT_TRUE(RunUntil([&] { return raw_client_->Count(FrameType::kResponse, 7) == 1; }));
  for (const Frame& frame : raw_client_->Frames()) {
    if (frame.type() != FrameType::kResponse) continue;
    EXPECT_EQ(
        frame.header.argument,
        static_cast<uint32_t>(frame.header.stream == 7 ? absl::StatusCode::kOk
                                                       : absl::StatusCode::kResourceExhausted))
        << frame.header.stream;
  }
  EXPECT_EQ(server_->dispatcher.handlers.size(), 1u) << "the others never began";
  EXPECT_FALSE(raw_client_->Error().has_value());
}

}  // namespace
}  // namespace dialtone::dialtone1::connection_body_test
