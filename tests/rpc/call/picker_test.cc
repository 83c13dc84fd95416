// Which of a target's servers takes a call.
#include "picker.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace dialtone::internal {
namespace {

// Servers with so many calls in flight.
class Servers {
 public:
  explicit Servers(std::initializer_list<uint32_t> loads) {
    for (const uint32_t load : loads) loads_.push_back(EndpointLoad{load});
    for (EndpointLoad& load : loads_) usable_.push_back(&load);
  }
  std::span<EndpointLoad* const> usable() { return usable_; }
  std::span<EndpointLoad* const> first(size_t count) { return usable().first(count); }
  EndpointLoad& operator[](size_t i) { return loads_[i]; }

 private:
  std::vector<EndpointLoad> loads_;
  std::vector<EndpointLoad*> usable_;
};

TEST(FirstThatWorks, TakesWhatIsThere) {
  FirstThatWorks picker;
  Servers servers({7, 0});
  EXPECT_EQ(picker.Pick(servers.usable()), 0u);
  EXPECT_EQ(picker.Pick(servers.usable()), 0u);
}

TEST(RoundRobin, TakesAllInTurnThoughTheirNumberChanges) {
  RoundRobin picker;
  Servers servers({0, 0, 0});
  for (size_t i = 0; i < 7; ++i) EXPECT_EQ(picker.Pick(servers.usable()), i % 3);
  EXPECT_EQ(picker.Pick(servers.usable()), 1u);
  EXPECT_EQ(picker.Pick(servers.first(2)), 0u);
  EXPECT_EQ(picker.Pick(servers.first(2)), 1u);
  EXPECT_EQ(picker.Pick(servers.first(1)), 0u);
  EXPECT_EQ(picker.Pick(servers.usable()), 1u);
}

TEST(LeastLoadedOfTwo, OfTwoItIsTheLessLoaded) {
  LeastLoadedOfTwo picker(1);
  Servers servers({3, 2});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(picker.Pick(servers.usable()), 1u);
  EXPECT_EQ(picker.Pick(servers.first(1)), 0u);
}

TEST(LeastLoadedOfTwo, EquallyLoadedOnesTakeAboutEquallyMany) {
  LeastLoadedOfTwo picker(2);
  Servers servers({1, 1, 1, 1, 1});
  std::array<int, 5> picks{};
  for (int i = 0; i < 10000; ++i) ++picks[picker.Pick(servers.usable())];
  for (const int count : picks) {
    EXPECT_GT(count, 1800);
    EXPECT_LT(count, 2200);
  }
}

// Each of five serves a call in each round, the third one only in every third round.
TEST(LeastLoadedOfTwo, ASlowServerGetsFewerCalls) {
  LeastLoadedOfTwo picker(3);
  Servers servers({0, 0, 0, 0, 0});
  std::array<int, 5> picks{};
  for (int round = 0; round < 3000; ++round) {
    for (int call = 0; call < 4; ++call) {
      const size_t picked = picker.Pick(servers.usable());
      ++picks[picked];
      ++servers[picked].in_flight;
    }
    for (size_t i = 0; i < 5; ++i) {
      const bool serves = i != 2 || round % 3 == 0;
      if (serves && servers[i].in_flight > 0) --servers[i].in_flight;
    }
  }
  for (const size_t quick : {0, 1, 3, 4}) EXPECT_GT(picks[quick], 2 * picks[2]);
  EXPECT_GT(picks[2], 500);
  EXPECT_LT(servers[2].in_flight, 10u);
}

TEST(Policies, EachHasItsPicker) {
  Servers servers({1, 0, 0});
  EXPECT_EQ(NewPicker(PickPolicy::kFirstThatWorks, 1)->Pick(servers.usable()), 0u);
  const auto in_turn = NewPicker(PickPolicy::kRoundRobin, 1);
  EXPECT_EQ(in_turn->Pick(servers.usable()), 0u);
  EXPECT_EQ(in_turn->Pick(servers.usable()), 1u);
  const auto by_lot = NewPicker(ChannelOptions().pick_policy, 1);
  for (int i = 0; i < 100; ++i) EXPECT_NE(by_lot->Pick(servers.usable()), 0u);
}

}  // namespace
}  // namespace dialtone::internal
