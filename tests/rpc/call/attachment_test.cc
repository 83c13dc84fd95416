// Attachments: raw bytes beside messages, both ways, over sockets and in process.
#include "dialtone/rpc/attachment.h"

#include <memory>
#include <string>
#include <utility>

#include "call_fixture.h"
#include "stream_fixture.h"

namespace dialtone::attachment_test {
namespace {

std::string Bytes(size_t size, uint32_t seed = 1) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>((seed = seed * 1664525u + 1013904223u) >> 24);
  return bytes;
}
Attachment AttachmentOf(size_t size, uint32_t seed = 1) { return Attachment(Bytes(size, seed)); }

// Sends the message and what came with it back.
absl::Status EchoPlain(ServerCall& call, const Text& request, Text& reply) {
  reply = request;
  call.set_reply_attachment(call.attachment());
  return absl::OkStatus();
}
Task<absl::Status> Echo(ServerCall& call, const Text& request, Text& reply) {
  reply = request;
  call.set_reply_attachment(call.attachment());
  co_return absl::OkStatus();
}

// --- The value ---

TEST(Attachment, IsMadeWithoutACopyAndSharedByCopies) {
  std::string bytes = Bytes(1000);
  const char* const at = bytes.data();
  Attachment moved(std::move(bytes));
  EXPECT_EQ(moved.view().data(), at);
  const Attachment copy = moved;
  moved = Attachment();
  EXPECT_TRUE(moved.empty());
  EXPECT_EQ(copy.view().data(), at);
  EXPECT_EQ(copy.view(), Bytes(1000));

  auto block = std::make_unique<char[]>(3);
  std::string("abc").copy(block.get(), 3);
  const char* const block_at = block.get();
  const Attachment adopted = Attachment::Adopt(std::move(block), 3);
  EXPECT_EQ(adopted.view(), "abc");
  EXPECT_EQ(adopted.view().data(), block_at);
  EXPECT_EQ(Attachment::Copy("abc").view(), "abc");
}

TEST(Attachment, LetsItsOwnerGoWithTheLastCopy) {
  static const std::string kBytes = "mapped";
  int freed = 0;
  {
    Attachment kept;
    {
      const Attachment shared = Attachment::Share(
          std::shared_ptr<const void>(kBytes.data(), [&freed](const void*) { ++freed; }), kBytes);
      kept = shared;
    }
    EXPECT_EQ(freed, 0);
    EXPECT_EQ(kept.view().data(), kBytes.data());
  }
  EXPECT_EQ(freed, 1);
}

TEST(Attachment, OfNoBytesIsNone) {
  EXPECT_TRUE(Attachment(std::string()).empty());
  EXPECT_EQ(Attachment(std::string()).owner(), nullptr);
  EXPECT_EQ(Attachment::Adopt(std::make_unique<char[]>(1), 0).owner(), nullptr);
  EXPECT_EQ(Attachment::Share(std::make_shared<int>(1), "").owner(), nullptr);
}

// --- Unary calls ---

class Attachments : public BothWays {};
INSTANTIATE_TEST_SUITE_P(Networks, Attachments, testing::Bool(), NetworkName);

TEST_P(Attachments, OfEverySizeTravelBothWays) {
  for (const bool on_workers : {false, true}) {
    Serve(Echo, EchoPlain, on_workers);
    auto channel = MakeChannel();
    for (const size_t bytes : {1u, 100u, 4095u, 4096u, 65'000u, 65'536u, 1'000'000u, 4'000'000u}) {
      for (const bool coroutine : {false, true}) {
        CallInfo info;
        const CallOptions options = CallOptions().set_attachment(AttachmentOf(bytes));
        Call<Text> call = coroutine ? StartCoroutine(*channel, "beside", options)
                                    : StartPlain(*channel, "beside", options);
        EXPECT_EQ(Show(std::move(call).Capture(info).Wait()), "OK: beside");
        EXPECT_TRUE(info.attachment.view() == Bytes(bytes)) << bytes;
      }
    }
    channel.reset();
  }
}

TEST_P(Attachments, ACallWithoutOneHasNone) {
  bool none = false;
  Serve(Echo, [&none](ServerCall& call, const Text&, Text&) {
    none = call.attachment().empty();
    return absl::OkStatus();
  });
  auto channel = MakeChannel();
  CallInfo info;
  // The first leaves its call object to the second.
  EXPECT_TRUE(StartPlain(*channel, "", CallOptions().set_attachment(AttachmentOf(10))).Wait().ok());
  EXPECT_FALSE(none);
  EXPECT_TRUE(StartPlain(*channel, "").Capture(info).Wait().ok());
  EXPECT_TRUE(none);
  EXPECT_TRUE(info.attachment.empty());
}

TEST_P(Attachments, AreLargeBesideLargeMessages) {
  ServerOptions server_options;
  server_options.limits.message_bytes_max = 32 << 20;
  Serve(Echo, EchoPlain, false, RealServer::TwoReactors(), server_options);
  ChannelOptions options;
  options.limits.message_bytes_max = 32 << 20;
  auto channel = MakeChannel(options);
  const std::string text(3'000'000, 'x');
  CallInfo info;
  const absl::StatusOr<Text> reply =
      StartCoroutine(*channel, text, CallOptions().set_attachment(AttachmentOf(20'000'000)))
          .Capture(info)
          .Wait();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_TRUE(reply->value() == text);
  EXPECT_TRUE(info.attachment.view() == Bytes(20'000'000));
}

// Behind a large message little is read at a time: whatever follows it arrives, be it large or small.
TEST_P(Attachments, LargeAndSmallOnesFollowEachOther) {
  Serve(Echo, EchoPlain);
  auto channel = MakeChannel();
  constexpr size_t kSizes[] = {1'000'000, 10, 1'000'000, 0, 300'000, 65'536, 3'000'000, 16'384, 1};
  for (int round = 0; round < 3; ++round) {
    std::vector<std::pair<size_t, CallInfo>> captured;
    for (const size_t bytes : kSizes) captured.emplace_back(bytes, CallInfo());
    std::vector<Call<Text>> calls;
    for (auto& [bytes, info] : captured) {
      calls.push_back(
          StartPlain(*channel, "beside", CallOptions().set_attachment(AttachmentOf(bytes)))
              .Capture(info));
    }
    for (Call<Text>& call : calls) EXPECT_EQ(Show(std::move(call).Wait()), "OK: beside");
    for (const auto& [bytes, info] : captured)
      EXPECT_TRUE(info.attachment.view() == Bytes(bytes)) << bytes;
  }
}

TEST_P(Attachments, CountAgainstTheLimitOfTheirMessage) {
  Serve(Echo, EchoPlain);
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartPlain(*channel, "the server tells its limit").Wait()),
            "OK: the server tells its limit");
  const absl::Status request =
      StartPlain(*channel, "x", CallOptions().set_attachment(AttachmentOf(5 << 20)))
          .Wait()
          .status();
  EXPECT_TRUE(absl::IsResourceExhausted(request)) << request;
  ChannelOptions options;
  options.limits.message_bytes_max = 100'000;
  auto careful = MakeChannel(options);
  const absl::Status reply =
      StartPlain(*careful, "x", CallOptions().set_attachment(AttachmentOf(200'000)))
          .Wait()
          .status();
  EXPECT_TRUE(absl::IsResourceExhausted(reply)) << reply;
}

TEST_P(Attachments, OutliveTheirCallAndItsChannel) {
  Attachment at_server;
  Serve(Echo, [&at_server](ServerCall& call, const Text&, Text&) {
    at_server = call.attachment();
    call.set_reply_attachment(AttachmentOf(100'000, 9));
    return absl::OkStatus();
  });
  auto channel = MakeChannel();
  CallInfo info;
  EXPECT_TRUE(StartPlain(*channel, "", CallOptions().set_attachment(AttachmentOf(100'000, 8)))
                  .Capture(info)
                  .Wait()
                  .ok());
  channel.reset();
  real_.reset();
  EXPECT_TRUE(at_server.view() == Bytes(100'000, 8));
  EXPECT_TRUE(info.attachment.view() == Bytes(100'000, 9));
}

TEST_P(Attachments, OfAFailedCallAreNotSent) {
  Serve(Echo, [](ServerCall& call, const Text&, Text&) {
    call.set_reply_attachment(AttachmentOf(10));
    return absl::NotFoundError("no");
  });
  auto channel = MakeChannel();
  CallInfo info;
  EXPECT_EQ(Show(StartPlain(*channel, "").Capture(info).Wait()), "NOT_FOUND: no");
  EXPECT_TRUE(info.attachment.empty());
}

TEST_P(Attachments, AreSharedInProcessAndSentFromWhereTheyAre) {
  const auto owner = std::make_shared<const std::string>(Bytes(1'000'000));
  const char* seen = nullptr;
  Serve(Echo, [&](ServerCall& call, const Text&, Text&) {
    seen = call.attachment().view().data();
    call.set_reply_attachment(Attachment::Share(owner, *owner));
    return absl::OkStatus();
  });
  auto channel = MakeChannel();
  CallInfo info;
  const CallOptions options = CallOptions().set_attachment(Attachment::Share(owner, *owner));
  EXPECT_TRUE(StartPlain(*channel, "", options).Capture(info).Wait().ok());
  EXPECT_EQ(seen == owner->data(), GetParam());
  EXPECT_EQ(info.attachment.view().data() == owner->data(), GetParam());
  EXPECT_TRUE(info.attachment.view() == *owner);
  // What has left is let go: only the options still hold it, and in process what came back.
  EXPECT_TRUE(Eventually([&] { return owner.use_count() == (GetParam() ? 3 : 2); }))
      << owner.use_count();
}

// --- Streams ---

// Sends each message and what came with it back.
Task<absl::Status> EchoEachWith(ServerCall&, Reader<Text>& reader, Writer<Text>& writer) {
  bool open = true;
  while (auto message = co_await reader.Read()) {
    open = co_await writer.Write(*message, reader.attachment());
    if (!open) break;
  }
  co_return absl::OkStatus();
}
absl::Status PlainEchoEachWith(ServerCall&, Reader<Text>& reader, Writer<Text>& writer) {
  while (auto message = reader.Read().Wait()) {
    if (!writer.Write(*message, reader.attachment()).Wait()) break;
  }
  return absl::OkStatus();
}

class StreamAttachments : public StreamsBothWays {
 protected:
  static Task<absl::Status> Chat(Channel& channel) {
    ChatCall chat = StartChat(channel);
    Text message;
    for (const size_t bytes : {10u, 0u, 100'000u, 3'000'000u, 0u, 5000u}) {
      message.set_value(std::to_string(bytes));
      // Temporaries are fine in an expression that awaits.
      const bool open = co_await chat.Write(message, Attachment(Bytes(bytes)));
      EXPECT_TRUE(open);
      Text* const answer = co_await chat.Read();
      EXPECT_TRUE(answer != nullptr);
      if (answer == nullptr) break;
      EXPECT_EQ(answer->value(), message.value());
      EXPECT_TRUE(chat.attachment().view() == Bytes(bytes)) << bytes;
    }
    co_return co_await chat.Finish();
  }
};
INSTANTIATE_TEST_SUITE_P(Networks, StreamAttachments, testing::Bool(), NetworkName);

TEST_P(StreamAttachments, TravelWithEachMessageOfACoroutine) {
  StreamHandlers handlers;
  handlers.chat = EchoEachWith;
  Channel& channel = Serve(std::make_unique<StreamService>(std::move(handlers)));
  const absl::Status status = Run(Chat(channel));
  EXPECT_TRUE(status.ok()) << status;
  ExpectNoCallLeft();
}

TEST_P(StreamAttachments, TravelWithEachMessageOfAPlainHandler) {
  PlainStreamHandlers handlers;
  handlers.chat = PlainEchoEachWith;
  Channel& channel = Serve(std::make_unique<PlainStreamService>(std::move(handlers)));
  const absl::Status status = Run(Chat(channel));
  EXPECT_TRUE(status.ok()) << status;
  ChatCall chat = StartChat(channel);
  ASSERT_TRUE(chat.WriteLast(MakeText("blocking"), AttachmentOf(70'000)).Wait());
  Text* const answer = chat.Read().Wait();
  ASSERT_NE(answer, nullptr);
  EXPECT_TRUE(chat.attachment().view() == Bytes(70'000));
  EXPECT_TRUE(chat.Finish().Wait().ok());
  ExpectNoCallLeft();
}

TEST_P(StreamAttachments, TravelWithARequestAndWithAReply) {
  StreamHandlers handlers;
  handlers.down = [](ServerCall& call, const Text& request,
                     Writer<Text>& writer) -> Task<absl::Status> {
    const bool open = co_await writer.Write(request, call.attachment());
    co_return open ? absl::OkStatus() : absl::CancelledError("nobody reads");
  };
  handlers.up = [](ServerCall& call, Reader<Text>& reader, Text& reply) -> Task<absl::Status> {
    std::string all;
    while (co_await reader.Read() != nullptr) all += reader.attachment().view();
    reply.set_value(std::to_string(all.size()));
    call.set_reply_attachment(Attachment(std::move(all)));
    co_return absl::OkStatus();
  };
  Channel& channel = Serve(std::make_unique<StreamService>(std::move(handlers)));
  DownCall down = StartDown(channel, "x", CallOptions().set_attachment(AttachmentOf(80'000)));
  ASSERT_NE(down.Read().Wait(), nullptr);
  EXPECT_TRUE(down.attachment().view() == Bytes(80'000));
  EXPECT_TRUE(down.Finish().Wait().ok());

  CallInfo info;
  UpCall up = StartUp(channel).Capture(info);
  ASSERT_TRUE(up.Write(MakeText(""), Attachment(std::string("ab"))).Wait());
  ASSERT_TRUE(up.Write(MakeText("")).Wait());
  ASSERT_TRUE(up.WriteLast(MakeText(""), Attachment(std::string("cd"))).Wait());
  EXPECT_EQ(Show(up.Finish().Wait()), "OK: 4");
  EXPECT_EQ(info.attachment.view(), "abcd");

  UpCall without = StartUp(channel).Capture(info);
  EXPECT_EQ(Show(without.Finish().Wait()), "OK: 0");
  EXPECT_TRUE(info.attachment.empty());
}

TEST_P(StreamAttachments, NeedAMessageToTravelWith) {
  Channel& channel = Serve();
  UpCall up = StartUp(channel, CallOptions().set_attachment(AttachmentOf(1)));
  const absl::Status status = up.Finish().Wait().status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_NE(status.message().find("/test.Streams/Up"), absl::string_view::npos) << status;
}

TEST_P(StreamAttachments, ThatAreNotReadStopTheWriterAtItsWindow) {
  Gate gate;
  std::atomic<uint64_t> arrived{0};
  StreamHandlers handlers;
  handlers.chat = [&](ServerCall&, Reader<Text>& reader, Writer<Text>&) -> Task<absl::Status> {
    ++gate.entered;
    while (!gate.open) {
      const absl::Status slept = co_await Sleep(absl::Milliseconds(2));
      if (!slept.ok()) co_return slept;
    }
    const Text* message = co_await reader.Read();
    for (; message != nullptr; message = co_await reader.Read())
      arrived += reader.attachment().size();
    co_return absl::OkStatus();
  };
  Channel& channel = Serve(std::make_unique<StreamService>(std::move(handlers)));
  ChatCall chat = StartChat(channel);
  std::atomic<int> written{0};
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) {
      if (!chat.Write(MakeText("x"), AttachmentOf(100'000)).Wait()) break;
      ++written;
    }
  });
  ASSERT_TRUE(Eventually([&] { return written >= 2; }));
  // 256 KiB of window, and what waits behind it.
  EXPECT_LE(written, 6);
  gate.open = true;
  writer.join();
  EXPECT_EQ(written, 20);
  chat.HalfClose();
  EXPECT_TRUE(chat.Finish().Wait().ok());
  EXPECT_EQ(arrived, 20u * 100'000);
}

}  // namespace
}  // namespace dialtone::attachment_test
