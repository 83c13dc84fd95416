// Which servers answer so much worse than the others that they had better rest: by their share of
// successes, as Envoy does ("success rate" outlier detection) and gRPC after it (proposal A50). Pure.
// Internal to rpc/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dialtone/rpc/channel.h"

namespace dialtone::internal {

// Of one server, in one interval.
struct CallCounts {
  uint64_t succeeded = 0;
  uint64_t failed = 0;
};

// Indices of servers whose share of successes lies further below the mean than
// success_rate_deviations standard deviations; the worst first. Servers with fewer than
// success_rate_calls_min calls do not take part; with fewer than success_rate_servers_min that do,
// there is nothing to compare with.
std::vector<size_t> FindOutliers(std::span<const CallCounts> servers,
                                 const OutlierOptions& options);

// Of `servers`, how many may rest at once.
size_t RestingMax(size_t servers, const OutlierOptions& options);

}  // namespace dialtone::internal
