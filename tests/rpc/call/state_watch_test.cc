// What a watch of a channel's states is told when its notifications overtake each other.
#include "state_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "dialtone/rpc/channel.h"

namespace dialtone::internal {
namespace {

using testing::ElementsAre;

TEST(StateWatch, TellsNoOlderStateBehindANewerOne) {
  std::vector<ChannelState> told;
  StateWatch watch([&](ChannelState state) { told.push_back(state); });
  watch.Notify(1, ChannelState::kIdle);
  watch.Notify(3, ChannelState::kReady);
  watch.Notify(2, ChannelState::kConnecting);
  watch.Notify(4, ChannelState::kIdle);
  EXPECT_THAT(told, ElementsAre(ChannelState::kIdle, ChannelState::kReady, ChannelState::kIdle));
}

TEST(StateWatch, TellsNothingOnceItIsStopped) {
  int told = 0;
  StateWatch watch([&](ChannelState) { ++told; });
  watch.Notify(1, ChannelState::kIdle);
  watch.Stop();
  watch.Notify(2, ChannelState::kReady);
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace dialtone::internal
