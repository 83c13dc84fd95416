// Closed and open loops, over calls that end when the test says so.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "dialtone/load/calls.h"
#include "dialtone/load/closed_loop.h"
#include "dialtone/load/open_loop.h"
#include "dialtone/load/schedule.h"
#include "dialtone/load/window.h"
#include "dialtone/transport/loop.h"
#include "dialtone/transport/timer.h"
#include "support/sim_network.h"
#include "support/sim_options.h"

namespace dialtone::load {
namespace {

class HeldCalls final : public CallSource {
 public:
  void Begin(int64_t id, CallEnd end) override {
    EXPECT_EQ(end.id(), id);
    under_way.push_back(end);
    ++begun;
  }
  CallEnd TakeFirst() {
    const CallEnd first = under_way.front();
    under_way.erase(under_way.begin());
    return first;
  }

  std::vector<CallEnd> under_way;
  int begun = 0;
};

constexpr double kLong = 1000;

TEST(ClosedLoopTest, KeepsSoManyUnderWay) {
  HeldCalls calls;
  Window window(0, kLong);
  Recorder recorder(window);
  ClosedLoop loop(calls, recorder, 3);
  loop.Start();
  EXPECT_EQ(calls.under_way.size(), 3u);
  for (int i = 0; i < 10; ++i) {
    calls.TakeFirst().Answered();
    EXPECT_EQ(calls.under_way.size(), 3u);
  }
  EXPECT_EQ(calls.begun, 13);
  EXPECT_FALSE(loop.ended().is_set());
}

TEST(ClosedLoopTest, GoesOnAfterErrorsAndCountsThem) {
  HeldCalls calls;
  Window window(0, kLong);
  Recorder recorder(window);
  ClosedLoop loop(calls, recorder, 1);
  loop.Start();
  calls.TakeFirst().Answered();
  calls.TakeFirst().Failed(absl::UnavailableError("gone"));
  calls.TakeFirst().AnsweredWrongly();
  calls.TakeFirst().Answered();
  EXPECT_EQ(calls.under_way.size(), 1u);
  const Result result = window.Finish({&recorder});
  EXPECT_EQ(result.errors.at("UNAVAILABLE"), 1u);
  EXPECT_EQ(result.errors.at("WRONG_REPLY"), 1u);
  EXPECT_EQ(result.calls, 1u);
}

TEST(ClosedLoopTest, EndsWhenItsLastCallHasEnded) {
  HeldCalls calls;
  // Its time is over with the first completion after the one that opens it.
  Window window(0, 0);
  Recorder recorder(window);
  ClosedLoop loop(calls, recorder, 2);
  loop.Start();
  while (!calls.under_way.empty()) {
    EXPECT_FALSE(loop.ended().is_set());
    calls.TakeFirst().Answered();
  }
  EXPECT_TRUE(loop.ended().is_set());
}

// Each call is answered so long after it was begun, in virtual time.
class TimedCalls final : public CallSource {
 public:
  TimedCalls(SimNetwork& network, absl::Duration takes)
      : network_(network), takes_(takes), loop_(network.NewReactor("server/0")) {}

  void Begin(int64_t id, CallEnd end) override {
    began.push_back(network_.Now().nanoseconds());
    loop_->Post([this, end] {
      timers_.push_back(std::make_unique<Answer>(end));
      loop_->Arm(*timers_.back(), loop_->Now() + takes_);
    });
  }

  std::vector<int64_t> began;

 private:
  struct Answer final : Timer {
    explicit Answer(CallEnd the_end) : end(the_end) {}
    void OnTimer() override { end.Answered(); }
    CallEnd end;
  };

