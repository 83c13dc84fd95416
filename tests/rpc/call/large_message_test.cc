// Messages above 1 MiB are serialised and parsed on worker threads: they hold up no reactor, and whatever
// happens meanwhile, their call ends once.
#include "large_message.h"

#include <atomic>
#include <deque>
#include <optional>
#include <string>
#include <thread>

#include "call_fixture.h"

namespace dialtone::large_message_test {
namespace {

constexpr size_t kLarge = 3u << 20;

Task<absl::Status> Measure(ServerCall&, const Text& request, Text& reply) {
  reply.set_value(std::to_string(request.value().size()));
  co_return absl::OkStatus();
}
absl::Status PlainMeasure(ServerCall&, const Text& request, Text& reply) {
  reply.set_value(std::to_string(request.value().size()));
  return absl::OkStatus();
}
absl::Status PlainBlowUp(ServerCall&, const Text&, Text& reply) {
  reply.set_value(std::string(kLarge, 'x'));
  return absl::OkStatus();
}

// With one thread for large messages.
RuntimeOptions OneReactor() {
  RuntimeOptions options;
  options.reactors = 1;
  options.worker_threads = 2;
  return options;
}

class LargeMessages : public BothWays {
 protected:
  // Keeps the only thread for large messages until the test lets it go.
  void HoldWorker(Gate& gate) {
    HoldWorkerLater(gate);
    ASSERT_TRUE(Eventually([&] { return gate.entered == 1; }));
  }
  // The same, when it has done what it has been given before.
  void HoldWorkerLater(Gate& gate) {
    ++holding_;
    ASSERT_TRUE(real_->runtime.message_workers().Post(holds_.emplace_back([this, &gate] {
      ++gate.entered;
      while (!gate.open) std::this_thread::yield();
      --holding_;
    })));
  }
  // The thread looks at no gate any more, nor has it anything else to do.
  void LetGo(Gate& gate) {
    gate.open = true;
    ASSERT_TRUE(Eventually([&] { return holding_ == 0; }));
  }

 private:
  struct Hold final : Work {
    explicit Hold(std::function<void()> f) : function(std::move(f)) {}
    void Run() override { function(); }
    std::function<void()> function;
  };
  std::atomic<int> holding_{0};
  std::deque<Hold> holds_;
};

TEST_P(LargeMessages, TravelBothWays) {
  Serve(Measure, PlainBlowUp);
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartCoroutine(*channel, std::string(kLarge, 'x')).Wait()),
            "OK: " + std::to_string(kLarge));
  absl::StatusOr<Text> blown_up = StartPlain(*channel, "").Wait();
  ASSERT_TRUE(blown_up.ok()) << blown_up.status();
  EXPECT_EQ(blown_up->value().size(), kLarge);
}

TEST_P(LargeMessages, AreParsedOnWorkersWhileTheReactorGoesOn) {
  Gate gate;
  Serve(Measure, PlainHello, false, OneReactor());
  auto channel = MakeChannel();
  HoldWorker(gate);
  Call<Text> large = StartCoroutine(*channel, std::string(kLarge, 'x'));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Show(StartPlain(*channel, "a").Wait()), "OK: hello a");
  EXPECT_TRUE(Eventually([&] { return real_->server.calls_in_flight() == 1; }));
  LetGo(gate);
  EXPECT_EQ(Show(large.Wait()), "OK: " + std::to_string(kLarge));
  EXPECT_TRUE(Eventually([&] { return real_->server.calls_in_flight() == 0; }));
}

ChannelOptions Compressing() {
  ChannelOptions options;
  options.compression.algorithm =
      CompressionAvailable(Compression::kZstd) ? Compression::kZstd : Compression::kGzip;
  return options;
}

