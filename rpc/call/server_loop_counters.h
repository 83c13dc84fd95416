// What a server counts on one loop. Internal to rpc/.
#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "dialtone/rpc/metrics.h"
#include "dialtone/transport/instant.h"
#include "event_count.h"
#include "method_counters.h"
#include "server_method.h"

namespace dialtone::internal {

// Written under the loop's lead, read by any thread.
class ServerLoopCounters {
 public:
  // `methods`: null where calls are not counted (ServerOptions::metrics).
  explicit ServerLoopCounters(bool counts_calls) : counts_calls_(counts_calls) {}

  void Count(ServerLimit limit) { limits_[static_cast<size_t>(limit)].Increment(); }
  void CountAccepted() { accepted_.Increment(); }

  // Null: calls are not counted.
  ServerMethodCounters* Of(const ServerMethod& method) {
    if (!counts_calls_) return nullptr;
    if (by_index_.size() <= method.index) by_index_.resize(method.index + 1);
    ServerMethodCounters*& counters = by_index_[method.index];
    if (counters == nullptr) counters = &methods_.Add(*method.handler->method);
    return counters;
  }
  // A call has arrived then, in a batch that others may have been in. True: it is the first of it.
  bool IsFirstOfBatch(Instant arrived) { return std::exchange(last_arrived_, arrived) != arrived; }

  void AddTo(ServerMetrics& metrics, MethodMetricsByPath& methods) const {
    methods_.AddTo(methods);
    for (size_t i = 0; i < kServerLimits; ++i) metrics.limits[i] += limits_[i].value();
    metrics.connections_accepted += accepted_.value();
  }

 private:
  const bool counts_calls_;
  Instant last_arrived_;
  std::vector<ServerMethodCounters*> by_index_;
  MethodList<ServerMethodCounters> methods_;
  std::array<EventCount, kServerLimits> limits_;
  EventCount accepted_;
};

}  // namespace dialtone::internal
