// What a unary call allocates once everything is warm: nothing on the framework's side is the aim. The
// messages hold a number alone, since the strings of a message are its own to allocate.
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/debugging/symbolize.h"
#include "counting_malloc.h"
#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/call.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/server.h"
#include "dialtone/rpc/service.h"

namespace dialtone {
namespace {

using Number = google::protobuf::Int64Value;

constexpr Method kPlain{"/test.Numbers/Plain", MethodKind::kUnary};
constexpr Method kCoroutine{"/test.Numbers/Coroutine", MethodKind::kUnary};
constexpr Method kForward{"/test.Relay/Forward", MethodKind::kUnary};
constexpr int kWarmUpCalls = 4000;
constexpr int kCalls = 1000;
constexpr int kInFlight = 64;
// Far fewer than calls: a heap of timers that grows, in a thread that had not run before.
constexpr size_t kOnceMax = 4;
// A call that ends on another thread than it began on leaves its two blocks, the call and its request's
// bytes, in that thread's pool.
constexpr size_t kAcrossThreadsMax = 2 * kCalls;

// Sends the number back. Handlers run on the server's reactor, which learns so whom it works for.
class Numbers final : public Service {
 public:
  Numbers() : Service("test.Numbers") {
    AddMethod<&Numbers::Plain>(kPlain);
    AddMethod<&Numbers::Coroutine>(kCoroutine);
  }

 private:
  absl::Status Plain(ServerCall&, const Number& request, Number& reply) {
    AllocateAs(AllocatingSide::kServer);
    reply.set_value(request.value());
    return absl::OkStatus();
  }
  Task<absl::Status> Coroutine(ServerCall&, const Number& request, Number& reply) {
    AllocateAs(AllocatingSide::kServer);
    reply.set_value(request.value());
    co_return absl::OkStatus();
  }
};

RuntimeOptions OneReactor() {
  RuntimeOptions options;
  options.reactors = 1;
  return options;
}

ServerOptions With(Runtime& runtime) {
  ServerOptions options;
  options.runtime = &runtime;
  return options;
}

// A server and a channel to it over sockets, each with threads of its own.
class Allocations : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    server_.Add(std::make_unique<Numbers>());
    const auto bound = server_.Listen("127.0.0.1:0");
    ASSERT_TRUE(bound.ok()) << bound.status();
    ASSERT_TRUE(server_.Start().ok());
    ChannelOptions options;
    options.runtime = &client_runtime_;
    channel_ = std::make_unique<Channel>(bound->ToString(), options);
  }

  Call<Number> Start(int64_t value) {
    Number request;
    request.set_value(value);
    return Call<Number>(*channel_, GetParam() ? kCoroutine : kPlain, request, CallOptions());
  }

  // `make_calls(n)` makes n calls and has seen them end.
  void ExpectNone(const std::function<void(int)>& make_calls) { ExpectAtMost(0, make_calls); }
  void ExpectAtMost(size_t client_max, const std::function<void(int)>& make_calls) {
    make_calls(kWarmUpCalls);
    BeginCountingAllocations();
    make_calls(kCalls);
    Expect(EndCountingAllocations(), client_max);
  }

  static void Expect(const AllocationCounts& counted, size_t client_max = 0) {
    EXPECT_LE(counted.client, client_max + kOnceMax) << "while " << kCalls << " calls were made";
    EXPECT_LE(counted.server, kOnceMax) << "while " << kCalls << " calls were made";
    if (HasFailure()) std::fputs(DescribeAllocations().c_str(), stderr);
  }

  Runtime server_runtime_{OneReactor()};
  Runtime client_runtime_{OneReactor()};
  Server server_{With(server_runtime_)};
  std::unique_ptr<Channel> channel_;
};

// "": it came, and is the right one.
std::string WrongWith(const absl::StatusOr<Number>& reply, int64_t sent) {
  if (!reply.ok()) return reply.status().ToString();
  return reply->value() == sent ? "" : "another call's reply";
}

TEST_P(Allocations, OfBlockingCalls) {
  ExpectNone([this](int calls) {
    for (int i = 0; i < calls; ++i) ASSERT_EQ(WrongWith(Start(i).Wait(), i), "");
  });
}

TEST_P(Allocations, OfThreadsThatShareAChannel) {
  constexpr int kThreads = 4;
  std::barrier warm(kThreads + 1);
  std::barrier counted(kThreads + 1);
  std::atomic<int> wrong{0};
  const auto make_calls = [&](int calls) {
    for (int i = 0; i < calls; ++i) {
      if (!WrongWith(Start(i).Wait(), i).empty()) ++wrong;
    }
  };
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
  BeginCountingAllocations();
  warm.arrive_and_wait();
  counted.arrive_and_wait();
  Expect(EndCountingAllocations(), kAcrossThreadsMax);
  for (std::thread& thread : threads) thread.join();
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
    if (value == kCalls) BeginCountingAllocations();
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
  Expect(EndCountingAllocations());
}

// Begun on this thread, ended on the channel's background thread.
TEST_P(Allocations, OfCallsThatAreLeftToACallback) {
  Network& network = client_runtime_.network();
  ExpectAtMost(kAcrossThreadsMax, [&](int calls) {
    for (int i = 0; i < calls; ++i) {
      // A callback that captures more than two pointers is the caller's to allocate.
      struct {
        Event ended;
        std::string wrong;
        int64_t sent = 0;
      } call;
      call.sent = i;
      Start(i).Then([&call](const absl::StatusOr<Number>& reply) {
        call.wrong = WrongWith(reply, call.sent);
        call.ended.Set();
      });
      ASSERT_TRUE(network.Wait(call.ended, network.Now() + absl::Seconds(60)));
      ASSERT_EQ(call.wrong, "");
    }
  });
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

// Asks another server for its answer, on a connection of its own reactor.
class Relay final : public Service {
 public:
  explicit Relay(std::function<Call<Number>(int64_t)> ask)
      : Service("test.Relay"), ask_(std::move(ask)) {
    AddMethod<&Relay::Forward>(kForward);
  }

 private:
  Task<absl::Status> Forward(ServerCall&, const Number& request, Number& reply) {
    absl::StatusOr<Number> answer = co_await ask_(request.value());
    if (!answer.ok()) co_return answer.status();
    reply.set_value(answer->value());
    co_return absl::OkStatus();
  }
  const std::function<Call<Number>(int64_t)> ask_;
};

TEST_P(Allocations, OfCallsThatAHandlerMakes) {
  Server relay(With(client_runtime_));
  relay.Add(std::make_unique<Relay>([this](int64_t value) { return Start(value); }));
  const auto bound = relay.Listen("127.0.0.1:0");
  ASSERT_TRUE(bound.ok()) << bound.status();
  ASSERT_TRUE(relay.Start().ok());
  Runtime caller_runtime(OneReactor());
  {
    ChannelOptions options;
    options.runtime = &caller_runtime;
    Channel channel(bound->ToString(), options);
    ExpectNone([&](int calls) {
      Number request;
      for (int i = 0; i < calls; ++i) {
        request.set_value(i);
        Call<Number> call(channel, kForward, request, CallOptions());
        ASSERT_EQ(WrongWith(call.Wait(), i), "");
      }
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Handlers, Allocations, testing::Values(false, true),
                         [](const auto& tested) { return tested.param ? "Coroutine" : "Plain"; });

}  // namespace
}  // namespace dialtone

int main(int argc, char** argv) {
  absl::InitializeSymbolizer(argv[0]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
