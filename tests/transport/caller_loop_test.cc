// Who leads a caller loop, who follows, and what the background thread does meanwhile.
//
// Longer than 400 lines because one fixture serves all that threads can do to one another here.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <deque>
#include <random>
#include <thread>

#include "loop_support.h"

namespace dialtone::caller_loop_test {
namespace {

// Sets an event, and remembers on which thread.
class EventTimer final : public Timer {
 public:
  void OnTimer() override {
    thread = std::this_thread::get_id();
    fired.Set();
  }
  Event fired;
  std::thread::id thread;
};

SocketNetworkOptions Linger(absl::Duration linger) {
  SocketNetworkOptions options;
  options.linger = linger;
  return options;
}

// With a linger so long that the background thread never comes to watch by itself, unless a test
// asks for another.
class CallerLoopTest : public ::testing::Test {
 protected:
  explicit CallerLoopTest(absl::Duration linger = absl::Hours(1))
      : network_(NewSocketNetwork(Linger(linger))), loop_(network_->NewCallerLoop("caller")) {}

  Instant Patience() { return dialtone::Patience(*network_); }
  bool Drive(Event& event) { return loop_->Drive(event, Patience()); }
  void OnBackground(std::function<void()> function) {
    Event done;
    loop_->Defer([&] {
      function();
      done.Set();
    });
    ASSERT_TRUE(network_->Wait(done, Patience()));
  }
  // Under the lead, whoever has it.
  void On(std::function<void()> function) { RunOn(*network_, *loop_, std::move(function)); }
  void ArmIn(Timer& timer, absl::Duration after) { loop_->Arm(timer, loop_->Now() + after); }

  const std::unique_ptr<Network> network_;
  std::unique_ptr<Loop> loop_;
};

class PromptCallerLoopTest : public CallerLoopTest {
 protected:
  PromptCallerLoopTest() : CallerLoopTest(absl::Milliseconds(5)) {}
};

TEST_F(CallerLoopTest, LeadIsTakenAndLeftByAnyThread) {
  EXPECT_FALSE(loop_->is_reactor());
  ASSERT_TRUE(loop_->TryLead());
  EXPECT_TRUE(loop_->IsLeading());
  EXPECT_FALSE(Loop::OnReactor());
  std::thread other([&] { EXPECT_FALSE(LeadScope(*loop_).leading()); });
  other.join();
  loop_->Leave();
  EXPECT_EQ(Loop::Current(), nullptr);
  std::thread another([&] { EXPECT_TRUE(LeadScope(*loop_).leading()); });
  another.join();
}

TEST_F(CallerLoopTest, LeavingRunsBatchEndsAndWhatWasPosted) {
  struct Hook final : Loop::BatchEnd {
    void OnBatchEnd() override { ++runs; }
    int runs = 0;
  } hook;
  bool posted_ran = false;
  {
    LeadScope lead(*loop_);
    ASSERT_TRUE(lead.leading());
    loop_->AtBatchEnd(hook);
    std::thread poster([&] {
      loop_->Post([&] {
        EXPECT_TRUE(loop_->IsLeading());
        posted_ran = true;
      });
    });
    poster.join();
    EXPECT_FALSE(posted_ran);
    EXPECT_EQ(hook.runs, 0);
  }
  EXPECT_EQ(hook.runs, 1);
  EXPECT_TRUE(posted_ran);
}

// Posts itself so many times; then it begins something that only a leader can end.
class LongWork final : public Work {
 public:
  LongWork(Loop& loop, int posts) : loop_(loop), posts_(posts) {}
  void Run() override {
    if (--posts_ >= 0) return loop_.Post(*this);
    loop_.AtBatchEnd(hook);
    loop_.Arm(timer, loop_.Now() + absl::Milliseconds(5));
  }

  struct Hook final : Loop::BatchEnd {
    void OnBatchEnd() override { ++runs; }
    int runs = 0;
  } hook;
  EventTimer timer;

