// Drawing lots: which calls are looked at. Internal to rpc/observers/.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace dialtone {

// Differs from thread to thread and from process to process. Not absl::BitGen: every program that links dialtone::rpc to
// shared libraries would load those of it.
inline uint64_t RandomNumber() {
  static thread_local std::mt19937_64 generator = [] {
    std::random_device entropy;
    std::seed_seq seed{entropy(), entropy(), entropy(), entropy(),
                       entropy(), entropy(), entropy(), entropy()};
    return std::mt19937_64(seed);
  }();
  return generator();
}

// Whether a number, of all there are, is among the first `share`.
inline bool IsOfShare(uint64_t number, double share) {
  constexpr int kBits = 63;
  return static_cast<double>(number >> 1) < std::ldexp(share, kBits);
}

}  // namespace dialtone
