// A load on one method: the connections, the loops that keep them busy, and a word on how it goes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dialtone/load/result.h"
#include "dialtone/load/schedule.h"
#include "dialtone/rpc/call_options.h"
#include "dialtone/rpc/channel.h"
#include "dynamic_call.h"
#include "message_splitter.h"

namespace dial {

struct LoadPlan {
  int connections = 1;
  int in_flight = 1;
  // Without it: a closed loop.
  std::optional<dialtone::load::Schedule> schedule;
  absl::Duration warmup;
  absl::Duration duration;
  std::vector<pid_t> servers;  // whose processor time is counted
  std::string payload;         // payload.h
  MessageForm form = MessageForm::kJson;
  dialtone::CallOptions options;
};

// What has happened since the last time.
struct LoadTick {
  double seconds = 0;  // since the beginning
  double calls_per_second = 0;
  uint64_t failed = 0;
  double latency_mean_ns = 0;
};

// Blocks until the plan is done, or Ctrl-C has ended it before its time. `make_channel` makes one for each connection, and
// they are gone when this returns. `on_tick` is told every second, on another thread. An error is why nothing could be
// measured: the payload is wrong, or there is no server, or it has no such method.
absl::StatusOr<dialtone::load::Result> RunLoad(
    const LoadPlan& plan, const DynamicMethod& method,
    const std::function<std::unique_ptr<dialtone::Channel>()>& make_channel,
    const std::function<void(const LoadTick&)>& on_tick);

}  // namespace dial
