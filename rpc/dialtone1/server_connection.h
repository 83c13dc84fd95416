// The server's side of Dialtone/1. See server_protocol.h for what it does and docs/protocol.md for
// the bytes. Internal to rpc/.
#pragma once

#include <memory>

#include "server_protocol.h"

namespace dialtone::dialtone1 {

std::unique_ptr<ServerProtocol> NewServerProtocol();

}  // namespace dialtone::dialtone1
