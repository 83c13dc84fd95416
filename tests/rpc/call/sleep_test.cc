// Sleep in virtual time, to the nanosecond; and with real threads, where its timer and the end of
// its context race.
#include "dialtone/rpc/sleep.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "dialtone/rpc/block_on.h"
#include "real_server.h"
#include "sim_servers.h"

namespace dialtone {
namespace {

Task<absl::Status> SleepTask(absl::Duration duration) {
  absl::Status slept = co_await Sleep(duration);
  co_return slept;
}

// How a sleep ends and when, on a thread of its own (BlockOn).
struct Slept {
  absl::StatusCode code;
  absl::Duration after;
};
Slept SleepIn(SimProcess& process, const Context& context, absl::Duration duration) {
  Context::Scope install(context);
  const Instant begin = process.network.Now();
  const absl::Status status = BlockOn(SleepTask(duration), process.runtime);
  return {status.code(), process.network.Now() - begin};
}

TEST(Sleep, TakesExactlyItsTime) {
  SimProcess process;
  for (const auto duration : {absl::Nanoseconds(1), absl::Milliseconds(5), absl::Hours(24 * 365)}) {
    const Slept slept = SleepIn(process, Context(), duration);
    EXPECT_EQ(slept.code, absl::StatusCode::kOk);
    EXPECT_EQ(slept.after, duration);
  }
}

TEST(Sleep, OfZeroOrLessEndsAtOnce) {
  SimProcess process;
  for (const auto duration :
       {absl::ZeroDuration(), absl::Milliseconds(-5), -absl::InfiniteDuration()}) {
    const Slept slept = SleepIn(process, Context(), duration);
    EXPECT_EQ(slept.code, absl::StatusCode::kOk);
    EXPECT_EQ(slept.after, absl::ZeroDuration());
  }
}

TEST(Sleep, EndsAtItsContextsDeadline) {
  SimProcess process;
  for (const auto duration : {absl::Seconds(1), absl::InfiniteDuration()}) {
    const Slept slept = SleepIn(
        process, Context::Cancellable(process.network.Now() + absl::Milliseconds(3)), duration);
    EXPECT_EQ(slept.code, absl::StatusCode::kDeadlineExceeded);
    EXPECT_EQ(slept.after, absl::Milliseconds(3));
  }
  // Not longer than wanted.
  const Slept slept =
      SleepIn(process, Context::Cancellable(process.network.Now() + absl::Milliseconds(3)),
              absl::Milliseconds(3));
  EXPECT_EQ(slept.code, absl::StatusCode::kOk);
}

TEST(Sleep, InAnEndedContextDoesNotBegin) {
  SimProcess process;
  Context context = Context::Cancellable();
  context.Cancel();
  const Slept slept = SleepIn(process, context, absl::Seconds(1));
  EXPECT_EQ(slept.code, absl::StatusCode::kCancelled);
  EXPECT_EQ(slept.after, absl::ZeroDuration());
}

TEST(Sleep, InAHandlerEndsWhenItsCallDoes) {
  SimProcess process;
  absl::Status seen;
  Instant ended;
  CoroutineHandler handler = [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    seen = co_await Sleep(absl::InfiniteDuration());
    ended = process.network.Now();
    co_return seen;
  };
  SimServer server(process, handler);
  // By its deadline.
  const Instant begin = process.network.Now();
  EXPECT_EQ(
      StartCoroutine(*server.channel, "", Timeout(absl::Milliseconds(7))).Wait().status().code(),
      absl::StatusCode::kDeadlineExceeded);
  process.network.RunFor(absl::Milliseconds(1));
  EXPECT_EQ(seen.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ended - begin, absl::Milliseconds(7));
  // By the caller.
  auto call = StartCoroutine(*server.channel, "");
  process.network.RunFor(absl::Milliseconds(2));
  const Instant cancelled = process.network.Now();
  call.Cancel();
  process.network.RunFor(absl::Milliseconds(1));
  EXPECT_EQ(seen.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(ended, cancelled);
}

TEST(Sleep, MayBeAwaitedAgain) {
  SimProcess process;
  struct Twice {
    static Task<absl::Status> Go() {
      Sleep nap(absl::Milliseconds(2));
      absl::Status first = co_await nap;
      if (!first.ok()) co_return first;
      co_return co_await nap;
    }
  };
  EXPECT_TRUE(BlockOn(Twice::Go(), process.runtime).ok());
  EXPECT_EQ(process.Time(), absl::Milliseconds(4));
}

TEST(Sleep, ThatIsNeverAwaitedDoesNothing) {
  SimProcess process;
  Sleep nap(absl::Seconds(1));
  EXPECT_TRUE(process.network.RunUntilIdle(absl::Seconds(2)));
}

// --- Real threads ---

// The timer, on a reactor, and the cancellation, on a third thread, meet a coroutine on this one.
TEST(SleepRace, EndsOnceWhicheverComesFirst) {
  RuntimeOptions options;
  options.reactors = 1;
  Runtime runtime(options);
  std::atomic<internal::ContextState*> to_cancel{nullptr};
  std::atomic<bool> stop{false};
  std::atomic<int> delay{0};
  std::thread canceller([&] {
    while (!stop.load()) {
      internal::ContextState* state = to_cancel.exchange(nullptr);
      if (state == nullptr) continue;
      for (int i = delay.load(); i > 0; --i) std::atomic_signal_fence(std::memory_order_seq_cst);
      state->End(absl::CancelledError("raced"));
      state->Unref();
    }
  });
  int slept = 0;
  int cancelled = 0;
  for (int i = 0; i < 2000; ++i) {
    const Context context = Context::Cancellable();
    Context::Scope install(context);
    delay = (i % 100) * 200;
    context.state()->Ref();
    to_cancel = context.state();
    const absl::Status status = BlockOn(SleepTask(absl::Microseconds(i % 50)), runtime);
    ++(status.ok() ? slept : cancelled);
    EXPECT_TRUE(status.ok() || absl::IsCancelled(status)) << status;
    while (to_cancel.load() != nullptr) std::this_thread::yield();
  }
  stop = true;
  canceller.join();
  EXPECT_EQ(slept + cancelled, 2000);
}

}  // namespace
}  // namespace dialtone
