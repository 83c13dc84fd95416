// The ways in which a stream ends: from either side, early, in the middle of a wait.
#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "stream_fixture.h"

namespace dialtone {
namespace {

using StreamEnds = StreamsBothWays;

// A server that only writes, or only reads, until its client is gone; counts what it saw.
struct Endless {
  std::atomic<int> written{0};
  std::atomic<int> read{0};
  std::atomic<int> cancelled{0};

  StreamHandlers Handlers() {
    StreamHandlers handlers;
    handlers.down = [this](ServerCall& call, const Text&, Writer<Text>& writer) {
      return Down(call, writer);
    };
    handlers.up = [this](ServerCall& call, Reader<Text>& reader, Text&) {
      return Up(call, reader);
    };
    handlers.chat = [this](ServerCall& call, Reader<Text>& reader, Writer<Text>&) {
      return Up(call, reader);
    };
    return handlers;
  }

 private:
  Task<absl::Status> Down(ServerCall& call, Writer<Text>& writer) {
    const Text message = MakeText(std::string(10 * 1024, 'x'));
    bool open = true;
    while (open) {
      open = co_await writer.Write(message);
      if (open) ++written;
    }
    if (call.cancelled()) ++cancelled;
    co_return call.context().status();
  }
  Task<absl::Status> Up(ServerCall& call, Reader<Text>& reader) {
    const Text* message = nullptr;
    do {
      message = co_await reader.Read();
      if (message != nullptr) ++read;
    } while (message != nullptr);
    if (call.cancelled()) ++cancelled;
    co_return call.context().status();
  }
};

TEST_P(StreamEnds, AServerMayEndWhileItsClientStillWrites) {
  StreamHandlers handlers;
  handlers.up = [](ServerCall&, Reader<Text>& reader, Text&) -> Task<absl::Status> {
    auto first = co_await reader.Read();
    if (first == nullptr) co_return absl::InternalError("nothing came");
    co_return absl::InvalidArgumentError("enough");
  };
  UpCall up = StartUp(Serve(std::make_unique<StreamService>(handlers)));
  const Text message = MakeText(std::string(1000, 'x'));
  int written = 0;
  while (up.Write(message).Wait()) ASSERT_LT(++written, 1'000'000);
  EXPECT_EQ(up.Finish().Wait().status(), absl::InvalidArgumentError("enough"));
  ExpectNoCallLeft();
}

TEST_P(StreamEnds, WhatCameBeforeAnErrorCanBeRead) {
  StreamHandlers handlers;
  handlers.down = [](ServerCall&, const Text&, Writer<Text>& writer) -> Task<absl::Status> {
    const Text message = MakeText("m");
    for (int i = 0; i < 3; ++i) co_await writer.Write(message);
    co_return absl::DataLossError("broken");
  };
  DownCall down = StartDown(Serve(std::make_unique<StreamService>(handlers)), "");
  ExpectNoCallLeft();
  int count = 0;
  while (down.Read().Wait() != nullptr) ++count;
  EXPECT_EQ(count, 3);
  EXPECT_EQ(down.Finish().Wait(), absl::DataLossError("broken"));
}

TEST_P(StreamEnds, CancelReachesAServerThatWrites) {
  Endless endless;
  DownCall down = StartDown(Serve(std::make_unique<StreamService>(endless.Handlers())), "");
  ASSERT_NE(down.Read().Wait(), nullptr);
  down.Cancel();
  while (down.Read().Wait() != nullptr) {
  }
  EXPECT_EQ(down.Finish().Wait().code(), absl::StatusCode::kCancelled);
  ExpectNoCallLeft();
  EXPECT_EQ(endless.cancelled, 1);
}

TEST_P(StreamEnds, DestroyingAStreamCancelsIt) {
  Endless endless;
  Channel& channel = Serve(std::make_unique<StreamService>(endless.Handlers()));
  {
    ChatCall chat = StartChat(channel);
    ASSERT_TRUE(chat.Write(MakeText("a")).Wait());
    ASSERT_TRUE(Eventually([&] { return endless.read == 1; }));
  }
  ExpectNoCallLeft();
  EXPECT_EQ(endless.cancelled, 1);
}

// Whoever does it: the client, which says nothing here, or a part of the server.
TEST_P(StreamEnds, WhatAHandlerReadsEndsWithItsContext) {
  std::promise<Context> began;
  StreamHandlers handlers;
  handlers.chat = [&](ServerCall& call, Reader<Text>& reader, Writer<Text>&) -> Task<absl::Status> {
    began.set_value(call.context());
    const Text* const message = co_await reader.Read();
    EXPECT_EQ(message, nullptr);
    co_return call.context().status();
  };
  Channel& channel = Serve(std::make_unique<StreamService>(handlers));
  ChatCall chat = StartChat(channel);
  began.get_future().get().Cancel(absl::AbortedError("a part of the server"));
  EXPECT_EQ(chat.Read().Wait(), nullptr);
  EXPECT_EQ(chat.Finish().Wait(), absl::AbortedError("a part of the server"));
}

TEST_P(StreamEnds, ADeadlineBoundsTheWholeStream) {
  Endless endless;
  Channel& channel = Serve(std::make_unique<StreamService>(endless.Handlers()));
  ChatCall chat = StartChat(channel, Timeout(absl::Milliseconds(50)));
  ASSERT_TRUE(chat.Write(MakeText("a")).Wait());
  EXPECT_EQ(chat.Read().Wait(), nullptr);
  EXPECT_EQ(chat.Finish().Wait().code(), absl::StatusCode::kDeadlineExceeded);
  ExpectNoCallLeft();
}

// Keeps the status that each call ended with at the server.
class EndKeeper final : public ServerObserver {
 public:
  std::vector<absl::StatusCode> codes() const {
    MutexLock lock(mutex_);
    return codes_;
  }

