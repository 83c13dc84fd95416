// A connection that was accepted and whose protocol is not known yet: reads the first bytes, asks
// the protocols whose they are, and hands the stream over. Internal to rpc/.
#pragma once

#include <memory>
#include <string>

#include "connection_gate.h"
#include "dialtone/transport/loop.h"
#include "dialtone/transport/network.h"
#include "server_loop.h"

namespace dialtone::internal {

// Belongs to a ServerLoop; under its loop's lead.
class IncomingConnection final : private ByteStream::Handler {
 public:
  IncomingConnection(ServerLoop& server, std::unique_ptr<AcceptedStream> stream,
                     absl::Duration handshake_timeout, ConnectionGate::Place place);
  // One that is turned away: told why, if it says what it speaks within `timeout`, and closed.
  IncomingConnection(ServerLoop& server, std::unique_ptr<AcceptedStream> stream,
                     absl::Duration timeout, std::string refusal);
  ~IncomingConnection();
  IncomingConnection(const IncomingConnection&) = delete;
  IncomingConnection& operator=(const IncomingConnection&) = delete;

  // While the server drains there is less patience: a second.
  void Hurry();
  bool turned_away() const { return !refusal_.empty(); }

 private:
  void OnConnected(const absl::Status& status) override;
  void OnReadable() override;
  void OnWritable() override {}
  void OnTimeout();
  // True: this object is done for.
  bool Recognize();
  // The same for one that is turned away.
  bool Refuse(const ServerProtocol& protocol);
  void Done();

  ServerLoop& server_;
  ConnectionGate::Place place_;
  const std::string refusal_;  // empty: it will be served
  bool refused_ = false;       // and told so: now waits for the client to close
  std::string first_bytes_;
  std::unique_ptr<ByteStream> stream_;
  MemberTimer<&IncomingConnection::OnTimeout> timeout_{*this};
};

}  // namespace dialtone::internal
