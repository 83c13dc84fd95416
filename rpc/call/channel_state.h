// Which of two states a channel's user sees. Internal to rpc/.
#pragma once

#include "dialtone/rpc/channel.h"

namespace dialtone::internal {

// Greater is better.
inline int Rank(ChannelState state) {
  switch (state) {
    case ChannelState::kReady:
      return 4;
    case ChannelState::kConnecting:
      return 3;
    case ChannelState::kIdle:
      return 2;
    case ChannelState::kTransientFailure:
      return 1;
    case ChannelState::kShutdown:
      return 0;
  }
  return 0;
}

inline ChannelState BetterState(ChannelState a, ChannelState b) {
  return Rank(a) >= Rank(b) ? a : b;
}

}  // namespace dialtone::internal
