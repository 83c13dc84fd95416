// An in-process connection: two ends, each on a loop of its own (or both on one reactor), that
// speak by posting work to each other's loop, in order. Internal to in_process/.
//
//   client loop                                  server loop
//   ClientEnd ── Hello, Begin, Cancel, Bye ────▶ ServerEnd ──▶ dispatcher
//   ClientEnd ◀── Ready, Event, Draining, Closed ── ServerEnd
#pragma once

#include <memory>

#include "client_protocol.h"
#include "dialtone/transport/loop.h"
#include "server_core.h"

namespace dialtone::in_process {

// Begins to connect from `loop`, under its lead. `limits` are the client's.
std::unique_ptr<ClientConnection> OpenLink(Loop& loop, std::shared_ptr<internal::ServerCore> server,
                                           const ConnectionLimits& limits,
                                           ClientConnection::Owner& owner);

}  // namespace dialtone::in_process
