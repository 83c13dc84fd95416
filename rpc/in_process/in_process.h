// The in-process channel: calls to a server of the same process, with no bytes on a network
// between. Messages are serialised all the same, so that what works here works over a wire;
// deadlines, cancellation, metadata, limits and drain are those of every other protocol. Internal
// to rpc/.
#pragma once

#include <memory>

#include "dialtone/rpc/channel.h"
#include "endpoint.h"
#include "server_core.h"

namespace dialtone::in_process {

std::shared_ptr<const internal::Endpoint> NewEndpoint(std::shared_ptr<internal::ServerCore> server,
                                                      const ChannelOptions& options);

}  // namespace dialtone::in_process
