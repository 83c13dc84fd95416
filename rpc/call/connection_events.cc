#include "connection_events.h"

#include <string>

#include "channel_core.h"
#include "guarded.h"

namespace dialtone {
namespace {

ConnectionMetrics MetricsOf(const ClientConnection& connection, Instant now) {
  const ConnectionTraffic traffic = connection.traffic();
  ConnectionMetrics metrics;
  metrics.id = connection.note.number;
  metrics.peer = connection.info().peer;
  metrics.local = connection.local();
  metrics.protocol = std::string(connection.info().protocol);
  metrics.age = now - connection.note.since;
  metrics.calls_in_flight = connection.calls_in_flight();
  metrics.bytes_in = traffic.bytes_in;
  metrics.bytes_out = traffic.bytes_out;
  metrics.tcp = traffic.tcp;
  return metrics;
}

}  // namespace

uint64_t ConnectionView::id() const { return connection_.note.number; }
const Address& ConnectionView::peer() const { return connection_.info().peer; }
const Address& ConnectionView::local() const { return connection_.local(); }
ConnectionMetrics ConnectionView::Metrics() const { return MetricsOf(connection_, at_); }

namespace internal {

void ConnectionEvents::OnConnecting(ClientConnection& connection, Instant since) {
  counters_.connects.Increment();
  connection.note.number = core_.NextConnectionNumber();
  connection.note.since = since;
  all_.push_back(&connection);
  const ConnectionView view(core_.target(), connection, since);
  for (const auto& observer : core_.options().connection_observers)
    RunUsers(kAnObserver, [&] { observer->OnConnecting(view); });
}

void ConnectionEvents::OnConnected(ClientConnection& connection) {
  counters_.made.Increment();
  connection.note.connected = true;
  Tell(connection, &ConnectionObserver::OnConnected);
}

void ConnectionEvents::OnDraining(ClientConnection& connection) {
  connection.note.end = ConnectionEnd::kDrained;
  Tell(connection, &ConnectionObserver::OnDraining);
}

void ConnectionEvents::OnClosed(const ClientConnection& connection, const absl::Status& status) {
  const ClientConnection::Note& note = connection.note;
  if (note.connected) {
    counters_.closed[static_cast<size_t>(note.end)].Increment();
  } else if (note.end != ConnectionEnd::kClosed) {
    counters_.connects_failed.Increment();
  }
  std::erase(all_, &connection);
  if (core_.options().connection_observers.empty()) return;
  const ConnectionView view(core_.target(), connection, loop_.Now());
  for (const auto& observer : core_.options().connection_observers)
    RunUsers(kAnObserver, [&] { observer->OnClosed(view, status); });
}

void ConnectionEvents::Tell(const ClientConnection& connection,
                            void (ConnectionObserver::*step)(const ConnectionView&)) {
  if (core_.options().connection_observers.empty()) return;
  const ConnectionView view(core_.target(), connection, loop_.Now());
  for (const auto& observer : core_.options().connection_observers)
    RunUsers(kAnObserver, [&] { (observer.get()->*step)(view); });
}

std::vector<ConnectionMetrics> ConnectionEvents::All() const {
  std::vector<ConnectionMetrics> all;
  all.reserve(all_.size());
  for (const ClientConnection* connection : all_)
    all.push_back(MetricsOf(*connection, loop_.Now()));
  return all;
}

}  // namespace internal
}  // namespace dialtone
