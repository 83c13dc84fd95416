// One line in the log for each call that a server has answered, in logfmt; with LogFormat::kJson its parts are fields, too.
//
//   options.observers.push_back(dialtone::AccessLog());
//
//   call method=greeter.Greeter/Greet peer=127.0.0.1:41234 status=OK duration_us=112 bytes_in=7 bytes_out=13
//   deadline_left_us=14999800 trace_id=4bf92f3577b34da6a3ce929d0e0e4736          (on one line)
//
// Bytes are those of messages as Protobuf counts them, of streams their sum. A deadline or a trace that there is not is
// left out of the text, and an empty field. Put it behind tracing in the list, and it knows the traces that begin here; and
// before what rejects calls, and it logs those, too.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "dialtone/rpc/observer.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/wall_clock.h"

namespace dialtone {

struct AccessLogOptions {
  AccessLogOptions() = default;

  // Of the calls that end with OK; 1: all.
  double ratio = 1;
  // Of those that do not.
  double failed_ratio = 1;
  LogLevel level = LogLevel::kInfo;
  // For tests; empty: random numbers.
  std::function<uint64_t()> random;
  // By the one is told when a call began, by the other how long it took: whoever sets the time of day makes no call long.
  std::function<absl::Time()> clock = WallClock;
  std::function<Instant()> monotonic_clock = MonotonicNow;
};

std::shared_ptr<ServerObserver> AccessLog(const AccessLogOptions& options = AccessLogOptions());

}  // namespace dialtone
