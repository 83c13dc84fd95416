// The network of this machine: sockets on epoll.
#pragma once

#include <cstddef>
#include <memory>

#include "dialtone/transport/network.h"

namespace dialtone {

struct SocketNetworkOptions {
  SocketNetworkOptions() = default;

  // How long a caller loop stays without a leader after the last blocking call before its
  // background thread watches over it.
  absl::Duration linger = absl::Milliseconds(100);
  // Names that may be looked up at a time; more lookups end with RESOURCE_EXHAUSTED.
  size_t name_lookups_max = 1024;
};

std::unique_ptr<Network> NewSocketNetwork(
    const SocketNetworkOptions& options = SocketNetworkOptions());

}  // namespace dialtone