 private:
  Loop& loop_;
  int posts_;
};

// However long that keeps a thread which leaves: the last it does itself, or leaves to others, has its batch end and timers.
TEST_F(CallerLoopTest, LeavingForgetsNothingThatPostedWorkBegins) {
  OnBackground([] {});  // nobody else wakes the thread later
  for (int posts = 0; posts < 20; ++posts) {
    LongWork work(*loop_, posts);
    const Instant until = Patience();
    while (!loop_->TryLead()) ASSERT_LT(network_->Now(), until);
    loop_->Post(work);
    loop_->Leave();
    EXPECT_TRUE(network_->Wait(work.timer.fired, network_->Now() + absl::Seconds(5))) << posts;
    EXPECT_EQ(work.hook.runs, 1) << posts;
    On([&] { loop_->Disarm(work.timer); });
  }
}

TEST_F(CallerLoopTest, LeavingFindsABackgroundThreadForWhatPostedWorkBegins) {
  EventTimer timer;
  {
    LeadScope lead(*loop_);
    ASSERT_TRUE(lead.leading());
    loop_->Post([&] { ArmIn(timer, absl::Milliseconds(5)); });
  }
  EXPECT_TRUE(network_->Wait(timer.fired, network_->Now() + absl::Seconds(5)));
  On([&] { loop_->Disarm(timer); });
}

TEST_F(CallerLoopTest, PostWithNobodyLeadingRunsAtOnceInTheBackground) {
  Event ran;
  std::thread::id thread;
  bool led = false;
  loop_->Post([&] {
    thread = std::this_thread::get_id();
    led = loop_->IsLeading();
    ran.Set();
  });
  ASSERT_TRUE(network_->Wait(ran, Patience()));
  EXPECT_NE(thread, std::this_thread::get_id());
  EXPECT_TRUE(led);
}

// The thread that posted before may be long in coming.
TEST_F(CallerLoopTest, PostBehindWhatWaitsForItsPosterRunsAtOnce) {
  class EventWork final : public Work {
   public:
    void Run() override { ran.Set(); }
    Event ran;
  } before, work;
  OnBackground([] {});
  loop_->PostBeforeLeading(before);
  loop_->Post(work);
  EXPECT_TRUE(network_->Wait(work.ran, network_->Now() + absl::Seconds(5)));
  EXPECT_TRUE(before.ran.is_set());
  const LeadScope lead(*loop_);
}

TEST_F(CallerLoopTest, DeferredWorkRunsInOrderWithoutTheLead) {
  std::vector<int> ran;
  Event last;
  for (int i = 0; i < 100; ++i) {
    loop_->Defer([&, i] {
      EXPECT_EQ(Loop::Current(), nullptr);
      ran.push_back(i);
      if (i == 99) last.Set();
    });
  }
  ASSERT_TRUE(network_->Wait(last, Patience()));
  ASSERT_EQ(ran.size(), 100u);
  EXPECT_TRUE(std::is_sorted(ran.begin(), ran.end()));
}

TEST_F(CallerLoopTest, DeferredWorkNeedNotWaitForALeader) {
  LeadScope lead(*loop_);
  ASSERT_TRUE(lead.leading());
  Event ran;
  loop_->Defer([&] {
    EXPECT_FALSE(LeadScope(*loop_).leading());
    ran.Set();
  });
  while (!ran.Park(-1)) {
  }
}

TEST_F(CallerLoopTest, DriveEndsWhenTheLeaderItselfSetsTheEvent) {
  EventTimer timer;
  {
    LeadScope lead(*loop_);
    ArmIn(timer, absl::Milliseconds(2));
  }
  EXPECT_TRUE(Drive(timer.fired));
  EXPECT_TRUE(Drive(timer.fired));
}

TEST_F(CallerLoopTest, DriveEndsAtItsTimeAndNotBefore) {
  Event never;
  const Instant until = network_->Now() + absl::Milliseconds(5);
  EXPECT_FALSE(loop_->Drive(never, until));
  EXPECT_GE(network_->Now(), until);
  EXPECT_FALSE(loop_->Drive(never, until));
  // As a follower, too.
  LeadScope lead(*loop_);
  std::thread follower([&] {
    const Instant later = network_->Now() + absl::Milliseconds(5);
    EXPECT_FALSE(loop_->Drive(never, later));
    EXPECT_GE(network_->Now(), later);
  });
  follower.join();
}

TEST_F(CallerLoopTest, AnotherThreadEndsALeadersSleep) {
  for (int i = 0; i < 100; ++i) {
    auto event = std::make_unique<Event>();
    std::thread setter([event = event.get()] { event->Set(); });
    EXPECT_TRUE(Drive(*event));
    event.reset();
    setter.join();
  }
}

TEST_F(CallerLoopTest, PostReachesASleepingLeader) {
  Event event;
  std::thread poster([&] { loop_->Post([&] { event.Set(); }); });
  EXPECT_TRUE(Drive(event));
  poster.join();
}

TEST_F(CallerLoopTest, LeadIsHandedToAThreadThatFollows) {
  EventTimer first;
  EventTimer second;
  std::thread::id follower_id;
  std::thread follower;
  {
    LeadScope lead(*loop_);
    ASSERT_TRUE(lead.leading());
    Event started;
    follower = std::thread([&] {
      follower_id = std::this_thread::get_id();
      started.Set();
      EXPECT_TRUE(Drive(second.fired));
    });
    while (!started.Park(-1)) {
    }
    ArmIn(first, absl::Milliseconds(10));
    ArmIn(second, absl::Milliseconds(40));
  }
  EXPECT_TRUE(Drive(first.fired));
  follower.join();
  EXPECT_EQ(second.thread, follower_id);
}

TEST_F(CallerLoopTest, AttendedLoopIsLedInTheBackground) {
  EventTimer timer;
  loop_->Attend(1);
  On([&] { ArmIn(timer, absl::Milliseconds(5)); });
  ASSERT_TRUE(network_->Wait(timer.fired, Patience()));
  EXPECT_NE(timer.thread, std::this_thread::get_id());
  EventTimer second;
  On([&] { ArmIn(second, absl::Milliseconds(5)); });
  ASSERT_TRUE(network_->Wait(second.fired, Patience()));
  EXPECT_EQ(second.thread, timer.thread);
  // Deferred work interrupts its lead, and it leads again afterwards.
  OnBackground([&] { EXPECT_EQ(std::this_thread::get_id(), timer.thread); });
  EventTimer third;
  On([&] { ArmIn(third, absl::Milliseconds(5)); });
  ASSERT_TRUE(network_->Wait(third.fired, Patience()));
  loop_->Attend(-1);
}

TEST_F(CallerLoopTest, LeavingHandsAnAttendedLoopToTheBackground) {
  EventTimer timer;
  {
    LeadScope lead(*loop_);
    ASSERT_TRUE(lead.leading());
    loop_->Attend(1);
    ArmIn(timer, absl::Milliseconds(5));
  }
  EXPECT_TRUE(network_->Wait(timer.fired, Patience()));
  loop_->Attend(-1);
}

TEST_F(CallerLoopTest, BackgroundOffersTheLeadWhenNothingIsAttendedAnyMore) {
  EventTimer attended;
  EventTimer waited_for;
  loop_->Attend(1);
  // Runs under the background thread's lead, since it posts nothing and nobody else leads.
  On([&] {
    ArmIn(attended, absl::Milliseconds(20));
    ArmIn(waited_for, absl::Milliseconds(60));
  });
  std::thread unattend([&] {
    EXPECT_TRUE(network_->Wait(attended.fired, Patience()));
    loop_->Attend(-1);
  });
  EXPECT_TRUE(Drive(waited_for.fired));
  unattend.join();
  EXPECT_NE(attended.thread, std::this_thread::get_id());
  EXPECT_EQ(waited_for.thread, std::this_thread::get_id());
}

TEST_F(CallerLoopTest, TimersOfALoopThatNobodyDrivesFireInTime) {
  EventTimer timer;
  Instant when;
  {
    LeadScope lead(*loop_);
    when = loop_->Now() + absl::Milliseconds(20);
    loop_->Arm(timer, when);
  }
  EXPECT_TRUE(network_->Wait(timer.fired, Patience()));
  EXPECT_GE(network_->Now(), when);
  // An earlier one shortens the background thread's sleep.
  EventTimer late;
  EventTimer early;
  On([&] { loop_->Arm(late, loop_->Now() + absl::Hours(1)); });
  OnBackground([] {});
  On([&] { ArmIn(early, absl::Milliseconds(2)); });
  EXPECT_TRUE(network_->Wait(early.fired, Patience()));
  On([&] { loop_->Disarm(late); });
}

TEST_F(PromptCallerLoopTest, BackgroundWatchesOverAnIdleLoopWithoutItsLead) {
  const std::unique_ptr<Loop> reactor = network_->NewReactor("server");
  RecordingServer server(*network_, *reactor, Loopback4());
  Recorder client;
  client.wanted_bytes = 5;
  {
    LeadScope lead(*loop_);
    ASSERT_TRUE(lead.leading());
    client.stream = loop_->Connect(server.address(), ConnectOptions(), client);
  }
  // Nobody drives: the background thread does, after a while.
  ASSERT_TRUE(network_->Wait(client.connected, Patience()));
  ASSERT_TRUE(network_->Wait(server.first, Patience()));
  RunOn(*network_, *reactor, [&] { server.connections[0]->Write("hello"); });
  EXPECT_TRUE(network_->Wait(client.enough, Patience()));
  // The lead is free for whoever comes.
  bool led = false;
  for (const Instant until = Patience(); !led && network_->Now() < until;) {
    led = LeadScope(*loop_).leading();
  }
  EXPECT_TRUE(led);
  On([&] { client.stream.reset(); });
}

TEST_F(PromptCallerLoopTest, IdleLoopUsesNoProcessor) {
  const std::unique_ptr<Loop> reactor = network_->NewReactor("server");
  RecordingServer server(*network_, *reactor, Loopback4());
  Recorder client;
  {
    LeadScope lead(*loop_);
    client.stream = loop_->Connect(server.address(), ConnectOptions(), client);
  }
  ASSERT_TRUE(Drive(client.connected));
  EventTimer soon;
  On([&] { ArmIn(soon, absl::Milliseconds(50)); });
  ASSERT_TRUE(network_->Wait(soon.fired, Patience()));
  rusage before{};
  rusage after{};
  getrusage(RUSAGE_SELF, &before);
  Event never;
  EXPECT_FALSE(network_->Wait(never, network_->Now() + absl::Milliseconds(300)));
  getrusage(RUSAGE_SELF, &after);
  const absl::Duration used =
      absl::DurationFromTimeval(after.ru_utime) + absl::DurationFromTimeval(after.ru_stime) -
      absl::DurationFromTimeval(before.ru_utime) - absl::DurationFromTimeval(before.ru_stime);
  EXPECT_LT(used, absl::Milliseconds(40));
  // A linger that ticked for ever would count 60; sanitizers have a thread of their own that ticks.
  EXPECT_LE(after.ru_nvcsw - before.ru_nvcsw, 20);
  On([&] { client.stream.reset(); });
}

TEST_F(CallerLoopTest, DestructorRunsWhatWasPostedAndDeferred) {
  int runs = 0;
  Loop* const loop = loop_.get();
  loop_->Post([&runs, loop] {
    ++runs;
    loop->Defer([&runs, loop] {
      ++runs;
      loop->Post([&runs] { ++runs; });
    });
  });
  loop_.reset();
  EXPECT_EQ(runs, 3);
}

TEST_F(CallerLoopTest, MayBeDestroyedAsSoonAsPostedWorkHasRun) {
  for (int i = 0; i < 200; ++i) {
    std::unique_ptr<Loop> loop = network_->NewCallerLoop("short");
    Event ran;
    std::thread poster([&ran, loop = loop.get()] { loop->Post([&ran] { ran.Set(); }); });
    ASSERT_TRUE(network_->Wait(ran, Patience()));
    loop.reset();
    poster.join();
  }
}

// Threads that wait with and without success, timers that end their waits, attended work, deferred
// work: every wait ends, and the lead excludes (the count of turns is not atomic).
TEST_F(PromptCallerLoopTest, NoWaitIsLostAmongManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 300;
  int under_lead = 0;
  std::atomic<int> deferred{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      for (int i = 0; i < kRounds; ++i) {
        EventTimer timer;
        const absl::Duration after = absl::Microseconds(random() % 300);
        const auto begin = [&] {
          ++under_lead;
          ArmIn(timer, after);
        };
        if (LeadScope lead(*loop_); lead.leading()) {
          begin();
        } else {
          loop_->Post(begin);
        }
        if (i % 3 == 0) {
          loop_->Attend(1);
          loop_->Defer([&, loop = loop_.get()] {
            ++deferred;
            loop->Attend(-1);
          });
        }
        if (i % 5 == 0) {
          Event never;
          loop_->Drive(never, loop_->Now() + absl::Microseconds(random() % 200));
        }
        EXPECT_TRUE(Drive(timer.fired));
        // The timer is a local: its last use must be over on the loop's side, too.
        if (LeadScope lead(*loop_); lead.leading()) {
          loop_->Disarm(timer);
          continue;
        }
        Event gone;
        loop_->Post([&] {
          loop_->Disarm(timer);
          gone.Set();
        });
        EXPECT_TRUE(Drive(gone));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  On([&] { EXPECT_EQ(under_lead, kThreads * kRounds); });
  loop_.reset();
  EXPECT_EQ(deferred, kThreads * ((kRounds + 2) / 3));
}

// The same with connections: every thread has one of its own and waits for its echoes.
TEST_F(PromptCallerLoopTest, ManyThreadsCallOverOneLoop) {
  constexpr size_t kThreads = 4;
  constexpr int kCalls = 200;
  const std::unique_ptr<Loop> reactor = network_->NewReactor("server");
  RecordingServer server(*network_, *reactor, Loopback4(), ListenOptions(), MakeEcho);
  std::deque<Recorder> clients(kThreads);
  const auto lead_or_post = [&](std::function<void()> function) {
    if (LeadScope lead(*loop_); lead.leading()) return function();
    Event done;
    loop_->Post([&] {
      function();
      done.Set();
    });
    EXPECT_TRUE(Drive(done));
  };
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Recorder& client = clients[t];
      lead_or_post(
          [&] { client.stream = loop_->Connect(server.address(), ConnectOptions(), client); });
      ASSERT_TRUE(Drive(client.connected));
      for (int i = 0; i < kCalls; ++i) {
        Event answered;
        lead_or_post([&] {
          client.received.clear();
          client.on_bytes = [&] { answered.Set(); };
          client.Write("x");
        });
        ASSERT_TRUE(Drive(answered)) << "thread " << t << " call " << i;
      }
      lead_or_post([&] { client.stream.reset(); });
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace dialtone::caller_loop_test
