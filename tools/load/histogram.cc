#include "dialtone/load/histogram.h"

#include <algorithm>
#include <cmath>

namespace dialtone::load {

void Histogram::Merge(const Histogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

int64_t Histogram::MiddleOf(size_t bucket) {
  constexpr size_t kExact = size_t{2} << kSubBucketBits;
  if (bucket < kExact) return static_cast<int64_t>(bucket);
  const size_t shift = (bucket >> kSubBucketBits) - 1;
  const size_t lowest = (bucket - (shift << kSubBucketBits)) << shift;
  return static_cast<int64_t>(lowest + (size_t{1} << shift) / 2);
}

int64_t Histogram::Percentile(double share) const {
  if (count_ == 0) return 0;
  const double exact_rank = std::ceil(share * static_cast<double>(count_));
  const uint64_t rank = std::clamp<uint64_t>(static_cast<uint64_t>(exact_rank), 1, count_);
  if (rank == count_) return max_;
  uint64_t below = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    below += buckets_[i];
    if (below >= rank) return std::min(MiddleOf(i), max_);
  }
  return max_;
}

uint64_t Histogram::CountUpTo(int64_t value) const {
  if (value < 0) return 0;
  uint64_t count = 0;
  for (size_t i = 0; i <= BucketOf(value); ++i) count += buckets_[i];
  return count;
}

}  // namespace dialtone::load
