// The arithmetic of retries and hedges: what they may cost, and when a call counts as slow.
#include <gtest/gtest.h>

#include "latency_percentile.h"
#include "retry_budget.h"

namespace dialtone::internal {
namespace {

constexpr Instant kBegin = Instant::FromNanoseconds(1'000'000'000);

// --- RetryBudget ---

RetryBudgetOptions Budget(double ratio, double per_second, absl::Duration window) {
  RetryBudgetOptions options;
  options.ratio = ratio;
  options.per_second = per_second;
  options.window = window;
  return options;
}

int SpendAll(RetryBudget& budget, Instant now) {
  int spent = 0;
  while (spent < 1'000'000 && budget.Spend(now)) ++spent;
  return spent;
}

TEST(RetryBudget, BeginsWithWhatAQuietWindowEarns) {
  RetryBudget budget(RetryBudgetOptions(), kBegin);
  EXPECT_EQ(SpendAll(budget, kBegin), 100);
  EXPECT_FALSE(budget.Spend(kBegin));
}

TEST(RetryBudget, EveryFifthCallEarnsOne) {
  RetryBudget budget(Budget(0.2, 0, absl::Seconds(10)), kBegin);
  for (int i = 0; i < 4; ++i) budget.CountCall();
  EXPECT_FALSE(budget.Spend(kBegin));
  budget.CountCall();
  EXPECT_TRUE(budget.Spend(kBegin));
  EXPECT_FALSE(budget.Spend(kBegin));
}

TEST(RetryBudget, ASecondEarnsTen) {
  RetryBudget budget(Budget(0.2, 10, absl::Minutes(10)), kBegin);
  SpendAll(budget, kBegin);
  EXPECT_EQ(SpendAll(budget, kBegin + absl::Seconds(1)), 9) << "a little has leaked out already";
  int spent = 0;
  for (int i = 1; i <= 1000; ++i)
    spent += SpendAll(budget, kBegin + absl::Seconds(1) + i * absl::Milliseconds(10));
  EXPECT_NEAR(spent, 100, 1);
}

TEST(RetryBudget, OverAnyTimeNoMoreIsSpentThanTheShareTheSecondsAndOneWindow) {
  RetryBudget budget(RetryBudgetOptions(), kBegin);
  int spent = 0;
  // A hundred seconds of a thousand calls each, all of which want a retry at once.
  for (int i = 1; i <= 100'000; ++i) {
    budget.CountCall();
    spent += budget.Spend(kBegin + i * absl::Milliseconds(1));
  }
  EXPECT_LE(spent, 100 + 20'000 + 1'000);
  EXPECT_GE(spent, 20'000 + 1'000 - 10);
}

TEST(RetryBudget, HoldsNoMoreThanAWindowEarns) {
  RetryBudget budget(RetryBudgetOptions(), kBegin);
  // A thousand calls a second for an hour without a failure.
  for (int i = 0; i < 3'600'000; ++i) budget.CountCall();
  EXPECT_EQ(SpendAll(budget, kBegin + absl::Hours(1)), 10 * (200 + 10));
  // And then an hour without a call.
  EXPECT_EQ(SpendAll(budget, kBegin + absl::Hours(2)), 10 * 10);
}

TEST(RetryBudget, OfNothingAllowsNothing) {
  RetryBudget budget(Budget(0, 0, absl::Seconds(10)), kBegin);
  for (int i = 0; i < 1000; ++i) budget.CountCall();
  EXPECT_FALSE(budget.Spend(kBegin + absl::Hours(1)));
}

TEST(RetryBudget, TakesWindowsOfEverySize) {
  RetryBudget none(Budget(0.2, 10, absl::ZeroDuration()), kBegin);
  EXPECT_FALSE(none.Spend(kBegin));
  for (int i = 0; i < 10; ++i) none.CountCall();
  EXPECT_EQ(SpendAll(none, kBegin), 2);
  for (int i = 0; i < 10; ++i) none.CountCall();
  EXPECT_FALSE(none.Spend(kBegin + absl::Seconds(1)));
  RetryBudget endless(Budget(0, 0, absl::InfiniteDuration()), kBegin);
  EXPECT_FALSE(endless.Spend(kBegin + absl::Hours(1)));
}

// --- LatencyPercentile ---

TEST(LatencyPercentile, SaysNothingBeforeAHundredCalls) {
  LatencyPercentile latencies;
  for (uint32_t i = 0; i + 1 < LatencyPercentile::kCallsMin; ++i)
    latencies.Add(absl::Milliseconds(1));
  EXPECT_EQ(latencies.At(0.5), std::nullopt);
  latencies.Add(absl::Milliseconds(1));
  EXPECT_TRUE(latencies.At(0.5).has_value());
}

TEST(LatencyPercentile, IsExactToAnEighth) {
  LatencyPercentile latencies;
  for (int i = 1; i <= 1000; ++i) latencies.Add(absl::Microseconds(i * 37));
  for (const double share : {0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 1.0}) {
    const absl::Duration exact = absl::Microseconds(share * 37'000);
    const std::optional<absl::Duration> found = latencies.At(share);
    ASSERT_TRUE(found.has_value());
    EXPECT_GT(*found, exact) << share;
    EXPECT_LE(*found, exact * 1.126 + absl::Microseconds(1)) << share;
  }
}

TEST(LatencyPercentile, TakesTheShortestAndTheLongest) {
  LatencyPercentile latencies;
  for (int i = 0; i < 60; ++i) latencies.Add(absl::ZeroDuration());
  for (int i = 0; i < 60; ++i) latencies.Add(absl::InfiniteDuration());
  EXPECT_EQ(latencies.At(0.25), absl::Microseconds(1));
  EXPECT_GE(latencies.At(0.75), absl::Hours(12));
  EXPECT_EQ(latencies.At(-1), absl::Microseconds(1));
}

TEST(LatencyPercentile, ForgetsHowItWas) {
  LatencyPercentile latencies;
  for (int i = 0; i < 100'000; ++i) latencies.Add(absl::Milliseconds(100));
  EXPECT_GE(latencies.At(0.5), absl::Milliseconds(100));
  for (uint32_t i = 0; i < 2 * LatencyPercentile::kCallsMax; ++i)
    latencies.Add(absl::Milliseconds(1));
  EXPECT_LE(latencies.At(0.5), absl::Milliseconds(2));
  EXPECT_LE(latencies.At(0.7), absl::Milliseconds(2));
}

}  // namespace
}  // namespace dialtone::internal
