#include <gtest/gtest.h>
#include <sys/resource.h>

#include <deque>
#include <thread>

#include "loop_support.h"

namespace dialtone {
namespace {

class SettingTimer final : public Timer {
 public:
  explicit SettingTimer(Network& network) : network_(network) {}
  void OnTimer() override {
    fired_at = network_.Now();
    fired.Set();
  }
  Event fired;
  Instant fired_at;

 private:
  Network& network_;
};

class ReactorTest : public ::testing::Test {
 protected:
  void On(std::function<void()> function) { RunOn(*network_, *reactor_, std::move(function)); }
  bool Wait(Event& event) { return network_->Wait(event, Patience(*network_)); }

  const std::unique_ptr<Network> network_ = NewSocketNetwork();
  const std::unique_ptr<Loop> reactor_ = network_->NewReactor("reactor");
};

TEST_F(ReactorTest, LeadsItselfForEver) {
  EXPECT_TRUE(reactor_->is_reactor());
  EXPECT_FALSE(reactor_->IsLeading());
  EXPECT_FALSE(reactor_->TryLead());
  EXPECT_FALSE(Loop::OnReactor());
  On([&] {
    EXPECT_EQ(Loop::Current(), reactor_.get());
    EXPECT_TRUE(Loop::OnReactor());
    EXPECT_TRUE(LeadScope(*reactor_).leading());
    EXPECT_GE(reactor_->scratch().size(), 64u * 1024);
  });
  Event deferred;
  reactor_->Defer([&] {
    EXPECT_TRUE(reactor_->IsLeading());
    deferred.Set();
  });
  EXPECT_TRUE(reactor_->Drive(deferred, Patience(*network_)));
}

TEST_F(ReactorTest, PostsFromManyThreadsAllRunInTheirOrder) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 2000;
  std::vector<int> next(kThreads, 0);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kPosts; ++i) {
        reactor_->Post([&next, t, i] { EXPECT_EQ(next[t]++, i); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  On([&] { EXPECT_EQ(next, std::vector<int>(kThreads, kPosts)); });
}

TEST_F(ReactorTest, PostNeverRunsWithinPost) {
  bool ran = false;
  On([&] {
    reactor_->Post([&ran] { ran = true; });
    EXPECT_FALSE(ran);
  });
  On([&] { EXPECT_TRUE(ran); });
}

TEST_F(ReactorTest, DestructorRunsWhatWasPosted) {
  int runs = 0;
  {
    const std::unique_ptr<Loop> loop = network_->NewReactor("short");
    for (int i = 0; i < 100; ++i) {
      loop->Post([&, inner = loop.get()] { inner->Post([&] { ++runs; }); });
    }
  }
  EXPECT_EQ(runs, 100);
}

TEST_F(ReactorTest, DestructorLetsGoOfLocalsUnderTheLead) {
  struct Kept {
    explicit Kept(Loop& l) : loop(l) {}
    ~Kept() { EXPECT_TRUE(loop.IsLeading()); }
    Loop& loop;
  };
  std::unique_ptr<Loop> loop = network_->NewReactor("short");
  std::weak_ptr<Kept> watched;
  RunOn(*network_, *loop, [&] {
    auto kept = std::make_shared<Kept>(*loop);
    watched = kept;
    loop->Local(this) = std::move(kept);
  });
  EXPECT_FALSE(watched.expired());
  loop.reset();
  EXPECT_TRUE(watched.expired());
}

TEST_F(ReactorTest, TimersFireInOrderAndNeverEarly) {
  std::deque<SettingTimer> timers;
  for (int i = 0; i < 5; ++i) timers.emplace_back(*network_);
  Instant start;
  On([&] {
    start = reactor_->Now();
    for (size_t i = 0; i < 5; ++i) {
      reactor_->Arm(timers[i], start + absl::Milliseconds(25 - 5 * static_cast<int>(i)));
    }
  });
  for (SettingTimer& timer : timers) ASSERT_TRUE(Wait(timer.fired));
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_GE(timers[i].fired_at, start + absl::Milliseconds(25 - 5 * static_cast<int>(i)));
    if (i > 0) {
      EXPECT_LE(timers[i].fired_at, timers[i - 1].fired_at);
    }
  }
}

// Not rounded up to the milliseconds of epoll_wait: the best of many is well below one.
TEST_F(ReactorTest, WaitsExactlyAsLongAsTheNextTimer) {
  absl::Duration least = absl::InfiniteDuration();
  for (int i = 0; i < 50; ++i) {
    SettingTimer timer(*network_);
    Instant when;
    On([&] {
      when = reactor_->Now() + absl::Microseconds(300);
      reactor_->Arm(timer, when);
    });
    ASSERT_TRUE(Wait(timer.fired));
    EXPECT_GE(timer.fired_at, when);
    least = std::min(least, timer.fired_at - when);
  }
  EXPECT_LT(least, absl::Microseconds(600));
}

rusage ThreadUsage() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage;
}

absl::Duration CpuTime(const rusage& usage) {
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

TEST_F(ReactorTest, UsesNoProcessorWhileIdle) {
  // Connections that are open, and one whose peer has half-closed: none makes the reactor turn.
  RecordingServer server(*network_, *reactor_, Loopback4());
  Recorder a, b;
  On([&] {
    a.stream = reactor_->Connect(server.address(), ConnectOptions(), a);
    b.stream = reactor_->Connect(server.address(), ConnectOptions(), b);
  });
  ASSERT_TRUE(Wait(a.connected));
  ASSERT_TRUE(Wait(b.connected));
  On([&] { b.stream->ShutdownWrite(); });
  On([&] {});
  SettingTimer timer(*network_);
  rusage before{};
  rusage after{};
  On([&] {
    before = ThreadUsage();
    reactor_->Arm(timer, reactor_->Now() + absl::Milliseconds(300));
  });
  ASSERT_TRUE(Wait(timer.fired));
  On([&] { after = ThreadUsage(); });
  EXPECT_LE(after.ru_nvcsw - before.ru_nvcsw, 6);
  EXPECT_LT(CpuTime(after) - CpuTime(before), absl::Milliseconds(20));
  On([&] {
    a.stream.reset();
    b.stream.reset();
  });
}

TEST_F(ReactorTest, BatchEndsRunBeforeTheLoopSleeps) {
  struct Hook final : Loop::BatchEnd {
    explicit Hook(Event& event) : event_(event) {}
    void OnBatchEnd() override { event_.Set(); }
    Event& event_;
  };
  Event ran;
  Hook hook(ran);
  On([&] {
    reactor_->AtBatchEnd(hook);
    EXPECT_FALSE(ran.is_set());
  });
  EXPECT_TRUE(Wait(ran));
}

// Whoever waits for posted work may destroy the loop at once, while the posting thread is still on
// its way out.
TEST(Reactor, MayBeDestroyedAsSoonAsPostedWorkHasRun) {
  const std::unique_ptr<Network> network = NewSocketNetwork();
  for (int i = 0; i < 200; ++i) {
    std::unique_ptr<Loop> loop = network->NewReactor("short");
    Event ran;
    std::thread poster([&ran, loop = loop.get()] { loop->Post([&ran] { ran.Set(); }); });
    ASSERT_TRUE(network->Wait(ran, Patience(*network)));
    loop.reset();
    poster.join();
  }
}

}  // namespace
}  // namespace dialtone
