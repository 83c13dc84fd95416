// How long a method's calls take: any percentile of the recent ones. Internal to rpc/.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"

namespace dialtone::internal {

// Pure. A histogram whose buckets are an eighth of their value wide, from a microsecond to half a day,
// in less than a kilobyte; when it has counted kCallsMax calls it halves all counts, so that the last
// few thousand are what it tells about.
class LatencyPercentile {
 public:
  // Fewer say little about the slowest of them.
  static constexpr uint32_t kCallsMin = 100;
  static constexpr uint32_t kCallsMax = 2048;

  void Add(absl::Duration latency) {
    ++counts_[BucketOf(latency)];
    if (++total_ == kCallsMax) Halve();
  }

  // A time within which this share (0 to 1) of the calls were answered, too long by an eighth at most;
  // nothing while too few were counted.
  std::optional<absl::Duration> At(double share) const {
    if (total_ < kCallsMin) return std::nullopt;
    const double wanted = std::clamp(share, 0.0, 1.0) * total_;
    uint32_t seen = 0;
    size_t bucket = 0;
    while (bucket + 1 < kBuckets && (seen += counts_[bucket]) < wanted) ++bucket;
    return absl::Microseconds(EndOf(bucket));
  }

 private:
  static constexpr int kSubBits = 3;  // eight buckets an octave
  static constexpr int kBitsMax = 36;
  static constexpr size_t kBuckets = size_t{kBitsMax - kSubBits + 1} << kSubBits;

  static size_t BucketOf(absl::Duration latency) {
    const int64_t microseconds = absl::ToInt64Microseconds(latency);
    const auto value =
        static_cast<uint64_t>(std::clamp<int64_t>(microseconds, 0, (int64_t{1} << kBitsMax) - 1));
    if (value < (uint64_t{1} << kSubBits)) return value;
    const int shift = std::bit_width(value) - 1 - kSubBits;
    return (static_cast<size_t>(shift) << kSubBits) + (value >> shift);
  }
  // In microseconds: the first value above the bucket.
  static int64_t EndOf(size_t bucket) {
    const size_t next = bucket + 1;
    if (next < (size_t{2} << kSubBits)) return static_cast<int64_t>(next);
    const size_t shift = (next >> kSubBits) - 1;
    return static_cast<int64_t>(next - (shift << kSubBits)) << shift;
  }

  void Halve() {
    total_ = 0;
    for (uint16_t& count : counts_) total_ += count /= 2;
  }

  static_assert(kCallsMax <= UINT16_MAX);
  std::array<uint16_t, kBuckets> counts_{};
  uint32_t total_ = 0;
};

}  // namespace dialtone::internal
