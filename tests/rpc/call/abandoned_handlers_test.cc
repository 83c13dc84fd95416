// Coroutine handlers that take no notice of the end: of their caller's, and of their server's.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "call_fixture.h"
#include "dialtone/rpc/on_workers.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/rpc/task_group.h"
#include "dialtone/rpc/when_all.h"
#include "dialtone/rpc/with_timeout.h"
#include "real_server.h"

namespace dialtone::abandoned_handlers_test {
namespace {

// Counts what handlers hold.
struct Held {
  explicit Held(std::atomic<int>& the_count) : count(the_count) { ++count; }
  ~Held() { --count; }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  std::atomic<int>& count;
};

constexpr absl::Duration kLong = absl::Hours(1);

// What the handlers of these tests share.
struct Stubborn {
  std::atomic<int> held{0};
  std::atomic<int> rounds{0};
  std::atomic<bool> worker_runs{false};
  std::atomic<bool> release_worker{false};
  Channel* channel = nullptr;

  Task<absl::Status> Sleeper(std::string text) {
    Held inner(held);
    for (;;) {
      ++rounds;
      (co_await Sleep(kLong)).IgnoreError();
      if (text.empty()) co_return absl::OkStatus();
    }
  }
  Task<absl::Status> Caller(std::string text) {
    Held inner(held);
    for (;;) {
      ++rounds;
      absl::StatusOr<Text> reply = co_await StartCoroutine(*channel, "sleep", Timeout(kLong));
      if (text.empty()) co_return reply.status();
    }
  }
  Call<Text> StartDetached() {
    const Context none;
    Context::Scope detach(none);
    return StartCoroutine(*channel, "sleep", Timeout(kLong));
  }
  // Makes calls that no cancellation of its own reaches.
  Task<absl::Status> DetachedCaller(std::string text) {
    Held inner(held);
    for (;;) {
      ++rounds;
      absl::StatusOr<Text> reply = co_await StartDetached();
      if (text.empty()) co_return reply.status();
    }
  }
  Task<absl::Status> Worker(std::string text) {
    Held inner(held);
    auto block = [this] {
      worker_runs = true;
      Eventually([this] { return release_worker.load(); });
    };
    for (;;) {
      ++rounds;
      absl::Status ran = co_await OnWorkers(block);
      if (text.empty()) co_return ran;
    }
  }
  Task<absl::Status> Nested(const std::string& how) {
    Held outer(held);
    if (how == "call") co_return co_await Caller(how);
    if (how == "detached call") co_return co_await DetachedCaller(how);
    if (how == "worker") co_return co_await Worker(how);
    if (how == "together") co_return co_await WhenAll(Sleeper(how), DetachedCaller(how));
    if (how == "timeout") co_return co_await WithTimeout(absl::Milliseconds(1), Sleeper(how));
    if (how == "group") {
      TaskGroup group(2);
      (co_await group.Start(Caller(how))).IgnoreError();
      co_return co_await DetachedCaller(how);
    }
    co_return co_await Sleeper(how);
  }
  CoroutineHandler Handler() {
    return [this](ServerCall&, const Text& request, Text& reply) -> Task<absl::Status> {
      if (request.value() == "hello") return Hello(reply);
      return Nested(request.value());
    };
  }
  static Task<absl::Status> Hello(Text& reply) {
    reply.set_value("hello");
    co_return absl::OkStatus();
  }
};

RuntimeOptions OneReactor() {
  RuntimeOptions options;
  options.reactors = 1;
  return options;
}

TEST(AbandonedHandlers, DoNotHoldTheirReactorWhenTheirCallerIsGone) {
  Stubborn stubborn;
  RealServer real(stubborn.Handler(), PlainHello, false, OneReactor());
  Channel inner(real.target, real.ClientOptions());
  stubborn.channel = &inner;
  Channel channel(real.target, real.ClientOptions());
  for (const char* how : {"sleep", "call"}) {
    const int before = stubborn.rounds;
    {
      Call<Text> dropped = StartCoroutine(channel, how, Timeout(kLong));
      ASSERT_TRUE(Eventually([&] { return stubborn.rounds > before; })) << how;
    }
    ASSERT_TRUE(Eventually([&] { return stubborn.rounds > before + 2; })) << how;
    EXPECT_EQ(Show(StartCoroutine(channel, "hello").Wait()), "OK: hello") << how;
  }
  EXPECT_GT(stubborn.held, 0);
  EXPECT_TRUE(absl::IsDeadlineExceeded(real.server.Shutdown(absl::Milliseconds(20))));
  EXPECT_EQ(stubborn.held, 0);
}

class ShutdownOf : public testing::TestWithParam<const char*> {};

TEST_P(ShutdownOf, DestroysHandlersWhereTheyAreSuspended) {
  Stubborn stubborn;
  auto real = std::make_unique<RealServer>(stubborn.Handler());
  // On another server: its own shutdown would end these calls.
  RealServer other(stubborn.Handler());
  Channel inner(other.target, real->ClientOptions());
  stubborn.channel = &inner;
  Channel channel(real->target, other.ClientOptions());
  Call<Text> first = StartCoroutine(channel, GetParam(), Timeout(kLong));
  Call<Text> second = StartCoroutine(channel, GetParam(), Timeout(kLong));
  ASSERT_TRUE(Eventually([&] { return stubborn.rounds >= 2; }));
  const absl::Status stopped = real->server.Shutdown(absl::Milliseconds(20));
  EXPECT_TRUE(absl::IsDeadlineExceeded(stopped)) << stopped;
  EXPECT_NE(stopped.message().find("/test.Service/Coroutine (2 calls)"), absl::string_view::npos)
      << stopped;
  EXPECT_EQ(real->server.calls_in_flight(), 0u);
  EXPECT_FALSE(first.Wait().ok());
  EXPECT_FALSE(second.Wait().ok());
  other.server.Shutdown(absl::ZeroDuration()).IgnoreError();
  EXPECT_EQ(stubborn.held, 0);
}

INSTANTIATE_TEST_SUITE_P(Awaits, ShutdownOf,
                         testing::Values("sleep", "call", "detached call", "together", "timeout",
                                         "group"),
                         [](const auto& how) {
                           std::string name = how.param;
                           for (char& c : name) c = c == ' ' ? '_' : c;
                           return name;
                         });

// The function uses the coroutine's variables: the coroutine stays until it has returned.
TEST(AbandonedHandlers, StayWhileTheirFunctionRunsOnAWorker) {
  Stubborn stubborn;
  RealServer real(stubborn.Handler());
  Channel channel(real.target, real.ClientOptions());
  Call<Text> call = StartCoroutine(channel, "worker", Timeout(kLong));
  ASSERT_TRUE(Eventually([&] { return stubborn.worker_runs.load(); }));
  EXPECT_TRUE(absl::IsDeadlineExceeded(real.server.Shutdown(absl::Milliseconds(20))));
  EXPECT_EQ(stubborn.held, 2);
  stubborn.release_worker = true;
  EXPECT_TRUE(Eventually([&] { return stubborn.held == 0; }));
  EXPECT_EQ(stubborn.rounds, 1);  // it did not go on
  EXPECT_FALSE(call.Wait().ok());
}

}  // namespace
}  // namespace dialtone::abandoned_handlers_test
