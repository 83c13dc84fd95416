// What becomes of a caller loop whose background thread runs deferred work that blocks: in a wait for something of another
// loop, or of none.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <thread>

#include "loop_support.h"

namespace dialtone::held_up_background_test {
namespace {

// What does not come in this time does not come: long, for loaded machines under sanitizers.
constexpr absl::Duration kLong = absl::Seconds(5);

class EventWork final : public Work {
 public:
  void Run() override { ran.Set(); }
  Event ran;
};

class FiringTimer final : public Timer {
 public:
  void OnTimer() override { fired.Set(); }
  Event fired;
};

// The ways to block that do not lead the loop whose deferred work blocks.
enum class Way { kOtherLoop, kOtherLoopThatIsLed, kReactor, kNoLoop };

class HeldUpBackground : public testing::TestWithParam<Way> {
 protected:
  HeldUpBackground()
      : network_(NewSocketNetwork()),
        loop_(network_->NewCallerLoop("held up")),
        other_(network_->NewCallerLoop("other")),
        reactor_(network_->NewReactor("reactor")) {}

  bool Wait(Event& event, Instant until) {
    switch (GetParam()) {
      case Way::kOtherLoop:
      case Way::kOtherLoopThatIsLed:
        return other_->Drive(event, until);
      case Way::kReactor:
        return reactor_->Drive(event, until);
      case Way::kNoLoop:
        break;
    }
    return network_->Wait(event, until);
  }
  bool Wait(Event& event) { return Wait(event, network_->Now() + kLong); }
  void Deferred(std::function<void()> function) {
    Event led;
    Event done;
    std::thread leader;
    if (GetParam() == Way::kOtherLoopThatIsLed) {
      leader = std::thread([&] {
        const LeadScope lead(*other_);
        led.Set();
        while (!done.Park(-1)) {
        }
      });
      while (!led.Park(-1)) {
      }
    }
    Event ran;
    loop_->Defer([&] {
      function();
      ran.Set();
    });
    EXPECT_TRUE(network_->Wait(ran, Patience(*network_)));
    done.Set();
    if (leader.joinable()) leader.join();
  }

  const std::unique_ptr<Network> network_;
  const std::unique_ptr<Loop> loop_;
  const std::unique_ptr<Loop> other_;
  const std::unique_ptr<Loop> reactor_;
};
INSTANTIATE_TEST_SUITE_P(Ways, HeldUpBackground,
                         testing::Values(Way::kOtherLoop, Way::kOtherLoopThatIsLed, Way::kReactor,
                                         Way::kNoLoop));

TEST_P(HeldUpBackground, RunsWhatItPostedBeforeLeading) {
  EventWork work;
  Deferred([&] {
    loop_->PostBeforeLeading(work);
    EXPECT_TRUE(Wait(work.ran));
  });
}

TEST_P(HeldUpBackground, RunsWhatOthersPost) {
  EventWork work;
  Deferred([&] {
    std::thread poster([&] { loop_->Post(work); });
    EXPECT_TRUE(Wait(work.ran));
    poster.join();
  });
}

TEST_P(HeldUpBackground, RunsItsTimers) {
  FiringTimer timer;
  Deferred([&] {
    {
      const LeadScope lead(*loop_);
      ASSERT_TRUE(lead.leading());
      loop_->Arm(timer, loop_->Now() + absl::Milliseconds(5));
    }
    EXPECT_TRUE(Wait(timer.fired));
    const LeadScope lead(*loop_);
    loop_->Disarm(timer);
  });
}

TEST_P(HeldUpBackground, ReadsItsStreams) {
  RecordingServer server(*network_, *reactor_, Loopback4(), ListenOptions(), MakeEcho);
  Recorder client;
  client.wanted_bytes = 1;
  client.on_connected = [&] { client.Write("x"); };
  Deferred([&] {
    {
      const LeadScope lead(*loop_);
      ASSERT_TRUE(lead.leading());
      client.stream = loop_->Connect(server.address(), ConnectOptions(), client);
    }
    EXPECT_TRUE(Wait(client.enough));
    const LeadScope lead(*loop_);
    client.stream.reset();
  });
}

TEST_P(HeldUpBackground, GoesOnAtItsTimeAndNotBefore) {
  Deferred([&] {
    Event never;
    const Instant until = network_->Now() + absl::Milliseconds(5);
    EXPECT_FALSE(Wait(never, until));
    EXPECT_GE(network_->Now(), until);
    EXPECT_FALSE(Wait(never, until));
  });
}

TEST_P(HeldUpBackground, GoesOnWhenAnotherThreadTellsIt) {
  Deferred([&] {
    for (int i = 0; i < 50; ++i) {
      auto event = std::make_unique<Event>();
      std::thread setter([event = event.get()] { event->Set(); });
      EXPECT_TRUE(Wait(*event));
      event.reset();
      setter.join();
    }
  });
}

}  // namespace
}  // namespace dialtone::held_up_background_test
