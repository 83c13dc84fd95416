// Which servers do so much worse than the others that they rest.
#include "outliers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dialtone::internal {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Outliers, TheOneThatFailsMoreThanTheOthers) {
  const std::vector<CallCounts> servers = {{100, 0}, {99, 1}, {50, 50}, {98, 2}, {100, 0}};
  EXPECT_THAT(FindOutliers(servers, OutlierOptions()), ElementsAre(2));
}

TEST(Outliers, TheWorstFirst) {
  std::vector<CallCounts> servers(20, CallCounts{1000, 0});
  servers[3] = {500, 500};
  servers[7] = {400, 600};
  EXPECT_THAT(FindOutliers(servers, OutlierOptions()), ElementsAre(7, 3));
}

TEST(Outliers, NobodyIfAllDoEquallyBadly) {
  const std::vector<CallCounts> servers(6, CallCounts{10, 90});
  EXPECT_THAT(FindOutliers(servers, OutlierOptions()), IsEmpty());
}

TEST(Outliers, FewCallsOrFewServersProveNothing) {
  OutlierOptions options;
  std::vector<CallCounts> servers = {{100, 0}, {100, 0}, {0, 99}, {100, 0}, {100, 0}};
  EXPECT_THAT(FindOutliers(servers, options), IsEmpty());  // only four have enough calls
  servers[2] = {0, 100};
  EXPECT_THAT(FindOutliers(servers, options), ElementsAre(2));
  options.success_rate_servers_min = 6;
  EXPECT_THAT(FindOutliers(servers, options), IsEmpty());
  options.success_rate_servers_min = 0;
  EXPECT_THAT(FindOutliers({}, options), IsEmpty());
  options.success_rate_calls_min = 0;
  const std::vector<CallCounts> silent(5);
  EXPECT_THAT(FindOutliers(silent, options), IsEmpty());
}

TEST(Outliers, TheNumberOfDeviationsSaysHowMuchWorse) {
  OutlierOptions options;
  const std::vector<CallCounts> servers = {{100, 0}, {100, 0}, {70, 30}, {100, 0}, {100, 0}};
  EXPECT_THAT(FindOutliers(servers, options), ElementsAre(2));
  options.success_rate_deviations = 2.1;
  EXPECT_THAT(FindOutliers(servers, options), IsEmpty());
}

TEST(RestingMax, IsAShareRoundedDown) {
  OutlierOptions options;
  EXPECT_EQ(RestingMax(1, options), 0u);
  EXPECT_EQ(RestingMax(2, options), 1u);
  EXPECT_EQ(RestingMax(3, options), 1u);
  EXPECT_EQ(RestingMax(4, options), 2u);
  options.resting_share_max = 1.0 / 3;
  EXPECT_EQ(RestingMax(3, options), 1u);
  options.resting_share_max = 0;
  EXPECT_EQ(RestingMax(100, options), 0u);
  options.resting_share_max = 7;
  EXPECT_EQ(RestingMax(3, options), 3u);
}

}  // namespace
}  // namespace dialtone::internal
