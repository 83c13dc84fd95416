#include "busy_poll.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "dialtone/transport/check.h"
#include "epoll_loop.h"

namespace dialtone {
namespace {

constexpr Instant kStart = Instant::FromNanoseconds(1'000'000'000);

// Something is expected, and nothing comes; true: it was looked for.
bool LooksInVain(BusyPoll& poll) {
  poll.Expect(kStart);
  if (!poll.Begin(kStart)) return false;
  poll.End(false);
  return true;
}

TEST(BusyPoll, ExpectsSomethingOnceAndNotForLong) {
  BusyPoll poll;
  EXPECT_FALSE(poll.expects());
  poll.Expect(kStart);
  EXPECT_TRUE(poll.expects());
  EXPECT_TRUE(poll.Begin(kStart + BusyPoll::kFresh));
  EXPECT_FALSE(poll.expects());
  poll.End(true);
  poll.Expect(kStart);
  EXPECT_FALSE(poll.Begin(kStart + BusyPoll::kFresh + absl::Nanoseconds(1)));
  EXPECT_FALSE(poll.expects());
}

TEST(BusyPoll, LooksEachTimeAsLongAsSomethingComes) {
  BusyPoll poll;
  for (int i = 0; i < 1000; ++i) {
    poll.Expect(kStart);
    ASSERT_TRUE(poll.Begin(kStart)) << i;
    poll.End(true);
  }
  EXPECT_EQ(poll.looks(), 1000);
  EXPECT_EQ(poll.finds(), 1000);
}

TEST(BusyPoll, LooksEverMoreSeldomWhereNothingComes) {
  BusyPoll poll;
  std::vector<int> looks;
  for (int i = 0; i < 300; ++i) {
    if (LooksInVain(poll)) looks.push_back(i);
  }
  EXPECT_EQ(looks, (std::vector<int>{0, 2, 6, 14, 30, 62, 126, 190, 254}));
  EXPECT_EQ(poll.finds(), 0);
}

TEST(BusyPoll, LooksEachTimeAgainOnceSomethingHasCome) {
  BusyPoll poll;
  for (int i = 0; i < 300; ++i) LooksInVain(poll);
  int seldom = 0;
  for (poll.Expect(kStart); !poll.Begin(kStart); poll.Expect(kStart)) ++seldom;
  EXPECT_LE(seldom, 63);
  poll.End(true);
  EXPECT_TRUE(LooksInVain(poll));
}

TEST(BusyPoll, WhatWasInterruptedSaysNothing) {
  BusyPoll poll;
  poll.Expect(kStart);
  ASSERT_TRUE(poll.Begin(kStart));
  poll.Resume();
  EXPECT_TRUE(poll.expects());
  EXPECT_TRUE(poll.Begin(kStart));
}

// A loop whose turns the test makes.
class TurningLoop final : public EpollLoop {
 public:
  TurningLoop() : EpollLoop(/*is_reactor=*/true, Inbox::State::kLed) { SetCurrent(this); }
  ~TurningLoop() override {
    RunDown();
    SetCurrent(nullptr);
  }

  using Loop::Defer;
  using Loop::Post;
  void Post(Work& work) override {
    if (inbox().Push(work) == Inbox::Met::kAsleep) wakeup().Wake();
  }
  void Defer(Work& work) override { DeferHere(work); }
  bool TryLead() override { return false; }
  void Leave() override {}
  bool Drive(Event&, Instant) override { return false; }

  // Sleeps for a millisecond at most.
  void TurnOnce() { TurnUntil(Now() + absl::Milliseconds(1)); }
  void TurnUntil(Instant until) { Turn(until, &guard_); }
  const BusyPoll& poll() const { return busy_poll(); }

  // The guard of its sleeps: how often it was entered, whether it lets sleep, what it does when it is entered.
  int entered() const { return guard_.entered; }
  void set_lets_sleep(bool lets) { guard_.lets_sleep = lets; }
  void set_on_enter(std::function<void(Wakeup&)> on_enter) {
    guard_.on_enter = std::move(on_enter);
  }

 private:
  struct Guard final : SleepGuard {
    bool Enter(Wakeup& wakeup) override {
      ++entered;
      if (on_enter) on_enter(wakeup);
      return lets_sleep;
    }
    void Exit() override {}
    int entered = 0;
    bool lets_sleep = true;
    std::function<void(Wakeup&)> on_enter;
  };
  Guard guard_;
};

// Something readable from the beginning.
class Readable final : public Poller::Watched {
 public:
  explicit Readable(TurningLoop& loop) : loop_(loop), descriptor_(eventfd(1, EFD_CLOEXEC)) {
    DIALTONE_CHECK(loop_.poller().Add(descriptor_, EPOLLIN, *this) == 0);
  }
  ~Readable() {
    loop_.poller().Remove(descriptor_, *this);
    loop_.poller().Forget(*this);
    close(descriptor_);
  }
  void OnEvents(uint32_t) override { ++told; }
  int told = 0;

 private:
  TurningLoop& loop_;
  const int descriptor_;
};

// Runs `tries`, which expects input and turns a loop, until this machine has not stood still meanwhile: what was expected is
// soon stale.
template <class Tries>
void InTime(Tries tries) {
  for (int i = 0; i < 1000; ++i) {
    TurningLoop loop;
    const Instant begin = loop.Now();
    if (tries(loop, [&] { return loop.Now() - begin < BusyPoll::kFresh; })) return;
  }
  FAIL() << "this machine stands still all the time";
}

TEST(BusyPoll, ALoopFindsWhatItExpected) {
  InTime([](TurningLoop& loop, auto in_time) {
    Readable input(loop);
    loop.ExpectInputSoon();
    loop.TurnOnce();
    if (!in_time() && loop.poll().looks() != 1) return false;
    EXPECT_EQ(input.told, 1);
    EXPECT_EQ(loop.poll().looks(), 1);
    EXPECT_EQ(loop.poll().finds(), 1);
    // Said for one sleep only.
    loop.TurnOnce();
    EXPECT_EQ(input.told, 2);
    EXPECT_EQ(loop.poll().looks(), 1);
    return true;
  });
}

TEST(BusyPoll, ALoopThatFindsNothingSleepsAfterALittle) {
  TurningLoop loop;
  loop.ExpectInputSoon();
  const Instant begin = loop.Now();
  loop.TurnUntil(begin + absl::Milliseconds(5));
  EXPECT_GE(loop.Now() - begin, absl::Milliseconds(5));
  EXPECT_EQ(loop.poll().looks(), 1);
  EXPECT_EQ(loop.poll().finds(), 0);
  EXPECT_GE(loop.IdleTime(), absl::Milliseconds(3))
      << "a reactor that looks for input has nothing to do";
}

TEST(BusyPoll, WhatIsPostedEndsALookAndSaysNothing) {
  struct Poster final : Loop::BatchEnd {
    explicit Poster(Loop& to) : loop(to) {}
    void OnBatchEnd() override {
      loop.Post([this] { ran = true; });
    }
    Loop& loop;
    bool ran = false;
  };
  InTime([](TurningLoop& loop, auto in_time) {
    Poster poster(loop);
    loop.AtBatchEnd(poster);
    loop.ExpectInputSoon();
    loop.TurnUntil(Instant::Infinite());
    EXPECT_FALSE(poster.ran);
    const bool expects = loop.poll().expects();
    loop.TurnOnce();
    if (!in_time() && loop.poll().looks() != 2) return false;
    EXPECT_TRUE(expects);
    EXPECT_TRUE(poster.ran);
    EXPECT_EQ(loop.poll().looks(), 2);
    return true;
  });
}

// As one does that runs slow handlers in turn.
TEST(BusyPoll, ALoopThatAlwaysHasWorkReadsAllTheSame) {
  TurningLoop loop;
  Readable input(loop);
  struct Again final : Work {
    explicit Again(TurningLoop& its) : loop(its) {}
    void Run() override {
      ++runs;
      loop.ExpectInputSoon();
      if (runs < 20) loop.Post(*this);
    }
    TurningLoop& loop;
    int runs = 0;
  };
  Again again(loop);
  loop.Post(again);
  while (again.runs < 20) loop.TurnOnce();
  EXPECT_EQ(input.told, 20);
}

TEST(BusyPoll, ATimerEndsALookAndSaysNothing) {
  struct Due final : Timer {
    void OnTimer() override { fired = true; }
    bool fired = false;
  };
  TurningLoop loop;
  Due due;
  loop.Arm(due, loop.Now() + BusyPoll::kLongest / 2);
  loop.ExpectInputSoon();
  loop.TurnOnce();
  const bool too_short = loop.poll().expects();  // not if this machine has stood still meanwhile
  loop.TurnOnce();
  EXPECT_TRUE(due.fired);
  EXPECT_TRUE(!too_short || loop.poll().looks() == 2);
}

// Other threads that must be let in are let in at once.
TEST(BusyPoll, WhoMayEndASleepMayEndALook) {
  TurningLoop loop;
  std::thread other;
  loop.set_on_enter([&](Wakeup& wakeup) { other = std::thread([&wakeup] { wakeup.Wake(); }); });
  loop.ExpectInputSoon();
  loop.TurnUntil(Instant::Infinite());  // else for ever
  other.join();
  EXPECT_EQ(loop.entered(), 1);
}

TEST(BusyPoll, ALoopThatMustNotSleepDoesNotLookEither) {
  TurningLoop loop;
  loop.ExpectInputSoon();
  loop.set_lets_sleep(false);
  loop.TurnOnce();
  loop.set_lets_sleep(true);
  loop.TurnUntil(loop.Now());
  EXPECT_EQ(loop.poll().looks(), 0);
  EXPECT_TRUE(loop.poll().expects()) << "it has not slept yet";
}

}  // namespace
}  // namespace dialtone