  SimNetwork& network_;
  const absl::Duration takes_;
  std::vector<std::unique_ptr<Answer>> timers_;
  const std::unique_ptr<Loop> loop_;
};

// What a thousand calls a second for 100 ms come to, when each takes so long and so many may be under way.
Result OpenLoopOf(absl::Duration takes, size_t in_flight_max, std::vector<int64_t>& began) {
  SimNetwork network{SimOptions()};
  TimedCalls calls(network, takes);
  const int64_t start = network.Now().nanoseconds();
  Window window(0, 1, {}, start);
  Recorder recorder(window);
  OpenLoop loop(network, calls, recorder, Schedule::Constant(1000), in_flight_max);
  loop.Run(start + 100'000'000);
  for (const int64_t at : calls.began) began.push_back(at - start);
  return window.Finish({&recorder});
}

TEST(OpenLoopTest, BeginsEachCallWhenItIsDueHoweverLongOthersTake) {
  std::vector<int64_t> began;
  const Result result = OpenLoopOf(absl::Milliseconds(500), 1000, began);
  ASSERT_EQ(began.size(), 100u);
  for (size_t i = 0; i < began.size(); ++i) {
    EXPECT_EQ(began[i], static_cast<int64_t>(i) * 1'000'000);
  }
  // Run() waits for the last one; the first one opens the window.
  EXPECT_EQ(result.calls_in_all, 100u);
  EXPECT_EQ(result.calls, 99u);
  EXPECT_NEAR(static_cast<double>(result.latency_ns.Percentile(0.5)), 500e6, 3e6);
}

TEST(OpenLoopTest, CountsWhatMayNotBeBegunAsErrors) {
  std::vector<int64_t> began;
  // Ten places, each free again after 50 ms: twenty of the hundred find one.
  const Result result = OpenLoopOf(absl::Microseconds(49'500), 10, began);
  EXPECT_EQ(began.size(), 20u);
  EXPECT_EQ(result.calls_in_all, 100u);
  EXPECT_GE(result.errors.at("NOT_BEGUN"), 79u);
}

TEST(OpenLoopTest, StoppedItBeginsNoMoreAndWaitsForThoseUnderWay) {
  SimNetwork network{SimOptions()};
  TimedCalls calls(network, absl::Milliseconds(20));
  const int64_t start = network.Now().nanoseconds();
  Window window(0, 1, {}, start);
  Recorder recorder(window);
  OpenLoop loop(network, calls, recorder, Schedule::Constant(1000), 100);
  struct Stop final : Timer {
    explicit Stop(OpenLoop& the_loop) : loop(the_loop) {}
    void OnTimer() override { loop.Stop(); }
    OpenLoop& loop;
  } stop(loop);
  const auto other = network.NewReactor("stopper/0");
  other->Post([&] { other->Arm(stop, Instant::FromNanoseconds(start + 50'500'000)); });
  loop.Run(start + 1'000'000'000);
  EXPECT_EQ(calls.began.size(), 51u);
  EXPECT_EQ(window.Finish({&recorder}).calls_in_all, 51u);
}

// The thread that begins the calls is held up, as by a machine that stalls.
class StallingCalls final : public CallSource {
 public:
  explicit StallingCalls(SimNetwork& network) : network_(network) {}
  void Begin(int64_t id, CallEnd end) override {
    if (id == 1) network_.RunFor(absl::Milliseconds(50));
    waiting_.push_back(end);
    // The one before is answered as soon as another one is sent.
    if (waiting_.size() > 1) AnswerFirst();
  }
  void AnswerFirst() {
    const CallEnd first = waiting_.front();
    waiting_.erase(waiting_.begin());
    first.Answered();
  }

 private:
  SimNetwork& network_;
  std::vector<CallEnd> waiting_;
};

TEST(OpenLoopTest, AStallShowsInTheLatencyOfAllCallsThatWereDueInIt) {
  SimNetwork network{SimOptions()};
  StallingCalls calls(network);
  const int64_t start = network.Now().nanoseconds();
  Window window(0, 1, {}, start);
  Recorder recorder(window);
  OpenLoop loop(network, calls, recorder, Schedule::Constant(1000), 1000);
  const auto end_last = network.NewReactor("server/0");
  struct Last final : Timer {
    explicit Last(StallingCalls& the_calls) : calls(the_calls) {}
    void OnTimer() override { calls.AnswerFirst(); }
    StallingCalls& calls;
  } last(calls);
  end_last->Post([&] { end_last->Arm(last, Instant::FromNanoseconds(start + 200'000'000)); });
  loop.Run(start + 100'000'000);
  const Result result = window.Finish({&recorder});
  EXPECT_EQ(result.calls_in_all, 100u);
  // Calls 1 to 50 were due while it stalled: the first waited 50 ms, each later one a millisecond less.
  EXPECT_NEAR(static_cast<double>(result.latency_ns.Percentile(0.98)), 50e6, 2e6);
  EXPECT_NEAR(static_cast<double>(result.latency_ns.Percentile(0.75)), 25e6, 3e6);
}

// To begin a call takes ten milliseconds.
class SlowCalls final : public CallSource {
 public:
  explicit SlowCalls(SimNetwork& network)
      : network_(network), loop_(network.NewReactor("server/0")) {}
  void Begin(int64_t /*id*/, CallEnd end) override {
    ++begun;
    network_.RunFor(absl::Milliseconds(10));
    loop_->Post([end] { end.Answered(); });
  }

  int begun = 0;

 private:
  SimNetwork& network_;
  const std::unique_ptr<Loop> loop_;
};

TEST(OpenLoopTest, EndsInTimeWhereCallsAreDueFasterThanTheyCanBeBegun) {
  SimNetwork network{SimOptions()};
  SlowCalls calls(network);
  const int64_t start = network.Now().nanoseconds();
  Window window(0.2, 0.8, {}, start);
  Recorder recorder(window);
  OpenLoop loop(network, calls, recorder, Schedule::Constant(1e9), 1000);
  loop.Run(window.closes());
  EXPECT_EQ(calls.begun, 100);
  EXPECT_NEAR(static_cast<double>(network.Now().nanoseconds() - start), 1e9, 1e7);
  // Due while the window was open, but for those that were hardly behind when it closed.
  EXPECT_EQ(window.Finish({&recorder}).errors.at("NOT_BEGUN"), 600'000'000u);
}

}  // namespace
}  // namespace dialtone::load
