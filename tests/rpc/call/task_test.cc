// Tasks by themselves: laziness, results, exceptions, lifetime, stack and memory.
#include "dialtone/rpc/task.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "counting_new.h"
#include "local_scope.h"

namespace dialtone::task_test {
namespace {

static_assert(!std::is_copy_constructible_v<Task<int>> && !std::is_copy_assignable_v<Task<int>>);
static_assert(std::is_nothrow_move_constructible_v<Task<int>>);
static_assert(std::is_nothrow_move_assignable_v<Task<int>>);

Task<int> Value(int value) { co_return value; }

template <class T>
Task<T> Pass(Task<T> inner, int levels, bool yield) {
  if (const bool now = yield; now) co_await Yield();
  if (levels == 0) co_return co_await inner;
  co_return co_await Pass(std::move(inner), levels - 1, yield);
}

Task<int> Mark(bool& ran) {
  ran = true;
  co_return 1;
}

TEST(Task, IsLazy) {
  bool ran = false;
  Task<int> task = Mark(ran);
  EXPECT_FALSE(ran);
  LocalScope scope;
  EXPECT_EQ(scope.Run(std::move(task)), 1);
  EXPECT_TRUE(ran);
}

TEST(Task, MovesAndLeavesNothing) {
  Task<int> first = Value(3);
  Task<int> second = std::move(first);
  EXPECT_FALSE(first.valid());
  EXPECT_TRUE(second.valid());
  first = std::move(second);
  EXPECT_TRUE(first.valid());
  EXPECT_FALSE(second.valid());
  LocalScope scope;
  EXPECT_EQ(scope.Run(std::move(first)), 3);
  EXPECT_FALSE(Task<int>().valid());
}

Task<int> Hold(Alive argument, bool& ran) {
  ran = true;
  Alive local(*argument.count);
  co_await Yield();
  co_return *argument.count;
}

TEST(Task, DestroysItsArgumentsWhenNeverStarted) {
  int count = 0;
  bool ran = false;
  {
    Task<int> task = Hold(Alive(count), ran);
    EXPECT_EQ(count, 1);
    task = Hold(Alive(count), ran);
    EXPECT_EQ(count, 1);
  }
  EXPECT_EQ(count, 0);
  EXPECT_FALSE(ran);
}

TEST(Task, DestroysItsLocalsAtItsEnd) {
  int count = 0;
  bool ran = false;
  LocalScope scope;
  Task<int> task = Hold(Alive(count), ran);
  EXPECT_EQ(scope.Run(std::move(task)), 2);
  EXPECT_EQ(count, 0);
}

Task<void> WaitAt(ManualEvent& gate) { co_await gate; }

TEST(TaskDeathTest, IsNotDestroyedWhileItAwaits) {
  ManualEvent gate;
  LocalScope scope;
  auto task = std::make_unique<Task<void>>(WaitAt(gate));
  scope.Start(*task);
  EXPECT_TRUE(gate.waited_for());
  EXPECT_DEATH(task.reset(), "destroyed while it awaits");
  gate.Open();
  scope.RunPostedWork();
  EXPECT_TRUE(scope.done);
}

Task<int> AwaitTwice() {
  Task<int> child = Value(1);
  const int first = co_await child;
  co_return first + co_await child;
}

Task<int> AwaitMovedFrom() {
  Task<int> child = Value(1);
  Task<int> taken = std::move(child);
  co_return co_await child;
}

TEST(TaskDeathTest, IsAwaitedOnceAndWhileItIsThere) {
  LocalScope scope;
  EXPECT_DEATH(scope.Run(AwaitTwice()), "awaited twice");
  EXPECT_DEATH(scope.Run(AwaitMovedFrom()), "moved from");
  EXPECT_DEATH(scope.Run(Task<int>()), "moved from");
}

// --- Results ---

Task<std::unique_ptr<int>> MoveOnly(int value) {
  co_await Yield();
  co_return std::make_unique<int>(value);
}
Task<absl::StatusOr<std::string>> Text(bool ok) {
  const std::string text(100, 'x');
  if (!ok) co_return absl::NotFoundError(text);
  co_return text;
}
Task<std::pair<int, std::string>> Braced() { co_return {7, "seven"}; }

TEST(Task, HandsResultsThroughNesting) {
  for (const bool yield : {false, true}) {
    LocalScope scope;
    EXPECT_EQ(scope.Run(Pass(Value(5), 10, yield)), 5);
    EXPECT_EQ(*scope.Run(Pass(MoveOnly(6), 10, yield)), 6);
    EXPECT_EQ(scope.Run(Pass(Text(true), 10, yield)).value(), std::string(100, 'x'));
    EXPECT_EQ(scope.Run(Pass(Text(false), 10, yield)).status().code(), absl::StatusCode::kNotFound);
  }
  LocalScope scope;
  EXPECT_EQ(scope.Run(Braced()).second, "seven");
}

Task<void> Append(std::string& text, bool yield) {
  text += "a";
  if (const bool now = yield; now) co_await Yield();
  text += "b";
}

Task<void> AppendTwice(std::string& text) {
  co_await Append(text, false);
  co_await Append(text, true);
}

TEST(Task, MayHaveNoResult) {
  std::string text;
  LocalScope scope;
  scope.Run(AppendTwice(text));
  EXPECT_EQ(text, "abab");
}

// --- Exceptions ---

Task<int> Throw(bool yield) {
  if (const bool now = yield; now) co_await Yield();
  throw std::runtime_error("thrown");
}
Task<int> Catch(bool yield) {
  int caught = 0;
  try {
    caught = co_await Pass(Throw(yield), 5, yield);
  } catch (const std::runtime_error&) {
    caught = -1;
  }
  co_return caught;
}
Task<void> ThrowVoid() {
  co_await Yield();
  throw std::runtime_error("thrown");
}

TEST(Task, HandsExceptionsThroughNesting) {
  for (const bool yield : {false, true}) {
    LocalScope scope;
    EXPECT_EQ(scope.Run(Catch(yield)), -1);
    EXPECT_THROW(scope.Run(Pass(Throw(yield), 5, yield)), std::runtime_error);
  }
  LocalScope scope;
  EXPECT_THROW(scope.Run(ThrowVoid()), std::runtime_error);
}

class ThrowsInSuspend final : public internal::Awaitable {
 public:
  ThrowsInSuspend() = default;
  bool await_ready() const { return false; }
  bool Suspend(internal::PromiseBase&) { throw std::runtime_error("in Suspend"); }
  void await_resume() const {}
};
Task<int> AwaitThrower() {
  int result = 0;
  try {
    co_await ThrowsInSuspend();
  } catch (const std::runtime_error&) {
    result = 1;
  }
  co_return result;
}

TEST(Task, GoesOnAfterAnAwaitableThatThrows) {
  LocalScope scope;
  EXPECT_EQ(scope.Run(Pass(AwaitThrower(), 2, true)), 1);
  EXPECT_FALSE(scope.lost);
}

// --- The stack ---

struct Depth {
  uintptr_t first = 0;
  uintptr_t worst = 0;
  void Look() {
    const uintptr_t now = StackPosition();
    if (first == 0) first = now;
    worst = std::max(worst, first > now ? first - now : now - first);
  }
};

constexpr int kMany = 1'000'000;
// A loop that nests would take a hundred bytes a round at the very least.
constexpr uintptr_t kFlat = 4096;

Task<int> Look(Depth& depth, bool yield) {
  depth.Look();
  if (const bool now = yield; now) co_await Yield();
  depth.Look();
  co_return 1;
}

Task<int> LookOften(Depth& depth, bool yield) {
  int sum = 0;
  for (int i = 0; i < kMany; ++i) {
    sum += co_await Look(depth, yield);
    depth.Look();
  }
  co_return sum;
}

TEST(Task, StaysFlatOverAMillionChildrenThatEndAtOnce) {
  Depth depth;
  LocalScope scope;
  EXPECT_EQ(scope.Run(LookOften(depth, false)), kMany);
  EXPECT_LT(depth.worst, kFlat);
}

TEST(Task, StaysFlatOverAMillionChildrenThatSuspend) {
  Depth depth;
  LocalScope scope;
  EXPECT_EQ(scope.Run(LookOften(depth, true)), kMany);
  EXPECT_LT(depth.worst, kFlat);
}

Task<int> AwaitOften(Depth& depth) {
  int sum = 0;
  for (int i = 0; i < kMany; ++i) {
    sum += co_await Ready(1);
    sum += co_await Yield(1);
    depth.Look();
  }
  co_return sum;
}

TEST(Task, StaysFlatOverAMillionAwaits) {
  Depth depth;
  LocalScope scope;
  EXPECT_EQ(scope.Run(AwaitOften(depth)), 2 * kMany);
  EXPECT_LT(depth.worst, kFlat);
}

// The way back up after the innermost of a deep nest was resumed.
TEST(Task, ReturnsThroughADeepNestWithoutNesting) {
  LocalScope scope;
  ManualEvent gate;
  Depth depth;
  struct Nest {
    static Task<int> Go(ManualEvent& gate, Depth& depth, int levels) {
      int below = 0;
      if (levels == 0) {
        co_await gate;
      } else {
        below = co_await Go(gate, depth, levels - 1);
      }
      depth.Look();
      co_return below + 1;
    }
  };
  Task<int> task = Nest::Go(gate, depth, 100);
  scope.Start(task);
  EXPECT_FALSE(scope.done);
  gate.Open();
  scope.RunPostedWork();
  ASSERT_TRUE(scope.done);
  EXPECT_EQ(task.await_resume(), 101);
  EXPECT_LT(depth.worst, kFlat);
}

// --- Memory ---

template <size_t kBytes>
Task<int> Large(bool yield) {
  volatile char bytes[kBytes] = {};
  if (const bool now = yield; now) co_await Yield();
  bytes[kBytes - 1] = 1;
  co_return bytes[kBytes - 1];
}

Task<int> ManySizes() {
  int sum = 0;
  for (int i = 0; i < 100; ++i) {
    const bool yield = i % 2 == 0;
    sum += co_await Large<1>(yield);
    sum += co_await Large<100>(yield);
    sum += co_await Large<1000>(yield);
    sum += co_await Large<3000>(yield);
    sum += co_await Pass(Value(1), 20, yield);
  }
  co_return sum;
}

TEST(Task, AllocatesNothingInTheSteadyState) {
  LocalScope scope;
  EXPECT_EQ(scope.Run(ManySizes()), 500);
  const size_t before = allocations_of_this_thread;
  EXPECT_EQ(scope.Run(ManySizes()), 500);
  EXPECT_EQ(allocations_of_this_thread, before);
}

// --- Contexts ---

Task<void> Watch(Context expected, int& wrong) {
  for (int i = 0; i < 3; ++i) {
    if (Context::Current().state() != expected.state()) ++wrong;
    co_await Yield();
  }
  if (Context::Current().state() != expected.state()) ++wrong;
}
Task<void> WatchNested(Context expected, int& wrong) {
  co_await Watch(expected, wrong);
  if (Context::Current().state() != expected.state()) ++wrong;
}

TEST(Task, RunsInItsScopesContextAfterEveryResume) {
  const Context inside = Context::Cancellable();
  const Context outside = Context::Cancellable();
  LocalScope scope(inside);
  int wrong = 0;
  Task<void> task = WatchNested(inside, wrong);
  {
    Context::Scope install(outside);
    scope.Start(task);
    EXPECT_EQ(Context::Current().state(), outside.state());
  }
  EXPECT_TRUE(scope.done);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(Context::Current().state(), nullptr);
}

}  // namespace
}  // namespace dialtone::task_test
