#include "method_counters.h"

#include <string>
#include <utility>
#include <vector>

namespace dialtone::internal {

// Ends first, so that no call seems to have ended that has not begun.
void MethodCounters::AddCountsTo(MethodMetrics& metrics) const {
  metrics.path = std::string(method_.path);
  for (size_t i = 0; i < kStatusCodes; ++i) metrics.ended[i] += ended_[i].value();
  metrics.started += started_.value();
  metrics.messages_in += messages_in_.value();
  metrics.messages_out += messages_out_.value();
  metrics.bytes_in += bytes_in_.value();
  metrics.bytes_out += bytes_out_.value();
}

void ServerMethodCounters::AddTo(MethodMetrics& metrics) const {
  AddCountsTo(metrics);
  latencies_.AddTo(kQueue, metrics.queue);
  latencies_.AddTo(kHandler, metrics.handler);
  latencies_.AddTo(kTotal, metrics.total);
}

void ClientMethodCounters::AddTo(MethodMetrics& metrics) const {
  AddCountsTo(metrics);
  latencies_.AddTo(0, metrics.total);
}

std::vector<MethodMetrics> InOrder(MethodMetricsByPath&& methods) {
  std::vector<MethodMetrics> ordered;
  ordered.reserve(methods.size());
  for (auto& [path, metrics] : methods) ordered.push_back(std::move(metrics));
  return ordered;
}

}  // namespace dialtone::internal
