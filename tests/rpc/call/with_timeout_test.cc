// WithTimeout in virtual time, to the nanosecond.
#include "dialtone/rpc/with_timeout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <type_traits>
#include <utility>

#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/sleep.h"
#include "sim_servers.h"
#include "tool_tasks.h"

namespace dialtone::with_timeout_test {
namespace {

using std::chrono_literals::operator""ms;
using TextOr = absl::StatusOr<std::string>;

template <class A>
using Timed = decltype(WithTimeout(1ms, std::declval<A>()).await_resume());
static_assert(std::is_same_v<Timed<Task<TextOr>>, TextOr>);
static_assert(std::is_same_v<Timed<Call<int>>, absl::StatusOr<int>>);
static_assert(std::is_same_v<Timed<Task<int>>, absl::StatusOr<int>>);
static_assert(std::is_same_v<Timed<Task<absl::Status>>, absl::Status>);
static_assert(std::is_same_v<Timed<Task<void>>, absl::Status>);

Task<TextOr> SleepThenText(absl::Duration duration, absl::Status* slept) {
  *slept = co_await Sleep(duration);
  if (!slept->ok()) co_return *slept;
  co_return "slept";
}
Task<absl::Status> SleepStubbornly(absl::Duration duration, bool succeeds) {
  (co_await Sleep(duration)).IgnoreError();
  if (succeeds) co_return absl::OkStatus();
  co_return absl::NotFoundError("no key");
}
Task<void> SleepForNothing(absl::Duration duration) { (co_await Sleep(duration)).IgnoreError(); }
Task<int> SleepForANumber(absl::Duration duration) {
  (co_await Sleep(duration)).IgnoreError();
  co_return 7;
}

class WithTimeoutTest : public testing::Test {
 protected:
  // On a thread of its own, in `context`; how long it took.
  template <class T>
  T Run(Task<T> task, const Context& context = Context()) {
    Context::Scope install(context);
    const Instant begin = process_.network.Now();
    T result = BlockOn(std::move(task), process_.runtime);
    took_ = process_.network.Now() - begin;
    return result;
  }

  SimProcess process_;
  absl::Duration took_;
};

Task<TextOr> TimedText(absl::Duration timeout, absl::Duration duration, absl::Status* slept) {
  co_return co_await WithTimeout(timeout, SleepThenText(duration, slept));
}

TEST_F(WithTimeoutTest, LetsWhatIsInTimeEnd) {
  absl::Status slept;
  EXPECT_EQ(*Run(TimedText(absl::Milliseconds(50), absl::Milliseconds(20), &slept)), "slept");
  EXPECT_EQ(took_, absl::Milliseconds(20));
  EXPECT_EQ(*Run(TimedText(absl::InfiniteDuration(), absl::Hours(20), &slept)), "slept");
  EXPECT_TRUE(process_.network.RunUntilIdle(absl::Seconds(1)));  // no timer is left
}

TEST_F(WithTimeoutTest, EndsWhatTakesLonger) {
  absl::Status slept;
  const TextOr timed = Run(TimedText(absl::Milliseconds(50), absl::Hours(1), &slept));
  EXPECT_EQ(timed.status(),
            absl::DeadlineExceededError("WithTimeout: the task took longer than 50ms"));
  EXPECT_EQ(took_, absl::Milliseconds(50));
  EXPECT_TRUE(absl::IsDeadlineExceeded(slept)) << slept;
  for (const absl::Duration none : {absl::ZeroDuration(), absl::Milliseconds(-5)}) {
    EXPECT_TRUE(absl::IsDeadlineExceeded(Run(TimedText(none, absl::Hours(1), &slept)).status()));
    EXPECT_EQ(took_, absl::ZeroDuration());
  }
}

Task<absl::Status> TimedOthers(SimProcess& process) {
  const Instant begin = process.network.Now();
  absl::Status nothing = co_await WithTimeout(10ms, SleepForNothing(absl::Hours(1)));
  EXPECT_TRUE(absl::IsDeadlineExceeded(nothing)) << nothing;
  absl::StatusOr<int> number = co_await WithTimeout(10ms, SleepForANumber(absl::Hours(1)));
  EXPECT_TRUE(absl::IsDeadlineExceeded(number.status())) << number.status();
  EXPECT_EQ(process.network.Now() - begin, absl::Milliseconds(20));
  nothing = co_await WithTimeout(10ms, SleepForNothing(absl::Milliseconds(1)));
  EXPECT_TRUE(nothing.ok());
  number = co_await WithTimeout(10ms, SleepForANumber(absl::Milliseconds(1)));
  EXPECT_EQ(*number, 7);
  co_return absl::OkStatus();
}

TEST_F(WithTimeoutTest, EndsWhatCannotFailToo) { EXPECT_TRUE(Run(TimedOthers(process_)).ok()); }

Task<absl::Status> TimedStubborn(bool succeeds) {
  co_return co_await WithTimeout(10ms, SleepStubbornly(absl::Hours(1), succeeds));
}

TEST_F(WithTimeoutTest, KeepsASuccessThatComesLateAndNoOtherFailure) {
  EXPECT_TRUE(Run(TimedStubborn(true)).ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(Run(TimedStubborn(false))));
}

Task<absl::Status> Failing() {
  absl::Status failed =
      co_await WithTimeout(10ms, SleepStubbornly(absl::Milliseconds(1), /*succeeds=*/false));
  co_return failed;
}
Task<int> Throwing() {
  (co_await Sleep(absl::Milliseconds(1))).IgnoreError();
  throw 3;
}
Task<absl::Status> TimedThrowing() {
  absl::StatusOr<int> never = co_await WithTimeout(10ms, Throwing());
  co_return never.status();
}

TEST_F(WithTimeoutTest, HandsFailuresAndExceptionsOn) {
  EXPECT_EQ(Run(Failing()), absl::NotFoundError("no key"));
  EXPECT_THROW(Run(TimedThrowing()).IgnoreError(), int);
}

// --- Contexts ---

TEST_F(WithTimeoutTest, IsNoLongerThanItsContext) {
  absl::Status slept;
  const Context context = Context::Cancellable(process_.network.Now() + absl::Milliseconds(5));
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      Run(TimedText(absl::Milliseconds(50), absl::Hours(1), &slept), context).status()));
  EXPECT_EQ(took_, absl::Milliseconds(5));
}

