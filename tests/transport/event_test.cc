#include "dialtone/transport/event.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "epoll_loop.h"

namespace dialtone {
namespace {

constexpr int64_t kMillisecond = 1'000'000;

TEST(Event, ParkReturnsAtOnceWhenItIsSet) {
  Event event;
  event.Set();
  EXPECT_TRUE(event.Park(-1));
  event.Reset();
  EXPECT_FALSE(event.is_set());
}

TEST(Event, ParkEndsAtItsTimeAndNotBefore) {
  Event event;
  const Instant start = MonotonicNow();
  const Instant until = start + absl::Milliseconds(20);
  while (MonotonicNow() < until) {
    EXPECT_FALSE(event.Park(SleepNanoseconds(MonotonicNow(), until) + 1));
  }
  event.Set();
  EXPECT_TRUE(event.is_set());
}

TEST(Event, SetFromAnotherThreadEndsAParkAndShowsWhatWasWritten) {
  for (int i = 0; i < 200; ++i) {
    auto event = std::make_unique<Event>();
    int value = 0;
    std::thread setter([&value, event = event.get()] {
      value = 7;
      event->Set();
    });
    while (!event->Park(-1)) {
    }
    EXPECT_EQ(value, 7);
    // Set() may still be returning.
    event.reset();
    setter.join();
  }
}

TEST(Event, UnparkEndsTheParkUnderWayOrTheNextOne) {
  Event event;
  event.Unpark();
  EXPECT_FALSE(event.Park(-1));
  std::thread other([&event] { event.Unpark(); });
  EXPECT_FALSE(event.Park(-1));
  other.join();
  event.Set();
  event.Unpark();
  EXPECT_TRUE(event.is_set());
}

class CountingWaker final : public Event::Waker {
 public:
  void Wake() override { ++wakes; }
  int wakes = 0;
};

TEST(Event, CallsItsWakerOnceAndOnlyWhileItHasOne) {
  CountingWaker waker;
  Event event;
  ASSERT_TRUE(event.SetWaker(waker));
  event.Set();
  event.Set();
  EXPECT_EQ(waker.wakes, 1);
  event.ClearWaker();
  EXPECT_TRUE(event.is_set());
  EXPECT_FALSE(event.SetWaker(waker));
  event.Reset();
  ASSERT_TRUE(event.SetWaker(waker));
  event.ClearWaker();
  event.Set();
  EXPECT_EQ(waker.wakes, 1);
}

TEST(Event, WakerReplacesAnUnparkThatCameTooLate) {
  CountingWaker waker;
  Event event;
  event.Unpark();
  ASSERT_TRUE(event.SetWaker(waker));
  event.Set();
  EXPECT_EQ(waker.wakes, 1);
  EXPECT_TRUE(event.Park(kMillisecond));
}

}  // namespace
}  // namespace dialtone
