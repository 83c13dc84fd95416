// What a channel tells of its calls. Apart from what counts them, so that programs which never ask do not carry it.
#include <utility>

#include "channel_core.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/metrics.h"

namespace dialtone {

ChannelMetrics Channel::Metrics() const { return core_->Metrics(); }

namespace internal {

ChannelMetrics ChannelCore::Metrics() const {
  MethodMetricsByPath methods;
  ChannelMetrics metrics;
  MutexLock lock(mutex_);
  for (const auto& counters : methods_) counters->AddTo(methods);
  metrics.methods = InOrder(std::move(methods));
  return metrics;
}

}  // namespace internal
}  // namespace dialtone
