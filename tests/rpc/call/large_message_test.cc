// Messages above 1 MiB are serialised and parsed on worker threads: they hold up no reactor, and whatever
// happens meanwhile, their call ends once.
#include <atomic>
#include <string>
#include <thread>

#include "call_fixture.h"

namespace dialtone {
namespace {

constexpr size_t kLarge = 3u << 20;

Task<absl::Status> Measure(ServerCall&, const Text& request, Text& reply) {
  reply.set_value(std::to_string(request.value().size()));
  co_return absl::OkStatus();
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
    holding_ = true;
    ASSERT_TRUE(real_->runtime.message_workers().Post(hold_.emplace([this, &gate] {
      ++gate.entered;
      while (!gate.open) std::this_thread::yield();
      holding_ = false;
    })));
    ASSERT_TRUE(Eventually([&] { return gate.entered == 1; }));
  }
  // The thread looks at the gate no more.
  void LetGo(Gate& gate) {
    gate.open = true;
    ASSERT_TRUE(Eventually([&] { return !holding_; }));
  }

 private:
  struct Hold final : Work {
    explicit Hold(std::function<void()> f) : function(std::move(f)) {}
    void Run() override { function(); }
    std::function<void()> function;
  };
  std::atomic<bool> holding_{false};
  std::optional<Hold> hold_;
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

INSTANTIATE_TEST_SUITE_P(Networks, LargeMessages, testing::Bool(), NetworkName);

}  // namespace
}  // namespace dialtone
