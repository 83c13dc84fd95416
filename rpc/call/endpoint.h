// Where one server of a target is reached, and how a connection to it is opened. Internal to rpc/.
#pragma once

#include <memory>
#include <string>

#include "client_protocol.h"
#include "dialtone/transport/loop.h"

namespace dialtone::internal {

// Constant; shared by a channel's loops.
class Endpoint {
 public:
  virtual ~Endpoint() = default;
  // As errors name it: "127.0.0.1:7000".
  virtual std::string name() const = 0;
  // Under the lead of `loop`. `again`: a connection of this channel to this endpoint has been lost
  // or could not be made before (a protocol may then want to see an answer before it sends
  // requests).
  virtual std::unique_ptr<ClientConnection> Open(Loop& loop, bool again,
                                                 ClientConnection::Owner& owner) const = 0;
};

}  // namespace dialtone::internal
