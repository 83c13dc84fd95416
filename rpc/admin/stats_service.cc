// dialtone.stats.v1.Stats (proto/dialtone/stats/v1/stats.proto).
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "dialtone/rpc/admin.h"
#include "dialtone/rpc/async_semaphore.h"
#include "dialtone/rpc/on_workers.h"
#include "dialtone/stats/v1/stats.dialtone.h"
#include "server_core.h"

namespace dialtone {
namespace internal {
namespace {

namespace v1 = ::dialtone::stats::v1;

constexpr uint32_t kPageMax = 1000;
constexpr uint32_t kPageDefault = 100;

void Tell(const LatencyHistogram& from, v1::Latency& to) {
  for (const LatencyHistogram::Bucket& bucket : from.buckets()) {
    to.add_bucket(bucket.index);
    to.add_count(bucket.count);
  }
  to.set_sum_ns(absl::ToInt64Nanoseconds(from.sum()));
}

void Tell(const MethodMetrics& from, v1::Method& to) {
  to.set_path(from.path);
  to.set_started(from.started);
  for (size_t code = 0; code < kStatusCodes; ++code) {
    if (from.ended[code] == 0) continue;
    v1::Ended& ended = *to.add_ended();
    ended.set_code(static_cast<uint32_t>(code));
    ended.set_count(from.ended[code]);
  }
  to.set_messages_in(from.messages_in);
  to.set_messages_out(from.messages_out);
  to.set_bytes_in(from.bytes_in);
  to.set_bytes_out(from.bytes_out);
  Tell(from.queue, *to.mutable_queue());
  Tell(from.handler, *to.mutable_handler());
  Tell(from.total, *to.mutable_total());
}

void Tell(const LoopMetrics& from, v1::LoopLoad& to) {
  to.set_age_ns(absl::ToInt64Nanoseconds(from.age));
  to.set_idle_ns(absl::ToInt64Nanoseconds(from.idle));
  to.set_stalls(from.stalls);
  to.set_connections(from.connections);
  to.set_calls_in_flight(from.calls_in_flight);
}

void Tell(const ServerMetrics& from, v1::GetMetricsResponse& to) {
  to.set_serving(from.serving);
  to.set_age_ns(absl::ToInt64Nanoseconds(from.age));
  for (const MethodMetrics& method : from.methods) Tell(method, *to.add_methods());
  for (const LoopMetrics& loop : from.loops) Tell(loop, *to.add_loops());
  for (size_t i = 0; i < kServerLimits; ++i) {
    if (from.limits[i] == 0) continue;
    v1::Limit& limit = *to.add_limits();
    limit.set_name(std::string(ServerLimitName(static_cast<ServerLimit>(i))));
    limit.set_kind(std::string(ServerLimitKind(static_cast<ServerLimit>(i))));
    limit.set_count(from.limits[i]);
  }
  to.set_connections(from.connections);
  to.set_connections_accepted(from.connections_accepted);
  to.set_bytes_held(from.bytes_held);
}

void Tell(const TcpInfo& from, v1::Tcp& to) {
  to.set_state(std::string(from.state));
  to.set_round_trip_ns(absl::ToInt64Nanoseconds(from.round_trip));
  to.set_round_trip_variation_ns(absl::ToInt64Nanoseconds(from.round_trip_variation));
  to.set_congestion_window(from.congestion_window);
  to.set_unacknowledged(from.unacknowledged);
  to.set_segments_retransmitted(from.segments_retransmitted);
}

void Tell(const ConnectionMetrics& from, v1::Connection& to) {
  to.set_id(from.id);
  to.set_peer(from.peer.ToString());
  to.set_local(from.local.ToString());
  to.set_protocol(from.protocol);
  to.set_age_ns(absl::ToInt64Nanoseconds(from.age));
  to.set_calls_in_flight(from.calls_in_flight);
  to.set_bytes_in(from.bytes_in);
  to.set_bytes_out(from.bytes_out);
  if (from.tcp.has_value()) Tell(*from.tcp, *to.mutable_tcp());
}

// The server outlives its services.
class Service final : public v1::Stats::Service {
 public:
  explicit Service(ServerCore& server) : server_(server) {}

 private:
  Task<absl::Status> GetMetrics(ServerCall&, const v1::GetMetricsRequest&,
                                v1::GetMetricsResponse& reply) override {
    Tell(server_.Metrics(), reply);
    co_return absl::OkStatus();
  }

  // The reactors are asked one and all, which blocks; for one caller at a time, since it costs them
  // time with all of their connections.
  Task<absl::Status> ListConnections(ServerCall&, const v1::ListConnectionsRequest& request,
                                     v1::ListConnectionsResponse& reply) override {
    const uint32_t wanted = request.page_size() == 0 ? kPageDefault : request.page_size();
    const size_t page = std::min(wanted, kPageMax);
    const absl::StatusOr<AsyncSemaphore::Permit> permit = co_await listing_.Acquire();
    if (!permit.ok()) co_return permit.status();
    std::vector<ConnectionMetrics> found;
    const auto list = [&] { found = server_.Connections(request.after_id(), page + 1); };
    absl::Status done = co_await OnWorkers(list);
    reply.set_more(found.size() > page);
    if (found.size() > page) found.resize(page);
    reply.set_last_id(found.empty() ? request.after_id() : found.back().id);
    for (const ConnectionMetrics& connection : found) Tell(connection, *reply.add_connections());
    co_return done;
  }

  ServerCore& server_;
  AsyncSemaphore listing_{1};
};

class StatsExtension final : public ServerExtension {
  absl::Status OnStart(const std::shared_ptr<ServerCore>& server) override {
    if (!server->HasService(v1::Stats::kServiceName))
      server->Add(std::make_unique<Service>(*server), ServiceOptions());
    return absl::OkStatus();
  }
  void OnStop() override {}
};

}  // namespace
}  // namespace internal

std::shared_ptr<ServerExtension> StatsService() {
  return std::make_shared<internal::StatsExtension>();
}

}  // namespace dialtone
