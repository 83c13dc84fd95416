// What Then() is given: kept where the call is, whatever its size and alignment, run once, and gone with what it holds when it
// has run; and the handle that Then() returns, wherever and whenever it is dropped.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "call_fixture.h"

namespace dialtone {
namespace {

// Counts the objects of its kind that are there.
template <size_t kBytes, size_t kAlignment>
class alignas(kAlignment) Captured {
 public:
  explicit Captured(std::atomic<int>& live) : live_(&live) { ++*live_; }
  Captured(Captured&& other) noexcept : live_(other.live_) { ++*live_; }
  Captured& operator=(Captured&&) = delete;
  ~Captured() { --*live_; }

  bool is_aligned() const { return reinterpret_cast<uintptr_t>(this) % kAlignment == 0; }

 private:
  std::atomic<int>* live_;
  std::array<char, kBytes> rest_{};
};

class Deliveries : public testing::Test {
 protected:
  bool Wait(Event& event) {
    Network& network = real_.runtime.network();
    return network.Wait(event, network.Now() + absl::Seconds(20));
  }
  // What a callback has captured may go after it has said that it was called.
  static bool ComesToNothing(const std::atomic<int>& live) {
    return Eventually([&] { return live == 0; });
  }
  // Runs it on a reactor of the client's, and waits for that.
  void OnReactor(std::function<void()> function) {
    Event ran;
    real_.runtime.reactors()[0]->Post([&] {
      function();
      ran.Set();
    });
    ASSERT_TRUE(Wait(ran));
  }

  template <size_t kBytes, size_t kAlignment>
  void CaptureOf() {
    std::atomic<int> live{0};
    std::atomic<int> calls{0};
    std::atomic<int> misplaced{0};
    Event called;
    StartPlain(channel_, "a")
        .Then([captured = Captured<kBytes, kAlignment>(live), &calls, &misplaced,
               &called](const absl::StatusOr<Text>& reply) {
          if (!captured.is_aligned()) ++misplaced;
          if (reply.ok() && reply->value() == "hello a") ++calls;
          called.Set();
        });
    ASSERT_TRUE(Wait(called));
    EXPECT_TRUE(ComesToNothing(live)) << kBytes << " bytes, aligned to " << kAlignment;
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(misplaced, 0);
  }

