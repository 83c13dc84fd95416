#include "inbox.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>
#include <vector>

namespace dialtone {
namespace {

class NumberedWork final : public Work {
 public:
  void Run() override {}
  int poster = 0;
  int number = 0;
};

TEST(Inbox, TellsThePosterWhomItMet) {
  Inbox inbox(Inbox::State::kFree);
  NumberedWork a, b, c, d;
  EXPECT_EQ(inbox.Push(a), Inbox::Met::kFree);
  EXPECT_EQ(inbox.Push(b), Inbox::Met::kFree);
  EXPECT_TRUE(inbox.free());
  ASSERT_TRUE(inbox.TryAcquire());
  EXPECT_FALSE(inbox.TryAcquire());
  EXPECT_FALSE(inbox.Release());
  EXPECT_FALSE(inbox.FallAsleep());
  WorkList list = inbox.TakeAll();
  EXPECT_EQ(list.PopFront(), &a);
  EXPECT_EQ(list.PopFront(), &b);
  EXPECT_EQ(list.PopFront(), nullptr);
  ASSERT_TRUE(inbox.FallAsleep());
  EXPECT_EQ(inbox.Push(c), Inbox::Met::kAsleep);
  EXPECT_EQ(inbox.Push(d), Inbox::Met::kAwake);
  inbox.Awake();
  EXPECT_TRUE(inbox.has_work());
  inbox.ReleaseWithWork();
  EXPECT_TRUE(inbox.free());
  ASSERT_TRUE(inbox.TryAcquire());
  list = inbox.TakeAll();
  EXPECT_EQ(list.PopFront(), &c);
  EXPECT_EQ(list.PopFront(), &d);
  EXPECT_TRUE(inbox.Release());
  EXPECT_TRUE(inbox.free());
}

// Every thread posts and takes the lead in turn: nothing is lost, nothing runs twice, each poster's
// order holds, and the lead excludes others (the counters below are not atomic).
TEST(Inbox, LosesNothingAmongManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 5000;
  Inbox inbox(Inbox::State::kFree);
  std::vector<std::deque<NumberedWork>> works(kThreads);
  std::vector<int> next(kThreads, 0);
  int taken = 0;
  const auto drain = [&] {
    if (!inbox.TryAcquire()) return;
    do {
      WorkList list = inbox.TakeAll();
      while (Work* const work = list.PopFront()) {
        auto& numbered = static_cast<NumberedWork&>(*work);
        EXPECT_EQ(numbered.number, next[static_cast<size_t>(numbered.poster)]++);
        ++taken;
      }
    } while (!inbox.Release());
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kPosts; ++i) {
        NumberedWork& work = works[static_cast<size_t>(t)].emplace_back();
        work.poster = t;
        work.number = i;
        inbox.Push(work);
        drain();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  drain();
  EXPECT_EQ(taken, kThreads * kPosts);
}

}  // namespace
}  // namespace dialtone
