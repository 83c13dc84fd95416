// The life of a channel with calls under way: destroyed from anywhere, many calls at once, limits, a
// server that goes.
#include "call_fixture.h"

namespace dialtone::channel_life_test {
namespace {

class ChannelLife : public BothWays {};
INSTANTIATE_TEST_SUITE_P(Networks, ChannelLife, testing::Bool(), NetworkName);

TEST_P(ChannelLife, DestroyingItEndsItsCallsAndReturnsWhenTheirCallbacksHaveRun) {
  Gate gate;
  Serve(gate.Handler());
  auto channel = MakeChannel();
  std::atomic<int> cancelled{0};
  constexpr int kCalls = 100;
  for (int i = 0; i < kCalls; ++i) {
    StartCoroutine(*channel, "x").Then([&](absl::StatusOr<Text> reply) {
      EXPECT_EQ(Show(reply), "CANCELLED: the channel was destroyed");
      ++cancelled;
    });
  }
  Call<Text> kept = StartCoroutine(*channel, "kept");
  ASSERT_TRUE(Eventually([&] { return gate.entered == kCalls + 1; }));
  channel.reset();
  EXPECT_EQ(cancelled, kCalls);
  kept.Cancel();
  EXPECT_EQ(Show(kept.Wait()), "CANCELLED: the channel was destroyed");
  EXPECT_TRUE(Eventually([&] { return gate.cancelled == kCalls + 1; }));
  ExpectNothingLeft();
}

TEST_P(ChannelLife, DestroyedRightAfterCallsWereBegunWhileAnotherThreadWaits) {
  Serve();
  for (int i = 0; i < 100; ++i) {
    auto channel = MakeChannel();
    std::atomic<int> ended{0};
    Call<Text> waited = StartCoroutine(*channel, "w");
    std::thread waiter([&] { waited.Wait().status().IgnoreError(); });
    StartCoroutine(*channel, "x").Then([&](absl::StatusOr<Text>) { ++ended; });
    {
      Call<Text> dropped = StartCoroutine(*channel, "y");
    }
    Call<Text> kept = StartCoroutine(*channel, "z");
    channel->Connect();
    channel.reset();
    EXPECT_EQ(ended, 1);
    kept.Wait().status().IgnoreError();
    waiter.join();
  }
  ExpectNothingLeft();
}

TEST_P(ChannelLife, DestroyedFromItsOwnCallback) {
  Gate gate;
  Serve(gate.Handler());
  std::atomic<int> ended{0};
  auto channel = MakeChannel();
  for (int i = 0; i < 10; ++i) {
    StartCoroutine(*channel, "held").Then([&](absl::StatusOr<Text> reply) {
      EXPECT_TRUE(absl::IsCancelled(reply.status())) << reply.status();
      ++ended;
    });
  }
  Event destroyed;
  StartPlain(*channel, "now").Then([&](absl::StatusOr<Text> reply) {
    EXPECT_TRUE(reply.ok()) << reply.status();
    channel.reset();
    destroyed.Set();
  });
  ASSERT_TRUE(WaitFor(destroyed));
  EXPECT_TRUE(Eventually([&] { return ended == 10; }));
  ExpectNothingLeft();
}

TEST_P(ChannelLife, DestroyedFromACallbackOfAnotherChannel) {
  Gate gate;
  Serve(gate.Handler());
  std::atomic<int> ended{0};
  auto channel = MakeChannel();
  auto other = MakeChannel();
  StartCoroutine(*channel, "held").Then([&](absl::StatusOr<Text>) { ++ended; });
  ASSERT_TRUE(Eventually([&] { return gate.entered == 1; }));
  Event destroyed;
  StartPlain(*other, "now").Then([&](absl::StatusOr<Text>) {
    channel.reset();
    destroyed.Set();
  });
  ASSERT_TRUE(WaitFor(destroyed));
  EXPECT_TRUE(Eventually([&] { return ended == 1; }));
}

TEST_P(ChannelLife, DestroyedFromAStateWatch) {
  Serve();
  auto channel = MakeChannel();
  std::unique_ptr<Channel::Watch> watch;
  Event armed;
  Event destroyed;
  watch = channel->WatchState([&](ChannelState state) {
    if (state != ChannelState::kReady || !WaitFor(armed)) return;
    watch.reset();
    channel.reset();
    destroyed.Set();
  });
  channel->Connect();
  armed.Set();
  EXPECT_TRUE(WaitFor(destroyed));
}

// The last that refers to a channel.
struct Owner {
  Owner(std::unique_ptr<Channel> owned, Event& when_gone)
      : channel(std::move(owned)), gone(when_gone) {}
  ~Owner() {
    channel.reset();
    gone.Set();
  }

