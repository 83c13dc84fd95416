// AsyncSemaphore and AsyncMutex: in one executor, then between reactors and blocking threads.
#include "dialtone/rpc/async_semaphore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dialtone/rpc/async_mutex.h"
#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/rpc/when_all.h"
#include "real_server.h"
#include "sim_servers.h"
#include "tool_tasks.h"

namespace dialtone {
namespace {

using Permit = AsyncSemaphore::Permit;

// Takes permits, holds them for some turns of the executor, writes down when it had them.
Task<absl::Status> Use(AsyncSemaphore& semaphore, size_t count, std::string& log, char name,
                       int turns = 1) {
  absl::StatusOr<Permit> permit = co_await semaphore.Acquire(count);
  if (!permit.ok()) {
    log += absl::IsCancelled(permit.status()) ? '!' : '?';
    co_return permit.status();
  }
  log += name;
  for (int i = 0; i < turns; ++i) co_await Yield();
  log += static_cast<char>(name - 'a' + 'A');
  co_return absl::OkStatus();
}

Task<absl::Status> UseTogether(AsyncSemaphore& semaphore, std::vector<size_t> counts,
                               std::string& log) {
  std::vector<Task<absl::Status>> tasks;
  char name = 'a';
  for (const size_t count : counts) tasks.push_back(Use(semaphore, count, log, name++));
  co_return co_await WhenAll(std::move(tasks));
}

std::string Order(size_t permits, const std::vector<size_t>& counts) {
  AsyncSemaphore semaphore(permits);
  std::string log;
  LocalScope scope;
  EXPECT_TRUE(scope.Run(UseTogether(semaphore, counts, log)).ok());
  EXPECT_TRUE(semaphore.TryAcquire(permits).has_value());
  return log;
}

TEST(AsyncSemaphore, ServesWhoCameFirst) {
  EXPECT_EQ(Order(1, {1, 1, 1}), "aAbBcC");
  EXPECT_EQ(Order(2, {1, 1, 1, 1}), "abABcdCD");
}

TEST(AsyncSemaphore, LetsNobodyPassWhoAsksForMany) { EXPECT_EQ(Order(3, {1, 3, 1}), "aAbBcC"); }

TEST(AsyncSemaphore, SaysWhenThereWillNeverBeEnough) {
  AsyncSemaphore semaphore(2);
  std::string log;
  LocalScope scope;
  const absl::Status status = scope.Run(Use(semaphore, 3, log, 'a'));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
}

TEST(AsyncSemaphore, CanBeTriedByCodeThatDoesNotWait) {
  AsyncSemaphore semaphore(3);
  {
    std::optional<Permit> two = semaphore.TryAcquire(2);
    ASSERT_TRUE(two.has_value());
    EXPECT_FALSE(semaphore.TryAcquire(2).has_value());
    std::optional<Permit> one = semaphore.TryAcquire();
    EXPECT_TRUE(one.has_value());
    EXPECT_FALSE(semaphore.TryAcquire().has_value());
    one->Release();
    EXPECT_TRUE(semaphore.TryAcquire().has_value());
    two = std::move(one);  // gives its own back
    EXPECT_TRUE(semaphore.TryAcquire(3).has_value());
  }
  EXPECT_TRUE(semaphore.TryAcquire(3).has_value());
}

TEST(AsyncSemaphore, IsNotTriedPastThoseWhoWait) {
  AsyncSemaphore semaphore(2);
  std::optional<Permit> one = semaphore.TryAcquire();
  std::string log;
  LocalScope scope;
  Task<absl::Status> waits = Use(semaphore, 2, log, 'a');
  scope.Start(waits);
  EXPECT_FALSE(semaphore.TryAcquire().has_value());
  one.reset();
  scope.RunPostedWork();
  EXPECT_EQ(log, "aA");
}

// --- Cancelled ---

TEST(AsyncSemaphore, EndsAWaitWithItsContext) {
  AsyncSemaphore semaphore(1);
  std::optional<Permit> held = semaphore.TryAcquire();
  Context context = Context::Cancellable();
  LocalScope scope(context);
  std::string log;
  Task<absl::Status> waits = UseTogether(semaphore, {1, 1}, log);
  scope.Start(waits);
  EXPECT_FALSE(scope.done);
  context.Cancel();
  scope.RunPostedWork();
  EXPECT_TRUE(scope.done);
  EXPECT_EQ(log, "!!");
  held.reset();
  EXPECT_TRUE(semaphore.TryAcquire().has_value());
}

TEST(AsyncSemaphore, GivesNothingInAnEndedContext) {
  AsyncSemaphore semaphore(1);
  Context context = Context::Cancellable();
  context.Cancel();
  LocalScope scope(context);
  std::string log;
  EXPECT_TRUE(absl::IsCancelled(scope.Run(Use(semaphore, 1, log, 'a'))));
  EXPECT_TRUE(semaphore.TryAcquire().has_value());
}

// Whoever leaves the front of the line may have stood in the way.
TEST(AsyncSemaphore, ServesThoseBehindOneThatGivesUp) {
  AsyncSemaphore semaphore(2);
  std::optional<Permit> one = semaphore.TryAcquire();
  std::string log;
  LocalScope first(Context::Cancellable());
  LocalScope second;
  Task<absl::Status> wants_two = Use(semaphore, 2, log, 'a');
  Task<absl::Status> wants_one = Use(semaphore, 1, log, 'b');
  first.Start(wants_two);
  second.Start(wants_one);
  EXPECT_EQ(log, "");
  Context(first.context()).Cancel();
  second.RunPostedWork();
  EXPECT_EQ(log, "bB");
  first.RunPostedWork();
  EXPECT_EQ(log, "bB!");
}

// It was given the permit, and cancelled before it could run.
TEST(AsyncSemaphore, KeepsWhatOneWasGivenThatIsCancelledThen) {
  AsyncSemaphore semaphore(1);
  std::optional<Permit> held = semaphore.TryAcquire();
  std::string log;
  LocalScope scope(Context::Cancellable());
  Task<absl::Status> waits = Use(semaphore, 1, log, 'a');
  scope.Start(waits);
  held.reset();
  EXPECT_FALSE(semaphore.TryAcquire().has_value());
  Context(scope.context()).Cancel();
  scope.RunPostedWork();
  EXPECT_EQ(log, "aA");
  EXPECT_TRUE(semaphore.TryAcquire().has_value());
}

// --- Abandoned at a shutdown ---

TEST(AsyncSemaphore, TakesBackWhatAnAbandonedCoroutineHasOrWasGiven) {
  enum State { kWaiting, kGiven, kHolding };
  for (const State state : {kWaiting, kGiven, kHolding}) {
    AsyncSemaphore semaphore(1);
    std::optional<Permit> held = semaphore.TryAcquire();
    std::string log;
    LocalScope scope(Context::Cancellable());
    Task<absl::Status> task = Use(semaphore, 1, log, 'a', 3);
    scope.StartOnly(task);
    if (state != kWaiting) held.reset();
    if (state == kHolding) scope.RunOnePosted();
    EXPECT_EQ(log, state == kHolding ? "a" : "");
    ASSERT_TRUE(Abandon(scope));
    task = Task<absl::Status>();
    held.reset();
    EXPECT_TRUE(semaphore.TryAcquire().has_value());
  }
}

// As another thread might see to: its context has begun to end, and has not told it yet.
TEST(AsyncSemaphore, TakesItselfBackFromAContextThatIsEnding) {
  AsyncSemaphore semaphore(1);
  std::optional<Permit> held = semaphore.TryAcquire();
  std::string log;
  Context context = Context::Cancellable();
  LocalScope scope(context);
  Task<absl::Status> task = Use(semaphore, 1, log, 'a');
  scope.Start(task);
  bool destroyed = false;
  CancelCallback told_first(context, [&](const absl::Status&) {
    held.reset();
    destroyed = Abandon(scope);
    task = Task<absl::Status>();
  });
  context.Cancel();
  EXPECT_TRUE(destroyed);
  EXPECT_TRUE(semaphore.TryAcquire().has_value());
}

TEST(AsyncSemaphoreDeathTest, OutlivesItsPermits) {
  EXPECT_DEATH(
      {
        auto semaphore = std::make_unique<AsyncSemaphore>(1);
        std::optional<Permit> held = semaphore->TryAcquire();
        semaphore.reset();
      },
      "while it is held");
}

Task<absl::Status> UseOnce(AsyncSemaphore& semaphore, Depth& depth, int& used) {
  absl::StatusOr<Permit> permit = co_await semaphore.Acquire();
  depth.Look();
  ++used;
  co_return permit.status();
}
Task<absl::Status> UseByMany(AsyncSemaphore& semaphore, Depth& depth, int& used) {
  std::optional<Permit> held = semaphore.TryAcquire();
  auto give_back = [&held]() -> Task<absl::Status> {
    co_await Yield();
    held.reset();
    co_return absl::OkStatus();
  };
  std::vector<Task<absl::Status>> tasks;
  for (int i = 0; i < kMany; ++i) tasks.push_back(UseOnce(semaphore, depth, used));
  tasks.push_back(give_back());
  co_return co_await WhenAll(std::move(tasks));
}

TEST(AsyncSemaphore, StaysFlatWithTenThousandInLine) {
  AsyncSemaphore semaphore(1);
  Depth depth;
  int used = 0;
  LocalScope scope;
  EXPECT_TRUE(scope.Run(UseByMany(semaphore, depth, used)).ok());
  EXPECT_EQ(used, kMany);
  EXPECT_LT(depth.worst, kFlat);
}

// --- In virtual time ---

Task<absl::Status> LockUntil(AsyncMutex& mutex, SimProcess& process, absl::Duration& when) {
  absl::StatusOr<AsyncMutex::Guard> lock = co_await mutex.Lock();
  when = process.Time();
  if (!lock.ok()) co_return lock.status();
  absl::Status slept = co_await Sleep(absl::Milliseconds(10));
  co_return slept;
}

TEST(AsyncMutex, IsHeldAcrossAwaitsOfHandlersOnDifferentReactors) {
  SimProcess process;
  AsyncMutex mutex;
  int inside = 0;
  int most = 0;
  std::set<Loop*> reactors;
  SimServer server(process, [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    absl::StatusOr<AsyncMutex::Guard> lock = co_await mutex.Lock();
    if (!lock.ok()) co_return lock.status();
    reactors.insert(Loop::Current());
    most = std::max(most, ++inside);
    absl::Status slept = co_await Sleep(absl::Milliseconds(10));
    --inside;
    co_return slept;
  });
  const auto bound = server.server.Listen("127.0.0.1:0");
  ASSERT_TRUE(bound.ok());
  Channel other(bound->ToString(), process.ClientOptions());
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 4; ++i) {
    calls.push_back(StartCoroutine(*server.channel, ""));
    calls.push_back(StartCoroutine(other, ""));
  }
  for (Call<Text>& call : calls) EXPECT_TRUE(call.Wait().ok());
  EXPECT_EQ(reactors.size(), 2u);
  EXPECT_EQ(most, 1);
  EXPECT_EQ(process.Time(), absl::Milliseconds(80));
}

TEST(AsyncMutex, EndsAHandlersWaitAtItsDeadline) {
  SimProcess process;
  AsyncMutex mutex;
  std::optional<AsyncMutex::Guard> held = mutex.TryLock();
  EXPECT_FALSE(mutex.TryLock().has_value());
  absl::Status seen;
  SimServer server(process, [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    absl::StatusOr<AsyncMutex::Guard> lock = co_await mutex.Lock();
    seen = lock.status();
    co_return seen;
  });
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      StartCoroutine(*server.channel, "", Timeout(absl::Milliseconds(5))).Wait().status()));
  process.network.RunFor(absl::Milliseconds(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(seen)) << seen;
}

