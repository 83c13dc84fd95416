#include "busy_poll.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "dialtone/transport/check.h"
#include "epoll_loop.h"

namespace dialtone {
namespace {

TEST(BusyPoll, LooksEachTimeAsLongAsSomethingComes) {
  BusyPoll poll;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(poll.Begin()) << i;
    poll.End(true);
  }
}

TEST(BusyPoll, LooksEverMoreSeldomWhereNothingComes) {
  BusyPoll poll;
  std::vector<int> looks;
  for (int i = 0; i < 300; ++i) {
    if (!poll.Begin()) continue;
    looks.push_back(i);
    poll.End(false);
  }
  EXPECT_EQ(looks, (std::vector<int>{0, 2, 6, 14, 30, 62, 126, 190, 254}));
}

TEST(BusyPoll, LooksEachTimeAgainOnceSomethingHasCome) {
  BusyPoll poll;
  for (int i = 0; i < 300; ++i) {
    if (poll.Begin()) poll.End(false);
  }
  int seldom = 0;
  while (!poll.Begin()) ++seldom;
  EXPECT_LE(seldom, 63);
  poll.End(true);
  EXPECT_TRUE(poll.Begin());
}

// A loop whose turns the test makes, and which never sleeps: it counts how often it was about to.
class TurningLoop final : public EpollLoop {
 public:
  TurningLoop() : EpollLoop(/*is_reactor=*/true, Inbox::State::kLed) { SetCurrent(this); }
  ~TurningLoop() override {
    RunDown();
    SetCurrent(nullptr);
  }

  using Loop::Defer;
  using Loop::Post;
  void Post(Work& work) override { inbox().Push(work); }
  void Defer(Work& work) override { DeferHere(work); }
  bool TryLead() override { return false; }
  void Leave() override {}
  bool Drive(Event&, Instant) override { return false; }
  void Attend(int) override {}

  void TurnOnce(Instant until = Instant::Infinite()) { Turn(until, &guard_); }
  int sleeps() const { return guard_.sleeps; }

 private:
  struct Guard final : SleepGuard {
    bool Enter(Wakeup&) override {
      ++sleeps;
      return false;
    }
    void Exit() override {}
    int sleeps = 0;
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

TEST(BusyPoll, ALoopThatFindsWhatItExpectedDoesNotSleep) {
  TurningLoop loop;
  Readable input(loop);
  loop.ExpectInputSoon();
  loop.TurnOnce();
  EXPECT_EQ(loop.sleeps(), 0);
  EXPECT_EQ(input.told, 1);
  // Said for one sleep only.
  loop.TurnOnce();
  EXPECT_EQ(loop.sleeps(), 1);
}

TEST(BusyPoll, ALoopThatFindsNothingSleepsAfterALittle) {
  TurningLoop loop;
  loop.ExpectInputSoon();
  const Instant begin = loop.Now();
  loop.TurnOnce();
  EXPECT_GE(loop.Now() - begin, BusyPoll::kLongest);
  EXPECT_EQ(loop.sleeps(), 1);
  EXPECT_GE(loop.IdleTime(), BusyPoll::kLongest)
      << "a reactor that looks for input has nothing to do";
}

TEST(BusyPoll, ALoopThatIsPostedToMeanwhileDoesNotSleep) {
  struct Poster final : Loop::BatchEnd {
    explicit Poster(Loop& to) : loop(to) {}
    void OnBatchEnd() override {
      loop.Post([this] { ran = true; });
    }
    Loop& loop;
    bool ran = false;
  };
  TurningLoop loop;
  Poster poster(loop);
  loop.AtBatchEnd(poster);
  loop.ExpectInputSoon();
  loop.TurnOnce();
  EXPECT_EQ(loop.sleeps(), 0);
  EXPECT_FALSE(poster.ran);
  loop.TurnOnce();
  EXPECT_TRUE(poster.ran);
}

TEST(BusyPoll, ALoopThatMustNotSleepLooksOnce) {
  TurningLoop loop;
  Readable input(loop);
  loop.ExpectInputSoon();
  loop.TurnOnce(loop.Now());
  EXPECT_EQ(input.told, 1);
  EXPECT_EQ(loop.sleeps(), 0);
}

}  // namespace
}  // namespace dialtone
