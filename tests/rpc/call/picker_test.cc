// Which of a target's servers takes a call.
#include "picker.h"

#include <gtest/gtest.h>

#include <vector>

namespace dialtone::internal {
namespace {

std::vector<EndpointLoad> Endpoints(std::initializer_list<bool> usable) {
  std::vector<EndpointLoad> endpoints;
  for (const bool one : usable) endpoints.push_back(EndpointLoad{one, 0});
  return endpoints;
}

TEST(FirstUsable, KeepsTheTargetsOrder) {
  FirstUsable picker;
  EXPECT_EQ(picker.Pick(Endpoints({true, true})), 0u);
  EXPECT_EQ(picker.Pick(Endpoints({false, true})), 1u);
  EXPECT_EQ(picker.Pick(Endpoints({false, false})), std::nullopt);
  EXPECT_EQ(picker.Pick({}), std::nullopt);
}

TEST(RoundRobin, TakesUsableOnesInTurn) {
  RoundRobin picker;
  const std::vector<EndpointLoad> endpoints = Endpoints({true, false, true});
  EXPECT_EQ(picker.Pick(endpoints), 0u);
  EXPECT_EQ(picker.Pick(endpoints), 2u);
  EXPECT_EQ(picker.Pick(endpoints), 0u);
  EXPECT_EQ(picker.Pick(Endpoints({false, false, false})), std::nullopt);
  EXPECT_EQ(picker.Pick({}), std::nullopt);
}

}  // namespace
}  // namespace dialtone::internal