  RealServer real_;
  Channel channel_{real_.target, real_.ClientOptions()};
};

TEST_F(Deliveries, TakeCallbacksOfAnySizeAndAlignment) {
  CaptureOf<1, alignof(void*)>();
  CaptureOf<8, alignof(void*)>();
  CaptureOf<16, alignof(void*)>();
  CaptureOf<17, alignof(void*)>();
  CaptureOf<1000, alignof(void*)>();
  CaptureOf<1, 16>();
  CaptureOf<100, 64>();
}

TEST_F(Deliveries, TakeCallbacksThatCanOnlyBeMoved) {
  Event called;
  std::string seen;
  auto greeting = std::make_unique<std::string>("and so ");
  StartPlain(channel_, "a")
      .Then([greeting = std::move(greeting), &called, &seen](absl::StatusOr<Text> reply) mutable {
        seen = *std::exchange(greeting, nullptr) + Show(reply);
        called.Set();
      });
  ASSERT_TRUE(Wait(called));
  EXPECT_EQ(seen, "and so OK: hello a");
}

TEST_F(Deliveries, AreGoneWhenTheirCallbackHasThrown) {
  for (const bool large : {false, true}) {
    std::atomic<int> live{0};
    Event called;
    const auto fail = [&called] {
      called.Set();
      throw std::runtime_error("as callbacks may");
    };
    if (large) {
      StartPlain(channel_, "a")
          .Then(
              [captured = Captured<1000, 8>(live), fail](const absl::StatusOr<Text>&) { fail(); });
    } else {
      StartPlain(channel_, "a")
          .Then([captured = Captured<1, 8>(live), fail](const absl::StatusOr<Text>&) { fail(); });
    }
    ASSERT_TRUE(Wait(called));
    EXPECT_TRUE(ComesToNothing(live));
  }
}

TEST_F(Deliveries, KeepWhatCameBesideTheReply) {
  Event called;
  CallInfo info;
  std::string peer;
  StartPlain(channel_, "a").Capture(info).Then([&](const absl::StatusOr<Text>&) {
    peer = info.peer.ToString();
    called.Set();
  });
  ASSERT_TRUE(Wait(called));
  EXPECT_EQ(peer, real_.target);
  EXPECT_EQ(info.attempts, 1u);
}

TEST(DeliveryHandles, MayOutliveTheirRuntime) {
  std::optional<CancelHandle> handle;
  {
    RealServer real;
    Channel channel(real.target, real.ClientOptions());
    Event called;
    const auto make = [&] {
      handle.emplace(
          StartPlain(channel, "a").Then([&](const absl::StatusOr<Text>&) { called.Set(); }));
    };
    real.runtime.reactors()[0]->Post(make);
    Network& network = real.runtime.network();
    ASSERT_TRUE(network.Wait(called, network.Now() + absl::Seconds(20)));
  }
  handle->Cancel();
}

// When the handle goes.
enum class Drop { kAtOnce, kLater, kInTheCallback, kInTheCallbackAndCancelled, kAfterTheEnd };

class Handles : public Deliveries, public testing::WithParamInterface<std::pair<Drop, bool>> {
 protected:
  // Calls that are begun here, or on a reactor, whose handles go as the parameter says. `end` hears of each.
  void Make(int calls, std::atomic<int>& live, const std::function<void()>& end) {
    for (int i = 0; i < calls; ++i) {
      auto held = std::make_shared<std::optional<CancelHandle>>();
      const bool in_callback =
          drop_ == Drop::kInTheCallback || drop_ == Drop::kInTheCallbackAndCancelled;
      // Only a callback that drops the handle knows of it, so that `held` goes with the other ones' handles.
      auto known = in_callback ? held : nullptr;
      CancelHandle handle = StartPlain(channel_, "a")
                                .Then([this, known, end, captured = Captured<1, 8>(live)](
                                          const absl::StatusOr<Text>& reply) {
                                  EXPECT_EQ(Show(reply), "OK: hello a");
                                  if (known != nullptr && known->has_value()) {
                                    if (drop_ == Drop::kInTheCallbackAndCancelled)
                                      (*known)->Cancel();
                                    known->reset();
                                  }
                                  end();
                                });
      if (drop_ == Drop::kAtOnce) continue;
      held->emplace(std::move(handle));
      kept_.push_back(std::move(held));
    }
  }

  const Drop drop_ = GetParam().first;
  std::vector<std::shared_ptr<std::optional<CancelHandle>>> kept_;
};

TEST_P(Handles, MayGoAtAnyTime) {
  constexpr int kCalls = 50;
  std::atomic<int> live{0};
  std::atomic<int> ends{0};
  Event all;
  const auto end = [&] {
    if (++ends == kCalls) all.Set();
  };
  const bool on_reactor = GetParam().second;
  // Whoever drops a handle in a callback must have it by then, so those calls begin where callbacks run: on a reactor, later.
  if (on_reactor) {
    OnReactor([&] { Make(kCalls, live, end); });
    if (drop_ == Drop::kLater) OnReactor([&] { kept_.clear(); });
  } else {
    Make(kCalls, live, end);
    if (drop_ == Drop::kLater) kept_.clear();
  }
  ASSERT_TRUE(Wait(all));
  for (const auto& held : kept_) {
    if (drop_ == Drop::kAfterTheEnd) (*held)->Cancel();
  }
  EXPECT_TRUE(ComesToNothing(live));
  if (on_reactor) {
    OnReactor([&] { kept_.clear(); });
  } else {
    kept_.clear();
  }
  EXPECT_EQ(ends, kCalls);
}

std::string DropName(const testing::TestParamInfo<std::pair<Drop, bool>>& info) {
  static constexpr const char* kNames[] = {"AtOnce", "Later", "InTheCallback",
                                           "InTheCallbackAndCancelled", "AfterTheEnd"};
  return std::string(kNames[static_cast<size_t>(info.param.first)]) +
         (info.param.second ? "OnAReactor" : "");
}

INSTANTIATE_TEST_SUITE_P(
    Drops, Handles,
    testing::Values(std::pair(Drop::kAtOnce, false), std::pair(Drop::kAtOnce, true),
                    std::pair(Drop::kLater, false), std::pair(Drop::kLater, true),
                    std::pair(Drop::kInTheCallback, true),
                    std::pair(Drop::kInTheCallbackAndCancelled, true),
                    std::pair(Drop::kAfterTheEnd, false), std::pair(Drop::kAfterTheEnd, true)),
    DropName);

}  // namespace
}  // namespace dialtone
