// Compression from end to end: whatever is chosen, calls say the same as without it.
#include "dialtone/rpc/compression.h"

#include <malloc.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "call_fixture.h"
#include "dialtone/transport/block_pool.h"
#include "packing.h"
#include "stream_fixture.h"

namespace dialtone::compression_test {
namespace {

// Some of it can be compressed.
std::string Prose(size_t bytes) {
  std::string prose;
  for (uint32_t i = 0; prose.size() < bytes; ++i)
    prose += "line " + std::to_string(i * 2654435761u % 1000) + "; ";
  prose.resize(bytes);
  return prose;
}

// It may wait long to be sent, and its own bytes are what counts in budgets.
TEST(PackedMessage, LiesInNoMoreMemoryThanItNeeds) {
  for (const Compression algorithm : {Compression::kGzip, Compression::kZstd}) {
    if (!CompressionAvailable(algorithm)) continue;
    internal::PackedMessage packed;
    ASSERT_TRUE(packed.Pack(internal::PlanWith(CompressionOptions(), algorithm), Prose(3'000'000),
                            Attachment()));
    ASSERT_GT(packed.size(), BlockPool::kBlockMin);
    const auto block = packed.Share();
    EXPECT_LT(malloc_usable_size(const_cast<char*>(block.get())), packed.size() * 5 / 4)
        << packed.size();
  }
}

absl::Status EchoPlain(ServerCall&, const Text& request, Text& reply) {
  reply = request;
  return absl::OkStatus();
}
Task<absl::Status> Echo(ServerCall&, const Text& request, Text& reply) {
  reply = request;
  co_return absl::OkStatus();
}

// Keeps a worker until the gate opens.
class WorkerHold final : private Work {
 public:
  WorkerHold(Workers& workers, Gate& gate) : gate_(gate) { EXPECT_TRUE(workers.Post(*this)); }
  ~WorkerHold() {
    gate_.open = true;
    EXPECT_TRUE(Eventually([&] { return done_.load(); }));
  }

