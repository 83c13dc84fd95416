// g++ 12 traps on purpose.
// What g++ 12 makes of coroutines: docs/gcc12-coroutines.md as tests. Compiled without and with
// optimisation, because users do both.
//
// Each pattern that g++ 12 miscompiles is shown by counting what is constructed and destroyed, next
// to its cure, which must be balanced on every compiler. Then the shapes of the public API, none of
// which may be such a pattern.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/on_workers.h"
#include "dialtone/rpc/sleep.h"
#include "local_scope.h"
#include "sim_servers.h"

namespace dialtone {
namespace {

#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ == 12
// Objects alive after a pattern that destroys one of them twice.
constexpr int kDestroyedTwice = -1;
#else
constexpr int kDestroyedTwice = 0;
#endif

int alive = 0;  // Counted objects

struct Counted {
  Counted() { ++alive; }
  Counted(const Counted&) { ++alive; }
  Counted& operator=(const Counted&) { return *this; }
  ~Counted() { --alive; }
};
struct Aggregate {
  Counted counted;
  int number = 0;
};
// The cure of an aggregate: constructors and a destructor of its own.
struct WithConstructor {
  WithConstructor() {}
  WithConstructor(const WithConstructor&) = default;
  WithConstructor& operator=(const WithConstructor&) = default;
  ~WithConstructor() {}
  Counted counted;
};

template <class T>
Task<int> Take(const T&) {
  co_await Yield();
  co_return 1;
}
template <class Function>
Task<int> Call1(const Function& function) {
  co_await Yield();
  co_return function();
}
Task<WithConstructor> Make() {
  co_await Yield();
  co_return WithConstructor();
}

// Runs a pattern; how many objects it leaves alive.
int AliveAfter(Task<int> task) {
  alive = 0;
  LocalScope scope;
  scope.Start(task);
  EXPECT_TRUE(scope.done);
  EXPECT_FALSE(scope.lost);
  if (!scope.done) std::abort();
  task = Task<int>();
  return alive;
}

// --- Destroyed twice ---

Task<int> AggregateTemporary() {
  const int result = co_await Take(Aggregate{Counted(), 1});
  co_return result;
}
Task<int> AggregateVariable() {
  const Aggregate aggregate{Counted(), 1};
  co_return co_await Take(aggregate);
}
Task<int> ConstructedTemporary() { co_return co_await Take(WithConstructor()); }

TEST(Gcc12, DestroysAggregateTemporariesOfAnAwaitTwice) {
  EXPECT_EQ(AliveAfter(AggregateTemporary()), kDestroyedTwice);
  EXPECT_EQ(AliveAfter(AggregateVariable()), 0);
  EXPECT_EQ(AliveAfter(ConstructedTemporary()), 0);
}

Task<int> LambdaTemporary() {
  Counted counted;
  const int result = co_await Call1([counted] { return 1; });
  co_return result;
}
Task<int> LambdaVariable() {
  Counted counted;
  auto function = [counted] { return 1; };
  const int result = co_await Call1(function);
  co_return result;
}

TEST(Gcc12, DestroysTheCapturesOfALambdaInAnAwaitTwice) {
  EXPECT_EQ(AliveAfter(LambdaTemporary()), kDestroyedTwice);
  EXPECT_EQ(AliveAfter(LambdaVariable()), 0);
}

Task<int> Conditional(bool make) {
  WithConstructor value = make ? co_await Make() : WithConstructor();
  co_return 1;
}
Task<int> ConditionalStatement(bool make) {
  WithConstructor value;
  if (make) value = co_await Make();
  co_return 1;
}

TEST(Gcc12, DestroysWhatAConditionalOperatorAwaitsTwice) {
  EXPECT_EQ(AliveAfter(Conditional(true)), kDestroyedTwice);
  EXPECT_EQ(AliveAfter(Conditional(false)), kDestroyedTwice);
  EXPECT_EQ(AliveAfter(ConditionalStatement(true)), 0);
  EXPECT_EQ(AliveAfter(ConditionalStatement(false)), 0);
}

Task<int> NewOfAwait() {
  std::unique_ptr<WithConstructor> made(new WithConstructor(co_await Make()));
  co_return 1;
}
Task<int> NewOfVariable() {
  WithConstructor value = co_await Make();
  auto made = std::make_unique<WithConstructor>(std::move(value));
  co_return 1;
}

TEST(Gcc12, DestroysTheAwaitedArgumentOfNewTwice) {
  EXPECT_EQ(AliveAfter(NewOfAwait()), kDestroyedTwice);
  EXPECT_EQ(AliveAfter(NewOfVariable()), 0);
}

// --- Put in the wrong place: cured by internal/coroutine_frame.h ---

Task<int> OnlyIf(bool yield) {
  if (!co_await Yield(yield)) co_return 1;
  co_return 2;
}
Task<int> OnlyReadyIf() {
  if (co_await Ready(1)) co_return 2;
  co_return 1;
}
Task<int> OnlyWhile() {
  while (co_await Yield(0)) {
  }
  co_return 2;
}
Task<int> OnlySwitch(int which) {
  switch (co_await Yield(which)) {
    case 7:
      co_return 2;
    default:
      co_return 1;
  }
}
Task<int> ManyConditions(int which) {
  if (co_await Yield(which == 0)) co_return 0;
  if (co_await Yield(which == 1)) co_return 1;
  if (co_await Yield(which == 2)) co_return 2;
  while (co_await Ready(0)) {
  }
  switch (co_await Yield(which)) {
    case 3:
      co_return 3;
    default:
      if (co_await Take(WithConstructor()) == 2) co_return 5;
  }
  co_return 4;
}
Task<std::string> OnlyIfInATask(std::string text) {
  if (co_await OnlyIf(true) == 2) co_return text + text;
  co_return text;
}
Task<void> OnlyIfThrows() {
  if (co_await Yield(1)) throw 7;
}

TEST(Gcc12, IsCuredOfBodiesThatBeginWithAnAwaitingCondition) {
  // Frames come from the pool, so that each finds the remains of others.
  for (int round = 0; round < 3; ++round) {
    LocalScope scope;
    EXPECT_EQ(scope.Run(OnlyIf(true)), 2);
    EXPECT_EQ(scope.Run(OnlyIf(false)), 1);
    EXPECT_EQ(scope.Run(OnlyReadyIf()), 2);
    EXPECT_EQ(scope.Run(OnlyWhile()), 2);
    EXPECT_EQ(scope.Run(OnlySwitch(7)), 2);
    EXPECT_EQ(scope.Run(OnlySwitch(0)), 1);
    for (int which = 0; which < 5; ++which) EXPECT_EQ(scope.Run(ManyConditions(which)), which);
    const std::string text(100, 'x');
    EXPECT_EQ(scope.Run(OnlyIfInATask(text)), text + text);
    EXPECT_THROW(scope.Run(OnlyIfThrows()), int);
    {
      Task<std::string> never_started = OnlyIfInATask(text);
    }
  }
}

TEST(Gcc12, IsCuredOfHandlersThatBeginWithAnAwaitingCondition) {
  SimProcess process;
  SimServer server(process,
                   [](ServerCall&, const Text& request, Text& reply) -> Task<absl::Status> {
                     if (!(co_await Sleep(absl::Milliseconds(1))).ok())
                       co_return absl::InternalError("slept badly");
                     reply.set_value("slept " + request.value());
                     co_return absl::OkStatus();
                   });
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Show(StartCoroutine(*server.channel, "well").Wait()), "OK: slept well");
  }
}

