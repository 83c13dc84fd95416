// g++ 12 traps on purpose.
// The coroutine tools in the shapes in which users write them: nothing may be destroyed twice, or not at all, by g++ 12
// either. Compiled without and with optimisation, because users do both.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "dialtone/rpc/async_mutex.h"
#include "dialtone/rpc/async_semaphore.h"
#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/pipe.h"
#include "dialtone/rpc/task_group.h"
#include "dialtone/rpc/when_all.h"
#include "dialtone/rpc/when_any.h"
#include "dialtone/rpc/with_timeout.h"
#include "local_scope.h"
#include "sim_servers.h"

namespace dialtone {
namespace {

using std::chrono_literals::operator""ms;

int alive = 0;  // Counted objects

struct Counted {
  Counted() { ++alive; }
  Counted(const Counted&) noexcept { ++alive; }
  Counted& operator=(const Counted&) { return *this; }
  ~Counted() { --alive; }
};
struct Aggregate {
  Counted counted;
  int number = 0;
};
struct WithConstructor {
  WithConstructor() {}
  WithConstructor(const WithConstructor&) noexcept = default;
  WithConstructor& operator=(const WithConstructor&) = default;
  ~WithConstructor() {}
  Counted counted;
};

Task<absl::StatusOr<WithConstructor>> Pass(WithConstructor value, bool yield = true) {
  if (const bool now = yield; now) co_await Yield();
  co_return value;
}
Task<absl::StatusOr<Aggregate>> PassAggregate(const WithConstructor&) {
  co_await Yield();
  Aggregate aggregate{Counted(), 7};
  co_return aggregate;
}
Task<absl::Status> Check(const WithConstructor&, bool ok) {
  co_await Yield();
  if (!ok) co_return absl::NotFoundError("no key");
  co_return absl::OkStatus();
}

// Runs a pattern to its end; how many objects it leaves alive. Then it is destroyed at each of its suspensions.
template <class Pattern>
int AliveAfter(Pattern pattern) {
  alive = 0;
  {
    LocalScope scope(Context::Cancellable());
    EXPECT_EQ(scope.Run(pattern()), 1);
  }
  for (int resumes = 0;; ++resumes) {
    LocalScope scope(Context::Cancellable());
    Task<int> task = pattern();
    scope.StartOnly(task);
    for (int i = 0; i < resumes; ++i) scope.RunOnePosted();
    if (scope.done) break;
    scope.Abandon(absl::CancelledError("over"));
    scope.RunPostedWork();
    EXPECT_TRUE(scope.abandoned_now);
  }
  return alive;
}

// --- WhenAll and its like ---

Task<int> AllOfTemporaries() {
  absl::StatusOr<std::tuple<WithConstructor, Aggregate>> all =
      co_await WhenAll(Pass(WithConstructor()), PassAggregate(WithConstructor()));
  co_return all.ok();
}
Task<int> AllInACondition() {
  if (auto all = co_await WhenAll(Pass(WithConstructor()), Check(WithConstructor(), false));
      !all.ok())
    co_return 1;
  co_return 2;
}
Task<int> AllOfNestedAwaits() {
  auto all = co_await WhenAll(Pass((co_await Pass(WithConstructor())).value()),
                              Pass((co_await Pass(WithConstructor(), false)).value(), false));
  co_return all.ok();
}
Task<int> AllWithoutAVariable() {
  co_return std::get<1>(
      (co_await WhenAll(Pass(WithConstructor()), PassAggregate(WithConstructor()))).value())
          .number == 7;
}
Task<int> SettledBound() {
  auto [one, two] =
      co_await WhenAllSettled(Check(WithConstructor(), false), Pass(WithConstructor()));
  co_return !one.ok() && two.ok();
}
Task<int> AllOfAVector() {
  std::vector<Task<absl::StatusOr<Aggregate>>> tasks;
  for (int i = 0; i < 3; ++i) {
    WithConstructor value;
    tasks.push_back(PassAggregate(value));
  }
  absl::StatusOr<std::vector<Aggregate>> all = co_await WhenAll(std::move(tasks));
  co_return all->size() == 3;
}
std::vector<Task<absl::Status>> MakeChecks(const WithConstructor& value) {
  std::vector<Task<absl::Status>> checks;
  for (int i = 0; i < 3; ++i) checks.push_back(Check(value, true));
  return checks;
}
Task<int> AllOfATemporaryVector() {
  absl::Status all = co_await WhenAll(MakeChecks(WithConstructor()));
  co_return all.ok();
}
Task<int> AllOfLambdas() {
  const WithConstructor value;
  auto all = co_await WhenAll(
      [&]() -> Task<absl::StatusOr<WithConstructor>> {
        co_await Yield();
        co_return value;
      }(),
      Pass(value));
  co_return all.ok();
}
Task<int> AllKept() {
  auto all = WhenAll(Pass(WithConstructor()), Pass(WithConstructor()));
  auto done = co_await all;
  co_return done.ok();
}

TEST(Gcc12Tools, BalancesWhenAll) {
  EXPECT_EQ(AliveAfter(AllOfTemporaries), 0);
  EXPECT_EQ(AliveAfter(AllInACondition), 0);
  EXPECT_EQ(AliveAfter(AllOfNestedAwaits), 0);
  EXPECT_EQ(AliveAfter(AllWithoutAVariable), 0);
  EXPECT_EQ(AliveAfter(SettledBound), 0);
  EXPECT_EQ(AliveAfter(AllOfAVector), 0);
  EXPECT_EQ(AliveAfter(AllOfATemporaryVector), 0);
  EXPECT_EQ(AliveAfter(AllOfLambdas), 0);
  EXPECT_EQ(AliveAfter(AllKept), 0);
}

Task<int> AnyOfTemporaries() {
  size_t index = 9;
  absl::StatusOr<WithConstructor> any =
      co_await WhenAny(Pass(WithConstructor()), Pass(WithConstructor(), false)).CaptureIndex(index);
  co_return any.ok() && index == 1;
}
Task<int> AnyInACondition() {
  if (!(co_await WhenAny(Pass(WithConstructor()), PassAggregate(WithConstructor()))).ok())
    co_return 2;
  co_return 1;
}
Task<int> RaceOfAggregates() {
  absl::StatusOr<Aggregate> any =
      co_await Race(PassAggregate(WithConstructor()), PassAggregate(WithConstructor()));
  co_return any->number == 7;
}
Task<int> AnyOfAVector() {
  std::vector<Task<absl::StatusOr<WithConstructor>>> tasks;
  for (int i = 0; i < 3; ++i) tasks.push_back(Pass(WithConstructor(), i != 1));
  co_return (co_await WhenAny(std::move(tasks))).ok();
}

TEST(Gcc12Tools, BalancesWhenAny) {
  EXPECT_EQ(AliveAfter(AnyOfTemporaries), 0);
  EXPECT_EQ(AliveAfter(AnyInACondition), 0);
  EXPECT_EQ(AliveAfter(RaceOfAggregates), 0);
  EXPECT_EQ(AliveAfter(AnyOfAVector), 0);
}

// --- Groups ---

Task<int> GroupOfTemporaries() {
  TaskGroup group(2);
  for (int i = 0; i < 3; ++i) {
    if (!(co_await group.Start(Pass(WithConstructor()))).ok()) co_return 2;
  }
  if (!(co_await group.Wait()).ok()) co_return 3;
  co_return 1;
}
Task<int> GroupOfLambdas() {
  TaskGroup group(2);
  for (int i = 0; i < 3; ++i) {
    const WithConstructor value;
    auto work = [value]() -> Task<absl::Status> {
      co_await Yield();
      co_return absl::OkStatus();
    };
    absl::Status started = co_await group.Start(work);
    if (!started.ok()) break;
  }
  co_return (co_await group.Wait()).ok();
}
Task<int> GroupWithABody() {
  const WithConstructor value;
  auto body = [value](TaskGroup& group) -> Task<absl::Status> {
    absl::Status started = co_await group.Start(Check(value, true));
    co_return started;
  };
  co_return (co_await RunTaskGroup(2, body)).ok();
}

TEST(Gcc12Tools, BalancesTaskGroup) {
  EXPECT_EQ(AliveAfter(GroupOfTemporaries), 0);
  EXPECT_EQ(AliveAfter(GroupOfLambdas), 0);
  EXPECT_EQ(AliveAfter(GroupWithABody), 0);
}

// --- Pipes and locks ---

// What g++ 12 would destroy twice does not compile.
template <class T>
concept MayBeSent = requires(Pipe<T>& pipe, T value) { pipe.Send(std::move(value)); };
static_assert(!MayBeSent<Aggregate> && MayBeSent<WithConstructor> && MayBeSent<std::string>);

Task<int> SendTemporary() {
  Pipe<WithConstructor> pipe(1);
  absl::Status sent = co_await pipe.Send(WithConstructor());
  absl::StatusOr<WithConstructor> received = co_await pipe.Receive();
  co_return sent.ok() && received.ok();
}
Task<int> SendAggregate() {
  Pipe<Aggregate> pipe(1);
  Aggregate aggregate{Counted(), 7};
  if (!(co_await pipe.SendFrom(aggregate)).ok()) co_return 2;
  co_return (co_await pipe.Receive()).value().number == 7;
}
Task<absl::Status> SendTwo(Pipe<WithConstructor>& pipe) {
  absl::Status first = co_await pipe.Send(WithConstructor());
  absl::Status second = co_await pipe.Send(WithConstructor());
  pipe.Close();
  if (!first.ok()) co_return first;
  co_return second;
}
Task<absl::Status> ReceiveTwo(Pipe<WithConstructor>& pipe) {
  while ((co_await pipe.Receive()).ok()) {
  }
  co_return absl::OkStatus();
}
Task<int> SendAndReceive() {
  Pipe<WithConstructor> pipe(0);
  co_return (co_await WhenAll(SendTwo(pipe), ReceiveTwo(pipe))).ok();
}
Task<int> Locks() {
  AsyncMutex mutex;
  AsyncSemaphore semaphore(2);
  if (absl::StatusOr<AsyncMutex::Guard> lock = co_await mutex.Lock(); lock.ok()) {
    const AsyncSemaphore::Permit permit = (co_await semaphore.Acquire(2)).value();
    co_await Yield();
    if (mutex.TryLock().has_value() || semaphore.TryAcquire().has_value()) co_return 2;
  }
  co_return mutex.TryLock().has_value() && semaphore.TryAcquire(2).has_value();
}

TEST(Gcc12Tools, BalancesPipesAndLocks) {
  EXPECT_EQ(AliveAfter(SendTemporary), 0);
  EXPECT_EQ(AliveAfter(SendAggregate), 0);
  EXPECT_EQ(AliveAfter(SendAndReceive), 0);
  EXPECT_EQ(AliveAfter(Locks), 0);
}

// --- With calls ---

CallOptions WithMetadata() {
  CallOptions options = Timeout(50ms);
  EXPECT_TRUE(options.metadata.Add("a-key-that-is-longer-than-small", std::string(100, 'v')).ok());
  return options;
}

Task<absl::StatusOr<std::string>> EveryShape(Channel& channel) {
  const std::string text(100, 't');
  CallInfo info;
  std::string all;
  auto both = co_await WhenAll(StartCoroutine(channel, text, WithMetadata()),
                               StartCoroutine(channel, text + "+").Capture(info));
  if (!both.ok()) co_return both.status();
  all += std::get<0>(*both).value() + std::get<1>(*both).value();
  all += (co_await WhenAny(StartCoroutine(channel, text, WithMetadata()),
                           StartCoroutine(channel, text, Timeout(50ms))))
             ->value();
  absl::StatusOr<Text> timed = co_await WithTimeout(50ms, StartCoroutine(channel, text));
  if (!timed.ok()) co_return timed.status();
  all += timed->value();
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 3; ++i) calls.push_back(StartCoroutine(channel, text, WithMetadata()));
  absl::StatusOr<std::vector<Text>> replies = co_await WhenAll(std::move(calls));
  for (const Text& reply : *replies) all += reply.value();
  TaskGroup group(1);
  for (int i = 0; i < 3; ++i) {
    absl::Status started = co_await group.Start(StartCoroutine(channel, text, WithMetadata()));
    if (!started.ok()) co_return started;
  }
  if (absl::Status ended = co_await group.Wait(); !ended.ok()) co_return ended;
  co_return all;
}

TEST(Gcc12Tools, BalancesThemWithCalls) {
  SimProcess process;
  SimServer server(process, Hello);
  const std::string h = "hello " + std::string(100, 't');
  for (int round = 0; round < 3; ++round) {
    absl::StatusOr<std::string> all = BlockOn(EveryShape(*server.channel), process.runtime);
    ASSERT_TRUE(all.ok()) << all.status();
    EXPECT_EQ(*all, h + h + "+" + h + h + h + h + h);
  }
}

}  // namespace
}  // namespace dialtone