 private:
  void OnEnd(ServerCall&, const absl::Status& status) override {
    MutexLock lock(mutex_);
    codes_.push_back(status.code());
  }

  mutable Mutex mutex_;
  std::vector<absl::StatusCode> codes_ ABSL_GUARDED_BY(mutex_);
};

// Handlers that take whatever ends their loop for the end of the messages; counts those.
StreamHandlers Careless(std::atomic<int>& read) {
  StreamHandlers handlers;
  handlers.up = [&](ServerCall&, Reader<Text>& reader, Text& reply) -> Task<absl::Status> {
    std::string all;
    while (auto message = co_await reader.Read()) {
      all += message->value();
      ++read;
    }
    reply.set_value(all);
    co_return absl::OkStatus();
  };
  return handlers;
}

TEST_P(StreamEnds, NoCallThatWasCutShortEndsWithOkAtTheServer) {
  auto ends = std::make_shared<EndKeeper>();
  ServerOptions options;
  options.observers.push_back(ends);
  std::atomic<int> read{0};
  Channel& channel = Serve(std::make_unique<StreamService>(Careless(read)), options);

  UpCall whole = StartUp(channel);
  ASSERT_TRUE(whole.Write(MakeText("all of it")).Wait());
  EXPECT_EQ(Show(whole.Finish().Wait()), "OK: all of it");
  ASSERT_TRUE(Eventually([&] { return ends->codes().size() == 1; }));

  UpCall given_up = StartUp(channel);
  ASSERT_TRUE(given_up.Write(MakeText("half of it")).Wait());
  ASSERT_TRUE(Eventually([&] { return read == 2; }));
  given_up.Cancel();
  EXPECT_EQ(given_up.Finish().Wait().status().code(), absl::StatusCode::kCancelled);
  ASSERT_TRUE(Eventually([&] { return ends->codes().size() == 2; }));

  UpCall late = StartUp(channel, Timeout(absl::Milliseconds(50)));
  ASSERT_TRUE(late.Write(MakeText("half of it")).Wait());
  ASSERT_TRUE(Eventually([&] { return ends->codes().size() == 3; }));
  EXPECT_EQ(late.Finish().Wait().status().code(), absl::StatusCode::kDeadlineExceeded);

  EXPECT_EQ(ends->codes(), (std::vector{absl::StatusCode::kOk, absl::StatusCode::kCancelled,
                                        absl::StatusCode::kDeadlineExceeded}));
}

TEST_P(StreamEnds, APlainHandlerThatIsWokenByACancelKnowsOfIt) {
  std::atomic<int> begun{0};
  std::atomic<int> unaware{0};
  PlainStreamHandlers handlers;
  handlers.chat = [&](ServerCall& call, Reader<Text>& reader, Writer<Text>&) {
    while (reader.Read().Wait() != nullptr) ++begun;
    if (!call.cancelled()) ++unaware;
    return absl::OkStatus();
  };
  Channel& channel = Serve(std::make_unique<PlainStreamService>(handlers));
  for (int i = 1; i <= 100; ++i) {
    ChatCall chat = StartChat(channel);
    ASSERT_TRUE(chat.Write(MakeText("a")).Wait());
    ASSERT_TRUE(Eventually([&] { return begun == i; }));
    chat.Cancel();
    EXPECT_EQ(chat.Finish().Wait().code(), absl::StatusCode::kCancelled);
  }
  ExpectNoCallLeft();
  EXPECT_EQ(unaware, 0);
}

TEST_P(StreamEnds, AThreadThatReadsIsLetGoByACancelFromAnother) {
  Endless endless;
  ChatCall chat = StartChat(Serve(std::make_unique<StreamService>(endless.Handlers())));
  std::thread reader([&] { EXPECT_EQ(chat.Read().Wait(), nullptr); });
  ASSERT_TRUE(chat.Write(MakeText("a")).Wait());
  ASSERT_TRUE(Eventually([&] { return endless.read == 1; }));
  chat.Cancel();
  reader.join();
  EXPECT_EQ(chat.Finish().Wait().code(), absl::StatusCode::kCancelled);
  ExpectNoCallLeft();
}

TEST_P(StreamEnds, MetadataTravelsBothWays) {
  StreamHandlers handlers;
  handlers.chat = [](ServerCall& call, Reader<Text>& reader,
                     Writer<Text>& writer) -> Task<absl::Status> {
    const std::string asked(*call.metadata().Get("ask"));
    call.initial_metadata().Add("first", asked).IgnoreError();
    while (auto message = co_await reader.Read()) co_await writer.Write(*message);
    call.trailing_metadata().Add("last", "bye").IgnoreError();
    co_return absl::OkStatus();
  };
  Channel& channel = Serve(std::make_unique<StreamService>(handlers));
  CallOptions options;
  options.metadata.Add("ask", "how").IgnoreError();
  CallInfo info;
  ChatCall chat = StartChat(channel, options).Capture(info);
  ASSERT_TRUE(chat.WriteLast(MakeText("a")).Wait());
  ASSERT_NE(chat.Read().Wait(), nullptr);
  EXPECT_EQ(chat.Finish().Wait(), absl::OkStatus());
  EXPECT_EQ(info.initial_metadata.Get("first"), "how");
  EXPECT_EQ(info.trailing_metadata.Get("last"), "bye");
}

TEST_P(StreamEnds, InitialMetadataBehindAMessageAreDropped) {
  StreamHandlers handlers;
  handlers.down = [](ServerCall& call, const Text& request,
                     Writer<Text>& writer) -> Task<absl::Status> {
    for (int i = 0; i < 2; ++i) {
      co_await writer.Write(request);
      call.initial_metadata().Add("late", "1").IgnoreError();
    }
    co_return absl::OkStatus();
  };
  Channel& channel = Serve(std::make_unique<StreamService>(handlers));
  LogLines log;
  CallInfo info;
  DownCall down = StartDown(channel, "a").Capture(info);
  ASSERT_NE(down.Read().Wait(), nullptr);
  ASSERT_NE(down.Read().Wait(), nullptr);
  EXPECT_EQ(down.Read().Wait(), nullptr);
  EXPECT_EQ(down.Finish().Wait(), absl::OkStatus());
  EXPECT_FALSE(info.initial_metadata.Get("late").has_value());
  // It is told when the call has been answered.
  EXPECT_TRUE(Eventually([&] {
    return log.text().find("added behind the first message") != std::string::npos;
  })) << log.text();
}

TEST_P(StreamEnds, ASlowReaderStopsItsWriter) {
  Endless endless;
  DownCall down = StartDown(Serve(std::make_unique<StreamService>(endless.Handlers())), "");
  ASSERT_NE(down.Read().Wait(), nullptr);
  // As much as a window, the message that waits, and what is copied from one to the other: then no
  // more, until something is read.
  const auto settled = [&] {
    const int before = endless.written;
    for (int i = 0; i < 50; ++i) {
      const bool changed =
          Eventually([&, tries = 0]() mutable { return endless.written != before || ++tries > 2; });
      EXPECT_TRUE(changed);
    }
    return endless.written == before;
  };
  ASSERT_TRUE(Eventually(settled));
  const int stopped_at = endless.written;
  EXPECT_LE(stopped_at * 10 * 1024, 2 * 256 * 1024 + 64 * 1024);
  for (int i = 0; i < 100; ++i) ASSERT_NE(down.Read().Wait(), nullptr);
  EXPECT_TRUE(Eventually([&] { return endless.written > stopped_at; }));
  down.Cancel();
  EXPECT_EQ(down.Finish().Wait().code(), absl::StatusCode::kCancelled);
  ExpectNoCallLeft();
}

TEST_P(StreamEnds, ASlowHandlerStopsItsClient) {
  Gate gate;
  StreamHandlers handlers;
  handlers.up = [&](ServerCall&, Reader<Text>& reader, Text& reply) -> Task<absl::Status> {
    int count = 0;
    while (co_await reader.Read() != nullptr) {
      ++count;
      while (!gate.open) {
        absl::Status slept = co_await Sleep(absl::Milliseconds(1));
        if (!slept.ok()) co_return slept;
      }
    }
    reply.set_value(std::to_string(count));
    co_return absl::OkStatus();
  };
  UpCall up = StartUp(Serve(std::make_unique<StreamService>(handlers)));
  std::atomic<int> written{0};
  constexpr int kMessages = 500;
  std::thread writer([&] {
    const Text message = MakeText(std::string(10 * 1024, 'x'));
    for (int i = 0; i < kMessages; ++i) {
      EXPECT_TRUE(up.Write(message).Wait());
      ++written;
    }
  });
  ASSERT_TRUE(Eventually([&] { return written > 20; }));
  for (int i = 0; i < 100; ++i) EXPECT_LT(written * 10 * 1024, 3 * 256 * 1024);
  gate.open = true;
  writer.join();
  EXPECT_EQ(Show(up.Finish().Wait()), "OK: 500");
}

TEST_P(StreamEnds, AMethodThatIsNotThere) {
  static constexpr Method kAbsent{"/test.Streams/Absent", MethodKind::kBidirectionalStreaming};
  ChatCall chat(Serve(), kAbsent, CallOptions());
  EXPECT_EQ(chat.Read().Wait(), nullptr);
  EXPECT_EQ(chat.Finish().Wait().code(), absl::StatusCode::kUnimplemented);
}

TEST_P(StreamEnds, AShutdownEndsStreams) {
  Endless endless;
  ChatCall chat = StartChat(Serve(std::make_unique<StreamService>(endless.Handlers())));
  ASSERT_TRUE(chat.Write(MakeText("a")).Wait());
  ASSERT_TRUE(Eventually([&] { return endless.read == 1; }));
  EXPECT_EQ(server_->Shutdown(absl::Milliseconds(20)).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(chat.Read().Wait(), nullptr);
  EXPECT_FALSE(chat.Finish().Wait().ok());
  EXPECT_EQ(endless.cancelled, 1);
}

INSTANTIATE_TEST_SUITE_P(Networks, StreamEnds, testing::Bool(), NetworkName);

}  // namespace
}  // namespace dialtone
