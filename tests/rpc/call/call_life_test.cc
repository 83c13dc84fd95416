// The life of one call: however it is waited for, cancelled or dropped, by whichever thread, it ends
// exactly once.
#include <random>

#include "call_fixture.h"
#include "dialtone/rpc/on_workers.h"

namespace dialtone {
namespace {

class CallLife : public BothWays {};
INSTANTIATE_TEST_SUITE_P(Networks, CallLife, testing::Bool(), NetworkName);

thread_local bool in_then = false;
thread_local bool in_wait = false;

TEST_P(CallLife, CallbacksRunOnceNeverInThenNorOnAThreadThatWaits) {
  Serve();
  auto channel = MakeChannel();
  constexpr int kCalls = 300;
  std::atomic<int> misplaced{0};
  std::vector<std::atomic<int>> runs(kCalls);
  std::atomic<int> ended{0};
  std::atomic<bool> stop{false};
  std::thread waiter([&] {
    in_wait = true;
    while (!stop) EXPECT_EQ(Show(StartPlain(*channel, "w").Wait()), "OK: hello w");
  });
  for (int i = 0; i < kCalls; ++i) {
    Call<Text> call = StartCoroutine(*channel, "t");
    in_then = true;
    std::move(call).Then([&, i](absl::StatusOr<Text> reply) {
      if (in_then || in_wait || Loop::Current() != nullptr) ++misplaced;
      EXPECT_EQ(Show(reply), "OK: hello t");
      ++runs[i];
      ++ended;
    });
    in_then = false;
  }
  EXPECT_TRUE(Eventually([&] { return ended == kCalls; }));
  stop = true;
  waiter.join();
  channel.reset();
  for (const auto& count : runs) EXPECT_EQ(count, 1);
  EXPECT_EQ(misplaced, 0);
}

TEST_P(CallLife, ThenAfterTheEndCallsBackTooAndNotFromWithin) {
  Serve();
  auto channel = MakeChannel();
  std::atomic<int> ended{0};
  const std::thread::id here = std::this_thread::get_id();
  Call<Text> late = StartCoroutine(*channel, "late", Timeout(absl::ZeroDuration()));
  late.Cancel();
  CancelHandle handle = std::move(late).Then([&](absl::StatusOr<Text> reply) {
    EXPECT_EQ(reply.status().code(), absl::StatusCode::kDeadlineExceeded);
    EXPECT_NE(std::this_thread::get_id(), here);
    ++ended;
  });
  handle.Cancel();
  Call<Text> answered = StartCoroutine(*channel, "answered");
  for (int i = 0; i < 50; ++i) StartCoroutine(*channel, "pump").Wait().status().IgnoreError();
  std::move(answered).Then([&](absl::StatusOr<Text> reply) {
    EXPECT_EQ(Show(reply), "OK: hello answered");
    EXPECT_NE(std::this_thread::get_id(), here);
    ++ended;
  });
  EXPECT_TRUE(Eventually([&] { return ended == 2; }));
  handle.Cancel();
}

TEST_P(CallLife, ACancelHandleEndsTheCallHereAndThere) {
  Gate gate;
  Serve(gate.Handler());
  auto channel = MakeChannel();
  Event ended;
  std::string shown;
  CancelHandle handle = StartCoroutine(*channel, "a").Then([&](absl::StatusOr<Text> reply) {
    shown = Show(reply);
    ended.Set();
  });
  ASSERT_TRUE(Eventually([&] { return gate.entered == 1; }));
  handle.Cancel();
  handle.Cancel();
  ASSERT_TRUE(WaitFor(ended));
  EXPECT_EQ(shown, "CANCELLED: /test.Service/Coroutine: cancelled by the caller");
  EXPECT_TRUE(Eventually([&] { return gate.cancelled == 1; }));
  channel.reset();
  ExpectNothingLeft();
}

TEST_P(CallLife, DroppingACancelHandleDoesNothing) {
  Gate gate;
  Serve(gate.Handler());
  auto channel = MakeChannel();
  Event ended;
  std::string shown;
  {
    CancelHandle handle = StartCoroutine(*channel, "a").Then([&](absl::StatusOr<Text> reply) {
      shown = Show(reply);
      ended.Set();
    });
  }
  gate.open = true;
  ASSERT_TRUE(WaitFor(ended));
  EXPECT_EQ(shown, "OK: let go");
}

TEST_P(CallLife, ACallMayBeAssignedWhatCapturingItGives) {
  Serve();
  auto channel = MakeChannel();
  CallInfo info;
  Call<Text> call = StartPlain(*channel, "captured");
  call = std::move(call).Capture(info);
  EXPECT_EQ(Show(std::move(call).Wait()), "OK: hello captured");
  EXPECT_EQ(info.attempts, 1u);
  // What it held before is given up.
  Call<Text> other = StartPlain(*channel, "other");
  other = StartPlain(*channel, "another");
  EXPECT_EQ(Show(std::move(other).Wait()), "OK: hello another");
}

TEST_P(CallLife, CallsAreDestroyedBeforeDuringAndAfterTheirReply) {
  Gate gate;
  Serve(gate.Handler());
  auto channel = MakeChannel();
  for (int i = 0; i < 100; ++i) {
    Call<Text> dropped = StartPlain(*channel, "before");
  }
  {
    Call<Text> dropped = StartCoroutine(*channel, "during");
    ASSERT_TRUE(Eventually([&] { return gate.entered == 1; }));
  }
  EXPECT_TRUE(Eventually([&] { return gate.cancelled == 1; }));
  {
    Call<Text> dropped = StartPlain(*channel, "after");
    for (int i = 0; i < 50; ++i) StartPlain(*channel, "pump").Wait().status().IgnoreError();
  }
  EXPECT_EQ(Show(StartPlain(*channel, "still").Wait()), "OK: hello still");
  channel.reset();
  ExpectNothingLeft();
}

TEST_P(CallLife, TwoThreadsWaitWhileAThirdDestroysItsCalls) {
  Serve();
  auto channel = MakeChannel();
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        EXPECT_EQ(Show(StartCoroutine(*channel, "x").Wait()), "OK: hello x");
      }
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; i < 500; ++i) {
      Call<Text> dropped = StartCoroutine(*channel, "y");
      if (i % 3 == 0) std::this_thread::yield();
    }
  });
  for (std::thread& thread : threads) thread.join();
  channel.reset();
  ExpectNothingLeft();
}

