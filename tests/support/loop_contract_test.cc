// What loops, timers, posted work and workers promise, over the machine's sockets and over the
// simulation.
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "support/network_contract.h"

namespace dialtone {
namespace {

using LoopContractTest = NetworkContractTest;

struct OrderTimer final : Timer {
  OrderTimer(int the_name, std::vector<int>& the_order, Event& the_last)
      : name(the_name), order(the_order), last(the_last) {}
  void OnTimer() override {
    EXPECT_FALSE(armed());
    order.push_back(name);
    if (order.size() == 3) last.Set();
  }
  int name;
  std::vector<int>& order;
  Event& last;
};

TEST_P(LoopContractTest, TimersFireInTheirOrderAndNeverEarly) {
  std::vector<int> order;
  Event last;
  OrderTimer third(3, order, last), first(1, order, last), second(2, order, last),
      never(0, order, last);
  Instant start;
  On(*client_, [&] {
    start = client_->Now();
    client_->Arm(third, start + absl::Milliseconds(30));
    client_->Arm(never, start + absl::Milliseconds(5));
    client_->Arm(first, start + absl::Hours(1));
    client_->Arm(second, start + absl::Milliseconds(20));
    client_->Arm(first, start + absl::Milliseconds(10));
    client_->Disarm(never);
  });
  Await(last);
  EXPECT_GE(network_->Now() - start, absl::Milliseconds(30));
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST_P(LoopContractTest, PostedWorkRunsInOrderUnderTheLeadAndNeverWithinPost) {
  std::vector<int> order;
  Event last;
  On(*client_, [&] {
    for (int i = 0; i < 5; ++i) {
      client_->Post([&, i] {
        EXPECT_TRUE(client_->IsLeading());
        order.push_back(i);
        if (i == 4) last.Set();
      });
    }
    EXPECT_TRUE(order.empty());
  });
  Await(last);
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

struct BatchProbe final : Loop::BatchEnd {
  explicit BatchProbe(Loop& the_loop) : loop(the_loop) {}
  void OnBatchEnd() override {
    EXPECT_TRUE(loop.IsLeading());
    if (++runs == 20) {
      done.Set();
    } else {
      loop.AtBatchEnd(*this);
    }
  }
  Loop& loop;
  int runs = 0;
  Event done;
};

TEST_P(LoopContractTest, BatchEndRunsAfterTheBatchAndMayScheduleItselfAgain) {
  BatchProbe batch(*client_);
  On(*client_, [&] {
    client_->AtBatchEnd(batch);
    client_->AtBatchEnd(batch);
    EXPECT_EQ(batch.runs, 0);
  });
  Await(batch.done);
  On(*client_, [&] { EXPECT_EQ(batch.runs, 20); });
}

TEST_P(LoopContractTest, DeferredWorkIsLedOnAReactorAndFreeOnACallerLoop) {
  const auto caller = network_->NewCallerLoop("caller");
  Event on_reactor;
  Event on_caller;
  client_->Defer([&] {
    EXPECT_TRUE(client_->IsLeading());
    on_reactor.Set();
  });
  caller->Defer([&] {
    EXPECT_EQ(Loop::Current(), nullptr);
    on_caller.Set();
  });
  Await(on_reactor);
  EXPECT_TRUE(caller->Drive(on_caller, Limit()));
}

TEST_P(LoopContractTest, DeferredWorkOfAReactorRunsInItsOrderAndNeverAtOnce) {
  std::vector<int> order;
  Event last;
  On(*client_, [&] {
    for (int i = 0; i < 3; ++i) {
      client_->Defer([&, i] {
        order.push_back(i);
        // Behind those that are there already.
        client_->Defer([&, i] {
          order.push_back(3 + i);
          if (i == 2) last.Set();
        });
      });
    }
    EXPECT_TRUE(order.empty());
  });
  Await(last);
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

struct DeferringBatchEnd final : Loop::BatchEnd {
  explicit DeferringBatchEnd(Loop& the_loop) : loop(the_loop) {}
  void OnBatchEnd() override {
    loop.Defer([this] { done.Set(); });
  }
  Loop& loop;
  Event done;
};

TEST_P(LoopContractTest, AReactorDoesNotSleepOverWhatABatchEndDefers) {
  DeferringBatchEnd batch(*client_);
  On(*client_, [&] { client_->AtBatchEnd(batch); });
  Await(batch.done);
}

TEST_P(LoopContractTest, CallerLoopWithSomethingInFlightRunsThoughNobodyDrivesIt) {
  const auto caller = network_->NewCallerLoop("caller");
  std::vector<int> order{0, 0};
  Event fired;
  OrderTimer timer(1, order, fired);
  caller->Attend(+1);
  caller->Post([&] { caller->Arm(timer, caller->Now() + absl::Milliseconds(5)); });
  Await(fired);
  caller->Attend(-1);
}

TEST_P(LoopContractTest, LeadThatIsTakenAllowsWhatALeaderMay) {
  const auto caller = network_->NewCallerLoop("caller");
  BatchProbe batch(*caller);
  bool led = false;
  for (int i = 0; i < 1000 && !led; ++i) {
    LeadScope lead(*caller);
    led = lead.leading();
    if (!led) continue;
    const LeadScope nested(*caller);
    EXPECT_TRUE(nested.leading());
    caller->AtBatchEnd(batch);
  }
  EXPECT_TRUE(led);
  EXPECT_EQ(Loop::Current(), nullptr);
  EXPECT_TRUE(caller->Drive(batch.done, Limit()));
}

TEST_P(LoopContractTest, WaitsEndAtTheirTime) {
  Event never;
  const Instant start = network_->Now();
  EXPECT_FALSE(network_->Wait(never, start + absl::Milliseconds(3)));
  EXPECT_GE(network_->Now() - start, absl::Milliseconds(3));
  const auto caller = network_->NewCallerLoop("caller");
  const Instant later = network_->Now();
  EXPECT_FALSE(caller->Drive(never, later + absl::Milliseconds(3)));
  EXPECT_GE(network_->Now() - later, absl::Milliseconds(3));
  never.Set();
  EXPECT_TRUE(caller->Drive(never, Instant())) << "what is set already needs no time";
}

TEST_P(LoopContractTest, LoopRunsWhatWasPostedBeforeItGoes) {
  int runs = 0;
  for (bool reactor : {true, false}) {
    auto loop = reactor ? network_->NewReactor("short") : network_->NewCallerLoop("short");
    loop->Post([&] { ++runs; });
    loop.reset();
  }
  EXPECT_EQ(runs, 2);
}

TEST_P(LoopContractTest, WorkersRunWithoutALeadAndFinishBeforeTheyGo) {
  std::atomic<int> runs = 0;
  struct Count final : Work {
    void Run() override {
      EXPECT_EQ(Loop::Current(), nullptr);
      ++*runs;
    }
    std::atomic<int>* runs;
  };
  std::vector<std::unique_ptr<Count>> works;
  auto workers = network_->NewWorkers(2, 100);
  for (int i = 0; i < 100; ++i) {
    works.push_back(std::make_unique<Count>());
    works.back()->runs = &runs;
    EXPECT_TRUE(workers->Post(*works.back()));
  }
  workers.reset();
  EXPECT_EQ(runs.load(), 100);
}

TEST_P(LoopContractTest, RandomSeedsDiffer) {
  EXPECT_NE(network_->RandomSeed(), network_->RandomSeed());
}

DIALTONE_FOR_EVERY_NETWORK(LoopContractTest);

}  // namespace
}  // namespace dialtone
