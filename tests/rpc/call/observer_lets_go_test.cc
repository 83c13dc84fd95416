// An observer of a channel that cancels the call whose reply it is told of, and lets go of it there and then: the call is
// there until the first has returned, everybody is told that it ends, and it does so once.
#include <optional>

#include "call_fixture.h"
#include "dialtone/rpc/observer.h"

namespace dialtone {
namespace {

struct LetsGo final : ClientObserver {
  void OnMessageIn(const ClientCallView& call, const google::protobuf::MessageLite&) override {
    std::optional<CancelHandle> held;
    {
      MutexLock lock(mutex);
      held = std::exchange(handle, std::nullopt);
    }
    if (held.has_value()) held->Cancel();
    held.reset();
    // Whatever this has done, the call is still there.
    if (call.method.name() == "Coroutine") ++told;
  }
  void OnEnd(const ClientCallView&, const absl::Status& status) override {
    if (absl::IsCancelled(status)) ++cancelled;
  }

  Mutex mutex;
  std::optional<CancelHandle> handle ABSL_GUARDED_BY(mutex);
  std::atomic<int> told{0};
  std::atomic<int> cancelled{0};
};

class ObserverLetsGo : public BothWays {};
INSTANTIATE_TEST_SUITE_P(Networks, ObserverLetsGo, testing::Bool(), NetworkName);

TEST_P(ObserverLetsGo, OfACallWhoseReplyItIsTold) {
  const auto first = std::make_shared<LetsGo>();
  const auto second = std::make_shared<LetsGo>();  // would be told after that
  ChannelOptions options;
  options.observers = {first, second};
  for (int round = 1; round <= 20; ++round) {
    Gate gate;  // nothing comes before there is a handle
    Serve(gate.Handler());
    auto channel = MakeChannel(options);
    std::atomic<int> ended{0};
    std::string seen;
    CancelHandle handle =
        StartCoroutine(*channel, "a").Then([&](const absl::StatusOr<Text>& reply) {
          seen = Show(reply);
          ++ended;
        });
    {
      MutexLock lock(first->mutex);
      first->handle = std::move(handle);
    }
    gate.open = true;
    ASSERT_TRUE(Eventually([&] { return ended == 1; }));
    EXPECT_EQ(seen.substr(0, 9), "CANCELLED") << seen;
    EXPECT_EQ(first->told, round);
    EXPECT_EQ(second->told, 0) << "of a message of a call that has ended";
    EXPECT_EQ(first->cancelled, round);
    EXPECT_EQ(second->cancelled, round);
    // The channel works on.
    EXPECT_EQ(Show(StartPlain(*channel, "b").Wait()), "OK: hello b");
  }
}

}  // namespace
}  // namespace dialtone
