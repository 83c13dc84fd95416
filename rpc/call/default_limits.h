// Limits whose defaults follow from how much memory the process may use (dialtone/transport/memory.h).
// Pure. Internal to rpc/.
#pragma once

#include <algorithm>
#include <cstdint>

namespace dialtone::internal {

// RuntimeOptions::bytes_in_flight_max: a quarter of the memory, at most 1 GiB.
inline uint64_t DefaultBytesInFlight(uint64_t usable_memory) {
  return std::min(uint64_t{1} << 30, usable_memory / 4);
}

// ServerOptions::connections_max: 16384, or fewer where an eighth of the memory does not hold 32 KiB
// for each.
inline uint32_t DefaultConnections(uint64_t usable_memory) {
  const uint64_t fit = usable_memory / 8 / (32 * 1024);
  return static_cast<uint32_t>(std::clamp<uint64_t>(fit, 64, 16 * 1024));
}

// ServerOptions::connections_per_peer_max: three quarters, so that no one address takes them all.
inline uint32_t DefaultConnectionsPerPeer(uint32_t connections_max) {
  return std::max(connections_max - connections_max / 4, uint32_t{1});
}

}  // namespace dialtone::internal