TEST_F(WithTimeoutTest, IsCancelledFromOutside) {
  absl::Status slept;
  Context context = Context::Cancellable();
  After cancel(process_, absl::Milliseconds(4), [&] { context.Cancel(); });
  EXPECT_TRUE(absl::IsCancelled(
      Run(TimedText(absl::Milliseconds(50), absl::Hours(1), &slept), context).status()));
  EXPECT_EQ(took_, absl::Milliseconds(4));
}

Task<absl::Status> CallWithin(Channel& channel) {
  absl::StatusOr<Text> reply = co_await StartCoroutine(channel, "", Timeout(absl::Hours(1)));
  co_return reply.status();
}
Task<absl::Status> TimedCallWithin(Channel& channel) {
  co_return co_await WithTimeout(10ms, CallWithin(channel));
}
Task<absl::Status> TimedCall(Channel& channel) {
  absl::StatusOr<Text> reply =
      co_await WithTimeout(10ms, StartCoroutine(channel, "", Timeout(absl::Hours(1))));
  co_return reply.status();
}

TEST_F(WithTimeoutTest, ReachesTheCallsThatATaskMakes) {
  absl::Duration left;
  absl::Status seen;
  SimServer server(process_, [&](ServerCall& call, const Text&, Text&) -> Task<absl::Status> {
    left = call.time_left();
    seen = co_await Sleep(absl::Hours(1));
    co_return seen;
  });
  EXPECT_TRUE(absl::IsDeadlineExceeded(Run(TimedCallWithin(*server.channel))));
  EXPECT_EQ(took_, absl::Milliseconds(10));
  EXPECT_EQ(left, absl::Milliseconds(10));
  process_.network.RunFor(absl::Milliseconds(1));
  EXPECT_FALSE(seen.ok());
}

TEST_F(WithTimeoutTest, CancelsACallThatWasUnderWay) {
  absl::Status seen;
  SimServer server(process_, [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    seen = co_await Sleep(absl::Hours(1));
    co_return seen;
  });
  EXPECT_EQ(Run(TimedCall(*server.channel)),
            absl::DeadlineExceededError("WithTimeout: the task took longer than 10ms"));
  EXPECT_EQ(took_, absl::Milliseconds(10));
  process_.network.RunFor(absl::Milliseconds(1));
  EXPECT_TRUE(absl::IsCancelled(seen)) << seen;
}

Task<absl::Status> AwaitGiven(Call<Text> call) {
  absl::StatusOr<Text> reply = co_await std::move(call);
  co_return reply.status();
}
Task<absl::Status> TimedAwait(Channel& channel, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    absl::Status timed = co_await WithTimeout(
        10ms, AwaitGiven(StartCoroutine(channel, "", Timeout(absl::Hours(1)))));
    EXPECT_TRUE(absl::IsDeadlineExceeded(timed)) << timed;
  }
  Context::Current().Cancel();
  co_return co_await WithTimeout(10ms, AwaitGiven(StartCoroutine(channel, "")));
}

// A call that was made in one context, and is awaited in its child.
TEST_F(WithTimeoutTest, CancelsWhatATaskAwaitsInAnotherContext) {
  SimServer server(process_, [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    co_return co_await Sleep(absl::Hours(1));
  });
  EXPECT_TRUE(absl::IsCancelled(Run(TimedAwait(*server.channel, 3), Context::Cancellable())));
  EXPECT_EQ(took_, absl::Milliseconds(30));
}

// In a handler, whose reactor has the timer; and twice over.
TEST_F(WithTimeoutTest, WorksInHandlers) {
  absl::Status slept;
  SimServer server(process_, [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    TextOr text =
        co_await WithTimeout(30ms, TimedText(absl::Milliseconds(10), absl::Hours(1), &slept));
    co_return text.status();
  });
  const Instant begin = process_.network.Now();
  EXPECT_TRUE(absl::IsDeadlineExceeded(StartCoroutine(*server.channel, "").Wait().status()));
  EXPECT_EQ(process_.network.Now() - begin, absl::Milliseconds(10));
}

}  // namespace
}  // namespace dialtone::with_timeout_test
