// Limits whose defaults follow from how much memory the process may use (dialtone/transport/memory.h),
// and how many descriptors (dialtone/transport/descriptors.h). Pure. Internal to rpc/.
#pragma once

#include <algorithm>
#include <cstdint>

namespace dialtone::internal {

// RuntimeOptions::bytes_in_flight_max: a quarter of the memory, at most 1 GiB.
inline uint64_t DefaultBytesInFlight(uint64_t usable_memory) {
  return std::min(uint64_t{1} << 30, usable_memory / 4);
}

// Of the descriptors those that are left beside a server's connections: an eighth, and 128 at least, but
// no more than half. 64 of them may be connections that are told why they are turned away; what is made
// at its first use, the loops of channels and the thread that looks names up, needs some, and so does
// whatever else the program opens.
inline uint64_t ReservedDescriptors(uint64_t descriptors) {
  return std::min(std::max<uint64_t>(descriptors / 8, 128), descriptors / 2);
}

// ServerOptions::connections_max: 16384, or fewer where an eighth of the memory does not hold 32 KiB
// for each, or where there are no descriptors for them.
inline uint32_t DefaultConnections(uint64_t usable_memory, uint64_t descriptors) {
  const uint64_t fit = std::max<uint64_t>(usable_memory / 8 / (32 * 1024), 64);
  const uint64_t free = std::max<uint64_t>(descriptors - ReservedDescriptors(descriptors), 1);
  return static_cast<uint32_t>(std::min<uint64_t>({fit, free, 16 * 1024}));
}

// ServerOptions::connections_per_peer_max: three quarters, so that no one address takes them all.
inline uint32_t DefaultConnectionsPerPeer(uint32_t connections_max) {
  return std::max(connections_max - connections_max / 4, uint32_t{1});
}

}  // namespace dialtone::internal
