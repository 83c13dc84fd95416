// BlockOn: a coroutine on a thread that blocks, alone, in a callback, and refused on a reactor.
#include "dialtone/rpc/block_on.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>

#include "dialtone/rpc/on_workers.h"
#include "dialtone/rpc/pipe.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/rpc/task_group.h"
#include "dialtone/rpc/when_all.h"
#include "dialtone/transport/log.h"
#include "real_server.h"
#include "sim_servers.h"

namespace dialtone::block_on_test {
namespace {

Task<absl::StatusOr<Text>> Twice(Channel& channel, std::string text) {
  absl::StatusOr<Text> first = co_await StartCoroutine(channel, text);
  if (!first.ok()) co_return first.status();
  co_return co_await StartCoroutine(channel, first->value());
}
Task<absl::Status> Nested(Channel& channel, int levels, std::thread::id thread) {
  if (const bool last = levels == 0; last) {
    absl::StatusOr<Text> reply = co_await Twice(channel, "a");
    co_return reply.status();
  }
  absl::Status slept = co_await Sleep(absl::Microseconds(100));
  if (!slept.ok()) co_return slept;
  bool elsewhere = false;
  auto work = [&] { elsewhere = std::this_thread::get_id() != thread; };
  absl::Status worked = co_await OnWorkers(work);
  if (!worked.ok() || !elsewhere) co_return absl::InternalError("not on a worker");
  if (std::this_thread::get_id() != thread) co_return absl::InternalError("on a wrong thread");
  co_return co_await Nested(channel, levels - 1, thread);
}

TEST(BlockOn, RunsEverythingOfATaskOnItsThread) {
  RealServer real;
  Channel channel(real.target, real.ClientOptions());
  EXPECT_EQ(Show(BlockOn(Twice(channel, "a"), real.runtime)), "OK: hello hello a");
  const absl::Status status =
      BlockOn(Nested(channel, 10, std::this_thread::get_id()), real.runtime);
  EXPECT_TRUE(status.ok()) << status;
}

TEST(BlockOn, RunsOnManyThreadsAtOnce) {
  RealServer real;
  Channel channel(real.target, real.ClientOptions());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) {
        EXPECT_EQ(Show(BlockOn(Twice(channel, "b"), real.runtime)), "OK: hello hello b");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

Task<void> Throw(bool yield) {
  if (const bool now = yield; now) (co_await Sleep(absl::ZeroDuration())).IgnoreError();
  throw std::runtime_error("thrown");
}

TEST(BlockOn, LetsExceptionsThrough) {
  SimProcess process;
  EXPECT_THROW(BlockOn(Throw(false), process.runtime), std::runtime_error);
  EXPECT_THROW(BlockOn(Throw(true), process.runtime), std::runtime_error);
}

TEST(BlockOn, BelongsToTheContextOfItsCaller) {
  SimProcess process;
  SimServer server(process, Hello);
  Context context = Context::Cancellable();
  context.Cancel();
  Context::Scope install(context);
  EXPECT_THAT(Show(BlockOn(Twice(*server.channel, "a"), process.runtime)),
              testing::StartsWith("CANCELLED"));
}

Task<void> MarkRan(bool& ran) {
  ran = true;
  co_return;
}
Task<absl::Status> MarkRanStatus(bool& ran) {
  ran = true;
  co_return absl::OkStatus();
}

// In a handler, where it would stop the reactor: refused at once, and nothing of the task has run.
TEST(BlockOn, RefusesOnAReactor) {
  SimProcess process;
  std::vector<std::string> lines;
  SetLogSink([&](const LogEvent& event) { lines.emplace_back(event.text); });
  bool ran = false;
  absl::Status refused;
  absl::Status refused_value;
  SimServer server(process, [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    refused = BlockOn(MarkRanStatus(ran), process.runtime);
    refused_value = BlockOn(Twice(*server.channel, "a"), process.runtime).status();
    BlockOn(MarkRan(ran), process.runtime);
    co_return absl::OkStatus();
  });
  EXPECT_TRUE(StartCoroutine(*server.channel, "").Wait().ok());
  SetLogSink(nullptr);
  EXPECT_FALSE(ran);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("co_await"));
  EXPECT_EQ(refused_value.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(lines, testing::Contains(testing::HasSubstr("BlockOn on a reactor")).Times(3));
}

// --- Calls of coroutines that are resumed together leave together ---

Task<absl::Status> CallsManyTimes(Channel& channel, int calls) {
  for (int i = 0; i < calls; ++i) {
    absl::StatusOr<Text> reply = co_await StartCoroutine(channel, "c");
    if (!reply.ok()) co_return reply.status();
  }
  co_return absl::OkStatus();
}

Task<absl::Status> AllAtOnce(Channel& channel, int coroutines, int calls) {
  auto body = [&](TaskGroup& group) -> Task<absl::Status> {
    absl::Status started;
    for (int i = 0; i < coroutines && started.ok(); ++i)
      started = co_await group.Start(CallsManyTimes(channel, calls + i % 3));
    co_return started;
  };
  absl::Status status = co_await RunTaskGroup(coroutines, body);
  co_return status;
}

TEST(BlockOn, RunsManyCoroutinesThatCall) {
  RealServer real;
  Channel channel(real.target, real.ClientOptions());
  EXPECT_EQ(BlockOn(AllAtOnce(channel, 50, 40), real.runtime), absl::OkStatus());
}

TEST(BlockOn, RunsThemBesideThreadsThatBlockInCallsOfTheirOwn) {
  RealServer real;
  Channel channel(real.target, real.ClientOptions());
  std::thread blocking([&] {
    for (int i = 0; i < 300; ++i)
      EXPECT_EQ(Show(StartCoroutine(channel, "d").Wait()), "OK: hello d");
  });
  std::thread other(
      [&] { EXPECT_EQ(BlockOn(AllAtOnce(channel, 10, 30), real.runtime), absl::OkStatus()); });
  EXPECT_EQ(BlockOn(AllAtOnce(channel, 20, 30), real.runtime), absl::OkStatus());
  blocking.join();
  other.join();
}

Task<absl::Status> BeginsACallAndSleeps(Channel& channel, const std::atomic<bool>& handled) {
  absl::Status status = co_await Sleep(absl::Milliseconds(1));
  Call<Text> call = StartCoroutine(channel, "e");
  status = co_await Sleep(absl::Milliseconds(200));
  if (!handled) co_return absl::InternalError("the call has not left");
  absl::StatusOr<Text> reply = co_await std::move(call);
  co_return reply.status();
}
Task<absl::Status> LeavesACallBehind(Channel& channel, Event& answered) {
  absl::Status status = co_await Sleep(absl::Milliseconds(1));
  StartCoroutine(channel, "f").Then([&](const absl::StatusOr<Text>&) { answered.Set(); });
  co_return status;
}
Task<absl::Status> OnlySleeps() {
  absl::Status status = co_await Sleep(absl::Milliseconds(1));
  co_return status;
}

// Whoever runs behind those that have begun calls, and whatever those wait for then: the calls leave.
TEST(BlockOn, ForgetsNoCallThatACoroutineHasBegun) {
  std::atomic<bool> handled{false};
  RealServer real([&](ServerCall&, const Text& request, Text&) -> Task<absl::Status> {
    if (request.value() == "e") handled = true;
    co_return absl::OkStatus();
  });
  Channel channel(real.target, real.ClientOptions());
  ASSERT_EQ(BlockOn(CallsManyTimes(channel, 1), real.runtime), absl::OkStatus());
  for (int round = 0; round < 5; ++round) {
    Event answered;
    handled = false;
    auto together = [&]() -> Task<absl::Status> {
      auto body = [&](TaskGroup& group) -> Task<absl::Status> {
        absl::Status started = co_await group.Start(BeginsACallAndSleeps(channel, handled));
        if (started.ok()) started = co_await group.Start(LeavesACallBehind(channel, answered));
        if (started.ok()) started = co_await group.Start(OnlySleeps());
        co_return started;
      };
      absl::Status status = co_await RunTaskGroup(3, body);
      co_return status;
    };
    EXPECT_EQ(BlockOn(together(), real.runtime), absl::OkStatus());
    EXPECT_TRUE(
        real.runtime.network().Wait(answered, real.runtime.network().Now() + absl::Seconds(10)));
  }
}

// Until those that sleep for less than 20 ms are all to be resumed.
Task<absl::Status> HoldsItsThread() {
  absl::Status status = co_await Sleep(absl::Milliseconds(1));
  Event never;
  never.Park(int64_t{30'000'000});
  co_return status;
}
Task<absl::Status> CallsAfterASleep(Channel& channel) {
  absl::Status status = co_await Sleep(absl::Milliseconds(10));
  absl::StatusOr<Text> reply = co_await StartCoroutine(channel, "let it go");
  co_return reply.status();
}
Task<absl::Status> BlocksAfterASleep(Channel& other) {
  absl::Status status = co_await Sleep(absl::Milliseconds(12));
  co_return StartPlain(other, "wait", Timeout(absl::Seconds(10))).Wait().status();
}

// The blocked call ends only once the other one, which was begun just before on the same thread, has come.
TEST(BlockOn, LetsCallsLeaveBeforeItsThreadBlocks) {
  Event came;
  RealServer real(
      [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
        came.Set();
        co_return absl::OkStatus();
      },
      [&](ServerCall&, const Text&, Text&) {
        const bool told = came.Park(int64_t{5'000'000'000});
        return told ? absl::OkStatus() : absl::AbortedError("the other call has not come");
      },
      /*plain_on_workers=*/true);
  Channel channel(real.target, real.ClientOptions());
  Channel other(real.target, real.ClientOptions());
  auto together = [&]() -> Task<absl::Status> {
    auto body = [&](TaskGroup& group) -> Task<absl::Status> {
      absl::Status started = co_await group.Start(HoldsItsThread());
      if (started.ok()) started = co_await group.Start(CallsAfterASleep(channel));
      if (started.ok()) started = co_await group.Start(BlocksAfterASleep(other));
      co_return started;
    };
    absl::Status status = co_await RunTaskGroup(3, body);
    co_return status;
  };
  ASSERT_EQ(BlockOn(CallsManyTimes(channel, 1), real.runtime), absl::OkStatus());
  came.Reset();
  EXPECT_EQ(BlockOn(together(), real.runtime), absl::OkStatus());
}

// The callback holds up the channel's background thread, which nobody but BlockOn can stand in for.
TEST(BlockOn, WorksInACallbackOfTheSameChannel) {
  RealServer real;
  Channel channel(real.target, real.ClientOptions());
  Event called;
  std::string shown;
  StartCoroutine(channel, "a").Then([&](absl::StatusOr<Text> first) {
    shown = Show(first.ok() ? BlockOn(Twice(channel, first->value()), real.runtime) : first);
    called.Set();
  });
  Network& network = real.runtime.network();
  ASSERT_TRUE(network.Wait(called, network.Now() + absl::Seconds(10)));
  EXPECT_EQ(shown, "OK: hello hello hello a");
}

// --- Its deadline comes, whatever its coroutines do ---

// For what ends by itself if it is not ended, so that the test fails and does not hang.
Instant AtLast(Runtime& runtime) { return runtime.network().Now() + absl::Seconds(10); }
Context EndingSoon(Runtime& runtime) {
  return Context::Cancellable(runtime.network().Now() + absl::Milliseconds(20));
}

Task<absl::Status> Throws(Pipe<int>& there, Pipe<int>& back, Network& network, Instant at_last) {
  absl::Status status;
  while (status.ok() && network.Now() < at_last) {
    status = co_await there.Send(1);
    if (!status.ok()) break;
    status = (co_await back.Receive()).status();
  }
  there.Close();
  co_return status;
}
Task<absl::Status> ThrowsBack(Pipe<int>& there, Pipe<int>& back) {
  absl::Status status;
  while (status.ok()) {
    status = (co_await there.Receive()).status();
    if (status.ok()) status = co_await back.Send(1);
  }
  back.Close();
  co_return status;
}

TEST(BlockOn, EndsCoroutinesThatAlwaysResumeEachOther) {
  Runtime runtime;
  Pipe<int> there(1);
  Pipe<int> back(1);
  auto both = [&]() -> Task<absl::Status> {
    auto ends = co_await WhenAllSettled(Throws(there, back, runtime.network(), AtLast(runtime)),
                                        ThrowsBack(there, back));
    co_return std::get<0>(ends);
  };
  Context context = EndingSoon(runtime);
  Context::Scope install(context);
  EXPECT_EQ(BlockOn(both(), runtime).code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(BlockOn, EndsACoroutineThatAnotherThreadAlwaysResumes) {
  Runtime runtime;
  Pipe<int> there(1);
  Pipe<int> back(1);
  std::thread other(
      [&] { EXPECT_FALSE(BlockOn(ThrowsBack(there, back), runtime).ok()); });  // closed
  {
    Context context = EndingSoon(runtime);
    Context::Scope install(context);
    const absl::Status status =
        BlockOn(Throws(there, back, runtime.network(), AtLast(runtime)), runtime);
    EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  }
  other.join();
}

// --- What it awaits comes, whatever its coroutines do ---

// The callback holds up the background thread of the channel, and goes on only when the call has come back.
TEST(BlockOn, HearsOfItsCallsWhileItsCoroutinesResumeEachOther) {
  RealServer real;
  Channel channel(real.target, real.ClientOptions());
  Event called;
  std::string shown;
  StartCoroutine(channel, "a").Then([&](const absl::StatusOr<Text>&) {
    Pipe<int> there(1);
    Pipe<int> back(1);
    auto calls = [&]() -> Task<absl::Status> {
      absl::StatusOr<Text> reply = co_await StartCoroutine(channel, "b", Timeout(absl::Seconds(9)));
      shown = Show(reply);
      there.Close();
      co_return absl::OkStatus();
    };
    auto all = [&]() -> Task<absl::Status> {
      auto ends = co_await WhenAllSettled(
          calls(), Throws(there, back, real.runtime.network(), AtLast(real.runtime)),
          ThrowsBack(there, back));
      co_return std::get<1>(ends);
    };
    EXPECT_FALSE(BlockOn(all(), real.runtime).ok()) << "only their own end has ended them";
    called.Set();
  });
  Network& network = real.runtime.network();
  ASSERT_TRUE(network.Wait(called, network.Now() + absl::Seconds(20)));
  EXPECT_EQ(shown, "OK: hello b");
}

}  // namespace
}  // namespace dialtone::block_on_test
