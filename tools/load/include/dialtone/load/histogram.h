// A log-linear histogram of durations: fixed memory (38 KB), a few instructions to record, and every
// percentile within 0.4 % of the exact one.
//
//   Histogram latency;
//   latency.Record(ended - began);
//   latency.Percentile(0.999);
//
// Each power of two is divided into 128 buckets of one width, so a bucket is at most 1/128 as wide as
// the values in it; what is told is a bucket's middle. Values below 256 are exact.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace dialtone::load {

// A value. Used by one thread; threads have one each and merge them.
class Histogram {
 public:
  // Larger values count as this one: in nanoseconds, two hours.
  static constexpr int64_t kValueMax = (int64_t{1} << 43) - 1;

  // Negative values count as 0.
  void Record(int64_t value) {
    if (value < 0) value = 0;
    ++buckets_[BucketOf(value)];
    ++count_;
    sum_ += static_cast<double>(value);
    if (value > max_) max_ = value;
  }
  void Merge(const Histogram& other);

  uint64_t count() const { return count_; }
  // Exact.
  int64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  // The value that at least this share (0 to 1) of all are not above; 0 if there are none.
  int64_t Percentile(double share) const;
  // How many values are not above this one, to a bucket's width.
  uint64_t CountUpTo(int64_t value) const;

 private:
  static constexpr int kSubBucketBits = 7;
  static constexpr size_t kBuckets = (43 - kSubBucketBits) * 128 + 128;

  static size_t BucketOf(int64_t value) {
    const auto bounded = static_cast<uint64_t>(value > kValueMax ? kValueMax : value);
    const int width = static_cast<int>(std::bit_width(bounded));
    const int shift = width > kSubBucketBits + 1 ? width - kSubBucketBits - 1 : 0;
    return (static_cast<size_t>(shift) << kSubBucketBits) + (bounded >> shift);
  }
  static int64_t MiddleOf(size_t bucket);

  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  double sum_ = 0;
  int64_t max_ = 0;
};

}  // namespace dialtone::load