TEST_P(CallLife, OtherThreadsCancelAtAnyMoment) {
  Serve();
  auto channel = MakeChannel();
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    Call<Text> call = StartCoroutine(*channel, "x");
    std::thread canceller([&call, spins = random() % 2000] {
      for (unsigned s = 0; s < spins; ++s) {
        std::atomic_signal_fence(std::memory_order_seq_cst);
      }
      call.Cancel();
    });
    const absl::StatusOr<Text> reply = call.Wait();
    EXPECT_TRUE(reply.ok() || absl::IsCancelled(reply.status())) << reply.status();
    canceller.join();
  }
}

TEST_P(CallLife, AHandlerThatThrowsEndsItsCallAndIsLogged) {
  LogLines log;
  Serve(
      [](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
        throw std::runtime_error("coroutine broke");
        co_return absl::OkStatus();
      },
      [](ServerCall&, const Text& request, Text&) -> absl::Status {
        if (request.value() == "odd") throw 7;
        throw std::runtime_error("plain broke");
      });
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartCoroutine(*channel, "").Wait()),
            "INTERNAL: /test.Service/Coroutine: the handler threw an exception");
  EXPECT_EQ(Show(StartPlain(*channel, "").Wait()),
            "INTERNAL: /test.Plain/Plain: the handler threw an exception");
  EXPECT_EQ(StartPlain(*channel, "odd").Wait().status().code(), absl::StatusCode::kInternal);
  EXPECT_NE(log.text().find("handler of /test.Service/Coroutine threw: coroutine broke"),
            std::string::npos)
      << log.text();
  EXPECT_NE(log.text().find("handler of /test.Plain/Plain threw: plain broke"), std::string::npos);
}

Task<absl::Status> AwaitCoroutine(Channel& channel) {
  absl::StatusOr<Text> reply = co_await StartCoroutine(channel, "inner");
  co_return reply.status();
}

TEST_P(CallLife, BlockingOnAReactorIsRefusedAtOnceAndNamesTheCures) {
  LogLines log;
  std::string waited;
  std::string blocked;
  bool ready = true;
  Channel* inner = nullptr;
  Serve(Hello, [&](ServerCall&, const Text&, Text&) {
    waited = Show(StartCoroutine(*inner, "inner").Wait());
    blocked = std::string(ToStd(BlockOn(AwaitCoroutine(*inner)).message()));
    ready = inner->WaitUntilReady(absl::Seconds(100));
    return absl::OkStatus();
  });
  auto inner_owner = MakeChannel();
  inner = inner_owner.get();
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartPlain(*channel, "").Wait()), "OK: ");
  EXPECT_EQ(waited.rfind("FAILED_PRECONDITION: /test.Service/Coroutine: Wait() on a reactor", 0),
            0u)
      << waited;
  EXPECT_NE(waited.find("co_await"), std::string::npos);
  EXPECT_NE(waited.find("workers"), std::string::npos);
  EXPECT_NE(blocked.find("BlockOn on a reactor"), std::string::npos) << blocked;
  EXPECT_FALSE(ready);
  EXPECT_NE(log.text().find("Wait() on a reactor"), std::string::npos);
}

TEST_P(CallLife, CallbacksMayBlockOnCallsOfTheirOwnChannel) {
  Serve();
  auto channel = MakeChannel();
  Event ended;
  std::string inner;
  StartPlain(*channel, "a").Then([&](absl::StatusOr<Text>) {
    inner = Show(StartCoroutine(*channel, "b").Wait());
    inner += BlockOn(AwaitCoroutine(*channel), real().runtime).ToString();
    inner += channel->WaitUntilReady(absl::Seconds(60)) ? " ready" : " not ready";
    ended.Set();
  });
  ASSERT_TRUE(WaitFor(ended));
  EXPECT_EQ(inner, "OK: hello bOK ready");
}

