// Which protocols there are. Declared here for the call part, which knows none of them, and defined
// where they all are known (rpc/protocols.cc). Internal to rpc/.
#pragma once

#include <memory>
#include <vector>

#include "dialtone/rpc/channel.h"
#include "dialtone/transport/address.h"
#include "endpoint.h"
#include "server_protocol.h"

namespace dialtone::internal {

class ServerCore;

// What a server speaks on its ports, in the order in which first bytes are looked at.
const std::vector<const ServerProtocol*>& ServerProtocols();

// A server behind an address.
std::shared_ptr<const Endpoint> NewSocketEndpoint(const Address& address,
                                                  const ChannelOptions& options);

// A server of this process.
std::shared_ptr<const Endpoint> NewInProcessEndpoint(ServerCore& server,
                                                     const ChannelOptions& options);

}  // namespace dialtone::internal
