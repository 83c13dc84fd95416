#include "dialtone/load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace dialtone::load {
namespace {

// What Percentile() promises, from all values.
int64_t Exact(const std::vector<int64_t>& sorted, double share) {
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<size_t>(rank, 1) - 1];
}

TEST(HistogramTest, EveryPercentileIsWithinHalfAPercentOfTheExactOne) {
  std::mt19937_64 random(7);
  // From nanoseconds to minutes, each magnitude alike.
  std::uniform_real_distribution<double> magnitude(0, std::log(3e11));
  Histogram histogram;
  std::vector<int64_t> values;
  for (int i = 0; i < 200'000; ++i) {
    values.push_back(static_cast<int64_t>(std::exp(magnitude(random))));
    histogram.Record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.0, 0.001, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
    const auto exact = static_cast<double>(Exact(values, share));
    EXPECT_NEAR(static_cast<double>(histogram.Percentile(share)), exact, exact * 0.005) << share;
  }
}

TEST(HistogramTest, SmallValuesAreExact) {
  for (int64_t value = 0; value < 256; ++value) {
    Histogram histogram;
    histogram.Record(value);
    histogram.Record(1000);
    histogram.Record(1000);
    EXPECT_EQ(histogram.Percentile(0.1), value);
  }
}

TEST(HistogramTest, NeighboursOfAPowerOfTwoStayNeighbours) {
  for (int power = 8; power < 43; ++power) {
    const int64_t at = int64_t{1} << power;
    for (const int64_t value : {at - 1, at, at + 1}) {
      Histogram histogram;
      histogram.Record(value);
      histogram.Record(value);
      histogram.Record(Histogram::kValueMax);
      const auto told = static_cast<double>(histogram.Percentile(0.5));
      EXPECT_NEAR(told, static_cast<double>(value), static_cast<double>(value) / 200) << value;
    }
  }
}

TEST(HistogramTest, MaximumAndMeanAreExact) {
  Histogram histogram;
  for (const int64_t value : {1'000'003, 2'000'005, 9'000'007}) histogram.Record(value);
  EXPECT_EQ(histogram.max(), 9'000'007);
  EXPECT_EQ(histogram.Percentile(1), 9'000'007);
  EXPECT_DOUBLE_EQ(histogram.mean(), 4'000'005);
}

TEST(HistogramTest, MergingIsAsIfOneHadRecordedAll) {
  Histogram first;
  Histogram second;
  Histogram all;
  for (int64_t i = 0; i < 10'000; ++i) {
    (i % 3 == 0 ? first : second).Record(i * i);
    all.Record(i * i);
  }
  first.Merge(second);
  EXPECT_EQ(first.count(), all.count());
  EXPECT_EQ(first.max(), all.max());
  EXPECT_DOUBLE_EQ(first.mean(), all.mean());
  for (const double share : {0.1, 0.5, 0.99}) {
    EXPECT_EQ(first.Percentile(share), all.Percentile(share));
  }
}

TEST(HistogramTest, BoundsWhatIsNegativeOrTooLarge) {
  Histogram histogram;
  histogram.Record(-5);
  EXPECT_EQ(histogram.Percentile(0.5), 0);
  histogram.Record(INT64_MAX);
  histogram.Record(INT64_MAX);
  EXPECT_EQ(histogram.max(), INT64_MAX);
  EXPECT_EQ(histogram.count(), 3u);
  EXPECT_NEAR(static_cast<double>(histogram.Percentile(0.6)),
              static_cast<double>(Histogram::kValueMax),
              static_cast<double>(Histogram::kValueMax) / 200);
}

TEST(HistogramTest, EmptyHasNoPercentile) {
  EXPECT_EQ(Histogram().Percentile(0.5), 0);
  EXPECT_EQ(Histogram().mean(), 0);
}

TEST(HistogramTest, CountsWhatIsNotAboveAValue) {
  Histogram histogram;
  for (int64_t value = 0; value < 200; ++value) histogram.Record(value);
  histogram.Record(1'000'000);
  EXPECT_EQ(histogram.CountUpTo(-1), 0u);
  EXPECT_EQ(histogram.CountUpTo(0), 1u);
  EXPECT_EQ(histogram.CountUpTo(99), 100u);
  EXPECT_EQ(histogram.CountUpTo(900'000), 200u);
  EXPECT_EQ(histogram.CountUpTo(Histogram::kValueMax), 201u);
}

}  // namespace
}  // namespace dialtone::load
