// What bounds one connection, on either side.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace dialtone {

// The two sides tell each other their limits in their settings.
struct ConnectionLimits {
  ConnectionLimits() = default;

  uint32_t streams_max = 1024;                   // calls at a time
  uint32_t methods_max = 1024;                   // names a client may bind
  uint32_t metadata_bytes_max = 16 * 1024;       // of one call, one way
  uint64_t message_bytes_max = 4 * 1024 * 1024;  // received
  uint32_t stream_window_bytes = 256 * 1024;
  uint32_t connection_window_bytes = 1024 * 1024;
  uint64_t incomplete_bytes_max =
      32 * 1024 * 1024;  // of messages not yet complete, all streams together
  uint64_t write_queue_bytes_max =
      1024 * 1024;  // unsent bytes above which a server stops reading requests
  uint32_t control_frames_max =
      1024;  // PING, SETTINGS, WINDOW, empty frames in a second without a call
  absl::Duration handshake_timeout =
      absl::Seconds(5);  // a client's, from the connection to the server's first bytes
  absl::Duration goodbye_timeout =
      absl::Seconds(1);  // each wait for the peer while a connection is being closed
};

}  // namespace dialtone