// --- Lost: what the framework would do about a miscompilation that it does not know ---

struct LosesItself {
  struct promise_type : internal::PromiseBase {
    promise_type() : PromiseBase(std::coroutine_handle<promise_type>::from_promise(*this)) {}
    LosesItself get_return_object() { return LosesItself{this}; }
    void return_void() {}
  };
  promise_type* promise;
};
// Comes back without having ended and without telling what it waits for.
LosesItself Lose() { co_await std::suspend_always(); }

TEST(LostCoroutine, IsNoticed) {
  LocalScope scope;
  LosesItself lost = Lose();
  lost.promise->BecomeRoot(scope);
  scope.Resume(*lost.promise);
  EXPECT_TRUE(scope.lost);
  EXPECT_FALSE(scope.done);
  lost.promise->DestroyCoroutine();
}

// --- Destroyed where they are suspended ---

// As a condition, which g++ 12 puts in front of the frame's header.
Task<int> OnlyIfHolding(WithConstructor, bool yield) {
  if (!co_await Yield(yield)) co_return 1;
  co_return 2;
}
Task<int> Inner(WithConstructor) {
  Counted local;
  co_await Yield();
  co_return 1;
}
Task<int> InAnExpression() {
  Counted local;
  const int sum = co_await Inner(WithConstructor()) + co_await Take(WithConstructor());
  co_return sum;
}
Task<int> InATemporaryTask(const std::string& text) {
  if (co_await Inner(WithConstructor()) == 1 && co_await Inner(WithConstructor()) == 1)
    co_return static_cast<int>(text.size());
  co_return 0;
}