// 70 bytes can become a mebibyte of fields that nobody knows, which take as long as a much larger message does.
TEST_P(LargeMessages, AreAlsoThoseThatGrowMuchWhenTheyAreUnpacked) {
  if (GetParam() || !CompressionAvailable(Compressing().compression.algorithm))
    GTEST_SKIP() << "nothing is packed here";
  Gate gate;
  ServerOptions options;
  options.compression = Compressing().compression;
  PlainHandler repeat = [](ServerCall&, const Text& request, Text& reply) {
    reply.set_value(request.value() == "much" ? std::string(100'000, 'x') : "little");
    return absl::OkStatus();
  };
  Serve(Measure, repeat, false, OneReactor(), options);
  auto channel = MakeChannel(Compressing());
  EXPECT_EQ(Show(StartCoroutine(*channel, "a").Wait()), "OK: 1") << "the settings have come";
  HoldWorker(gate);
  Call<Text> request = StartCoroutine(*channel, std::string(100'000, 'x'));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Show(StartPlain(*channel, "a").Wait()), "OK: little");
  EXPECT_EQ(real_->server.calls_in_flight(), 1u);
  std::atomic<bool> ended{false};
  StartPlain(*channel, "much").Then([&](const absl::StatusOr<Text>& reply) {
    EXPECT_TRUE(reply.ok() && reply->value().size() == 100'000) << reply.status();
    ended = true;
  });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Show(StartPlain(*channel, "a").Wait()), "OK: little");
  EXPECT_FALSE(ended);
  LetGo(gate);
  EXPECT_EQ(Show(request.Wait()), "OK: 100000");
  EXPECT_TRUE(Eventually([&] { return ended.load(); }));
}

TEST(LargeMessage, IsWhatTakesLongToParseAndWhatAReadMayBringMuchOf) {
  const auto large = [](Compression algorithm, size_t packed, uint32_t unpacked) {
    return internal::IsLarge(Packing{algorithm, unpacked}, std::string(packed, 'x'));
  };
  EXPECT_FALSE(large(Compression::kNone, 1 << 20, 0));
  EXPECT_TRUE(large(Compression::kNone, (1 << 20) + (1 << 16) + 1, 0));
  EXPECT_FALSE(large(Compression::kZstd, 30, 4096));
  EXPECT_TRUE(large(Compression::kZstd, 30, 4097));
  EXPECT_FALSE(large(Compression::kZstd, 1000, 32'000)) << "32 times";
  EXPECT_TRUE(large(Compression::kZstd, 1000, 33'000)) << "33 times";
  EXPECT_FALSE(large(Compression::kZstd, 5000, 40'000)) << "8 times";
  EXPECT_TRUE(large(Compression::kZstd, 5000, 45'000)) << "9 times";
  EXPECT_FALSE(large(Compression::kZstd, 1 << 18, 1 << 20));
  EXPECT_TRUE(large(Compression::kZstd, 1 << 20, 2 << 20));
}

TEST_P(LargeMessages, AreSerialisedOnWorkersWhileTheReactorGoesOn) {
  Gate gate;
  Serve(Measure, PlainBlowUp, false, OneReactor());
  auto channel = MakeChannel();
  HoldWorker(gate);
  Call<Text> large = StartPlain(*channel, "");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Show(StartCoroutine(*channel, "a").Wait()), "OK: 1");
  EXPECT_TRUE(Eventually([&] { return real_->server.calls_in_flight() == 1; }));
  LetGo(gate);
  EXPECT_TRUE(large.Wait().ok());
  EXPECT_TRUE(Eventually([&] { return real_->server.calls_in_flight() == 0; }));
}

TEST_P(LargeMessages, ACancelledCallWaitsForNoWorkerAtTheClient) {
  Gate gate;
  Serve(Measure, PlainBlowUp, false, OneReactor());
  auto channel = MakeChannel();
  HoldWorker(gate);
  Call<Text> request = StartCoroutine(*channel, std::string(kLarge, 'x'));
  Call<Text> reply = StartPlain(*channel, "");
  ASSERT_TRUE(Eventually([&] { return real_->server.calls_in_flight() == 2; }));
  request.Cancel();
  reply.Cancel();
  EXPECT_EQ(request.Wait().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(reply.Wait().status().code(), absl::StatusCode::kCancelled);
  LetGo(gate);
  EXPECT_TRUE(Eventually([&] { return real_->server.calls_in_flight() == 0; }));
}

// The worker still parses the reply when its call has been given up and its callback has run.
TEST_P(LargeMessages, ACallThatIsCancelledLeavesItsReplyToWhoParsesIt) {
  Gate first;
  Gate second;
  Gate third;
  std::atomic<int> handled{0};
  Serve(
      Measure,
      [&](ServerCall& call, const Text& request, Text& reply) {
        ++handled;
        return PlainBlowUp(call, request, reply);
      },
      false, OneReactor());
  auto channel = MakeChannel();
  HoldWorker(first);
  std::string seen;
  std::atomic<int> ended{0};
  CancelHandle handle = StartPlain(*channel, "").Then([&](const absl::StatusOr<Text>& reply) {
    seen = Show(reply);
    ++ended;
  });
  ASSERT_TRUE(Eventually([&] { return handled == 1; }));
  // What a small call's reply says: the reactor has left the large one to the worker.
  EXPECT_EQ(Show(StartCoroutine(*channel, "a").Wait()), "OK: 1");
  HoldWorkerLater(second);
  first.open = true;
  ASSERT_TRUE(Eventually([&] {
    const ChannelMetrics metrics = channel->Metrics();
    return metrics.Find(kPlainMethod.path)->bytes_in >= kLarge;
  }));
  EXPECT_EQ(Show(StartCoroutine(*channel, "a").Wait()), "OK: 1");
  handle.Cancel();
  ASSERT_TRUE(Eventually([&] { return ended == 1; }));
  EXPECT_EQ(seen.substr(0, 9), "CANCELLED") << seen;
  HoldWorkerLater(third);  // behind the reply
  second.open = true;
  LetGo(third);
}

// From within OnMessageIn, when its end has been told already.
TEST_P(LargeMessages, AnObserverCancelsACallWhoseReplyItIsTold) {
  struct Canceller final : ClientObserver {
    void OnMessageIn(const ClientCallView&, const google::protobuf::MessageLite&) override {
      handle->Cancel();
      told = true;
    }
    std::optional<CancelHandle> handle;
    std::atomic<bool> told{false};
  };
  const auto canceller = std::make_shared<Canceller>();
  Gate gate;
  Serve(Measure, PlainBlowUp, false, OneReactor());
  ChannelOptions options;
  options.observers = {canceller};
  auto channel = MakeChannel(options);
  HoldWorker(gate);  // nothing is parsed before there is a handle
  std::string seen;
  std::atomic<int> ended{0};
  canceller->handle = StartPlain(*channel, "").Then([&](const absl::StatusOr<Text>& reply) {
    seen = Show(reply);
    ++ended;
  });
  LetGo(gate);
  ASSERT_TRUE(Eventually([&] { return ended == 1; }));
  EXPECT_TRUE(canceller->told);
  EXPECT_EQ(seen.substr(0, 9), "CANCELLED") << seen;
  EXPECT_TRUE(Eventually([&] { return real_->server.calls_in_flight() == 0; }));
}

TEST_P(LargeMessages, AChannelThatIsDestroyedEndsThoseThatAreParsed) {
  Gate gate;
  Serve(Measure, PlainBlowUp, false, OneReactor());
  auto channel = MakeChannel();
  std::atomic<int> ended{0};
  // The first holds the worker from its callback on; the reply of the second waits to be parsed.
  StartPlain(*channel, "").Then([&](const absl::StatusOr<Text>& reply) {
    EXPECT_TRUE(reply.ok());
    ++ended;
  });
  ASSERT_TRUE(Eventually([&] { return ended == 1; }));
  std::thread opener([&] {
    EXPECT_TRUE(Eventually([&] { return gate.entered == 1; }));
    gate.open = true;
  });
  StartPlain(*channel, "").Then([&](const absl::StatusOr<Text>&) { ++ended; });
  HoldWorker(gate);
  channel.reset();
  EXPECT_EQ(ended, 2);
  opener.join();
  LetGo(gate);
}

// Handlers that block on all worker threads, and each of them for a large reply.
TEST_P(LargeMessages, AreParsedHoweverManyHandlersBlock) {
  std::unique_ptr<Channel> back;
  std::atomic<int> waiting{0};
  PlainHandler block = [&](ServerCall&, const Text& request, Text& reply) {
    if (++waiting < 2)
      while (waiting < 2) std::this_thread::yield();
    absl::StatusOr<Text> blown_up = StartCoroutine(*back, request.value()).Wait();
    if (blown_up.ok()) reply.set_value(std::to_string(blown_up->value().size()));
    return blown_up.status();
  };
  CoroutineHandler blow_up = [](ServerCall&, const Text&, Text& reply) -> Task<absl::Status> {
    reply.set_value(std::string(kLarge, 'x'));
    co_return absl::OkStatus();
  };
  Serve(blow_up, block, true, OneReactor());
  back = MakeChannel();
  auto channel = MakeChannel();
  Call<Text> first = StartPlain(*channel, "");
  Call<Text> second = StartPlain(*channel, "");
  EXPECT_EQ(Show(first.Wait()), "OK: " + std::to_string(kLarge));
  EXPECT_EQ(Show(second.Wait()), "OK: " + std::to_string(kLarge));
  back.reset();
}

// --- Large requests of calls that handlers make ---

class LargeRequests : public LargeMessages {
 protected:
  ~LargeRequests() override { back_.reset(); }
  // A server whose coroutine calls its plain method, with a large request that is given or lent, and
  // answers what that says.
  void ServeCaller(bool lent, const RuntimeOptions& options = OneReactor()) {
    CoroutineHandler caller = [this, lent](ServerCall&, const Text& request, Text& reply) {
      return CallBack(lent, request, reply);
    };
    Serve(caller, PlainMeasure, false, options);
    ChannelOptions back;
    back.observers = {observer_};
    back_ = MakeChannel(back);
  }
  uint64_t observed_bytes() const { return observer_->bytes; }

 private:
  struct Observer final : ClientObserver {
    void OnMessageOut(const ClientCallView&,
                      const google::protobuf::MessageLite& message) override {
      bytes = message.ByteSizeLong();
    }
    std::atomic<uint64_t> bytes{0};
  };

  Task<absl::Status> CallBack(bool lent, const Text& request, Text& reply) {
    const CallOptions options =
        request.value() == "in no time" ? Timeout(absl::Milliseconds(20)) : CallOptions();
    Text large = MakeText(std::string(kLarge, 'x'));
    Call<Text> call = lent ? Start(large, options) : Start(std::move(large), options);
    large.set_value("is the handler's own again");
    absl::StatusOr<Text> measured = co_await call;
    if (measured.ok()) reply = *measured;
    co_return measured.status();
  }
  Call<Text> Start(const Text& request, const CallOptions& options) {
    return Call<Text>(*back_, kPlainMethod, request, options);
  }
  Call<Text> Start(Text&& request, const CallOptions& options) {
    return Call<Text>(*back_, kPlainMethod, std::move(request), options);
  }

  const std::shared_ptr<Observer> observer_ = std::make_shared<Observer>();
  std::unique_ptr<Channel> back_;
};

TEST_P(LargeRequests, ThatAreLentHaveBeenSerialisedWhenTheMethodReturns) {
  ServeCaller(/*lent=*/true);
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartCoroutine(*channel, "").Wait()), "OK: " + std::to_string(kLarge));
  EXPECT_GT(observed_bytes(), kLarge);
}

TEST_P(LargeRequests, ThatAreGivenAreTheCallsOwnAndObserved) {
  ServeCaller(/*lent=*/false);
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartCoroutine(*channel, "").Wait()), "OK: " + std::to_string(kLarge));
  EXPECT_GT(observed_bytes(), kLarge);
}

TEST_P(LargeRequests, ThatAreGivenAreSerialisedOnWorkersWhileTheReactorGoesOn) {
  Gate gate;
  ServeCaller(/*lent=*/false);
  auto channel = MakeChannel();
  HoldWorker(gate);
  Call<Text> large = StartCoroutine(*channel, "");
  ASSERT_TRUE(Eventually([&] { return observed_bytes() > kLarge; }));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Show(StartPlain(*channel, "a").Wait()), "OK: 1");
  EXPECT_TRUE(Eventually([&] { return real_->server.calls_in_flight() == 1; }));
  LetGo(gate);
  EXPECT_EQ(Show(large.Wait()), "OK: " + std::to_string(kLarge));
}

TEST_P(LargeRequests, ThatAreNotSerialisedInTimeEndWithTheirDeadline) {
  Gate gate;
  ServeCaller(/*lent=*/false);
  auto channel = MakeChannel();
  HoldWorker(gate);
  EXPECT_EQ(StartCoroutine(*channel, "in no time").Wait().status().code(),
            absl::StatusCode::kDeadlineExceeded);
  LetGo(gate);
  EXPECT_EQ(Show(StartCoroutine(*channel, "").Wait()), "OK: " + std::to_string(kLarge));
}

TEST_P(LargeRequests, AreSerialisedOnTheReactorWhereTheWorkersQueueIsFull) {
  Gate gate;
  RuntimeOptions options = OneReactor();
  options.worker_queue_max = 1;
  ServeCaller(/*lent=*/false, options);
  auto channel = MakeChannel();
  HoldWorker(gate);
  static struct final : Work {  // it runs after the test, maybe
    void Run() override {}
  } nothing;
  ASSERT_TRUE(real_->runtime.message_workers().Post(nothing));
  EXPECT_EQ(Show(StartCoroutine(*channel, "").Wait()), "OK: " + std::to_string(kLarge));
  LetGo(gate);
}

INSTANTIATE_TEST_SUITE_P(Networks, LargeRequests, testing::Bool(), NetworkName);
INSTANTIATE_TEST_SUITE_P(Networks, LargeMessages, testing::Bool(), NetworkName);

}  // namespace
}  // namespace dialtone::large_message_test
