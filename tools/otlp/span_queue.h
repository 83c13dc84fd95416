// Spans that wait to be sent, and when they are. Internal to tools/otlp/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "dialtone/otlp/otlp_exporter.h"
#include "dialtone/transport/instant.h"

namespace dialtone::internal {

// Pure: knows no clock and no lock. Time is told, and never goes back.
class SpanQueue {
 public:
  explicit SpanQueue(const OtlpOptions& options)
      : batch_max_(options.batch_max == 0 ? 1 : options.batch_max),
        queue_max_(options.queue_max),
        batch_delay_(options.batch_delay) {}

  // False: there is no room, and the span is lost.
  bool Add(Span&& span, Instant now) {
    if (waiting_.size() >= queue_max_) return false;
    waiting_.push_back({std::move(span), now});
    return true;
  }
  // Whether whoever sends must look again, now that a span was added: there is a first one, or a batch is full.
  bool tells_sender() const { return waiting_.size() == 1 || waiting_.size() == batch_max_; }

  // When the next batch leaves; infinite: nothing waits.
  Instant due() const {
    if (waiting_.empty()) return Instant::Infinite();
    if (waiting_.size() >= batch_max_) return waiting_.front().since;
    return waiting_.front().since + batch_delay_;
  }
  // The oldest, at most a batch of them, whether they are due or not.
  std::vector<Span> Take() {
    std::vector<Span> batch;
    while (!waiting_.empty() && batch.size() < batch_max_) {
      batch.push_back(std::move(waiting_.front().span));
      waiting_.pop_front();
    }
    return batch;
  }
  size_t size() const { return waiting_.size(); }

 private:
  struct Waiting {
    Span span;
    Instant since;
  };

  const size_t batch_max_;
  const size_t queue_max_;
  const absl::Duration batch_delay_;
  std::deque<Waiting> waiting_;
};

}  // namespace dialtone::internal