 private:
  void Run() override {
    ++gate_.entered;
    while (!gate_.open) std::this_thread::yield();
    done_ = true;
  }
  Gate& gate_;
  std::atomic<bool> done_{false};
};

class CompressedCalls : public BothWays {
 protected:
  static ServerOptions ServerWith(Compression algorithm) {
    ServerOptions options;
    options.compression.algorithm = algorithm;
    return options;
  }
  static ChannelOptions ClientWith(Compression algorithm) {
    ChannelOptions options;
    options.compression.algorithm = algorithm;
    return options;
  }
};
INSTANTIATE_TEST_SUITE_P(Networks, CompressedCalls, testing::Bool(), NetworkName);

TEST_P(CompressedCalls, MessagesOfEverySizeComeBackAsTheyWere) {
  for (const bool on_workers : {false, true}) {
    for (const Compression algorithm : {Compression::kGzip, Compression::kZstd}) {
      Serve(Echo, EchoPlain, on_workers, RealServer::TwoReactors(), ServerWith(algorithm));
      auto channel = MakeChannel(ClientWith(algorithm));
      for (const size_t bytes : {0u, 1u, 1000u, 1024u, 65'536u, 100'000u, 1'000'000u, 3'000'000u}) {
        const std::string text = Prose(bytes);
        const absl::StatusOr<Text> plain = StartPlain(*channel, text).Wait();
        ASSERT_TRUE(plain.ok()) << plain.status();
        EXPECT_TRUE(plain->value() == text) << bytes;
        const absl::StatusOr<Text> coroutine = StartCoroutine(*channel, text).Wait();
        ASSERT_TRUE(coroutine.ok()) << coroutine.status();
        EXPECT_TRUE(coroutine->value() == text) << bytes;
      }
      channel.reset();
    }
  }
}

TEST_P(CompressedCalls, TheLimitHoldsForWhatAMessageIsWithoutCompression) {
  Serve(Echo, EchoPlain, false, RealServer::TwoReactors(), ServerWith(Compression::kZstd));
  ChannelOptions options = ClientWith(Compression::kZstd);
  auto channel = MakeChannel(options);
  EXPECT_TRUE(StartPlain(*channel, std::string(4'000'000, 'x')).Wait().ok());
  const absl::Status above = StartPlain(*channel, std::string(5'000'000, 'x')).Wait().status();
  EXPECT_TRUE(absl::IsResourceExhausted(above)) << above;
  options.limits.message_bytes_max = 3'000'000;
  auto careful = MakeChannel(options);
  const absl::Status reply = StartPlain(*careful, std::string(4'000'000, 'x')).Wait().status();
  EXPECT_TRUE(absl::IsResourceExhausted(reply)) << reply;
}

TEST_P(CompressedCalls, ACallFromAHandlerHasItsLargeRequestPackedOnAWorker) {
  RuntimeOptions runtime = RealServer::TwoReactors();
  runtime.worker_threads = 1;
  std::unique_ptr<Channel> inner;
  Gate gate;
  // Asks the plain method of the same server, with as much as it is asked for.
  const CoroutineHandler ask = [&](ServerCall&, const Text& request,
                                   Text& reply) -> Task<absl::Status> {
    const std::string text = Prose(static_cast<size_t>(std::stoul(request.value())));
    absl::StatusOr<Text> answer = co_await StartPlain(*inner, text);
    if (!answer.ok()) co_return answer.status();
    reply.set_value(std::to_string(answer->value().size()));
    co_return absl::OkStatus();
  };
  Serve(ask, EchoPlain, false, runtime, ServerWith(Compression::kZstd));
  inner = MakeChannel(ClientWith(Compression::kZstd));
  auto channel = MakeChannel();
  for (const char* const bytes : {"10000", "3000000", "3000000"})
    EXPECT_EQ(Show(StartCoroutine(*channel, bytes).Wait()), std::string("OK: ") + bytes);
  // One that is given up while it waits for a worker.
  WorkerHold hold(real_->runtime.workers(), gate);
  ASSERT_TRUE(Eventually([&] { return gate.entered == 1; }));
  Call<Text> given_up = StartCoroutine(*channel, "3000000");
  ASSERT_TRUE(Eventually([&] { return real_->server.calls_in_flight() >= 1; }));
  given_up.Cancel();
  EXPECT_EQ(given_up.Wait().status().code(), absl::StatusCode::kCancelled);
  // In process nothing is packed: there it is the server that waits for a worker, to parse it.
  const bool packs = !GetParam();
  if (packs) {
    EXPECT_TRUE(Eventually([&] { return real_->server.calls_in_flight() == 0; }));
  }
  gate.open = true;
  EXPECT_TRUE(Eventually([&] { return real_->server.calls_in_flight() == 0; }));
  EXPECT_EQ(Show(StartCoroutine(*channel, "20000").Wait()), "OK: 20000");
  inner.reset();
}

class CompressedStreams : public StreamsBothWays {
 protected:
  Channel& ServeWith(Compression algorithm, std::unique_ptr<Service> service) {
    ServerOptions options;
    options.compression.algorithm = algorithm;
    ChannelOptions channel_options;
    channel_options.compression.algorithm = algorithm;
    return Serve(std::move(service), options, channel_options);
  }
  // Sends messages of several sizes and reads each back.
  static Task<absl::Status> Chat(Channel& channel) {
    ChatCall chat = StartChat(channel);
    for (const size_t bytes : {10u, 5000u, 100'000u, 0u, 2'000'000u}) {
      const std::string text = Prose(bytes);
      Text message = MakeText(text);
      const bool open = co_await chat.Write(message);
      EXPECT_TRUE(open);
      Text* const answer = co_await chat.Read();
      EXPECT_TRUE(answer != nullptr);
      if (answer == nullptr) break;
      EXPECT_TRUE(answer->value() == text + "!") << bytes;
    }
    co_return co_await chat.Finish();
  }
};
INSTANTIATE_TEST_SUITE_P(Networks, CompressedStreams, testing::Bool(), NetworkName);

TEST_P(CompressedStreams, MessagesOfEverySizeComeBackAsTheyWere) {
  for (const Compression algorithm : {Compression::kGzip, Compression::kZstd}) {
    Channel& channel = ServeWith(algorithm, MakeStreamService());
    EXPECT_TRUE(Run(Chat(channel)).ok());
    EXPECT_TRUE(Run(Chat(channel)).ok());
    ExpectNoCallLeft();
    channel_.reset();
  }
}

TEST_P(CompressedStreams, PlainHandlersAndBlockingCallersToo) {
  const auto echo = [](ServerCall& call, Reader<Text>& reader, Writer<Text>& writer) {
    call.set_compression(Compression::kGzip);
    while (auto* message = reader.Read().Wait()) {
      message->mutable_value()->append("!");
      if (!writer.Write(*message).Wait()) break;
    }
    return absl::OkStatus();
  };
  PlainStreamHandlers handlers;
  handlers.chat = echo;
  Channel& channel =
      ServeWith(Compression::kZstd, std::make_unique<PlainStreamService>(std::move(handlers)));
  for (int i = 0; i < 2; ++i) {
    ChatCall chat = StartChat(channel);
    for (const size_t bytes : {10u, 5000u, 100'000u, 2'000'000u}) {
      const std::string text = Prose(bytes);
      ASSERT_TRUE(chat.Write(MakeText(text)).Wait());
      Text* const answer = chat.Read().Wait();
      ASSERT_NE(answer, nullptr);
      EXPECT_TRUE(answer->value() == text + "!") << bytes;
    }
    chat.HalfClose();
    EXPECT_TRUE(chat.Finish().Wait().ok());
  }
}

}  // namespace
}  // namespace dialtone::compression_test
