// What came back beside a call's reply.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "dialtone/rpc/attachment.h"
#include "dialtone/rpc/metadata.h"
#include "dialtone/transport/address.h"

namespace dialtone {

// One may be used for several calls, one after the other: each leaves nothing of what the one before has told.
struct CallInfo {
  Metadata initial_metadata;
  Metadata trailing_metadata;
  // What came with the one reply, in memory that it shares with nobody but copies of it. Streams hand
  // over each message's own: ClientReader::attachment().
  Attachment attachment;
  // Who answered; no address if the call never left.
  Address peer;
  // How often the call was sent to a server: more than once if it was sent again because it had not
  // run, retried, or hedged; 0 if it never left.
  uint32_t attempts = 0;
  // The server's own account of the call, if ChannelOptions::want_server_times asked for it; not in
  // process.
  std::optional<absl::Duration> server_queue_time;
  std::optional<absl::Duration> server_handler_time;
};

}  // namespace dialtone
