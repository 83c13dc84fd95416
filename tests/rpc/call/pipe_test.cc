// Pipe: in one executor, then between reactors and blocking threads.
#include "dialtone/rpc/pipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/when_all.h"
#include "real_server.h"
#include "tool_tasks.h"

namespace dialtone {
namespace {

Task<absl::Status> SendAll(Pipe<std::string>& pipe, int count, std::string& log,
                           bool close = true) {
  for (int i = 0; i < count; ++i) {
    absl::Status sent = co_await pipe.Send(std::to_string(i));
    if (!sent.ok()) co_return sent;
    log += "+";
  }
  if (close) pipe.Close();
  co_return absl::OkStatus();
}
Task<absl::Status> ReceiveAll(Pipe<std::string>& pipe, std::string& log) {
  for (;;) {
    absl::StatusOr<std::string> next = co_await pipe.Receive();
    if (absl::IsOutOfRange(next.status())) co_return absl::OkStatus();
    if (!next.ok()) co_return next.status();
    log += *next;
  }
}
Task<absl::Status> SendAndReceive(Pipe<std::string>& pipe, int count, std::string& log) {
  co_return co_await WhenAll(SendAll(pipe, count, log), ReceiveAll(pipe, log));
}
Task<absl::Status> ReceiveAndSend(Pipe<std::string>& pipe, int count, std::string& log) {
  co_return co_await WhenAll(ReceiveAll(pipe, log), SendAll(pipe, count, log));
}

std::string Digits(std::string log) {
  std::erase(log, '+');
  return log;
}

TEST(Pipe, HandsValuesOnInOrder) {
  for (const size_t capacity : {0u, 1u, 2u, 3u, 100u}) {
    for (const bool receiver_first : {false, true}) {
      Pipe<std::string> pipe(capacity);
      std::string log;
      LocalScope scope;
      EXPECT_TRUE(
          scope.Run(receiver_first ? ReceiveAndSend(pipe, 10, log) : SendAndReceive(pipe, 10, log))
              .ok());
      EXPECT_EQ(Digits(log), "0123456789") << capacity;
    }
  }
}

TEST(Pipe, HoldsNoMoreThanItsCapacity) {
  for (const size_t capacity : {0u, 1u, 3u}) {
    Pipe<std::string> pipe(capacity);
    std::string log;
    LocalScope scope;
    Task<absl::Status> sends = SendAll(pipe, 10, log);
    scope.Start(sends);
    EXPECT_FALSE(scope.done);
    EXPECT_EQ(log, std::string(capacity, '+'));
    EXPECT_EQ(pipe.TryReceive(), "0");  // and one more goes in
    scope.RunPostedWork();
    EXPECT_EQ(log, std::string(capacity + 1, '+'));
    pipe.Close();
    scope.RunPostedWork();
    EXPECT_TRUE(scope.done);
  }
}

TEST(Pipe, ThatIsEmptyLetsWhoReceivesWait) {
  Pipe<std::string> pipe(3);
  std::string log;
  LocalScope receiver;
  LocalScope sender;
  Task<absl::Status> receives = ReceiveAll(pipe, log);
  receiver.Start(receives);
  EXPECT_FALSE(receiver.done);
  EXPECT_EQ(pipe.TryReceive(), std::nullopt);
  EXPECT_TRUE(sender.Run(SendAll(pipe, 2, log, /*close=*/false)).ok());
  receiver.RunPostedWork();
  EXPECT_EQ(Digits(log), "01");
  pipe.Close();
  receiver.RunPostedWork();
  EXPECT_TRUE(receiver.done);
}

// First come, first served, on either side.
Task<absl::Status> ReceiveOne(Pipe<std::string>& pipe, std::string& log, char name) {
  absl::StatusOr<std::string> next = co_await pipe.Receive();
  log += name;
  log += next.ok() ? *next : "!";
  co_return next.status();
}
Task<absl::Status> ReceiveInTurn(Pipe<std::string>& pipe, std::string& log) {
  absl::Status all =
      co_await WhenAll(ReceiveOne(pipe, log, 'a'), ReceiveOne(pipe, log, 'b'),
                       ReceiveOne(pipe, log, 'c'), SendAll(pipe, 3, log, /*close=*/false));
  co_return all;
}

TEST(Pipe, ServesWhoCameFirst) {
  Pipe<std::string> pipe(1);
  std::string log;
  LocalScope scope;
  EXPECT_TRUE(scope.Run(ReceiveInTurn(pipe, log)).ok());
  std::erase(log, '+');
  EXPECT_EQ(log, "a0b1c2");
}

TEST(Pipe, TakesValuesThatOnlyMove) {
  struct Moves {
    static Task<int> Go(Pipe<std::unique_ptr<int>>& pipe) {
      absl::Status sent = co_await pipe.Send(std::make_unique<int>(7));
      EXPECT_TRUE(sent.ok());
      absl::StatusOr<std::unique_ptr<int>> got = co_await pipe.Receive();
      co_return **got;
    }
  };
  Pipe<std::unique_ptr<int>> pipe(1);
  LocalScope scope;
  EXPECT_EQ(scope.Run(Moves::Go(pipe)), 7);
}

// --- Closed ---

TEST(Pipe, ThatIsClosedGivesWhatIsInAndTakesNothing) {
  Pipe<std::string> pipe(3);
  std::string log;
  LocalScope scope;
  EXPECT_TRUE(scope.Run(SendAll(pipe, 2, log)).ok());
  EXPECT_EQ(scope.Run(SendAll(pipe, 1, log)).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(scope.Run(ReceiveAll(pipe, log)).ok());
  EXPECT_EQ(Digits(log), "01");
  pipe.Close(absl::DataLossError("too late: the first counts"));
  EXPECT_TRUE(scope.Run(ReceiveAll(pipe, log)).ok());
}

TEST(Pipe, TellsWhoWaitsThatItIsClosed) {
  Pipe<std::string> full(0);
  std::string log;
  LocalScope scope;
  Task<absl::Status> sends = SendAll(full, 1, log);
  scope.Start(sends);
  full.Close();
  scope.RunPostedWork();
  ASSERT_TRUE(scope.done);
  EXPECT_EQ(sends.await_resume().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(full.TryReceive(), std::nullopt);

  Pipe<std::string> empty(3);
  Task<absl::Status> receives = ReceiveAll(empty, log);
  scope.Start(receives);
  empty.Close(absl::DataLossError("the source broke"));
  scope.RunPostedWork();
  ASSERT_TRUE(scope.done);
  EXPECT_EQ(receives.await_resume(), absl::DataLossError("the source broke"));
}

// --- Cancelled and abandoned ---

TEST(Pipe, EndsWaitsWithTheirContext) {
  Pipe<std::string> pipe(1);
  std::string log;
  for (const bool sends : {false, true}) {
    Context context = Context::Cancellable();
    LocalScope scope(context);
    Task<absl::Status> task = sends ? SendAll(pipe, 2, log) : ReceiveAll(pipe, log);
    scope.Start(task);
    EXPECT_FALSE(scope.done);
    context.Cancel();
    scope.RunPostedWork();
    ASSERT_TRUE(scope.done);
    EXPECT_TRUE(absl::IsCancelled(task.await_resume()));
    task = sends ? SendAll(pipe, 2, log) : ReceiveAll(pipe, log);
    EXPECT_TRUE(absl::IsCancelled(scope.Run(std::move(task))));  // does not even begin
  }
  EXPECT_EQ(pipe.TryReceive(), "0");  // what went in before
  EXPECT_EQ(pipe.TryReceive(), std::nullopt);
}

// Given a value, and cancelled before it could run: it has the value.
TEST(Pipe, KeepsWhatOneWasGivenThatIsCancelledThen) {
  Pipe<std::string> pipe(1);
  std::string log;
  LocalScope receiver(Context::Cancellable());
  LocalScope sender;
  Task<absl::Status> receives = ReceiveOne(pipe, log, 'a');
  receiver.Start(receives);
  EXPECT_TRUE(sender.Run(SendAll(pipe, 1, log)).ok());
  Context(receiver.context()).Cancel();
  receiver.RunPostedWork();
  EXPECT_EQ(log, "+a0");
}

TEST(Pipe, LetsAbandonedCoroutinesGo) {
  for (const bool sends : {false, true}) {
    for (const bool served : {false, true}) {
      Pipe<std::string> pipe(1);
      std::string log;
      LocalScope other;
      LocalScope scope(Context::Cancellable());
      Task<absl::Status> task = sends ? SendAll(pipe, 2, log) : ReceiveAll(pipe, log);
      scope.Start(task);
      if (served && sends) {
        EXPECT_EQ(pipe.TryReceive(), "0");
      } else if (served) {
        EXPECT_TRUE(other.Run(SendAll(pipe, 1, log)).ok());
      }
      ASSERT_TRUE(Abandon(scope));
      task = Task<absl::Status>();
    }
  }
}

TEST(PipeDeathTest, OutlivesWhoWaits) {
  EXPECT_DEATH(
      {
        std::string log;
        LocalScope scope;
        auto pipe = std::make_unique<Pipe<std::string>>(1);
        Task<absl::Status> receives = ReceiveAll(*pipe, log);
        scope.Start(receives);
        pipe.reset();
      },
      "while it is waited for");
}

// --- Many, and between threads ---

Task<absl::Status> SendMany(Pipe<int>& pipe, Depth& depth) {
  for (int i = 0; i < kMany; ++i) {
    absl::Status sent = co_await pipe.Send(i);
    depth.Look();
    if (!sent.ok()) co_return sent;
  }
  pipe.Close();
  co_return absl::OkStatus();
}
Task<absl::StatusOr<int>> ReceiveMany(Pipe<int>& pipe, Depth& depth) {
  for (int received = 0;; ++received) {
    absl::StatusOr<int> next = co_await pipe.Receive();
    depth.Look();
    if (!next.ok()) co_return received;
  }
}
Task<int> SendAndReceiveMany(Pipe<int>& pipe, Depth& depth) {
  absl::StatusOr<std::tuple<std::monostate, int>> all =
      co_await WhenAll(SendMany(pipe, depth), ReceiveMany(pipe, depth));
  co_return std::get<1>(*all);
}

TEST(Pipe, StaysFlatOverTenThousandValues) {
  for (const size_t capacity : {0u, 1u}) {
    Pipe<int> pipe(capacity);
    Depth depth;
    LocalScope scope;
    EXPECT_EQ(scope.Run(SendAndReceiveMany(pipe, depth)), kMany);
    EXPECT_LT(depth.worst, kFlat);
  }
}

Task<absl::Status> SendNumbers(Pipe<int>& pipe, int count) {
  for (int i = 0; i < count; ++i) {
    absl::Status sent = co_await pipe.Send(i);
    if (!sent.ok()) co_return sent;
  }
  co_return absl::OkStatus();
}
Task<absl::Status> ReceiveNumbers(Pipe<int>& pipe, int& sum, int& count) {
  for (;;) {
    absl::StatusOr<int> next = co_await pipe.Receive();
    if (!next.ok()) co_return absl::OkStatus();
    sum += *next;
    ++count;
  }
}

// Handlers send on two reactors; two threads receive.
TEST(Pipe, ConnectsReactorsAndThreads) {
  Pipe<int> pipe(4);
  RealServer real([&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    return SendNumbers(pipe, 100);
  });
  int sums[2] = {};
  int counts[2] = {};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      EXPECT_TRUE(BlockOn(ReceiveNumbers(pipe, sums[i], counts[i]), real.runtime).ok());
    });
  }
  {
    Channel one(real.target, real.ClientOptions());
    Channel two(real.target, real.ClientOptions());
    std::vector<Call<Text>> calls;
    for (int i = 0; i < 8; ++i) calls.push_back(StartCoroutine(i % 2 == 0 ? one : two, ""));
    for (Call<Text>& call : calls) EXPECT_TRUE(call.Wait().ok());
  }
  pipe.Close();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counts[0] + counts[1], 800);
  EXPECT_EQ(sums[0] + sums[1], 8 * 99 * 100 / 2);
}

}  // namespace
}  // namespace dialtone
