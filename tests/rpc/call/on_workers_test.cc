// Blocking work of coroutines, on worker threads.
#include "dialtone/rpc/on_workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <thread>

#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/transport/log.h"
#include "real_server.h"
#include "sim_servers.h"

namespace dialtone {
namespace {

TEST(OnWorkers, RunsOffTheReactorAndComesBack) {
  std::thread::id before;
  std::thread::id during;
  std::thread::id after;
  bool on_reactor = true;
  RealServer real([&](ServerCall&, const Text&, Text& reply) -> Task<absl::Status> {
    before = std::this_thread::get_id();
    const auto work = [&] {  // const: any callable variable will do
      during = std::this_thread::get_id();
      on_reactor = Loop::OnReactor();
    };
    absl::Status done = co_await OnWorkers(work);
    after = std::this_thread::get_id();
    reply.set_value("done");
    co_return done;
  });
  Channel channel(real.target, real.ClientOptions());
  EXPECT_EQ(Show(StartCoroutine(channel, "").Wait()), "OK: done");
  EXPECT_FALSE(on_reactor);
  EXPECT_NE(before, during);
  EXPECT_EQ(before, after);
}

Task<absl::Status> RunOne(std::function<void()> function) {
  co_return co_await OnWorkers(function);
}

TEST(OnWorkers, TurnsExceptionsIntoInternal) {
  SimProcess process;
  SetLogSink([](const LogEvent&) {});
  EXPECT_EQ(BlockOn(RunOne([] { throw std::runtime_error("no"); }), process.runtime).code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(BlockOn(RunOne([] { throw 7; }), process.runtime).code(), absl::StatusCode::kInternal);
  SetLogSink(nullptr);
  EXPECT_TRUE(BlockOn(RunOne([] {}), process.runtime).ok());
}

TEST(OnWorkers, SaysWhenTheQueueIsFull) {
  RuntimeOptions options = SimProcess::TwoReactors();
  options.worker_threads = 1;
  options.worker_queue_max = 2;
  SimProcess process(InstantOptions(), options);
  int ran = 0;
  CoroutineHandler handler = [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    auto count = [&] { ++ran; };
    absl::Status done = co_await OnWorkers(count);
    co_return done;
  };
  // Two pieces of work that nobody takes yet.
  struct Blocker final : Work {
    void Run() override {}
  } blockers[2];
  SimServer server(process, handler);
  EXPECT_TRUE(StartCoroutine(*server.channel, "").Wait().ok());
  for (Blocker& blocker : blockers) EXPECT_TRUE(process.runtime.workers().Post(blocker));
  const absl::Status refused = BlockOn(RunOne([&] { ++ran; }), process.runtime);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("worker_queue_max"));
  EXPECT_EQ(ran, 1);
}

// A handler's blocking call on a worker has the handler's deadline, and its end.
TEST(OnWorkers, SharesTheHandlersContext) {
  SimProcess process;
  SimServer slow(process, [](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    absl::Status slept = co_await Sleep(absl::InfiniteDuration());
    co_return slept;
  });
  Instant deadline;
  absl::Status inner;
  Instant inner_ended;
  SimServer front(process, [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    auto work = [&] {
      deadline = Context::Current().deadline();
      inner = StartCoroutine(*slow.channel, "", Timeout(absl::Hours(1))).Wait().status();
      inner_ended = process.network.Now();
    };
    absl::Status done = co_await OnWorkers(work);
    co_return done;
  });
  const Instant begin = process.network.Now();
  auto call = StartCoroutine(*front.channel, "", Timeout(absl::Milliseconds(20)));
  process.network.RunFor(absl::Milliseconds(30));
  EXPECT_EQ(deadline - begin, absl::Milliseconds(20));
  EXPECT_EQ(inner.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(call.Wait().status().code(), absl::StatusCode::kDeadlineExceeded);

  auto given_up = StartCoroutine(*front.channel, "");
  After cancel(process, absl::Milliseconds(5), [&] { given_up.Cancel(); });
  const Instant cancelled = process.network.Now() + absl::Milliseconds(5);
  process.network.RunFor(absl::Milliseconds(6));
  EXPECT_EQ(inner.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(inner_ended, cancelled);
  EXPECT_EQ(given_up.Wait().status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace dialtone
