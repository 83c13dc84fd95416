// Which of a target's servers takes a call. Pure: randomness comes in as a seed. Internal to rpc/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "backoff.h"
#include "dialtone/rpc/channel.h"

namespace dialtone::internal {

// One server as a picker sees it.
struct EndpointLoad {
  uint32_t in_flight = 0;  // calls of this channel and loop
};

// One a channel and loop; under the loop's lead. A pick takes the same time whatever the number of
// servers, and allocates nothing.
class Picker {
 public:
  virtual ~Picker() = default;
  // The index of one of these, which can all take a call; there is at least one. Their order means
  // nothing.
  virtual size_t Pick(std::span<EndpointLoad* const> usable) = 0;
};

// Whichever is there: the channel connects to one only.
class FirstThatWorks final : public Picker {
 public:
  size_t Pick(std::span<EndpointLoad* const>) override { return 0; }
};

// All in turn.
class RoundRobin final : public Picker {
 public:
  size_t Pick(std::span<EndpointLoad* const> usable) override {
    if (next_ >= usable.size()) next_ = 0;
    return next_++;
  }

 private:
  size_t next_ = 0;
};

// Of two drawn by lot the one with fewer calls in flight: nearly as good as looking at all, and never
// a herd that runs after the same server (Mitzenmacher, "The Power of Two Choices in Randomized Load
// Balancing", 2001).
class LeastLoadedOfTwo final : public Picker {
 public:
  explicit LeastLoadedOfTwo(uint64_t seed) : random_(seed) {}

  size_t Pick(std::span<EndpointLoad* const> usable) override {
    const size_t count = usable.size();
    if (count == 1) return 0;
    const uint64_t lot = NextRandom(random_);
    const size_t first = Below(lot >> 32, count);
    size_t second = Below(lot & 0xffffffff, count - 1);
    if (second >= first) ++second;
    return usable[second]->in_flight < usable[first]->in_flight ? second : first;
  }

 private:
  // From 32 random bits a number below `count`.
  static size_t Below(uint64_t bits, size_t count) {
    return static_cast<size_t>((bits * count) >> 32);
  }

  uint64_t random_;
};

inline std::unique_ptr<Picker> NewPicker(PickPolicy policy, uint64_t seed) {
  switch (policy) {
    case PickPolicy::kFirstThatWorks:
      return std::make_unique<FirstThatWorks>();
    case PickPolicy::kRoundRobin:
      return std::make_unique<RoundRobin>();
    case PickPolicy::kLeastLoadedOfTwo:
      break;
  }
  return std::make_unique<LeastLoadedOfTwo>(seed);
}

}  // namespace dialtone::internal
