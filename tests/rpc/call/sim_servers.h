// Servers and a client in the simulated network, where time is virtual: a test can say to the
// nanosecond when something ends.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "support/sim_network.h"
#include "test_service.h"

namespace dialtone {

// Everything in no time at all, unless a test says otherwise.
inline SimOptions InstantOptions(uint64_t seed = 1) {
  SimOptions options(seed);
  options.latency_min = options.latency_max = absl::ZeroDuration();
  options.accept_delay_max = options.turn_delay_max = options.worker_delay_max =
      absl::ZeroDuration();
  options.slice_probability = options.lead_busy_probability = 0;
  return options;
}

// A world with one process of two reactors.
struct SimProcess {
  explicit SimProcess(const SimOptions& options = InstantOptions(),
                      const RuntimeOptions& runtime_options = TwoReactors())
      : network(options), runtime(network, runtime_options) {}

  static RuntimeOptions TwoReactors() {
    RuntimeOptions options;
    options.reactors = 2;
    options.worker_threads = 2;
    return options;
  }
  ChannelOptions ClientOptions() {
    ChannelOptions options;
    options.runtime = &runtime;
    return options;
  }
  absl::Duration Time() { return network.Now() - Instant(); }

  SimNetwork network;
  Runtime runtime;
};

// Calls a function after a while of virtual time, under the lead of a reactor: for what must happen
// while the test itself waits.
class After final : private Timer {
 public:
  After(SimProcess& process, absl::Duration delay, std::function<void()> function)
      : loop_(*process.runtime.reactors().front()), function_(std::move(function)) {
    process.network.RunOn(loop_, [&] { loop_.Arm(*this, loop_.Now() + delay); });
  }

 private:
  void OnTimer() override { function_(); }

  Loop& loop_;
  const std::function<void()> function_;
};

// A server there.
struct SimServer {
  SimServer(SimProcess& process, CoroutineHandler coroutine, PlainHandler plain = PlainHello,
            bool plain_on_workers = false)
      : server(With(process.runtime)) {
    server.Add(std::make_unique<CoroutineService>(std::move(coroutine)));
    ServiceOptions service_options;
    service_options.run_on_workers = plain_on_workers;
    server.Add(std::make_unique<PlainService>(std::move(plain)), service_options);
    auto bound = server.Listen("127.0.0.1:0");
    EXPECT_TRUE(bound.ok()) << bound.status();
    channel = std::make_unique<Channel>(bound->ToString(), process.ClientOptions());
    EXPECT_TRUE(server.Start().ok());
  }

  static ServerOptions With(Runtime& runtime) {
    ServerOptions options;
    options.runtime = &runtime;
    return options;
  }

  Server server;
  std::unique_ptr<Channel> channel;  // to it
};

}  // namespace dialtone
