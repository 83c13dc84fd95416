// Several calls at once, in handlers and on threads that block, over the simulated network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/pipe.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/rpc/task_group.h"
#include "dialtone/rpc/when_all.h"
#include "dialtone/rpc/when_any.h"
#include "real_server.h"
#include "sim_servers.h"
#include "tool_tasks.h"

namespace dialtone {
namespace {

using std::chrono_literals::operator""ms;

// Answers after as many milliseconds as it is asked for, or fails at once if asked for "fail"; counts how its calls ended.
struct SlowBack {
  explicit SlowBack(SimProcess& process)
      : server(
            process, [this](ServerCall&, const Text& request, Text& reply) -> Task<absl::Status> {
              if (request.value() == "fail") co_return absl::NotFoundError("no key");
              reply.set_value(request.value());
              absl::Status slept = co_await Sleep(absl::Milliseconds(std::stoi(request.value())));
              ++(slept.ok() ? answered : cancelled);
              co_return slept;
            }) {}
  Channel& channel() { return *server.channel; }

  int answered = 0;
  int cancelled = 0;
  SimServer server;
};

class CallsTogether : public testing::Test {
 protected:
  // Runs `body` as a handler and on a thread in BlockOn; it takes `duration` and ends with `code`.
  void ExpectBothWays(const std::function<Task<absl::Status>()>& body, absl::Duration duration,
                      absl::StatusCode code = absl::StatusCode::kOk) {
    SimServer front(process_, [&](ServerCall&, const Text&, Text&) { return body(); });
    const Instant begin = process_.network.Now();
    const absl::Status handled = StartCoroutine(*front.channel, "").Wait().status();
    EXPECT_EQ(handled.code(), code) << handled;
    EXPECT_LT(process_.network.Now() - begin - duration, absl::Microseconds(1));
    EXPECT_GE(process_.network.Now() - begin, duration);
    const Instant again = process_.network.Now();
    const absl::Status blocked = BlockOn(body(), process_.runtime);
    EXPECT_EQ(blocked.code(), code) << blocked;
    EXPECT_LT(process_.network.Now() - again - duration, absl::Microseconds(1));
    EXPECT_GE(process_.network.Now() - again, duration);
  }

