// What one loop counts of one method's calls. Internal to rpc/.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "dialtone/rpc/method.h"
#include "dialtone/rpc/metrics.h"
#include "dialtone/transport/instant.h"
#include "event_count.h"
#include "latency_counts.h"

namespace dialtone::internal {

// Written under the loop's lead, read by any thread.
class MethodCounters {
 public:
  explicit MethodCounters(const Method& method) : method_(method) {}

  const Method& method() const { return method_; }
  void CountMessageIn(uint64_t bytes) {
    messages_in_.Increment();
    bytes_in_.Add(bytes);
  }
  void CountMessageOut(uint64_t bytes) {
    messages_out_.Increment();
    bytes_out_.Add(bytes);
  }
  void CountEnd(absl::StatusCode code) {
    ended_[std::min(static_cast<size_t>(code), kStatusCodes - 1)].Increment();
  }

 protected:
  void CountStart() { started_.Increment(); }
  void AddCountsTo(MethodMetrics& metrics) const;

 private:
  const Method& method_;
  EventCount started_;
  std::array<EventCount, kStatusCodes> ended_;
  EventCount messages_in_;
  EventCount messages_out_;
  EventCount bytes_in_;
  EventCount bytes_out_;
};

// A server's. How often it measures what calls take: see dialtone/rpc/metrics.h.
class ServerMethodCounters final : public MethodCounters {
 public:
  using MethodCounters::MethodCounters;

  // A call has begun, the first of its batch or not. Returns how many calls it is to be measured for;
  // 0: it is not.
  uint32_t CountStart(bool always_measured, bool is_first) {
    MethodCounters::CountStart();
    if (always_measured) return 1;
    if (measured_at_first_ < kMeasuredAtFirst) [[unlikely]] {
      ++measured_at_first_;
      return 1;
    }
    const uint32_t share = is_first ? kMeasuredShareOfFirst : kMeasuredShare;
    uint32_t& passed = passed_[is_first ? 1 : 0];
    if (++passed < share) return 0;
    passed = 0;
    return share;
  }
  // Calls of this method have suspended of late: when their handlers begin is worth to be known.
  bool expects_suspension() const { return suspensions_expected_ != 0; }
  void NoteSuspension() { suspensions_expected_ = kMeasuredShare; }
  void NoteNone() {
    if (suspensions_expected_ != 0) --suspensions_expected_;
  }

  void CountTimes(Instant arrived, Instant answered, uint32_t times) {
    latencies_.Add(kTotal, answered.nanoseconds() - arrived.nanoseconds(), times);
  }
  void CountTimes(Instant arrived, Instant begun, Instant answered, uint32_t times) {
    latencies_.Add(kQueue, begun.nanoseconds() - arrived.nanoseconds(), times);
    latencies_.Add(kHandler, answered.nanoseconds() - begun.nanoseconds(), times);
    CountTimes(arrived, answered, times);
  }

  void AddTo(MethodMetrics& metrics) const;

 private:
  enum : size_t { kQueue, kHandler, kTotal, kSeries };

  uint32_t measured_at_first_ = 0;
  std::array<uint32_t, 2> passed_{};  // calls that were not measured, since one of their kind was
  uint32_t suspensions_expected_ = 0;
  LatencyCounts<kSeries> latencies_;
};

// A channel's.
class ClientMethodCounters final : public MethodCounters {
 public:
  using MethodCounters::CountStart;
  using MethodCounters::MethodCounters;

  void CountTime(Instant made, Instant ended) {
    latencies_.Add(0, ended.nanoseconds() - made.nanoseconds(), 1);
  }
  void AddTo(MethodMetrics& metrics) const;

 private:
  LatencyCounts<1> latencies_;
};

// By path.
using MethodMetricsByPath = std::map<std::string_view, MethodMetrics>;
std::vector<MethodMetrics> InOrder(MethodMetricsByPath&& methods);

// The counters of all methods that were called on a loop. Grows under its lead, is read by any thread, and
// never shrinks: it is as long as the program's generated code has methods.
template <class Counters>
class MethodList {
 public:
  MethodList() = default;
  MethodList(const MethodList&) = delete;
  MethodList& operator=(const MethodList&) = delete;

  Counters& Add(const Method& method) {
    owned_ = std::make_unique<Node>(method, std::move(owned_));
    first_.store(owned_.get(), std::memory_order_release);
    return owned_->counters;
  }
  void AddTo(MethodMetricsByPath& methods) const {
    for (const Node* node = first_.load(std::memory_order_acquire); node != nullptr;
         node = node->next.get())
      node->counters.AddTo(methods[node->counters.method().path]);
  }

 private:
  struct Node {
    Node(const Method& method, std::unique_ptr<Node> the_next)
        : counters(method), next(std::move(the_next)) {}
    Counters counters;
    const std::unique_ptr<Node> next;
  };

  std::unique_ptr<Node> owned_;  // the first, for the writer
  std::atomic<Node*> first_{nullptr};
};

}  // namespace dialtone::internal
