// Contexts: their end, who is told of it, and how they flow through servers and threads.
#include "dialtone/rpc/context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "call_fixture.h"
#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/on_workers.h"
#include "dialtone/rpc/sleep.h"
#include "real_server.h"
#include "sim_servers.h"

namespace dialtone {
namespace {

// --- By itself ---

TEST(Context, OfNobodyNeverEnds) {
  Context context;
  EXPECT_TRUE(context.deadline().infinite());
  context.Cancel();
  EXPECT_FALSE(context.cancelled());
  EXPECT_TRUE(context.status().ok());
  bool told = false;
  {
    CancelCallback callback(context, [&](const absl::Status&) { told = true; });
  }
  EXPECT_FALSE(told);
}

TEST(Context, EndsOnceForAllItsCopies) {
  Context context = Context::Cancellable();
  const Context copy = context;
  context.Cancel(absl::AbortedError("first"));
  context.Cancel(absl::InternalError("second"));
  EXPECT_TRUE(copy.cancelled());
  EXPECT_EQ(copy.status(), absl::AbortedError("first"));
}

TEST(Context, CannotEndWithoutAReason) {
  Context context = Context::Cancellable();
  context.Cancel(absl::OkStatus());
  EXPECT_TRUE(context.cancelled());
  EXPECT_EQ(context.status().code(), absl::StatusCode::kCancelled);
}

TEST(Context, ACallbackThatThrowsKeepsNobodyFromBeingTold) {
  Context context = Context::Cancellable();
  bool told = false;
  CancelCallback last(context, [&](const absl::Status&) { told = true; });
  {
    CancelCallback first(context, [](const absl::Status&) { throw std::runtime_error("no time"); });
    LogLines log;
    context.Cancel();
    EXPECT_THAT(log.text(), testing::HasSubstr("a cancel callback threw: no time"));
    std::thread([&] { CancelCallback late(context, [](const absl::Status&) {}); }).join();
  }
  EXPECT_TRUE(told);
  EXPECT_TRUE(context.cancelled());
}

TEST(Context, IsInstalledForAScope) {
  const Context outer = Context::Cancellable();
  Context::Scope install_outer(outer);
  {
    Context::Scope install(
        Context::Cancellable(Instant::FromNanoseconds(5)));  // owned by the scope
    EXPECT_EQ(Context::Current().deadline(), Instant::FromNanoseconds(5));
    {
      Context::Scope detached(Context::Current().Detach());
      EXPECT_EQ(Context::Current().state(), nullptr);
    }
    EXPECT_EQ(Context::Current().deadline(), Instant::FromNanoseconds(5));
  }
  EXPECT_EQ(Context::Current().state(), outer.state());
}

TEST(CancelCallback, RunsOnceWithTheReason) {
  Context context = Context::Cancellable();
  int runs = 0;
  absl::Status reason;
  CancelCallback callback(context, [&](const absl::Status& why) {
    ++runs;
    reason = why;
  });
  EXPECT_EQ(runs, 0);
  context.Cancel(absl::AbortedError("enough"));
  context.Cancel();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(reason, absl::AbortedError("enough"));
}

TEST(CancelCallback, RunsAtOnceWhenItComesTooLate) {
  Context context = Context::Cancellable();
  context.Cancel();
  int runs = 0;
  {
    CancelCallback callback(context, [&](const absl::Status&) { ++runs; });
  }
  EXPECT_EQ(runs, 1);
}

TEST(CancelCallback, IsTakenBackByItsDestructor) {
  Context context = Context::Cancellable();
  std::vector<std::string> ran;
  std::optional<CancelCallback> callbacks[3];
  for (int i = 0; i < 3; ++i) {
    callbacks[i].emplace(context,
                         [&ran, i](const absl::Status&) { ran.push_back(std::to_string(i)); });
  }
  callbacks[1].reset();
  context.Cancel();
  EXPECT_EQ(ran, (std::vector<std::string>{"2", "0"}));
}

TEST(CancelCallback, MayBeDestroyedFromInsideItself) {
  Context context = Context::Cancellable();
  std::unique_ptr<CancelCallback> callback;
  int runs = 0;
  callback = std::make_unique<CancelCallback>(context, [&](const absl::Status&) {
    ++runs;
    callback.reset();
  });
  context.Cancel();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(callback, nullptr);
}

TEST(CancelCallback, MayDestroyOthersAndAddThem) {
  Context context = Context::Cancellable();
  int runs = 0;
  std::optional<CancelCallback> other;
  std::optional<CancelCallback> late;
  other.emplace(context, [&](const absl::Status&) { ++runs; });
  CancelCallback callback(context, [&](const absl::Status&) {
    other.reset();
    late.emplace(context, [&](const absl::Status&) { runs += 10; });
  });
  context.Cancel();
  EXPECT_EQ(runs, 10);
}

TEST(CancelCallback, WaitsForItsFunctionOnAnotherThread) {
  for (int i = 0; i < 200; ++i) {
    Context context = Context::Cancellable();
    std::atomic<bool> started{false};
    std::atomic<bool> finished{false};
    auto touched = std::make_unique<int>(0);
    std::optional<CancelCallback> callback;
    callback.emplace(context, [&](const absl::Status&) {
      started = true;
      for (int spin = 0; spin < 100; ++spin) std::this_thread::yield();
      *touched = 1;
      finished = true;
    });
    std::thread canceller([&] { context.Cancel(); });
    while (!started) std::this_thread::yield();
    callback.reset();
    EXPECT_TRUE(finished);
    touched.reset();
    canceller.join();
  }
}

TEST(CancelCallback, ComesAndGoesWhileItsContextEnds) {
  for (int i = 0; i < 500; ++i) {
    Context context = Context::Cancellable();
    std::atomic<int> runs{0};
    std::atomic<int> ready{0};
    const auto come_and_go = [&] {
      ++ready;
      for (int n = 0; n < 20; ++n) {
        auto mine = std::make_unique<int>(1);
        CancelCallback callback(context, [&](const absl::Status&) { runs += *mine; });
      }
    };
    std::thread first(come_and_go);
    std::thread second(come_and_go);
    while (ready != 2) std::this_thread::yield();
    context.Cancel();
    first.join();
    second.join();
    EXPECT_LE(runs, 40);
  }
}

// --- Through servers ---

// Three servers in a row: front calls middle, middle calls back, which waits for ever.
class ContextChain : public testing::Test {
 protected:
  static Task<absl::Status> Forward(Channel& channel, Text& reply) {
    absl::StatusOr<Text> inner = co_await StartCoroutine(channel, "", Timeout(absl::Hours(1)));
    if (!inner.ok()) co_return inner.status();
    reply = *std::move(inner);
    co_return absl::OkStatus();
  }
  Task<absl::Status> WaitForEver(ServerCall& call) {
    deadline = call.context().deadline();
    CancelCallback callback(call.context(), [this](const absl::Status& reason) {
      told = reason;
      told_at = process.network.Now();
    });
    slept = co_await Sleep(absl::InfiniteDuration());
    woken_at = process.network.Now();
    co_return slept;
  }

