// What a channel tells of its calls. Apart from what counts them, so that programs which never ask do not carry it.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "channel_core.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/metrics.h"
#include "gathering_scope.h"

namespace dialtone {

ChannelMetrics Channel::Metrics() const { return core_->Metrics(); }
std::vector<ConnectionMetrics> Channel::Connections() const { return core_->Connections(); }

namespace internal {
namespace {

// How long loops are waited for; a reactor that is held by a handler does not answer.
constexpr absl::Duration kLoopsAnswerTime = absl::Milliseconds(100);

// Shared with work that a held reactor does later.
struct FoundConnections {
  Event all_have_told;
  Mutex mutex;
  size_t still_to_tell ABSL_GUARDED_BY(mutex) = 0;
  std::vector<ConnectionMetrics> connections ABSL_GUARDED_BY(mutex);

  void Add(std::vector<ConnectionMetrics> more) {
    MutexLock lock(mutex);
    connections.insert(connections.end(), more.begin(), more.end());
    if (--still_to_tell == 0) all_have_told.Set();
  }
};

}  // namespace

void ConnectionCounters::AddTo(ChannelMetrics& metrics) const {
  metrics.connects += connects.value();
  metrics.connects_failed += connects_failed.value();
  // Ends first: whatever happens meanwhile, no more have ended than were made.
  uint64_t ended = 0;
  for (size_t i = 0; i < kConnectionEnds; ++i) {
    metrics.connections_closed[i] += closed[i].value();
    ended += closed[i].value();
  }
  const uint64_t all = made.value();
  metrics.connections_made += all;
  metrics.connections += all - std::min(all, ended);
}

std::vector<ConnectionMetrics> ChannelCore::Connections() {
  if (Loop::OnReactor()) return {};
  auto found = std::make_shared<FoundConnections>();
  {
    MutexLock lock(mutex_);
    if (closed_ || parts_.empty()) return {};
    MutexLock counting(found->mutex);
    found->still_to_tell = parts_.size();
    for (const auto& open : parts_) {
      Loop* const loop = open.first;
      loop->Post([self = shared_from_this(), loop, found] {
        LoopChannel* const part = self->PartOn(*loop);
        found->Add(part == nullptr ? std::vector<ConnectionMetrics>() : part->Connections());
      });
    }
  }
  GatheringScope::FlushCurrent();
  caller_loop().Drive(found->all_have_told, runtime_.network().Now() + kLoopsAnswerTime);
  MutexLock lock(found->mutex);
  std::sort(found->connections.begin(), found->connections.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  return found->connections;
}

ChannelMetrics ChannelCore::Metrics() const {
  MethodMetricsByPath methods;
  ChannelMetrics metrics;
  MutexLock lock(mutex_);
  for (const auto& counters : methods_) counters->AddTo(metrics, methods);
  metrics.methods = InOrder(std::move(methods));
  return metrics;
}

}  // namespace internal
}  // namespace dialtone
