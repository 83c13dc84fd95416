// What becomes of a channel's connections on one loop: counted for its metrics, told to its connection
// observers, and known by name for Channel::Connections(). Internal to rpc/.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "client_protocol.h"
#include "dialtone/rpc/connection_observer.h"
#include "dialtone/rpc/metrics.h"
#include "dialtone/transport/loop.h"
#include "event_count.h"

namespace dialtone::internal {

class ChannelCore;

// Written under the loop's lead, read by any thread.
struct ConnectionCounters {
  EventCount connects;
  EventCount connects_failed;
  EventCount made;
  std::array<EventCount, kConnectionEnds> closed;

  void AddTo(ChannelMetrics& metrics) const;
};

// Belongs to a loop; everything under its lead. Subchannels tell it what their connections tell them.
class ConnectionEvents {
 public:
  // Both outlive it.
  ConnectionEvents(ChannelCore& core, Loop& loop, ConnectionCounters& counters)
      : core_(core), loop_(loop), counters_(counters) {}
  ConnectionEvents(const ConnectionEvents&) = delete;
  ConnectionEvents& operator=(const ConnectionEvents&) = delete;

  // It was begun at that time.
  void OnConnecting(ClientConnection& connection, Instant since);
  void OnConnected(ClientConnection& connection);
  void OnSettingsWritten(const ClientConnection& connection) {
    Tell(connection, &ConnectionObserver::OnSettingsWritten);
  }
  void OnSettingsRead(const ClientConnection& connection) {
    Tell(connection, &ConnectionObserver::OnSettingsRead);
  }
  void OnDraining(ClientConnection& connection);
  void OnClosing(const ClientConnection& connection) {
    Tell(connection, &ConnectionObserver::OnClosing);
  }
  void OnClosed(const ClientConnection& connection, const absl::Status& status);

  // Those that are there, or are being made.
  std::vector<ConnectionMetrics> All() const;

 private:
  void Tell(const ClientConnection& connection,
            void (ConnectionObserver::*step)(const ConnectionView&));

  ChannelCore& core_;
  Loop& loop_;
  ConnectionCounters& counters_;
  std::vector<const ClientConnection*> all_;
};

}  // namespace dialtone::internal
