// A connection that was accepted and whose protocol is not known yet: reads the first bytes, asks
// the protocols whose they are, and hands the stream over. Internal to rpc/.
#pragma once

#include <memory>
#include <string>

#include "dialtone/transport/loop.h"
#include "dialtone/transport/network.h"
#include "server_loop.h"

namespace dialtone::internal {

// Belongs to a ServerLoop; under its loop's lead.
class IncomingConnection final : private ByteStream::Handler {
 public:
  IncomingConnection(ServerLoop& server, std::unique_ptr<AcceptedStream> stream,
                     absl::Duration handshake_timeout, const ConnectionLimits& limits);
  ~IncomingConnection();
  IncomingConnection(const IncomingConnection&) = delete;
  IncomingConnection& operator=(const IncomingConnection&) = delete;

  // While the server drains there is less patience: a second.
  void Hurry();

 private:
  void OnConnected(const absl::Status& status) override;
  void OnReadable() override;
  void OnWritable() override {}
  void OnTimeout();
  // True: this object is done for.
  bool Recognize();
  void Done();

  ServerLoop& server_;
  const ConnectionLimits& limits_;
  std::string first_bytes_;
  std::unique_ptr<ByteStream> stream_;
  MemberTimer<&IncomingConnection::OnTimeout> timeout_{*this};
};

}  // namespace dialtone::internal
