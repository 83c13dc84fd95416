// The three kinds of streaming call, as coroutines and threads use them.
#include <atomic>
#include <deque>
#include <thread>
#include <vector>

#include "stream_fixture.h"

namespace dialtone::stream_test {
namespace {

using Streams = StreamsBothWays;

// --- Blocking ---

TEST_P(Streams, AServersMessagesComeInOrderThenTheStatus) {
  DownCall down = StartDown(Serve(), "5");
  std::string seen;
  while (auto message = down.Read().Wait()) seen += message->value() + " ";
  EXPECT_EQ(seen, "5 4 3 2 1 0 ");
  EXPECT_EQ(down.Finish().Wait(), absl::OkStatus());
}

TEST_P(Streams, AClientsMessagesAreAnsweredOnce) {
  UpCall up = StartUp(Serve());
  for (const char* text : {"a", "b", "c"}) EXPECT_TRUE(up.Write(MakeText(text)).Wait());
  EXPECT_EQ(Show(up.Finish().Wait()), "OK: abc");
}

TEST_P(Streams, TheLastMessageMayHalfClose) {
  UpCall up = StartUp(Serve());
  EXPECT_TRUE(up.Write(MakeText("a")).Wait());
  EXPECT_TRUE(up.WriteLast(MakeText("z")).Wait());
  EXPECT_FALSE(up.Write(MakeText("late")).Wait());
  EXPECT_EQ(Show(up.Finish().Wait()), "OK: az");
}

TEST_P(Streams, NoMessageAtAllIsAStreamToo) {
  EXPECT_EQ(Show(StartUp(Serve()).Finish().Wait()), "OK: ");
}

TEST_P(Streams, BothSidesSpeakInTurn) {
  ChatCall chat = StartChat(Serve());
  for (int i = 0; i < 100; ++i) {
    const std::string text = std::to_string(i);
    ASSERT_TRUE(chat.Write(MakeText(text)).Wait());
    auto answer = chat.Read().Wait();
    ASSERT_NE(answer, nullptr);
    EXPECT_EQ(answer->value(), text + "!");
  }
  chat.HalfClose();
  EXPECT_EQ(chat.Read().Wait(), nullptr);
  EXPECT_EQ(chat.Finish().Wait(), absl::OkStatus());
  ExpectNoCallLeft();
}

TEST_P(Streams, OneThreadMayReadWhileAnotherWrites) {
  ChatCall chat = StartChat(Serve());
  constexpr int kMessages = 2000;
  std::thread writer([&] {
    for (int i = 0; i < kMessages; ++i) {
      EXPECT_TRUE(chat.Write(MakeText(std::to_string(i))).Wait());
    }
    chat.HalfClose();
  });
  int seen = 0;
  while (auto message = chat.Read().Wait())
    EXPECT_EQ(message->value(), std::to_string(seen++) + "!");
  writer.join();
  EXPECT_EQ(seen, kMessages);
  EXPECT_EQ(chat.Finish().Wait(), absl::OkStatus());
}

TEST_P(Streams, LargeMessagesPassBothWays) {
  ChatCall chat = StartChat(Serve());
  for (const size_t size : {100u << 10, 2u << 20, 3u << 20}) {
    ASSERT_TRUE(chat.Write(MakeText(std::string(size, 'x'))).Wait());
    auto answer = chat.Read().Wait();
    ASSERT_NE(answer, nullptr);
    EXPECT_EQ(answer->value().size(), size + 1);
  }
  EXPECT_EQ(chat.Finish().Wait(), absl::OkStatus());
}

// --- Coroutines ---

Task<absl::Status> ReadDown(Channel& channel, std::string& seen) {
  DownCall down = StartDown(channel, "3");
  while (auto message = co_await down.Read()) seen += message->value() + " ";
  co_return co_await down.Finish();
}

TEST_P(Streams, ACoroutineReads) {
  std::string seen;
  EXPECT_EQ(Run(ReadDown(Serve(), seen)), absl::OkStatus());
  EXPECT_EQ(seen, "3 2 1 0 ");
}

Task<absl::Status> WriteUp(Channel& channel, std::string& reply) {
  UpCall up = StartUp(channel);
  for (int i = 0; i < 3; ++i) {
    const bool open = co_await up.Write(MakeText(std::to_string(i)));
    if (!open) break;
  }
  absl::StatusOr<Text> answered = co_await up.Finish();
  if (answered.ok()) reply = answered->value();
  co_return answered.status();
}

TEST_P(Streams, ACoroutineWrites) {
  std::string reply;
  EXPECT_EQ(Run(WriteUp(Serve(), reply)), absl::OkStatus());
  EXPECT_EQ(reply, "012");
}

Task<absl::Status> PingPong(Channel& channel, int rounds) {
  ChatCall chat = StartChat(channel);
  for (int i = 0; i < rounds; ++i) {
    const bool open = co_await chat.Write(MakeText("ping"));
    if (!open) break;
    auto answer = co_await chat.Read();
    if (answer == nullptr || answer->value() != "ping!") co_return absl::InternalError("no answer");
  }
  co_return co_await chat.Finish();
}

TEST_P(Streams, ACoroutineConverses) { EXPECT_EQ(Run(PingPong(Serve(), 500)), absl::OkStatus()); }

// A handler that relays to another stream, on its own reactor.
Task<absl::Status> Relay(Channel& to, std::string request, Writer<Text>& writer) {
  DownCall down = StartDown(to, request);
  while (auto message = co_await down.Read()) {
    const bool open = co_await writer.Write(*message);
    if (!open) break;
  }
  co_return co_await down.Finish();
}

TEST_P(Streams, AHandlerRelaysAStream) {
  Channel* back = nullptr;
  std::string relayed;
  StreamHandlers handlers{nullptr, nullptr, nullptr};
  handlers.down = [&](ServerCall& call, const Text& request, Writer<Text>& writer) {
    if (request.value() != "relay") return CountDown(call, request, writer);
    return Relay(*back, relayed, writer);
  };
  back = &Serve(std::make_unique<StreamService>(handlers));
  for (const size_t zeros :
       {0u, 3u << 20}) {  // a large request, which is given, goes by way of a worker
    relayed = std::string(zeros, '0') + "20";
    DownCall down = StartDown(*back, "relay");
    int count = 0;
    while (down.Read().Wait() != nullptr) ++count;
    EXPECT_EQ(count, 21);
    EXPECT_EQ(down.Finish().Wait(), absl::OkStatus());
  }
}

// A worker serialises it, and the call goes on meanwhile.
TEST_P(Streams, AHandlerMayAnswerAtOnceWithALargeReply) {
  constexpr size_t kLarge = 3u << 20;
  StreamHandlers handlers;
  handlers.up = [](ServerCall&, Reader<Text>&, Text& reply) -> Task<absl::Status> {
    reply.set_value(std::string(kLarge, 'x'));
    co_return absl::OkStatus();
  };
  Channel& channel = Serve(std::make_unique<StreamService>(std::move(handlers)));
  for (int i = 0; i < 3; ++i) {
    UpCall up = StartUp(channel);
    const absl::StatusOr<Text> reply = up.Finish().Wait();
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->value().size(), kLarge);
  }
  ExpectNoCallLeft();
}

// --- Callbacks ---

TEST_P(Streams, TheEndMayBeLeftToACallback) {
  UpCall up = StartUp(Serve());
  EXPECT_TRUE(up.Write(MakeText("a")).Wait());
  Event called;
  std::string shown;
  up.Finish().Then([&](absl::StatusOr<Text> reply) {
    shown = Show(reply);
    called.Set();
  });
  ASSERT_TRUE(runtime_.network().Wait(called, runtime_.network().Now() + absl::Seconds(30)));
  EXPECT_EQ(shown, "OK: a");
}

// --- Plain handlers ---

TEST_P(Streams, PlainHandlersBlockOnWorkers) {
  PlainStreamHandlers handlers;
  handlers.down = [](ServerCall&, const Text& request, Writer<Text>& writer) {
    for (int i = 0; i < std::stoi(request.value()); ++i)
      if (!writer.Write(MakeText("m")).Wait()) return absl::CancelledError("nobody reads");
    return absl::OkStatus();
  };
  handlers.up = [](ServerCall&, Reader<Text>& reader, Text& reply) {
    while (auto message = reader.Read().Wait()) reply.mutable_value()->append(message->value());
    return absl::OkStatus();
  };
  handlers.chat = [](ServerCall&, Reader<Text>& reader, Writer<Text>& writer) {
    while (auto message = reader.Read().Wait()) writer.Write(*message).Wait();
    return absl::OkStatus();
  };
  Channel& channel = Serve(std::make_unique<PlainStreamService>(handlers));
  DownCall down = StartDown(channel, "3");
  int count = 0;
  while (down.Read().Wait() != nullptr) ++count;
  EXPECT_EQ(count, 3);
  EXPECT_EQ(down.Finish().Wait(), absl::OkStatus());
  UpCall up = StartUp(channel);
  EXPECT_TRUE(up.Write(MakeText("x")).Wait());
  EXPECT_TRUE(up.Write(MakeText("y")).Wait());
  EXPECT_EQ(Show(up.Finish().Wait()), "OK: xy");
  ChatCall chat = StartChat(channel);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(chat.Write(MakeText("z")).Wait());
    auto answer = chat.Read().Wait();
    ASSERT_NE(answer, nullptr);
    EXPECT_EQ(answer->value(), "z");
  }
  EXPECT_EQ(chat.Finish().Wait(), absl::OkStatus());
  ExpectNoCallLeft();
}