  SimProcess process;
  Instant deadline;
  absl::Status told;
  absl::Status slept;
  Instant told_at;
  Instant woken_at;
  SimServer back{process,
                 [this](ServerCall& call, const Text&, Text&) { return WaitForEver(call); }};
  SimServer middle{process, [this](ServerCall&, const Text&, Text& reply) {
                     return Forward(*back.channel, reply);
                   }};
  SimServer front{process, [this](ServerCall&, const Text&, Text& reply) {
                    return Forward(*middle.channel, reply);
                  }};
};

TEST_F(ContextChain, IsCancelledToItsEnd) {
  auto call = StartCoroutine(*front.channel, "");
  process.network.RunFor(absl::Milliseconds(10));
  const Instant begin = process.network.Now();
  EXPECT_FALSE(deadline.infinite());
  call.Cancel();
  process.network.RunFor(absl::Milliseconds(1));
  EXPECT_EQ(told.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(slept.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(told_at, begin);
  EXPECT_EQ(woken_at, begin);
  EXPECT_EQ(call.Wait().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(back.server.calls_in_flight(), 0u);
  EXPECT_EQ(front.server.calls_in_flight(), 0u);
}

TEST_F(ContextChain, IsCancelledWhenTheCallIsDropped) {
  {
    auto call = StartCoroutine(*front.channel, "");
    process.network.RunFor(absl::Milliseconds(1));
  }
  process.network.RunFor(absl::Milliseconds(1));
  EXPECT_EQ(told.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(back.server.calls_in_flight(), 0u);
}

TEST_F(ContextChain, SharesOneDeadline) {
  const Instant begin = process.network.Now();
  auto call = StartCoroutine(*front.channel, "", Timeout(absl::Milliseconds(250)));
  process.network.RunFor(absl::Milliseconds(260));
  // To the nanosecond, although middle and back were asked with an hour: nothing took time here.
  EXPECT_EQ(deadline - begin, absl::Milliseconds(250));
  EXPECT_EQ(slept.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(woken_at - begin, absl::Milliseconds(250));
  EXPECT_EQ(call.Wait().status().code(), absl::StatusCode::kDeadlineExceeded);
}

// What was spent on the way is gone.
TEST(ContextDeadline, ShrinksAlongTheChain) {
  SimProcess process;
  absl::Duration left;
  SimServer back(process, [&](ServerCall& call, const Text&, Text&) -> Task<absl::Status> {
    left = call.time_left();
    co_return absl::OkStatus();
  });
  SimServer front(process, [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    absl::Status slept = co_await Sleep(absl::Milliseconds(30));
    if (!slept.ok()) co_return slept;
    absl::StatusOr<Text> inner = co_await StartCoroutine(*back.channel, "");
    co_return inner.status();
  });
  EXPECT_TRUE(StartCoroutine(*front.channel, "", Timeout(absl::Milliseconds(100))).Wait().ok());
  EXPECT_EQ(left, absl::Milliseconds(70));
}

// --- What a handler leaves behind ---

struct LeftBehind {
  std::string reply;
  absl::Status at_back;
  bool same_context = false;
};

LeftBehind LeaveACall(bool detach) {
  SimProcess process;
  LeftBehind result;
  SimServer back(process, [&](ServerCall&, const Text&, Text& reply) -> Task<absl::Status> {
    result.at_back = co_await Sleep(absl::Milliseconds(50));
    reply.set_value("late");
    co_return result.at_back;
  });
  SimServer front(process, [&](ServerCall& call, const Text&, Text&) -> Task<absl::Status> {
    const Context context = detach ? call.context().Detach() : call.context();
    {
      Context::Scope install(context);
      StartCoroutine(*back.channel, "").Then([&result, context](absl::StatusOr<Text> reply) {
        result.reply = Show(reply);
        result.same_context = Context::Current().state() == context.state();
      });
    }
    absl::Status slept = co_await Sleep(absl::Milliseconds(10));
    co_return slept;
  });
  EXPECT_TRUE(StartCoroutine(*front.channel, "").Wait().ok());
  process.network.RunFor(absl::Milliseconds(100));
  return result;
}

TEST(Context, EndsWithItsHandlerForTheCallsThatItLeaves) {
  const LeftBehind result = LeaveACall(/*detach=*/false);
  EXPECT_THAT(result.reply, testing::StartsWith("CANCELLED"));
  EXPECT_EQ(result.at_back.code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(result.same_context);
}

TEST(Context, DetachedLetsACallGoOn) {
  const LeftBehind result = LeaveACall(/*detach=*/true);
  EXPECT_EQ(result.reply, "OK: late");
  EXPECT_TRUE(result.at_back.ok());
  EXPECT_TRUE(result.same_context);
}

// --- On every thread that works for a handler ---

TEST(Context, FollowsItsHandlerEverywhere) {
  std::atomic<int> wrong{0};
  std::atomic<int> looked{0};
  Channel* other = nullptr;
  RealServer back;
  const auto look = [&](const Context& expected) {
    ++looked;
    if (Context::Current().state() != expected.state()) ++wrong;
  };
  RealServer real(
      [&](ServerCall& call, const Text&, Text&) -> Task<absl::Status> {
        const Context& context = call.context();
        look(context);
        auto on_worker = [&] { look(context); };
        for (int i = 0; i < 20; ++i) {
          absl::Status slept = co_await Sleep(absl::Microseconds(10));
          look(context);
          absl::Status worked = co_await OnWorkers(on_worker);
          look(context);
          absl::StatusOr<Text> reply = co_await StartCoroutine(*other, "x");
          look(context);
          if (!slept.ok() || !worked.ok() || !reply.ok()) co_return absl::InternalError("failed");
        }
        co_return absl::OkStatus();
      },
      [&](ServerCall& call, const Text&, Text&) {
        look(call.context());
        return absl::OkStatus();
      },
      /*plain_on_workers=*/true);
  {
    Channel to_back(back.target, real.ClientOptions());
    other = &to_back;
    Channel channel(real.target, real.ClientOptions());
    std::vector<Call<Text>> calls;
    for (int i = 0; i < 8; ++i) calls.push_back(StartCoroutine(channel, ""));
    for (int i = 0; i < 8; ++i) calls.push_back(StartPlain(channel, ""));
    for (Call<Text>& call : calls) EXPECT_EQ(Show(call.Wait()), "OK: ");
  }
  EXPECT_EQ(looked, 8 * (1 + 20 * 4) + 8);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(Context::Current().state(), nullptr);
}

// A function that is no coroutine but returns one's task belongs to the call, too.
TEST(Context, IsInstalledWhereAHandlerMakesItsTask) {
  SimProcess process;
  bool installed = false;
  CoroutineHandler handler = [&](ServerCall& call, const Text& request, Text& reply) {
    installed = Context::Current().state() == call.context().state();
    return Hello(call, request, reply);
  };
  SimServer server(process, handler);
  EXPECT_EQ(Show(StartCoroutine(*server.channel, "a").Wait()), "OK: hello a");
  EXPECT_TRUE(installed);
}

}  // namespace
}  // namespace dialtone
