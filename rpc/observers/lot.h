// Drawing lots: which calls are looked at. Internal to rpc/observers/.
#pragma once

#include <cmath>
#include <cstdint>

#include "absl/random/random.h"

namespace dialtone {

// Differs from thread to thread and from process to process.
inline uint64_t RandomNumber() {
  static thread_local absl::InsecureBitGen generator;
  return absl::Uniform<uint64_t>(generator);
}

// Whether a number, of all there are, is among the first `share`.
inline bool IsOfShare(uint64_t number, double share) {
  constexpr int kBits = 63;
  return static_cast<double>(number >> 1) < std::ldexp(share, kBits);
}

}  // namespace dialtone