  std::unique_ptr<Channel> channel;
  Event& gone;
};

TEST_P(ChannelLife, DestroyedWithWhatItsCallbackHasCaptured) {
  Serve();
  Event destroyed;
  auto owner = std::make_shared<Owner>(MakeChannel(), destroyed);
  Channel& channel = *owner->channel;
  StartPlain(channel, "x").Then([owner = std::move(owner)](const absl::StatusOr<Text>& reply) {
    EXPECT_EQ(Show(reply), "OK: hello x");
  });
  ASSERT_TRUE(WaitFor(destroyed));
  ExpectNothingLeft();
}

TEST_P(ChannelLife, DestroyedWithWhatItsStateWatchHasCaptured) {
  Serve();
  Event armed;
  Event destroyed;
  std::unique_ptr<Channel::Watch> watch;
  auto owner = std::make_shared<Owner>(MakeChannel(), destroyed);
  Channel& channel = *owner->channel;
  watch = channel.WatchState([&, owner = std::move(owner)](ChannelState) {
    if (WaitFor(armed)) watch.reset();
  });
  armed.Set();
  ASSERT_TRUE(WaitFor(destroyed));
}

TEST_P(ChannelLife, DestroyedWithTheAttachmentOfItsCall) {
  Serve();
  Event destroyed;
  const std::string bytes(100, 'b');
  CallOptions options;
  auto owner = std::make_shared<Owner>(MakeChannel(), destroyed);
  Channel& channel = *owner->channel;
  options.set_attachment(Attachment::Share(std::move(owner), bytes));
  Call<Text> call = StartPlain(channel, "x", options);
  options = CallOptions();
  EXPECT_EQ(Show(call.Wait()), "OK: hello x");
  ASSERT_TRUE(WaitFor(destroyed));
  ExpectNothingLeft();
}

// A runtime may go at once when a channel was destroyed without waiting.
TEST_P(ChannelLife, TheRuntimeMayGoRightAfterACallbackHasDestroyedTheChannel) {
  for (int i = 0; i < 20; ++i) {
    Serve();
    auto runtime = std::make_unique<Runtime>();
    ChannelOptions options;
    options.runtime = GetParam() ? &real().runtime : runtime.get();
    auto channel = GetParam() ? std::make_unique<Channel>(real().server, options)
                              : std::make_unique<Channel>(real().target, options);
    Event destroyed;
    StartPlain(*channel, "now").Then([&](absl::StatusOr<Text>) {
      channel.reset();
      destroyed.Set();
    });
    ASSERT_TRUE(WaitFor(destroyed));
    runtime.reset();
  }
}

TEST_P(ChannelLife, DestroyedByAHandlerOnItsReactor) {
  Gate gate;
  std::atomic<int> ended{0};
  Serve(gate.Handler(), [&](ServerCall&, const Text&, Text&) {
    auto channel = MakeChannel();
    for (int i = 0; i < 5; ++i) {
      StartCoroutine(*channel, "held").Then([&](absl::StatusOr<Text> reply) {
        EXPECT_TRUE(absl::IsCancelled(reply.status())) << reply.status();
        ++ended;
      });
    }
    channel->Connect();
    return absl::OkStatus();  // with the channel destroyed
  });
  auto channel = MakeChannel();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(StartPlain(*channel, "").Wait().ok());
  EXPECT_TRUE(Eventually([&] { return ended == 100; }));
  channel.reset();
  ExpectNothingLeft();
}

constexpr int kMany = 10'000;

RealServer& ServeMany(std::unique_ptr<RealServer>& into, Gate& gate) {
  ServerOptions options;
  options.limits.streams_max = kMany;
  options.slow_handler = absl::InfiniteDuration();  // under a sanitizer all are slow
  into = std::make_unique<RealServer>(gate.Handler(absl::Milliseconds(200)), PlainHello, false,
                                      RealServer::TwoReactors(), options);
  return *into;
}

TEST_P(ChannelLife, TenThousandCallsAtOnceOnOneConnection) {
  Gate gate;
  RealServer& server = ServeMany(real_, gate);
  auto channel = MakeChannel();
  // The server's settings raise the limit from the protocol's minimum.
  ASSERT_TRUE(StartPlain(*channel, "settings").Wait().ok());
  std::atomic<int> ended{0};
  const CallOptions options = Timeout(absl::Minutes(4));
  for (int i = 0; i < kMany; ++i) {
    StartCoroutine(*channel, "x", options).Then([&](absl::StatusOr<Text> reply) {
      EXPECT_TRUE(reply.ok()) << reply.status();
      ++ended;
    });
  }
  EXPECT_TRUE(Eventually([&] { return server.server.calls_in_flight() == kMany; }))
      << server.server.calls_in_flight();
  EXPECT_EQ(server.server.connections(), 1u);
  gate.open = true;
  EXPECT_TRUE(Eventually([&] { return ended == kMany; })) << ended;
  channel.reset();
  ExpectNothingLeft();
}

// Starts them all, then awaits them one by one.
Task<absl::Status> AwaitMany(Channel& channel, int count, int& ok) {
  std::vector<Call<Text>> calls;
  for (int i = 0; i < count; ++i) {
    calls.push_back(StartCoroutine(channel, "x", Timeout(absl::Minutes(4))));
  }
  for (Call<Text>& call : calls) {
    absl::StatusOr<Text> reply = co_await call;
    if (reply.ok()) ++ok;
  }
  co_return absl::OkStatus();
}

TEST_P(ChannelLife, TenThousandCallsOfACoroutine) {
  Serve();  // 1024 at a time: the rest waits at the client
  auto channel = MakeChannel();
  int ok = 0;
  EXPECT_EQ(BlockOn(AwaitMany(*channel, kMany, ok), real().runtime), absl::OkStatus());
  EXPECT_EQ(ok, kMany);
}

TEST_P(ChannelLife, CallsAboveTheServersLimitQueueAndEnd) {
  Gate gate;
  ServerOptions server_options;
  server_options.limits.streams_max = 64;
  Serve(gate.Handler(), PlainHello, false, RealServer::TwoReactors(), server_options);
  ChannelOptions options;
  options.queued_calls_max = 36;
  auto channel = MakeChannel(options);
  ASSERT_TRUE(StartPlain(*channel, "settings").Wait().ok());
  std::atomic<int> ok{0};
  for (int i = 0; i < 100; ++i) {
    StartCoroutine(*channel, "x").Then([&](absl::StatusOr<Text> reply) {
      EXPECT_TRUE(reply.ok()) << reply.status();
      if (reply.ok()) ++ok;
    });
  }
  ASSERT_TRUE(Eventually([&] { return gate.entered == 64; }));
  const std::string shown = Show(StartCoroutine(*channel, "one too many").Wait());
  EXPECT_EQ(shown.rfind("RESOURCE_EXHAUSTED: /test.Service/Coroutine: 36 calls already wait", 0),
            0u)
      << shown;
  EXPECT_NE(shown.find("queued_calls_max"), std::string::npos) << shown;
  EXPECT_EQ(gate.entered, 64);
  // One that waits there keeps its deadline.
  gate.open = true;
  EXPECT_TRUE(Eventually([&] { return ok == 100; }));
}

TEST_P(ChannelLife, AShutdownLetsCallsUnderWayEndAndThenRefuses) {
  Gate gate;
  Serve(gate.Handler());
  auto channel = MakeChannel();
  Call<Text> held = StartCoroutine(*channel, "held");
  ASSERT_TRUE(Eventually([&] { return gate.entered == 1; }));
  std::thread shutdown(
      [&] { EXPECT_EQ(real().server.Shutdown(absl::Seconds(60)), absl::OkStatus()); });
  ASSERT_TRUE(
      Eventually([&] { return absl::IsUnavailable(StartPlain(*channel, "new").Wait().status()); }));
  gate.open = true;
  EXPECT_EQ(Show(held.Wait()), "OK: let go");
  shutdown.join();
  const absl::StatusOr<Text> after = StartPlain(*channel, "after").Wait();
  EXPECT_TRUE(absl::IsUnavailable(after.status())) << after.status();
  EXPECT_EQ(real().server.connections(), 0u);
  EXPECT_EQ(real().server.calls_in_flight(), 0u);
}

TEST_P(ChannelLife, AnImpatientShutdownEndsCallsThatAreUnderWay) {
  Gate gate;
  Serve(gate.Handler());
  auto channel = MakeChannel();
  Call<Text> held = StartCoroutine(*channel, "held");
  ASSERT_TRUE(Eventually([&] { return gate.entered == 1; }));
  const absl::Status stopped = real().server.Shutdown(absl::Milliseconds(20));
  EXPECT_TRUE(absl::IsDeadlineExceeded(stopped)) << stopped;
  EXPECT_NE(stopped.message().find("/test.Service/Coroutine"), absl::string_view::npos) << stopped;
  const absl::StatusOr<Text> reply = held.Wait();
  EXPECT_TRUE(absl::IsUnavailable(reply.status()) || absl::IsCancelled(reply.status()))
      << reply.status();
  EXPECT_TRUE(Eventually([&] { return gate.cancelled == 1; }));
}

}  // namespace
}  // namespace dialtone::channel_life_test