TEST_P(Streams, BlockedHandlersHoldUpNoLargeMessage) {
  const int threads = RealServer::TwoReactors().worker_threads;  // all of them
  std::atomic<int> reading{0};
  PlainStreamHandlers handlers;
  handlers.chat = [&](ServerCall&, Reader<Text>& reader, Writer<Text>& writer) {
    for (++reading; auto message = reader.Read().Wait();)
      writer.Write(MakeText(std::to_string(message->value().size()))).Wait();
    return absl::OkStatus();
  };
  Channel& channel = Serve(std::make_unique<PlainStreamService>(handlers));
  const Text large = MakeText(std::string(2 << 20, 'l'));
  std::deque<ChatCall> chats;
  for (int i = 0; i < threads; ++i) chats.push_back(StartChat(channel));
  ASSERT_TRUE(Eventually([&] { return reading == threads; }));
  for (ChatCall& chat : chats) EXPECT_TRUE(chat.Write(large).Wait());
  for (ChatCall& chat : chats) {
    auto answer = chat.Read().Wait();
    ASSERT_NE(answer, nullptr);
    EXPECT_EQ(answer->value(), std::to_string(2 << 20));
    chat.HalfClose();
    EXPECT_EQ(chat.Finish().Wait(), absl::OkStatus());
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, Streams, testing::Bool(), NetworkName);

}  // namespace
}  // namespace dialtone::stream_test
