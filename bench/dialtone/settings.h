// What both sides are set to, beside the defaults that are measured otherwise.
#pragma once

#include <cstdint>

#include "dialtone/rpc/connection_limits.h"

namespace bench {

// So that messages of 64 MiB pass; the default is 4.
inline constexpr uint64_t kLargeMessageMax = 1024 * 1024 * 1024;

inline dialtone::ConnectionLimits LargeLimits() {
  dialtone::ConnectionLimits limits;
  limits.message_bytes_max = kLargeMessageMax;
  limits.bytes_in_flight_max = 2 * kLargeMessageMax;
  return limits;
}

}  // namespace bench
