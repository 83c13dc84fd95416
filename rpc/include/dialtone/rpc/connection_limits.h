// What bounds one connection, on either side. docs/limits.md has all limits in one table.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace dialtone {

// The two sides tell each other their limits in their settings.
struct ConnectionLimits {
  ConnectionLimits() = default;

  // Calls at a time. A client lets more wait. Below 64 a server still announces 64, which is the
  // protocol's minimum, and refuses what is above its own limit.
  uint32_t streams_max = 1024;
  // Names of methods that a client may bind to numbers; calls of others carry their name each time.
  // From 64 to 65535; what is above or below counts as these.
  uint32_t methods_max = 1024;
  // Of one call, one way; more fails the call. From 8 KiB to 64 KiB.
  uint32_t metadata_bytes_max = 16 * 1024;
  // A message that is received, with its attachment, and counted as large as it is when it is not
  // compressed; a larger one fails its call.
  uint64_t message_bytes_max = 4 * 1024 * 1024;
  // Whether the peer is told that it may send compressed messages (dialtone/rpc/compression.h).
  bool accept_compressed = true;
  // What the peer may send ahead of credit, a stream and in all: it waits then. At least these.
  uint32_t stream_window_bytes = 256 * 1024;
  uint32_t connection_window_bytes = 1024 * 1024;
  // To what the windows of busy streams and of their connection may grow when what comes in a round trip
  // fills them: far peers send no faster than a window a round trip. Below stream_window_bytes: they
  // stay as they are.
  uint32_t window_bytes_max = 8 * 1024 * 1024;
  // What is held for the peer: messages of which a part has come, and at a server replies that wait
  // to be sent, frames that the client does not read, metadata of calls, if they are many, what packed
  // requests become, and open calls beyond the first few. Above it the newest of the calls that hold a
  // message ends with RESOURCE_EXHAUSTED, and its bytes are dropped; one whose metadata or packed
  // request find no room is refused. All connections together are bounded by
  // RuntimeOptions::bytes_in_flight_max; docs/limits.md tells what counts.
  uint64_t bytes_in_flight_max = 128 * 1024 * 1024;
  // Bytes that the peer does not read, above which a server stops reading its requests.
  uint64_t write_queue_bytes_max = 1024 * 1024;
  // PING, SETTINGS, small WINDOW, empty frames in a second without a call; more closes the
  // connection.
  uint32_t control_frames_max = 1024;
  // A client's, from the connection to the server's SETTINGS; then it is closed.
  absl::Duration handshake_timeout = absl::Seconds(5);
  // At a server: a connection without calls for that long, or up to three fifths longer (by chance, so
  // that not all go at once), is told to go (GOAWAY). Clients connect again when they need to.
  // Infinite: never.
  absl::Duration idle_timeout = absl::Minutes(10);
  // At a server: a connection of that age, or a tenth more or less (by chance), is told to go likewise,
  // so that clients spread anew over servers. Its calls go on, for the grace; what has not ended then
  // is cancelled. Infinite: never.
  absl::Duration max_age = absl::InfiniteDuration();
  absl::Duration max_age_grace = absl::InfiniteDuration();
  // A peer of which nothing has come for the interval, or up to half as long again, while calls are
  // under way, is asked whether it is still there (PING). If no byte follows within the timeout, the
  // connection is lost: UNAVAILABLE. An infinite interval: never.
  absl::Duration ping_interval = absl::Seconds(30);
  absl::Duration ping_timeout = absl::Seconds(20);
  // Also while no call is under way: costs an idle process a wake-up each time.
  bool ping_without_calls = false;
  // A peer that asks more often than this, more than ten times over and with no message between, is
  // closed (LIMIT). Zero: it may ask as often as it likes, within control_frames_max.
  absl::Duration ping_interval_min = absl::Seconds(5);
  // A peer that accepts no byte for that long while bytes wait for it: the connection is closed.
  // Shorter than StreamOptions::unacknowledged_timeout, so that the reason is told. Infinite: never.
  absl::Duration write_stall_timeout = absl::Seconds(20);
  // Each wait for the peer while a connection is being closed; then it is cut.
  absl::Duration goodbye_timeout = absl::Seconds(1);
};

}  // namespace dialtone
