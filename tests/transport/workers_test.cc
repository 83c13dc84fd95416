#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>

#include "loop_support.h"

namespace dialtone::workers_test {
namespace {

class CountingWork final : public Work {
 public:
  explicit CountingWork(std::atomic<int>& count) : count_(count) {}
  void Run() override { ++count_; }

 private:
  std::atomic<int>& count_;
};

class BlockingWork final : public Work {
 public:
  explicit BlockingWork(Network& network) : network_(network) {}
  void Run() override {
    began.Set();
    network_.Wait(go_on, Patience(network_));
  }
  Event began;
  Event go_on;

 private:
  Network& network_;
};

TEST(Workers, FinishWhatWasPostedBeforeTheyGo) {
  const std::unique_ptr<Network> network = NewSocketNetwork();
  std::atomic<int> count{0};
  std::deque<CountingWork> works;
  {
    const std::unique_ptr<Workers> workers = network->NewWorkers(3, 1000);
    for (int i = 0; i < 500; ++i) ASSERT_TRUE(workers->Post(works.emplace_back(count)));
  }
  EXPECT_EQ(count, 500);
}

TEST(Workers, RefuseWhatIsAboveTheQueuesLimit) {
  const std::unique_ptr<Network> network = NewSocketNetwork();
  std::atomic<int> count{0};
  BlockingWork blocking(*network);
  CountingWork a(count), b(count), c(count);
  {
    const std::unique_ptr<Workers> workers = network->NewWorkers(1, 2);
    ASSERT_TRUE(workers->Post(blocking));
    ASSERT_TRUE(network->Wait(blocking.began, Patience(*network)));
    EXPECT_TRUE(workers->Post(a));
    EXPECT_TRUE(workers->Post(b));
    EXPECT_FALSE(workers->Post(c));
    blocking.go_on.Set();
  }
  EXPECT_EQ(count, 2);
}

// Writes down when it was its turn.
class NumberedWork final : public Work {
 public:
  NumberedWork(int number, std::vector<int>& order) : number_(number), order_(order) {}
  void Run() override { order_.push_back(number_); }

 private:
  const int number_;
  std::vector<int>& order_;
};

TEST(Workers, TakeTheNewestFirstWhileMuchWaits) {
  const std::unique_ptr<Network> network = NewSocketNetwork();
  BlockingWork blocking(*network);
  std::vector<int> order;  // by one thread
  std::deque<NumberedWork> works;
  constexpr int kFair = Workers::kFairPerThread;
  {
    const std::unique_ptr<Workers> workers = network->NewWorkers(1, 1000);
    ASSERT_TRUE(workers->Post(blocking));
    ASSERT_TRUE(network->Wait(blocking.began, Patience(*network)));
    for (int i = 0; i < kFair + 3; ++i) ASSERT_TRUE(workers->Post(works.emplace_back(i, order)));
    blocking.go_on.Set();
  }
  std::vector<int> expected = {kFair + 2, kFair + 1, kFair};
  for (int i = 0; i < kFair; ++i) expected.push_back(i);
  EXPECT_EQ(order, expected);
}

// Each place in the queue, and the queue goes on without it.
TEST(Workers, GiveBackWhatHasNotBegunAndNothingElse) {
  const std::unique_ptr<Network> network = NewSocketNetwork();
  for (int withdrawn = 0; withdrawn < 4; ++withdrawn) {
    BlockingWork blocking(*network);
    std::vector<int> order;  // by one thread
    std::deque<NumberedWork> works;
    NumberedWork last(4, order);
    {
      const std::unique_ptr<Workers> workers = network->NewWorkers(1, 4);
      ASSERT_TRUE(workers->Post(blocking));
      ASSERT_TRUE(network->Wait(blocking.began, Patience(*network)));
      for (int i = 0; i < 4; ++i) ASSERT_TRUE(workers->Post(works.emplace_back(i, order)));
      EXPECT_FALSE(workers->Withdraw(blocking)) << "it has begun";
      EXPECT_TRUE(workers->Withdraw(works[withdrawn]));
      EXPECT_TRUE(workers->Post(last)) << "there is room for one more";
      EXPECT_FALSE(workers->Post(works[withdrawn]));
      blocking.go_on.Set();
    }
    std::vector<int> expected = {0, 1, 2, 3, 4};
    expected.erase(expected.begin() + withdrawn);
    EXPECT_EQ(order, expected);
  }
}

TEST(Workers, SeedsDiffer) {
  const std::unique_ptr<Network> network = NewSocketNetwork();
  EXPECT_NE(network->RandomSeed(), network->RandomSeed());
}

}  // namespace
}  // namespace dialtone::workers_test