// Runs `task` for `resumes` turns, then abandons it. False: it had ended before.
bool Abandoned(Task<int> task, int resumes) {
  LocalScope scope(Context::Cancellable());
  scope.StartOnly(task);
  for (int i = 0; i < resumes; ++i) scope.RunOnePosted();
  if (scope.done) return false;
  scope.Abandon(absl::CancelledError("over"));
  scope.RunPostedWork();
  EXPECT_TRUE(scope.abandoned_now);
  task = Task<int>();  // before its scope
  return true;
}

TEST(Gcc12, DestroysWhatIsSuspendedOnce) {
  const std::string text(100, 'x');
  int suspensions = 0;
  for (int resumes = 0; resumes < 3; ++resumes) {
    suspensions += Abandoned(OnlyIfHolding(WithConstructor(), true), resumes);
    suspensions += Abandoned(InAnExpression(), resumes);
    suspensions += Abandoned(InATemporaryTask(text), resumes);
    EXPECT_EQ(alive, 0) << resumes;
  }
  EXPECT_EQ(suspensions, 1 + 2 + 2);
}

// --- The shapes of the public API ---

using std::chrono_literals::operator""ms;

CallOptions WithMetadata() {
  CallOptions options = Timeout(50ms);
  EXPECT_TRUE(options.metadata.Add("a-key-that-is-longer-than-small", std::string(100, 'v')).ok());
  return options;
}

Task<absl::StatusOr<std::string>> EveryShape(Channel& channel) {
  std::string all;
  const std::string text(100, 't');
  absl::StatusOr<Text> plain = co_await StartCoroutine(channel, text);
  all += plain.value().value();
  all += (co_await StartCoroutine(channel, text, Timeout(50ms))).value().value();
  all += (co_await StartCoroutine(channel, text + "+", WithMetadata())).value().value();
  all += (co_await StartCoroutine(
              channel, text, CallOptions().set_timeout(absl::Seconds(1)).set_wait_for_ready(true)))
             ->value();
  all += (co_await dialtone::Call<Text>(channel, kCoroutineMethod, MakeText(text), WithMetadata()))
             ->value();
  // An await inside an await.
  all += (co_await StartCoroutine(channel, (co_await StartCoroutine(channel, text)).value().value(),
                                  WaitForReady()))
             ->value();
  CallInfo info;
  absl::StatusOr<Text> captured =
      co_await StartCoroutine(channel, text, WithMetadata()).Capture(info);
  all += captured->value();
  dialtone::Call<Text> started = StartCoroutine(channel, text, WithMetadata());
  all += (co_await std::move(started)).value().value();
  if (absl::Status slept = co_await Sleep(1ms); !slept.ok()) co_return slept;
  auto work = [&all, text] { all += text; };
  absl::Status worked = co_await OnWorkers(work);
  if (!worked.ok()) co_return worked;
  co_return all;
}

TEST(Gcc12, BalancesEveryShapeOfThePublicApi) {
  SimProcess process;
  SimServer server(process, Hello);
  const std::string t(100, 't');
  const std::string h = "hello " + t;
  for (int round = 0; round < 3; ++round) {
    absl::StatusOr<std::string> all = BlockOn(EveryShape(*server.channel), process.runtime);
    ASSERT_TRUE(all.ok()) << all.status();
    EXPECT_EQ(*all, h + h + h + "+" + h + h + "hello " + h + h + h + t);
  }
}

// The same in handlers whose whole body is one statement.
TEST(Gcc12, BalancesHandlersOfOneStatement) {
  SimProcess process;
  SimServer back(process, Hello);
  SimServer front(process, [&](ServerCall&, const Text& request, Text&) -> Task<absl::Status> {
    co_return (co_await StartCoroutine(*back.channel, request.value() + std::string(100, 'x'),
                                       WithMetadata()))
        .status();
  });
  EXPECT_TRUE(StartCoroutine(*front.channel, "a").Wait().ok());
}

}  // namespace
}  // namespace dialtone