class CountsEnds final : public ClientObserver {
 public:
  void OnEnd(const ClientCallView&, const absl::Status&) override { ++ended; }
  std::atomic<int> ended{0};
};

// At the latest until `until`.
Task<absl::Status> SleepUntilEnded(Network& network, CountsEnds& calls, int wanted, Instant until) {
  while (calls.ended < wanted && network.Now() < until) {
    absl::Status slept = co_await Sleep(absl::Milliseconds(1));
    if (!slept.ok()) co_return slept;
  }
  co_return absl::OkStatus();
}

Task<absl::Status> AwaitOther(Channel& channel) {
  absl::StatusOr<Text> reply = co_await StartCoroutine(channel, "other");
  co_return reply.status();
}

// A callback holds up the background thread of its channel, so nobody but itself can send the calls that it has begun, and
// hear of their ends, while it waits for something else.
TEST_P(CallLife, CallsOfACallbackGoOnWhileItWaitsForSomethingElse) {
  auto calls = std::make_shared<CountsEnds>();
  std::atomic<int> wanted{0};
  Serve([&](ServerCall&, const Text& request, Text&) -> Task<absl::Status> {
    Network& network = real().runtime.network();
    if (const bool at_once = request.value() != "other"; at_once) co_return absl::OkStatus();
    co_return co_await SleepUntilEnded(network, *calls, wanted, network.Now() + absl::Seconds(5));
  });
  ChannelOptions observed;
  observed.observers.push_back(calls);
  auto channel = MakeChannel(observed);
  auto other = MakeChannel();
  Runtime& runtime = real().runtime;
  const std::function<absl::Status()> waits[] = {
      [&] { return StartCoroutine(*other, "other").Wait().status(); },
      [&] { return BlockOn(AwaitOther(*other), runtime); },
      [&] {
        const Instant until = runtime.network().Now() + absl::Seconds(5);
        return BlockOn(SleepUntilEnded(runtime.network(), *calls, wanted, until), runtime);
      },
  };
  for (const auto& wait : waits) {
    Event called;
    wanted += 2;
    StartCoroutine(*channel, "a").Then([&](const absl::StatusOr<Text>&) {
      Call<Text> call = StartCoroutine(*channel, "b");
      EXPECT_EQ(wait(), absl::OkStatus());
      EXPECT_EQ(calls->ended, wanted);
      EXPECT_TRUE(call.Wait().ok());
      called.Set();
    });
    ASSERT_TRUE(WaitFor(called));
  }
}

// One thread's share of the hammering: every way to wait, and none.
void Hammer(Channel& channel, Runtime& runtime, int calls, unsigned seed, std::atomic<int>& ended) {
  std::mt19937 random(seed);
  for (int i = 0; i < calls; ++i) {
    switch (random() % 5) {
      case 0:
        EXPECT_EQ(Show(StartPlain(channel, "a").Wait()), "OK: hello a");
        break;
      case 1:
        StartCoroutine(channel, "b").Then([&](absl::StatusOr<Text> reply) {
          EXPECT_TRUE(reply.ok()) << reply.status();
          ++ended;
        });
        continue;
      case 2:
        EXPECT_EQ(BlockOn(AwaitCoroutine(channel), runtime), absl::OkStatus());
        break;
      case 3: {
        CancelHandle handle = StartPlain(channel, "c").Then([&](absl::StatusOr<Text> reply) {
          EXPECT_TRUE(reply.ok() || absl::IsCancelled(reply.status())) << reply.status();
          ++ended;
        });
        handle.Cancel();
        continue;
      }
      case 4: {
        Call<Text> dropped = StartCoroutine(channel, "d");
        break;
      }
    }
    ++ended;
  }
}

TEST_P(CallLife, EightThreadsHammerOneChannelInEveryWay) {
  Serve();
  auto channel = MakeChannel();
  constexpr int kThreads = 8;
  constexpr int kCallsEach = 250;
  std::atomic<int> ended{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] { Hammer(*channel, real().runtime, kCallsEach, t + 1, ended); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(Eventually([&] { return ended == kThreads * kCallsEach; }));
  channel.reset();
  EXPECT_EQ(ended, kThreads * kCallsEach);
  ExpectNothingLeft();
}

// Its reactor cannot end the context meanwhile: only the clock tells.
TEST_P(CallLife, APlainHandlerOnItsReactorSeesItsDeadlinePass) {
  std::atomic<bool> seen{false};
  std::atomic<bool> early{false};
  Serve(Hello, [&](ServerCall& call, const Text&, Text&) {
    early = call.cancelled();
    seen = Eventually([&] { return call.cancelled(); });
    EXPECT_EQ(call.time_left(), absl::ZeroDuration());
    return absl::OkStatus();
  });
  auto channel = MakeChannel();
  // The reply may just be in time.
  StartPlain(*channel, "x", Timeout(absl::Milliseconds(100))).Wait().status().IgnoreError();
  EXPECT_TRUE(Eventually([&] { return seen.load(); }));
  EXPECT_FALSE(early);
}

}  // namespace
}  // namespace dialtone
