#include "stats_view.h"

#include <gtest/gtest.h>

namespace dial {
namespace {

using dialtone::stats::v1::GetMetricsResponse;
using dialtone::stats::v1::Method;

Method& AddMethod(GetMetricsResponse& metrics, const std::string& path, uint64_t started,
                  uint64_t ok, uint64_t failed) {
  Method& method = *metrics.add_methods();
  method.set_path(path);
  method.set_started(started);
  auto& good = *method.add_ended();
  good.set_count(ok);
  auto& bad = *method.add_ended();
  bad.set_code(5);
  bad.set_count(failed);
  return method;
}

void AddLatency(Method& method, uint32_t bucket, uint64_t count) {
  method.mutable_total()->add_bucket(bucket);
  method.mutable_total()->add_count(count);
}

TEST(RowsBetween, ToldTwiceIsWhatHasHappenedBetween) {
  GetMetricsResponse before, now;
  before.set_age_ns(1'000'000'000);
  now.set_age_ns(3'000'000'000);
  AddLatency(AddMethod(before, "/a.B/C", 10, 8, 1), 40, 9);
  Method& method = AddMethod(now, "/a.B/C", 110, 98, 11);
  AddLatency(method, 40, 9);   // nothing new
  AddLatency(method, 63, 90);  // 63 ns
  AddLatency(method, 64, 10);  // 64 and 65 ns
  const std::vector<MethodRow> rows = RowsBetween(before, now);
  ASSERT_EQ(1u, rows.size());
  EXPECT_EQ("a.B/C", rows[0].name);
  EXPECT_DOUBLE_EQ(50, rows[0].calls_per_second);
  EXPECT_DOUBLE_EQ(5, rows[0].errors_per_second);
  EXPECT_EQ(1u, rows[0].in_flight);
  EXPECT_DOUBLE_EQ(63, rows[0].p50_ns);
  EXPECT_DOUBLE_EQ(65, rows[0].p99_ns);
}

TEST(RowsBetween, MethodsThatRestAreLeftOutAndNewOnesAreThere) {
  GetMetricsResponse before, now;
  now.set_age_ns(1'000'000'000);
  AddMethod(before, "/a.B/Rests", 3, 3, 0);
  AddMethod(now, "/a.B/Rests", 3, 3, 0);
  AddMethod(now, "/a.B/New", 2, 0, 0);
  const std::vector<MethodRow> rows = RowsBetween(before, now);
  ASSERT_EQ(1u, rows.size());
  EXPECT_EQ("a.B/New", rows[0].name);
  EXPECT_EQ(2u, rows[0].in_flight);
  EXPECT_EQ(0, rows[0].p99_ns);
}

TEST(RowsBetween, AServerThatWasStartedSinceCountsFromItsBeginning) {
  GetMetricsResponse before, now;
  before.set_age_ns(60'000'000'000);
  AddMethod(before, "/a.B/C", 1000, 900, 100);
  now.set_age_ns(2'000'000'000);
  AddLatency(AddMethod(now, "/a.B/C", 10, 8, 2), 40, 10);
  const std::vector<MethodRow> rows = RowsBetween(before, now);
  ASSERT_EQ(1u, rows.size());
  EXPECT_DOUBLE_EQ(5, rows[0].calls_per_second);
  EXPECT_DOUBLE_EQ(1, rows[0].errors_per_second);
  EXPECT_DOUBLE_EQ(40, rows[0].p50_ns);
}

TEST(RowsBetween, ACountThatHasFallenIsOfAnotherServer) {
  GetMetricsResponse before, now;
  before.set_age_ns(1'000'000'000);
  AddMethod(before, "/a.B/C", 1000, 900, 100);
  now.set_age_ns(10'000'000'000);  // an older one
  AddMethod(now, "/a.B/C", 950, 940, 10);
  const std::vector<MethodRow> rows = RowsBetween(before, now);
  ASSERT_EQ(1u, rows.size());
  EXPECT_DOUBLE_EQ(95, rows[0].calls_per_second);
  EXPECT_DOUBLE_EQ(1, rows[0].errors_per_second);
}

TEST(BusyBetween, AServerThatWasStartedSinceCountsFromItsBeginning) {
  GetMetricsResponse before, now;
  before.set_age_ns(1000);
  before.add_loops()->set_age_ns(1000);
  before.mutable_loops(0)->set_idle_ns(900);
  now.set_age_ns(200);
  now.add_loops()->set_age_ns(200);
  now.mutable_loops(0)->set_idle_ns(150);
  EXPECT_DOUBLE_EQ(0.25, BusyBetween(before, now));
}

TEST(BusyBetween, IsTheShareOfTheLoopsTime) {
  GetMetricsResponse before, now;
  EXPECT_EQ(0, BusyBetween(before, now));
  for (const int64_t idle : {100, 50}) {
    auto& loop = *now.add_loops();
    loop.set_age_ns(100);
    loop.set_idle_ns(idle);
  }
  EXPECT_DOUBLE_EQ(0.25, BusyBetween(before, now));
}

TEST(WithoutStatsService, LeavesOutWhatTheWatcherCauses) {
  std::vector<MethodRow> rows(3);
  rows[0].name = "a.B/C";
  rows[1].name = "dialtone.stats.v1.Stats/GetMetrics";
  rows[2].name = "dialtone.stats.v1.StatsOfAnother/Get";
  const std::vector<MethodRow> left = WithoutStatsService(rows);
  ASSERT_EQ(2u, left.size());
  EXPECT_EQ("a.B/C", left[0].name);
  EXPECT_EQ("dialtone.stats.v1.StatsOfAnother/Get", left[1].name);
}

}  // namespace
}  // namespace dial
