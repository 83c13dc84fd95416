// Several servers in the simulated network, each of which a test can tell how to behave; and hosts
// that no packet reaches.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dialtone/rpc/sleep.h"
#include "rpc/simulation/host.h"
#include "sim_servers.h"

namespace dialtone {

// A server on one address that counts its calls and answers them as the test says.
class FleetServer {
 public:
  FleetServer(SimProcess& world, const std::string& address,
              const ConnectionLimits& limits = ConnectionLimits())
      : FleetServer(world.runtime, address, limits) {}
  FleetServer(Runtime& runtime, const std::string& address,
              const ConnectionLimits& limits = ConnectionLimits())
      : server_(With(runtime, limits)) {
    server_.Add(std::make_unique<CoroutineService>(
        [this](ServerCall&, const Text&, Text& reply) { return Answer(reply); }));
    EXPECT_TRUE(server_.Listen(address).ok());
    EXPECT_TRUE(server_.Start().ok());
  }

  Server& server() { return server_; }
  int calls() const { return calls_; }
  // Since the last time.
  int NewCalls() { return calls_ - std::exchange(seen_, calls_); }

  absl::Status status;  // what calls end with from now on,
  absl::Duration time;  // how long they take,
  int fail_each = 1;    // and which of them end with `status`: every so many-th

 private:
  static ServerOptions With(Runtime& runtime, const ConnectionLimits& limits) {
    ServerOptions options = SimServer::With(runtime);
    options.limits = limits;
    return options;
  }
  Task<absl::Status> Answer(Text& reply) {
    absl::Status result = status;
    const absl::Duration duration = time;
    if (++calls_ % fail_each != 0) result = absl::OkStatus();
    if (duration > absl::ZeroDuration()) {
      const absl::Status slept = co_await Sleep(duration);
      if (!slept.ok()) co_return slept;
    }
    reply.set_value("hello");
    co_return result;
  }

  Server server_;
  int calls_ = 0;
  int seen_ = 0;
};

// Servers, a name service, and a client in one world.
class FleetTest : public testing::Test {
 protected:
  FleetServer& Serve(const std::string& address,
                     const ConnectionLimits& limits = ConnectionLimits()) {
    servers_[address] = std::make_unique<FleetServer>(world_, address, limits);
    return *servers_[address];
  }
  void Stop(const std::string& address) {
    servers_.erase(address);
    world_.network.RunFor(absl::Milliseconds(10));
  }
  // A server on a host to which no packet gets through: whoever connects there waits.
  FleetServer& ServeUnreachably(const std::string& address) {
    if (far_ == nullptr) {
      far_ = std::make_unique<simulation::Host>(world_.network, "far", SimProcess::TwoReactors());
      world_.network.Partition("local", "far");
    }
    servers_[address] = std::make_unique<FleetServer>(*far_->runtime, address);
    return *servers_[address];
  }
  void Reach() { world_.network.Heal("local", "far"); }

  std::unique_ptr<Channel> MakeChannel(const std::string& target,
                                       ChannelOptions options = ChannelOptions()) {
    options.runtime = &world_.runtime;
    return std::make_unique<Channel>(target, options);
  }
  // Where a call went: "10.0.0.1:7000"; or how it failed.
  static std::string Ask(Channel& channel, const CallOptions& options = CallOptions()) {
    CallInfo info;
    const auto reply = StartCoroutine(channel, "x", options).Capture(info).Wait();
    return reply.ok() ? info.peer.ToString() : Show(reply);
  }
  // How many of `calls` calls went where.
  static std::map<std::string, int> AskMany(Channel& channel, int calls) {
    std::map<std::string, int> where;
    for (int i = 0; i < calls; ++i) ++where[Ask(channel)];
    return where;
  }
  // Since the world began; what takes no time in it may take a nanosecond.
  int64_t Milliseconds() { return absl::ToInt64Milliseconds(world_.Time()); }
  SimNames& names() { return world_.network.names(); }
  void RunFor(absl::Duration time) { world_.network.RunFor(time); }

  SimProcess world_;
  std::unique_ptr<simulation::Host> far_;
  std::map<std::string, std::unique_ptr<FleetServer>> servers_;
};

}  // namespace dialtone