  SimProcess process_;
  SlowBack back_{process_};
  SlowBack other_{process_};
};

Task<absl::Status> AskAll(Channel& one, Channel& two) {
  auto three = co_await WhenAll(StartCoroutine(one, "30"), StartCoroutine(two, "20", Timeout(50ms)),
                                StartCoroutine(one, "10"));
  if (!three.ok()) co_return three.status();
  auto& [a, b, c] = *three;
  if (a.value() + b.value() + c.value() != "302010") co_return absl::InternalError("wrong");
  co_return absl::OkStatus();
}

TEST_F(CallsTogether, TakeAsLongAsTheLongest) {
  ExpectBothWays([&] { return AskAll(back_.channel(), other_.channel()); }, absl::Milliseconds(30));
}

Task<absl::Status> AskMany(Channel& one, Channel& two, int calls) {
  std::vector<Call<Text>> started;
  for (int i = 0; i < calls; ++i) started.push_back(StartCoroutine(i % 2 == 0 ? one : two, "5"));
  absl::StatusOr<std::vector<Text>> all = co_await WhenAll(std::move(started));
  co_return all.status();
}

TEST_F(CallsTogether, MayBeTenThousand) {
  ExpectBothWays([&] { return AskMany(back_.channel(), other_.channel(), 500); },
                 absl::Milliseconds(5));
  EXPECT_TRUE(BlockOn(AskMany(back_.channel(), other_.channel(), kMany), process_.runtime).ok());
  EXPECT_EQ(back_.answered, 250 * 2 + kMany / 2);
}

Task<absl::Status> AskInVain(Channel& one, Channel& two) {
  auto both = co_await WhenAll(StartCoroutine(one, "3000"), StartCoroutine(two, "fail"));
  co_return both.status();
}

TEST_F(CallsTogether, AreCancelledWhenOneFails) {
  ExpectBothWays([&] { return AskInVain(back_.channel(), other_.channel()); }, absl::ZeroDuration(),
                 absl::StatusCode::kNotFound);
  process_.network.RunFor(absl::Milliseconds(1));
  EXPECT_EQ(back_.cancelled, 2);
}

Task<absl::Status> AskForTheFirst(Channel& one, Channel& two) {
  size_t index = 99;
  absl::StatusOr<Text> first =
      co_await WhenAny(StartCoroutine(one, "3000"), StartCoroutine(two, "fail"),
                       StartCoroutine(two, "20"))
          .CaptureIndex(index);
  if (!first.ok()) co_return first.status();
  if (first->value() != "20" || index != 2) co_return absl::InternalError("wrong");
  co_return absl::OkStatus();
}

TEST_F(CallsTogether, GiveTheFirstReply) {
  ExpectBothWays([&] { return AskForTheFirst(back_.channel(), other_.channel()); },
                 absl::Milliseconds(20));
  process_.network.RunFor(absl::Milliseconds(1));
  EXPECT_EQ(back_.cancelled, 2);
}

Task<absl::Status> AskInAGroup(Channel& one, Channel& two) {
  TaskGroup group(2);
  for (int i = 0; i < 6; ++i) {
    auto ask = [&channel = i % 2 == 0 ? one : two]() -> Task<absl::StatusOr<Text>> {
      co_return co_await StartCoroutine(channel, "10");
    };
    absl::Status started = co_await group.Start(ask);
    if (!started.ok()) co_return started;
  }
  co_return co_await group.Wait();
}
// These begin when they are made, before the group has room.
Task<absl::Status> AskInAGroupAtOnce(Channel& channel) {
  TaskGroup group(2);
  for (int i = 0; i < 3; ++i) {
    absl::Status started = co_await group.Start(StartCoroutine(channel, "10"));
    if (!started.ok()) co_return started;
  }
  co_return co_await group.Wait();
}

TEST_F(CallsTogether, MayBeSoManyAtATime) {
  ExpectBothWays([&] { return AskInAGroup(back_.channel(), other_.channel()); },
                 absl::Milliseconds(30));
  ExpectBothWays([&] { return AskInAGroupAtOnce(back_.channel()); }, absl::Milliseconds(10));
}

Task<absl::Status> AskThroughAPipe(Channel& channel) {
  Pipe<Text> pipe(1);
  auto ask = [&]() -> Task<absl::Status> {
    for (int i = 0; i < 3; ++i) {
      absl::StatusOr<Text> reply = co_await StartCoroutine(channel, "10");
      if (!reply.ok()) co_return reply.status();
      absl::Status sent = co_await pipe.Send(*reply);
      if (!sent.ok()) co_return sent;
    }
    pipe.Close();
    co_return absl::OkStatus();
  };
  auto take = [&]() -> Task<absl::Status> {
    for (;;) {
      absl::StatusOr<Text> reply = co_await pipe.Receive();
      if (absl::IsOutOfRange(reply.status())) co_return absl::OkStatus();
      if (!reply.ok()) co_return reply.status();
      absl::Status slept = co_await Sleep(10ms);
      if (!slept.ok()) co_return slept;
    }
  };
  Task<absl::Status> asks = ask();
  Task<absl::Status> takes = take();
  co_return co_await WhenAll(std::move(asks), std::move(takes));
}

TEST_F(CallsTogether, MayFeedAPipe) {
  ExpectBothWays([&] { return AskThroughAPipe(back_.channel()); }, absl::Milliseconds(40));
}

// --- The handler's end reaches all of them ---

TEST_F(CallsTogether, EndWithTheirHandler) {
  absl::Status seen;
  SimServer front(process_, [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    seen = co_await AskAll(back_.channel(), other_.channel());
    co_return seen;
  });
  {
    auto call = StartCoroutine(*front.channel, "");
    process_.network.RunFor(absl::Milliseconds(5));
  }
  process_.network.RunFor(absl::Milliseconds(1));
  EXPECT_TRUE(absl::IsCancelled(seen)) << seen;
  EXPECT_EQ(back_.cancelled + other_.cancelled, 3);

  EXPECT_TRUE(
      absl::IsDeadlineExceeded(StartCoroutine(*front.channel, "", Timeout(15ms)).Wait().status()));
  process_.network.RunFor(absl::Milliseconds(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(seen)) << seen;
  EXPECT_EQ(back_.cancelled + other_.cancelled, 5);  // one had its reply
}

Call<Text> StartDetached(Channel& channel) {
  const Context none;
  Context::Scope detach(none);
  return StartCoroutine(channel, "3600000", Timeout(absl::Hours(1)));
}
Task<absl::Status> AskDetached(Channel& channel, int& count) {
  Alive held(count);
  absl::StatusOr<Text> reply = co_await StartDetached(channel);
  co_return reply.status();
}

// Even those that were made in another context.
TEST_F(CallsTogether, EndWithTheirServer) {
  int count = 0;
  SimServer front(process_, [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    Alive held(count);
    TaskGroup group(2);
    (co_await group.Start(AskDetached(back_.channel(), count))).IgnoreError();
    absl::Status both =
        co_await WhenAll(AskDetached(back_.channel(), count), AskDetached(other_.channel(), count));
    absl::Status third = co_await group.Wait();
    EXPECT_EQ(third.code(), both.code());
    co_return both;
  });
  auto call = StartCoroutine(*front.channel, "", Timeout(absl::Hours(2)));
  process_.network.RunFor(absl::Milliseconds(5));
  EXPECT_EQ(count, 4);
  EXPECT_TRUE(absl::IsDeadlineExceeded(front.server.Shutdown(absl::Milliseconds(1))));
  EXPECT_EQ(count, 0);
  EXPECT_FALSE(call.Wait().ok());
}

// --- On threads that block ---

// A callback holds up its channel's background thread: BlockOn leads that channel's loop for all that the tasks await,
// whichever channel they called first.
TEST(CallsTogetherOnThreads, WorkInACallback) {
  RealServer real;
  Channel one(real.target, real.ClientOptions());
  Channel two(real.target, real.ClientOptions());
  struct Ask {
    static Task<absl::Status> All(Channel& first, Channel& second) {
      for (int i = 0; i < 20; ++i) {
        auto all = co_await WhenAll(StartCoroutine(first, "a"), StartCoroutine(second, "b"),
                                    StartCoroutine(first, "c"));
        if (!all.ok()) co_return all.status();
      }
      co_return absl::OkStatus();
    }
  };
  for (Channel* mine : {&one, &two}) {
    Event called;
    absl::Status asked = absl::UnknownError("not called");
    StartCoroutine(*mine, "a").Then([&](absl::StatusOr<Text>) {
      asked = BlockOn(Ask::All(one, two), real.runtime);
      called.Set();
    });
    Network& network = real.runtime.network();
    ASSERT_TRUE(network.Wait(called, network.Now() + absl::Seconds(10)));
    EXPECT_TRUE(asked.ok()) << asked;
  }
  EXPECT_TRUE(BlockOn(Ask::All(one, two), real.runtime).ok());
}

}  // namespace
}  // namespace dialtone
