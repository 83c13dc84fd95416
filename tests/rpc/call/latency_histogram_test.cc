// Histograms of durations: how exact they are, how they are put together, how they are filled while others read.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "dialtone/rpc/metrics.h"
#include "latency_counts.h"

namespace dialtone::latency_histogram_test {
namespace {

using internal::LatencyCounts;

constexpr double kErrorMax = 0.02;
constexpr int64_t kLongest = (int64_t{1} << LatencyHistogram::kValueBits) - 1;

LatencyHistogram Of(const std::vector<int64_t>& nanoseconds) {
  LatencyCounts<1> counts;
  for (const int64_t value : nanoseconds) counts.Add(0, value, 1);
  LatencyHistogram histogram;
  counts.AddTo(0, histogram);
  return histogram;
}

// Values of all lengths alike: as many between 1 and 2 µs as between 1 and 2 s.
std::vector<int64_t> RandomValues(uint64_t seed, size_t count) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> exponent(0, LatencyHistogram::kValueBits - 0.001);
  std::vector<int64_t> values;
  for (size_t i = 0; i < count; ++i)
    values.push_back(static_cast<int64_t>(std::exp2(exponent(random))));
  return values;
}

TEST(LatencyHistogram, EachBucketBeginsWhereTheOneBeforeItEnds) {
  int64_t next = 0;
  for (size_t i = 0; i < LatencyHistogram::kBuckets; ++i) {
    const auto [lowest, width] = LatencyHistogram::RangeOf(i);
    ASSERT_EQ(lowest, next) << i;
    ASSERT_EQ(LatencyHistogram::BucketOf(lowest), i);
    ASSERT_EQ(LatencyHistogram::BucketOf(lowest + width - 1), i);
    next = lowest + width;
  }
  EXPECT_EQ(next, kLongest + 1);
}

TEST(LatencyHistogram, TellsEveryDurationToTwoPercent) {
  for (const int64_t value : RandomValues(1, 20'000)) {
    const auto told = static_cast<double>(absl::ToInt64Nanoseconds(Of({value}).Percentile(1)));
    ASSERT_LE(std::abs(told - static_cast<double>(value)), kErrorMax * static_cast<double>(value))
        << value;
  }
}

TEST(LatencyHistogram, TellsPercentilesToTwoPercent) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    std::vector<int64_t> values = RandomValues(seed, 1 + seed * 37);
    const LatencyHistogram histogram = Of(values);
    std::sort(values.begin(), values.end());
    for (const double share : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const double rank = std::max(1.0, std::ceil(share * static_cast<double>(values.size())));
      const auto exact = static_cast<double>(values[static_cast<size_t>(rank) - 1]);
      const auto told = static_cast<double>(absl::ToInt64Nanoseconds(histogram.Percentile(share)));
      ASSERT_LE(std::abs(told - exact), kErrorMax * exact)
          << "seed " << seed << ", share " << share;
    }
  }
}

TEST(LatencyHistogram, WhatIsTooLongOrNegativeCountsAsTheLongestOrNone) {
  EXPECT_EQ(Of({std::numeric_limits<int64_t>::max()}).buckets(), Of({kLongest}).buckets());
  EXPECT_EQ(Of({-5}).buckets(), Of({0}).buckets());
  EXPECT_EQ(Of({-5}).sum(), absl::ZeroDuration());
}

TEST(LatencyHistogram, OfNothingSaysNothing) {
  const LatencyHistogram none;
  EXPECT_EQ(none.count(), 0u);
  EXPECT_EQ(none.Percentile(0.5), absl::ZeroDuration());
  EXPECT_EQ(none.mean(), absl::ZeroDuration());
  EXPECT_EQ(none.CountUpTo(absl::Hours(1)), 0u);
}

TEST(LatencyHistogram, MergedIsAsIfAllHadBeenCountedInOne) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::vector<int64_t> first = RandomValues(seed, seed * 10);
    const std::vector<int64_t> second = RandomValues(seed + 1000, 300 / seed);
    LatencyHistogram merged = Of(first);
    merged.Merge(Of(second));
    first.insert(first.end(), second.begin(), second.end());
    const LatencyHistogram whole = Of(first);
    ASSERT_EQ(merged.buckets(), whole.buckets());
    ASSERT_EQ(merged.count(), first.size());
    ASSERT_EQ(merged.sum(), whole.sum());
  }
}

TEST(LatencyHistogram, CountsUpToABoundRiseToTheWhole) {
  const std::vector<int64_t> values = RandomValues(7, 5000);
  const LatencyHistogram histogram = Of(values);
  uint64_t before = 0;
  for (int64_t bound = 1; bound <= kLongest / 2; bound *= 2) {
    const uint64_t count = histogram.CountUpTo(absl::Nanoseconds(bound));
    ASSERT_GE(count, before);
    const auto slack = static_cast<int64_t>(static_cast<double>(bound) * (1 + 2 * kErrorMax)) + 1;
    const auto at_most = [&](int64_t limit) {
      return static_cast<uint64_t>(
          std::count_if(values.begin(), values.end(), [limit](int64_t v) { return v <= limit; }));
    };
    ASSERT_GE(count, at_most(bound));
    ASSERT_LE(count, at_most(slack)) << "to a bucket's width";
    before = count;
  }
  EXPECT_EQ(histogram.CountUpTo(absl::Hours(1)), values.size());
}

TEST(LatencyHistogram, SumsAreExact) {
  LatencyCounts<2> counts;
  counts.Add(0, 1'234'567, 1);
  counts.Add(0, 100, 16);
  counts.Add(1, 5, 1);
  LatencyHistogram first;
  LatencyHistogram second;
  counts.AddTo(0, first);
  counts.AddTo(1, second);
  EXPECT_EQ(first.sum(), absl::Nanoseconds(1'236'167));
  EXPECT_EQ(first.count(), 17u);
  EXPECT_LE(absl::AbsDuration(first.mean() - absl::Nanoseconds(72'716)), absl::Nanoseconds(1));
  EXPECT_EQ(second.sum(), absl::Nanoseconds(5));
}

TEST(LatencyHistogram, TakesMemoryForThePowersOfTwoThatOccurOnly) {
  LatencyCounts<3> counts;
  EXPECT_EQ(counts.pages(), 0u);
  for (int64_t value = 5'000; value < 60'000; ++value) counts.Add(0, value, 1);
  EXPECT_EQ(counts.pages(), 1u);
  for (const int64_t value : RandomValues(3, 10'000)) counts.Add(1, value, 1);
  EXPECT_EQ(counts.pages(), 9u) << "and never more";
}

TEST(LatencyHistogram, IsReadWhileItIsFilled) {
  constexpr uint64_t kCount = 20'000;
  LatencyCounts<1> counts;
  std::thread writer([&] {
    for (const int64_t value : RandomValues(5, kCount)) counts.Add(0, value, 1);
  });
  uint64_t before = 0;
  while (before < kCount) {
    LatencyHistogram now;
    counts.AddTo(0, now);
    ASSERT_GE(now.count(), before);
    ASSERT_LE(now.count(), kCount);
    before = now.count();
  }
  writer.join();
}

}  // namespace
}  // namespace dialtone::latency_histogram_test
