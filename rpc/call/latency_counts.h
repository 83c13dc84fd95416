// A histogram while it is filled: what stands behind a LatencyHistogram. Internal to rpc/.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "dialtone/rpc/metrics.h"
#include "event_count.h"

namespace dialtone::internal {

// Several series of durations of one kind of event. Written under a loop's lead, read by any thread.
//
// Few of a histogram's buckets are ever used, so they come by pages of four powers of two, all series'
// together: 256 ns, 4 µs, 65 µs, 1 ms, 17 ms, 268 ms, 4 s, 69 s. A page is made when a duration first falls into it,
// and stays: kSeries KiB each, nine at most, of which a method mostly needs three.
template <size_t kSeries>
class LatencyCounts {
 public:
  LatencyCounts() = default;
  LatencyCounts(const LatencyCounts&) = delete;
  LatencyCounts& operator=(const LatencyCounts&) = delete;

  // It has occurred `times` times.
  void Add(size_t series, int64_t nanoseconds, uint64_t times) {
    const size_t bucket = LatencyHistogram::BucketOf(nanoseconds);
    Page* page = pages_[bucket / kPageBuckets].load(std::memory_order_relaxed);
    if (page == nullptr) [[unlikely]] {
      page = MakePage(bucket / kPageBuckets);
    }
    page->counts[series][bucket % kPageBuckets].Add(times);
    if (nanoseconds > 0) sums_[series].Add(static_cast<uint64_t>(nanoseconds) * times);
  }

  void AddTo(size_t series, LatencyHistogram& histogram) const {
    LatencyHistogram snapshot;
    for (size_t i = 0; i < kPages; ++i) {
      const Page* const page = pages_[i].load(std::memory_order_acquire);
      if (page == nullptr) continue;
      for (size_t k = 0; k < kPageBuckets; ++k) {
        snapshot.AddBucket(static_cast<uint32_t>(i * kPageBuckets + k),
                           page->counts[series][k].value());
      }
    }
    snapshot.AddSum(absl::Nanoseconds(sums_[series].value()));
    histogram.Merge(snapshot);
  }

  size_t pages() const {
    size_t count = 0;
    for (const auto& page : pages_)
      count += page.load(std::memory_order_relaxed) != nullptr ? 1 : 0;
    return count;
  }

 private:
  static constexpr size_t kPageBuckets = 4 << LatencyHistogram::kBucketBits;
  static constexpr size_t kPages = LatencyHistogram::kBuckets / kPageBuckets;
  static_assert(kPages * kPageBuckets == LatencyHistogram::kBuckets);

  struct Page {
    std::array<std::array<EventCount, kPageBuckets>, kSeries> counts;
  };

  Page* MakePage(size_t index) {
    owned_[index] = std::make_unique<Page>();
    pages_[index].store(owned_[index].get(), std::memory_order_release);
    return owned_[index].get();
  }

  std::array<std::atomic<Page*>, kPages> pages_{};
  std::array<std::unique_ptr<Page>, kPages> owned_;  // the same, for the writer
  std::array<EventCount, kSeries> sums_;
};

}  // namespace dialtone::internal
