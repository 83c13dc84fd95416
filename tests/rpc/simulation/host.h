// A host of the simulated network: a process of its own, with its own loops, that can be held up.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dialtone/rpc/runtime.h"
#include "support/sim_network.h"

namespace dialtone::simulation {

// The simulated network as one host sees it: all that is made through it lives there.
class HostNetwork final : public Network {
 public:
  HostNetwork(SimNetwork& network, std::string host) : network_(network), host_(std::move(host)) {}

  Instant Now() const override { return network_.Now(); }
  uint64_t RandomSeed() override { return network_.RandomSeed(); }
  std::unique_ptr<Loop> NewReactor(const std::string& name) override {
    return Keep(network_.NewReactor(host_ + "/" + name));
  }
  std::unique_ptr<Loop> NewCallerLoop(const std::string& name) override {
    return Keep(network_.NewCallerLoop(host_ + "/" + name));
  }
  std::unique_ptr<Workers> NewWorkers(int threads, size_t queue_max) override {
    return network_.NewWorkers(threads, queue_max);
  }
  absl::StatusOr<std::unique_ptr<Listener>> Listen(Loop& loop, const Address& address,
                                                   const ListenOptions& options,
                                                   Listener::Handler& handler) override {
    return network_.Listen(loop, address, options, handler);
  }
  void LookUp(std::string_view host, const NameOptions& options, NameCallback done) override {
    network_.LookUp(host, options, std::move(done));
  }
  bool Wait(Event& event, Instant until) override { return network_.Wait(event, until); }

  const std::string& host() const { return host_; }
  const std::vector<Loop*>& loops() const { return loops_; }

 private:
  std::unique_ptr<Loop> Keep(std::unique_ptr<Loop> loop) {
    loops_.push_back(loop.get());
    return loop;
  }

  SimNetwork& network_;
  const std::string host_;
  std::vector<Loop*> loops_;
};

struct Host {
  Host(SimNetwork& sim, const std::string& name, const RuntimeOptions& options)
      : network(sim, name), runtime(std::make_unique<Runtime>(network, options)) {}

  // The process does nothing until `until`, while its kernel goes on.
  void Pause(SimNetwork& sim, Instant until) {
    paused.emplace_back(sim.Now(), until);
    for (Loop* loop : network.loops()) sim.Pause(*loop);
  }
  void Resume(SimNetwork& sim) {
    for (const auto& [begin, end] : paused) {
      if (end > sim.Now()) return;  // another pause goes on
    }
    for (Loop* loop : network.loops()) sim.Resume(*loop);
  }
  // The earliest moment from `when` on at which the process can do anything.
  Instant Awake(Instant when) const {
    for (bool moved = true; moved;) {
      moved = false;
      for (const auto& [begin, end] : paused) {
        if (begin <= when && when < end) {
          when = end;
          moved = true;
        }
      }
    }
    return when;
  }

  HostNetwork network;
  std::unique_ptr<Runtime> runtime;  // null: the process has ended
  std::vector<std::pair<Instant, Instant>> paused;
};

}  // namespace dialtone::simulation
