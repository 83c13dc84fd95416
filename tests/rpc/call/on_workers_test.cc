// Blocking work of coroutines, on worker threads.
#include "dialtone/rpc/on_workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

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

// --- The end of its context ---

// One worker, which one function holds for a second. The others' handlers write down what becomes of theirs.
class OnWorkersQueue : public testing::Test {
 protected:
  struct End {
    absl::Status status;
    absl::Duration after;
  };

  static RuntimeOptions OneWorker() {
    RuntimeOptions options = SimProcess::TwoReactors();
    options.worker_threads = 1;
    options.worker_queue_max = 1;
    return options;
  }
  Task<absl::Status> Run(std::string name) {
    auto work = [&] {
      ran_.push_back(name);
      if (name == "hold") BlockOn(Pass(absl::Seconds(1)), process_.runtime).IgnoreError();
    };
    absl::Status done = co_await OnWorkers(work);
    ends_[name] = End{done, process_.Time() - begin_};
    co_return done;
  }
  static Task<absl::Status> Pass(absl::Duration time) {
    absl::Status slept = co_await Sleep(time);
    co_return slept;
  }
  absl::Status RunIn(const Context& context, std::string name) {
    Context::Scope install(context);
    return BlockOn(Run(std::move(name)), process_.runtime);
  }
  // Calls a handler that runs the function of its request's name.
  Call<Text> Start(const std::string& name, const CallOptions& options = CallOptions()) {
    return StartCoroutine(*server_.channel, name, options);
  }

  SimProcess process_{InstantOptions(), OneWorker()};
  SimServer server_{
      process_, [this](ServerCall&, const Text& request, Text&) { return Run(request.value()); }};
  const absl::Duration begin_ = process_.Time();
  std::vector<std::string> ran_;
  std::map<std::string, End> ends_;
};

TEST_F(OnWorkersQueue, AFunctionWhoseContextHasEndedDoesNotRun) {
  Context ended = Context::Cancellable();
  ended.Cancel(absl::AbortedError("too late"));
  EXPECT_EQ(RunIn(ended, "x"), absl::AbortedError("too late"));
  EXPECT_EQ(ran_, std::vector<std::string>{});
}

TEST_F(OnWorkersQueue, WhatWaitsForAWorkerEndsWithItsContextAndMakesRoom) {
  std::optional<Call<Text>> hold, late, given_up, last;
  // Nothing that this thread does meanwhile comes before the function that holds the worker has ended.
  After at_0(process_, absl::ZeroDuration(), [&] { hold = Start("hold"); });
  After at_10(process_, absl::Milliseconds(10),
              [&] { late = Start("late", Timeout(absl::Milliseconds(5))); });
  // The queue has room for one.
  After at_20(process_, absl::Milliseconds(20), [&] { given_up = Start("given up"); });
  After at_30(process_, absl::Milliseconds(30), [&] { given_up->Cancel(); });
  After at_40(process_, absl::Milliseconds(40), [&] { last = Start("last"); });
  process_.network.RunFor(absl::Seconds(2));
  EXPECT_EQ(ran_, (std::vector<std::string>{"hold", "last"}));
  EXPECT_EQ(ends_["late"].status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ends_["late"].after, absl::Milliseconds(15));
  EXPECT_EQ(ends_["given up"].status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(ends_["given up"].after, absl::Milliseconds(30));
  EXPECT_TRUE(ends_["last"].status.ok()) << ends_["last"].status;
  EXPECT_EQ(ends_["last"].after, absl::Seconds(1));
}

TEST_F(OnWorkersQueue, AFunctionThatHasBegunIsWaitedFor) {
  Call<Text> hold = Start("hold", Timeout(absl::Milliseconds(5)));
  EXPECT_EQ(hold.Wait().status().code(), absl::StatusCode::kDeadlineExceeded);
  process_.network.RunFor(absl::Seconds(2));
  EXPECT_TRUE(ends_["hold"].status.ok()) << ends_["hold"].status;
}

// With real threads, where the end of the context and a worker race for the function: it has run, or has a reason why not.
TEST(OnWorkers, RunsOrSaysWhyNotWhenItsContextEndsJustThen) {
  RuntimeOptions options = RealServer::TwoReactors();
  options.worker_threads = 2;
  Runtime runtime(options);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&runtime] {
      for (int i = 0; i < 300; ++i) {
        Context context = Context::Cancellable();
        std::thread ends([&context] { context.Cancel(); });
        Context::Scope install(context);
        bool ran = false;
        const absl::Status status = BlockOn(RunOne([&ran] { ran = true; }), runtime);
        EXPECT_EQ(status.ok(), ran) << status;
        ends.join();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace dialtone
