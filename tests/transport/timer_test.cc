#include "dialtone/transport/timer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

namespace dialtone::timer_test {
namespace {

class TestTimer final : public Timer {
 public:
  void OnTimer() override {}
};

Instant At(int64_t nanoseconds) { return Instant::FromNanoseconds(nanoseconds); }

TEST(TimerHeap, GivesOutWhatIsDueInOrder) {
  TimerHeap heap;
  TestTimer a, b, c;
  EXPECT_TRUE(heap.next().infinite());
  heap.Arm(a, At(30));
  heap.Arm(b, At(10));
  heap.Arm(c, At(20));
  EXPECT_EQ(heap.next(), At(10));
  EXPECT_EQ(heap.PopDue(At(9)), nullptr);
  EXPECT_EQ(heap.PopDue(At(20)), &b);
  EXPECT_FALSE(b.armed());
  EXPECT_EQ(heap.PopDue(At(20)), &c);
  EXPECT_EQ(heap.PopDue(At(20)), nullptr);
  heap.Disarm(a);
  heap.Disarm(a);
  EXPECT_TRUE(heap.empty());
}

TEST(TimerHeap, MovesATimerThatIsArmedAlready) {
  TimerHeap heap;
  TestTimer a, b;
  heap.Arm(a, At(10));
  heap.Arm(b, At(20));
  heap.Arm(a, At(30));
  EXPECT_EQ(heap.PopDue(At(100)), &b);
  heap.Arm(b, At(40));
  heap.Arm(b, At(5));
  EXPECT_EQ(heap.PopDue(At(100)), &b);
  EXPECT_EQ(heap.PopDue(At(100)), &a);
}

// Every kind of change, in random order, against a plain sorted search.
TEST(TimerHeap, KeepsOrderUnderRandomChanges) {
  std::mt19937 random(42);
  TimerHeap heap;
  std::deque<TestTimer> timers(300);
  for (int step = 0; step < 20000; ++step) {
    TestTimer& timer = timers[random() % timers.size()];
    if (random() % 3 == 0) {
      heap.Disarm(timer);
    } else {
      heap.Arm(timer, At(static_cast<int64_t>(random() % 1000)));
    }
    Instant least = Instant::Infinite();
    for (const TestTimer& t : timers) {
      if (t.armed()) least = std::min(least, t.when());
    }
    ASSERT_EQ(heap.next(), least);
  }
  Instant last = At(0);
  while (Timer* const timer = heap.PopDue(At(1000))) {
    EXPECT_LE(last, timer->when());
    last = timer->when();
  }
  EXPECT_TRUE(heap.empty());
}

TEST(TimerDeathTest, DestroyingAnArmedTimerIsABug) {
  EXPECT_DEATH(
      {
        TimerHeap heap;
        TestTimer timer;
        heap.Arm(timer, At(1));
      },
      "destroyed while it was armed");
}

}  // namespace
}  // namespace dialtone::timer_test
