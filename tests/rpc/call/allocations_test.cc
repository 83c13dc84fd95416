// What a unary call allocates once everything is warm: nothing on the framework's side is the aim.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/debugging/symbolize.h"
#include "dialtone/rpc/block_on.h"
#include "numbers_fixture.h"

namespace dialtone {
namespace {

constexpr int kInFlight = 64;
// Far fewer than calls: a heap of timers that grows, in a thread that had not run before.
constexpr size_t kOnceMax = 4;

class Allocations : public CountedCalls {
 protected:
  static void ExpectNone(const std::function<void(int)>& make_calls) { Expect(Count(make_calls)); }
  static void Expect(const SideCounts& counted, size_t client_max = kOnceMax) {
    ExpectAtMost(counted, client_max, kOnceMax);
  }
};

TEST_P(Allocations, OfBlockingCalls) {
  ExpectNone([this](int calls) { BlockingCalls(calls); });
}

// What the calls of some threads do together, once all of them are warm.
SideCounts CountThreads(const std::function<void(int)>& make_calls) {
  constexpr int kThreads = 4;
  std::barrier warm(kThreads + 1);
  std::barrier counted(kThreads + 1);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      make_calls(kWarmUpCalls / kThreads);
      warm.arrive_and_wait();  // for the others
      warm.arrive_and_wait();  // until counting has begun
      make_calls(kCalls / kThreads);
      counted.arrive_and_wait();
    });
  }
  warm.arrive_and_wait();
  BeginCounting();
  warm.arrive_and_wait();
  counted.arrive_and_wait();
  const SideCounts counts = EndCounting();
  for (std::thread& thread : threads) thread.join();
  return counts;
}

TEST_P(Allocations, OfThreadsThatShareAChannel) {
  // Until all have some to spare, blocks that wander between the threads' pools are made anew now and then; the more
  // often, the longer some of the threads are kept from running. So one quiet moment in a few tells.
  constexpr size_t kWanderingMax = kCalls / 20;
  constexpr int kMoments = 5;
  std::atomic<int> wrong{0};
  SideCounts counts;
  for (int i = 0; i < kMoments; ++i) {
    counts = CountThreads([&](int calls) {
      for (int k = 0; k < calls; ++k) {
        if (!WrongWith(Start(k).Wait(), k).empty()) ++wrong;
      }
    });
    if (counts.client <= kWanderingMax && counts.server <= kOnceMax) break;
  }
  Expect(counts, kWanderingMax);
  EXPECT_EQ(wrong, 0);
}

// Keeps so many calls under way: each callback begins the next, and the counting when enough have ended
// for everything to be warm.
class CallbackChain {
 public:
  CallbackChain(std::function<Call<Number>(int64_t)> start, Network& network)
      : start_(std::move(start)), network_(network) {}

  bool Run() {
    for (int i = 0; i < kInFlight; ++i) Next();
    return network_.Wait(ended_, network_.Now() + absl::Seconds(60)) && wrong_ == 0;
  }

 private:
  void Next() {
    const int value = left_.fetch_sub(1);
    if (value == kCalls) BeginCounting();
    if (value <= 0) {
      if (under_way_.fetch_sub(1) == 1) ended_.Set();
      return;
    }
    start_(value).Then([this, value](const absl::StatusOr<Number>& reply) {
      if (!WrongWith(reply, value).empty()) ++wrong_;
      Next();
    });
  }

  const std::function<Call<Number>(int64_t)> start_;
  Network& network_;
  std::atomic<int> left_{kWarmUpCalls + kCalls};
  std::atomic<int> under_way_{kInFlight};
  std::atomic<int> wrong_{0};
  Event ended_;
};

TEST_P(Allocations, OfCallsThatCallbacksMake) {
  CallbackChain chain([this](int64_t value) { return Start(value); }, client_runtime_.network());
  ASSERT_TRUE(chain.Run());
  Expect(EndCounting());
}

// Begun on this thread, ended on the channel's background thread.
TEST_P(Allocations, OfCallsThatAreLeftToACallback) {
  Network& network = client_runtime_.network();
  const auto make_calls = [&](int calls) {
    for (int i = 0; i < calls; ++i) {
      Event ended;
      std::string wrong;
      const int64_t sent = i;
      int64_t seen = 0;
      int called = 0;
      const auto callback = [&ended, &wrong, &sent, &seen,
                             &called](const absl::StatusOr<Number>& reply) {
        wrong = WrongWith(reply, sent);
        seen = reply.ok() ? reply->value() : 0;
        ++called;
        ended.Set();
      };
      static_assert(sizeof callback == 5 * sizeof(void*), "the largest that a call has room for");
      Start(i).Then(callback);
      ASSERT_TRUE(network.Wait(ended, network.Now() + absl::Seconds(60)));
      ASSERT_EQ(wrong, "");
      ASSERT_EQ(seen, sent);
      ASSERT_EQ(called, 1);
    }
  };
  Expect(Count(make_calls));
}

// A coroutine that makes its calls one after the other.
Task<absl::Status> MakeCalls(const std::function<Call<Number>(int64_t)>& start, int calls) {
  for (int i = 0; i < calls; ++i) {
    const absl::StatusOr<Number> reply = co_await start(i);
    if (!reply.ok()) co_return reply.status();
    if (reply->value() != i) co_return absl::InternalError("another call's reply");
  }
  co_return absl::OkStatus();
}

TEST_P(Allocations, OfCallsThatACoroutineMakes) {
  const std::function<Call<Number>(int64_t)> start = [this](int64_t value) { return Start(value); };
  ExpectNone([&](int calls) {
    const absl::Status status = BlockOn(MakeCalls(start, calls), client_runtime_);
    ASSERT_TRUE(status.ok()) << status;
  });
}

TEST_P(Allocations, OfCallsThatAHandlerMakes) {
  const CountedServer relay(
      client_runtime_, std::make_unique<Relay>([this](int64_t value) { return Start(value); }));
  Runtime caller_runtime(Reactors(1));
  const auto channel = ChannelOf(caller_runtime, relay.target);
  ExpectNone([&](int calls) {
    for (int i = 0; i < calls; ++i) {
      ASSERT_EQ(WrongWith(Start(*channel, kForward, i).Wait(), i), "");
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Handlers, Allocations, testing::Values(false, true), HandlerName);

}  // namespace
}  // namespace dialtone

int main(int argc, char** argv) {
  absl::InitializeSymbolizer(argv[0]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