// Nobody but BlockOn ends this context.
TEST(AsyncMutex, EndsABlockingThreadsWaitAtItsDeadline) {
  SimProcess process;
  AsyncMutex mutex;
  std::optional<AsyncMutex::Guard> held = mutex.TryLock();
  absl::Duration when;
  Context::Scope install(Context::Cancellable(process.network.Now() + absl::Milliseconds(7)));
  const absl::Status status = BlockOn(LockUntil(mutex, process, when), process.runtime);
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_EQ(when, absl::Milliseconds(7));
}

// --- Between threads ---

Task<absl::Status> Increment(AsyncMutex& mutex, int& counter, int times,
                             std::atomic<int>& given_up) {
  for (int i = 0; i < times; ++i) {
    absl::StatusOr<AsyncMutex::Guard> lock = co_await mutex.Lock();
    if (!lock.ok()) {
      ++given_up;
      co_return lock.status();
    }
    const int before = counter;
    if (const bool yields = i % 4 == 0; yields) {
      absl::Status slept = co_await Sleep(absl::Microseconds(i % 8));
      if (!slept.ok()) ++given_up;
      if (!slept.ok()) co_return slept;
    }
    counter = before + 1;
  }
  co_return absl::OkStatus();
}

// Handlers on two reactors and two threads in BlockOn.
TEST(AsyncMutex, GuardsWhatReactorsAndThreadsShare) {
  AsyncMutex mutex;
  int counter = 0;
  std::atomic<int> given_up{0};
  RealServer real([&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    return Increment(mutex, counter, 50, given_up);
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back(
        [&] { EXPECT_TRUE(BlockOn(Increment(mutex, counter, 200, given_up), real.runtime).ok()); });
  }
  {
    Channel one(real.target, real.ClientOptions());
    Channel two(real.target, real.ClientOptions());
    std::vector<Call<Text>> calls;
    for (int i = 0; i < 8; ++i) calls.push_back(StartCoroutine(i % 2 == 0 ? one : two, ""));
    for (Call<Text>& call : calls) EXPECT_TRUE(call.Wait().ok());
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, 8 * 50 + 2 * 200);
  EXPECT_EQ(given_up, 0);
  EXPECT_TRUE(mutex.TryLock().has_value());
}

// The mutex is handed over on one thread while another cancels who waits for it.
TEST(AsyncMutex, SurvivesWaitersThatAreCancelledWhileItIsHandedOn) {
  RuntimeOptions options;
  options.reactors = 1;
  Runtime runtime(options);
  AsyncMutex mutex;
  int counter = 0;
  std::atomic<int> given_up{0};
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) {
        Context context = Context::Cancellable();
        Context::Scope install(context);
        std::thread canceller([&context, n] {
          for (int spins = (n % 50) * 40; spins > 0; --spins)
            std::atomic_signal_fence(std::memory_order_seq_cst);
          context.Cancel();
        });
        BlockOn(Increment(mutex, counter, 20, given_up), runtime).IgnoreError();
        ++done;
        canceller.join();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 600);
  EXPECT_TRUE(mutex.TryLock().has_value());
}

}  // namespace
}  // namespace dialtone
