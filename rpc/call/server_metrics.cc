// What a server tells of itself. Apart from what counts it, so that programs which never ask do not carry it.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dialtone/rpc/metrics.h"
#include "dialtone/rpc/server.h"
#include "server_core.h"

namespace dialtone {

ServerMetrics Server::Metrics() const { return core_->Metrics(); }

std::vector<ConnectionMetrics> Server::Connections(uint64_t after, size_t max) const {
  return core_->Connections(after, max);
}

namespace internal {

ServerMetrics ServerCore::Metrics() const {
  ServerMetrics metrics;
  if (state_.load(std::memory_order_acquire) == State::kSettingUp) return metrics;
  MethodMetricsByPath methods;
  for (const auto& loop : loops_) loop->AddTo(metrics, methods);
  metrics.methods = InOrder(std::move(methods));
  if (started_ != Instant()) metrics.age = runtime_.network().Now() - started_;
  const auto reached = [&](ServerLimit limit) -> uint64_t& {
    return metrics.limits[static_cast<size_t>(limit)];
  };
  const uint64_t by_peer = gate_.refused_by_peer();
  reached(ServerLimit::kConnectionsPerPeer) += by_peer;
  reached(ServerLimit::kConnections) += gate_.refused() - by_peer;
  metrics.bytes_held = runtime_.bytes_in_flight().used();
  metrics.serving = health_.IsServing(Health::kOverall).value_or(false);
  return metrics;
}

std::vector<ConnectionMetrics> ServerCore::Connections(uint64_t after, size_t max) {
  if (Loop::OnReactor() || state_.load(std::memory_order_acquire) == State::kSettingUp) return {};
  // Shared with work that a held reactor does later.
  struct Found {
    Mutex mutex;
    std::map<const ServerLoop*, std::vector<ConnectionMetrics>> by_loop ABSL_GUARDED_BY(mutex);
  };
  auto found = std::make_shared<Found>();
  OnEveryLoop(runtime_.network().Now() + kAnswerTime, [found, after, max](ServerLoop& loop) {
    std::vector<ConnectionMetrics> here = loop.Connections(after, max);
    MutexLock lock(found->mutex);
    found->by_loop[&loop] = std::move(here);
  });
  // Ids rise with the loops, and on each.
  std::vector<ConnectionMetrics> all;
  MutexLock lock(found->mutex);
  for (const auto& loop : loops_) {
    for (ConnectionMetrics& connection : found->by_loop[loop.get()]) {
      if (all.size() < max) all.push_back(std::move(connection));
    }
  }
  return all;
}

void ServerLoop::AddTo(ServerMetrics& metrics, MethodMetricsByPath& methods) const {
  counters_.AddTo(metrics, methods);
  LoopMetrics& part = metrics.loops.emplace_back();
  part.age = loop_.Now() - began_;
  part.idle = part.age - BusyTime(part.age);
  if (watched_ != nullptr) part.stalls = watched_->stalls();
  part.connections = connection_count();
  part.calls_in_flight = call_count();
  metrics.connections += part.connections;
}

// Two readings of the clock are behind it: that it never goes back is seen to here.
absl::Duration ServerLoop::BusyTime(absl::Duration age) const {
  const absl::Duration idle = loop_.IdleTime() - idle_before_;
  int64_t busy = absl::ToInt64Nanoseconds(std::max(absl::ZeroDuration(), age - idle));
  int64_t told = busy_told_.load(std::memory_order_relaxed);
  while (told < busy && !busy_told_.compare_exchange_weak(told, busy, std::memory_order_relaxed)) {
  }
  busy = std::max(told, busy);
  return std::min(age, absl::Nanoseconds(busy));
}

std::vector<ConnectionMetrics> ServerLoop::Connections(uint64_t after, size_t max) const {
  // Unlike those of other loops, whatever their number.
  constexpr int kNumberBits = 48;
  std::vector<ConnectionMetrics> found;
  const uint64_t before_first = uint64_t{index_} << kNumberBits;
  const uint64_t after_number = after > before_first ? after - before_first : 0;
  if (after_number >> kNumberBits != 0) return found;  // a later loop's
  for (ServerConnection* connection : connections_.InOrder(after_number, max)) {
    const uint64_t id = before_first + ServedConnections::NumberOf(*connection);
    const ConnectionInfo info = connection->info();
    const ConnectionTraffic traffic = connection->traffic();
    ConnectionMetrics& metrics = found.emplace_back();
    metrics.id = id;
    metrics.peer = info.peer;
    metrics.local = connection->local();
    metrics.protocol = std::string(info.protocol);
    metrics.age = loop_.Now() - ServedConnections::Since(*connection);
    metrics.calls_in_flight = connection->calls_in_flight();
    metrics.bytes_in = traffic.bytes_in;
    metrics.bytes_out = traffic.bytes_out;
    metrics.tcp = traffic.tcp;
  }
  return found;
}

}  // namespace internal
}  // namespace dialtone
