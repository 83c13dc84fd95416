// The part of a loop that every implementation shares, driven by hand.
#include "dialtone/transport/loop.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

namespace dialtone {
namespace {

class BareLoop final : public Loop {
 public:
  using Loop::Defer;
  using Loop::Post;
  using Loop::RunBatchEnd;
  using Loop::RunTimers;

  // Led from the beginning, unless a test is about that.
  explicit BareLoop(bool lead = true) : Loop(false) {
    if (lead) TryLead();
  }
  ~BareLoop() override {
    if (led) Leave();
  }
  Instant Now() const override { return Instant(); }
  void Post(Work& work) override { posted.PushBack(work); }
  void Defer(Work& work) override { Post(work); }
  bool TryLead() override {
    if (led) return false;
    led = true;
    SetCurrent(this);
    return true;
  }
  void Leave() override {
    led = false;
    SetCurrent(nullptr);
  }
  bool Drive(Event& event, Instant) override { return event.is_set(); }
  std::unique_ptr<ByteStream> Connect(const Address&, const ConnectOptions&,
                                      ByteStream::Handler&) override {
    return nullptr;
  }

  WorkList posted;
  bool led = false;
};

class FunctionTimer final : public Timer {
 public:
  explicit FunctionTimer(std::function<void()> function) : function_(std::move(function)) {}
  void OnTimer() override { function_(); }

 private:
  std::function<void()> function_;
};

class FunctionHook final : public Loop::BatchEnd {
 public:
  explicit FunctionHook(std::function<void()> function) : function_(std::move(function)) {}
  void OnBatchEnd() override { function_(); }

 private:
  std::function<void()> function_;
};

Instant At(int64_t nanoseconds) { return Instant::FromNanoseconds(nanoseconds); }

TEST(Loop, RunsDueTimersInOrder) {
  BareLoop loop;
  std::vector<int> ran;
  FunctionTimer first([&] { ran.push_back(1); });
  FunctionTimer second([&] { ran.push_back(2); });
  FunctionTimer later([&] { ran.push_back(3); });
  loop.Arm(second, At(20));
  loop.Arm(first, At(10));
  loop.Arm(later, At(21));
  loop.RunTimers(At(20));
  EXPECT_EQ(ran, (std::vector<int>{1, 2}));
  loop.Disarm(later);
}

TEST(Loop, TimerArmedByATimerForNowWaitsForTheNextRun) {
  BareLoop loop;
  int runs = 0;
  FunctionTimer timer([&] {
    ++runs;
    if (runs < 3) loop.Arm(timer, At(5));
  });
  loop.Arm(timer, At(10));
  loop.RunTimers(At(10));
  EXPECT_EQ(runs, 1);
  loop.RunTimers(At(11));
  EXPECT_EQ(runs, 2);
  loop.RunTimers(At(12));
  EXPECT_EQ(runs, 3);
}

TEST(Loop, TimerMayDisarmAnotherThatIsDueToo) {
  BareLoop loop;
  bool ran = false;
  FunctionTimer victim([&] { ran = true; });
  FunctionTimer killer([&] { loop.Disarm(victim); });
  loop.Arm(killer, At(1));
  loop.Arm(victim, At(2));
  loop.RunTimers(At(10));
  EXPECT_FALSE(ran);
}

TEST(Loop, HooksRunOnceInOrderAndAgainWhenTheyAskForIt) {
  BareLoop loop;
  std::vector<int> ran;
  FunctionHook a([&] { ran.push_back(1); });
  FunctionHook b([&] {
    ran.push_back(2);
    if (ran.size() < 3) loop.AtBatchEnd(b);
  });
  loop.AtBatchEnd(a);
  loop.AtBatchEnd(b);
  loop.AtBatchEnd(a);
  EXPECT_FALSE(loop.RunBatchEnd());
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 2}));
}

TEST(Loop, EndlessHooksAreBoundedByRounds) {
  BareLoop loop;
  int runs = 0;
  FunctionHook hook([&] {
    ++runs;
    loop.AtBatchEnd(hook);
  });
  loop.AtBatchEnd(hook);
  EXPECT_TRUE(loop.RunBatchEnd(4));
  EXPECT_EQ(runs, 4);
}

TEST(Loop, DestroyedHookTakesItselfBack) {
  BareLoop loop;
  bool ran = false;
  auto victim = std::make_unique<FunctionHook>([&] { ran = true; });
  FunctionHook killer([&] { victim.reset(); });
  loop.AtBatchEnd(killer);
  loop.AtBatchEnd(*victim);
  EXPECT_FALSE(loop.RunBatchEnd());
  EXPECT_FALSE(ran);
}

TEST(Loop, HookMayOutliveItsLoop) {
  auto loop = std::make_unique<BareLoop>();
  FunctionHook hook([] {});
  loop->AtBatchEnd(hook);
  loop.reset();
}

TEST(Loop, PostedFunctionsRunAndFreeThemselves) {
  BareLoop loop;
  auto counted = std::make_shared<int>(0);
  loop.Post([counted] { ++*counted; });
  loop.Defer([counted] { ++*counted; });
  while (Work* const work = loop.posted.PopFront()) work->Run();
  EXPECT_EQ(*counted, 2);
  EXPECT_EQ(counted.use_count(), 1);
}

TEST(LeadScope, TakesTheLeadOnceAndNests) {
  BareLoop loop(false);
  {
    LeadScope outer(loop);
    EXPECT_TRUE(outer.leading());
    {
      LeadScope inner(loop);
      EXPECT_TRUE(inner.leading());
    }
    EXPECT_TRUE(loop.IsLeading());
    BareLoop other(false);
    LeadScope foreign(other);
    EXPECT_FALSE(foreign.leading());
  }
  EXPECT_EQ(Loop::Current(), nullptr);
}

TEST(LoopDeathTest, TimersAndHooksNeedTheLead) {
  BareLoop loop(false);
  FunctionTimer timer([] {});
  FunctionHook hook([] {});
  EXPECT_DEATH(loop.Arm(timer, At(1)), "without the loop's lead");
  EXPECT_DEATH(loop.AtBatchEnd(hook), "without the loop's lead");
}

}  // namespace
}  // namespace dialtone
