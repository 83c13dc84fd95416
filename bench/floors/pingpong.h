// The ping-pong's bytes, at both its ends.
#pragma once

#include <cstddef>
#include <memory>

namespace bench {

// An echo request of 32 characters, framed.
inline constexpr int kPingBytes = 60;
// From here on each message has memory of its own, as a message of an RPC has; below that one does for all.
inline constexpr size_t kFreshBytes = 64 * 1024;

inline std::unique_ptr<char[]> FreshBytes(size_t bytes) {
  return std::make_unique_for_overwrite<char[]>(bytes);
}

}  // namespace bench
