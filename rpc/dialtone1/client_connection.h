// The client's side of Dialtone/1: how to make a connection to a server. See client_protocol.h for
// what it does and docs/protocol.md for the bytes. Internal to rpc/.
#pragma once

#include <cstdint>
#include <memory>

#include "client_protocol.h"
#include "dialtone/rpc/byte_budget.h"
#include "dialtone/rpc/connection_limits.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/loop.h"
#include "stream_ids.h"

namespace dialtone::dialtone1 {

struct ClientOptions {
  ClientOptions() = default;

  // Send no request before the server's first bytes have come. For connections after one that was
  // lost: a request that was written ahead counts as possibly run, so a broken server would eat one
  // after the other.
  bool wait_for_preface = false;
  // Ask the server to tell the time that calls spent in its queue and in its handlers.
  bool want_times = false;
  // Of all connections of the process; may be null: none.
  ByteBudget* process_bytes = nullptr;
  // For tests, which begin near the end of the ids.
  uint32_t first_stream_id = kFirstStreamId;
};

// Begins to connect; under the loop's lead. A connection that cannot be made says so through
// Owner::OnClosed().
std::unique_ptr<ClientConnection> Connect(Loop& loop, const Address& peer,
                                          const ConnectOptions& connect,
                                          const ConnectionLimits& limits,
                                          const ClientOptions& options,
                                          ClientConnection::Owner& owner);

}  // namespace dialtone::dialtone1
