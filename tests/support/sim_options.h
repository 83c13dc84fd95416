// What a simulated network is like: how slow, how choppy, how unkind. Everything random in it
// follows from the seed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace dialtone {

struct SimOptions {
  SimOptions() = default;
  explicit SimOptions(uint64_t the_seed) : seed(the_seed) {}

  uint64_t seed = 1;

  // One way, drawn anew for each piece of bytes; order is kept.
  absl::Duration latency_min = absl::Microseconds(20);
  absl::Duration latency_max = absl::Microseconds(500);
  // Each direction of each connection; zero: no limit.
  int64_t bytes_per_second = 0;
  // Bytes that one direction of a connection holds, on the way and arrived together; a writer who
  // finds it full would block.
  size_t buffer_bytes = 64 * 1024;

  // How often a read or a write moves fewer bytes than it could (often a single one), or what was
  // written in one piece arrives in several.
  double slice_probability = 0.2;
  // How often a piece is lost and arrives only after `retransmit_delay` more.
  double loss_probability = 0.0;
  absl::Duration retransmit_delay = absl::Milliseconds(200);
  // How often a write is followed by a reset of its connection, and a connect is refused although
  // somebody listens.
  double reset_probability = 0.0;
  double refuse_probability = 0.0;

  // From a completed connection to OnAccept; from readiness or a post to the loop's turn; from a
  // post to workers to its run.
  absl::Duration accept_delay_max = absl::Microseconds(100);
  absl::Duration turn_delay_max = absl::Microseconds(5);
  absl::Duration worker_delay_max = absl::Microseconds(200);
  // How often TryLead() finds a caller loop led by its background thread.
  double lead_busy_probability = 0.1;

  // A run that takes more events than this never ends: it aborts and names the seed.
  uint64_t events_max = 20'000'000;
};

}  // namespace dialtone
