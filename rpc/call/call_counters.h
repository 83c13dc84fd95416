// How often a channel's part on one loop has sent calls more than once. Internal to rpc/.
#pragma once

#include "dialtone/rpc/channel.h"
#include "event_count.h"

namespace dialtone::internal {

// Counted under the lead of the part's loop.
struct CallCounters {
  EventCount resends;
  EventCount retries;
  EventCount hedges;
  EventCount hedges_won;
  EventCount over_budget;

  void AddTo(ChannelStats& stats) const {
    stats.resends += resends.value();
    stats.retries += retries.value();
    stats.hedges += hedges.value();
    stats.hedges_won += hedges_won.value();
    stats.over_budget += over_budget.value();
  }
};

}  // namespace dialtone::internal
