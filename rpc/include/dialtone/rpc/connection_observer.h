// What a channel's connections go through, from the lookup of a name to a closed socket. For whoever
// watches or logs that; calls have observers of their own (observer.h).
//
//   OnLookUp ─▶ OnResolved                     only where the target has names
//   OnConnecting ─▶ OnConnected ─▶ OnSettingsWritten ─▶ OnSettingsRead ─▶ OnDraining? ─▶ OnClosing ─▶ OnClosed
//     socket()       handshake      first bytes out       first bytes in                close() is next
//
//   class Lost final : public dialtone::ConnectionObserver {
//     void OnClosed(const dialtone::ConnectionView& connection, const absl::Status& status) override {
//       if (!status.ok()) dialtone::Log(dialtone::LogLevel::kInfo, std::string(status.message()));
//     }
//   };
//   options.connection_observers.push_back(std::make_shared<Lost>());
//
// A connection that cannot be made skips from OnConnecting to its end. Connections within the process have no bytes and no
// SETTINGS: they are told of as connecting, connected, draining, closed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dialtone/rpc/metrics.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/instant.h"

namespace dialtone {

class ClientConnection;

// One step of a connection. Valid during the call that it was given to.
class ConnectionView {
 public:
  // For the framework.
  ConnectionView(std::string_view target, const ClientConnection& connection, Instant at)
      : target_(target), connection_(connection), at_(at) {}

  std::string_view target() const { return target_; }  // the channel's
  // Rises with the channel's connections, from 1; never used again.
  uint64_t id() const;
  // When it happened, by the clock of the runtime's network: for sockets the machine's monotonic one.
  Instant at() const { return at_; }
  const Address& peer() const;   // no address within the process
  const Address& local() const;  // no address before it is connected
  // As Channel::Connections() tells of it, the kernel's view included: until OnClosing(). Costs a system call.
  ConnectionMetrics Metrics() const;

 private:
  const std::string_view target_;
  const ClientConnection& connection_;
  const Instant at_;
};

// Must not block. What it throws is logged and changes nothing. OnResolved() runs on the network's thread for names, all else on the connection's loop, under its lead: so
// for one connection one after the other, and for those of several loops at a time. Nothing here runs for a call: what is
// watched costs connections, not calls. The channel holds it; OnResolved() may come a moment after it is gone.
class ConnectionObserver {
 public:
  virtual ~ConnectionObserver() = default;
  // The names of `target` are looked up, at first for the first call; all loops of the channel share the answer.
  virtual void OnLookUp(std::string_view /*target*/, Instant /*at*/) {}
  // At least one address, or why there is none.
  virtual void OnResolved(std::string_view /*target*/,
                          const absl::StatusOr<std::vector<Address>>& /*addresses*/,
                          Instant /*at*/) {}
  // There is a socket, and the kernel has been asked to connect it; at() is when that began.
  virtual void OnConnecting(const ConnectionView& /*connection*/) {}
  // The stream of bytes stands: TCP's handshake is done.
  virtual void OnConnected(const ConnectionView& /*connection*/) {}
  // This side's preface and SETTINGS were handed to the kernel; requests may have gone with them.
  virtual void OnSettingsWritten(const ConnectionView& /*connection*/) {}
  // The server's have come.
  virtual void OnSettingsRead(const ConnectionView& /*connection*/) {}
  // The server takes no more calls here.
  virtual void OnDraining(const ConnectionView& /*connection*/) {}
  // The socket is about to be closed.
  virtual void OnClosing(const ConnectionView& /*connection*/) {}
  // It is closed. OK: in peace, with no call under way; else why, or why it could not be made.
  virtual void OnClosed(const ConnectionView& /*connection*/, const absl::Status& /*status*/) {}
};

}  // namespace dialtone
