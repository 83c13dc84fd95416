// The simulated network: a whole world of hosts, loops and connections on one thread, in virtual
// time. What happens, and in which order, follows from a seed, so that every failure can be run
// again.
//
//   SimOptions options(seed);
//   options.slice_probability = 0.5;
//   SimNetwork network(options);
//   auto loop = network.NewReactor("server/0");     // on the host "server"
//   ...                                             // the system under test, made of this network
//   network.Partition("client", "server");
//   network.RunFor(absl::Seconds(3));               // or Wait(), Drive(): the world moves while
//   somebody waits
//
// What differs from the machine's sockets, besides the determinism:
// - Nested waits: code that runs without a lead (deferred work, workers) may block; what happens
// meanwhile runs inside
//   its wait. An outer wait therefore returns no earlier than the waits nested in it.
// - Reset destroys all that the other side has not read, arrived or not; kernels may leave what has
// arrived.
// - A host that was cut off and heals remembers its connections: a crash and restart of a machine
// is not modelled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "dialtone/transport/network.h"
#include "support/sim_names.h"
#include "support/sim_options.h"
#include "support/sim_world.h"

namespace dialtone {

// One thread uses it and all that is made by it. Aborts, naming the seed, if something made by it
// outlives it.
class SimNetwork final : public Network {
 public:
  explicit SimNetwork(const SimOptions& options = SimOptions()) : world_(options) {}
  ~SimNetwork() override;

  // --- Network ---
  Instant Now() const override { return Instant::FromNanoseconds(world_.now()); }
  uint64_t RandomSeed() override { return world_.random.Next(); }
  // "hostA/name" lives on the host "hostA", a name without a slash on "local".
  std::unique_ptr<Loop> NewReactor(const std::string& name) override;
  std::unique_ptr<Loop> NewCallerLoop(const std::string& name) override;
  std::unique_ptr<Workers> NewWorkers(int threads, size_t queue_max) override;
  absl::StatusOr<std::unique_ptr<Listener>> Listen(Loop& loop, const Address& address,
                                                   const ListenOptions& options,
                                                   Listener::Handler& handler) override;
  void LookUp(std::string_view host, const NameOptions& options, NameCallback done) override {
    names_.LookUp(host, options, std::move(done));
  }
  bool Wait(Event& event, Instant until) override;

  // --- Moving the world ---
  // The next event; false when nothing is left to happen.
  bool Step() { return world_.Step(); }
  void RunFor(absl::Duration time);
  // Until `done` says so, asked after each event, or `limit` has passed. Returns what `done` said
  // last.
  bool RunUntil(absl::FunctionRef<bool()> done, absl::Duration limit);
  // Until nothing is left to happen, or `limit` has passed. True if nothing is left.
  bool RunUntilIdle(absl::Duration limit);
  // Calls `function` at once under the lead of `loop`, reactor or not, and ends the batch: what
  // only a simulation can do. Requires that no loop is led.
  void RunOn(Loop& loop, absl::FunctionRef<void()> function);

  // What names are answered with.
  SimNames& names() { return names_; }

  // --- What goes wrong ---
  // No byte passes between two hosts, no reset and no handshake either, until it heals; then what
  // was written goes on its way. Established connections hang until their StreamOptions give them
  // up.
  void Partition(std::string_view host_a, std::string_view host_b) {
    SetPartition(host_a, host_b, true);
  }
  void Heal(std::string_view host_a, std::string_view host_b) {
    SetPartition(host_a, host_b, false);
  }
  // From now on, bytes between two hosts take this long.
  void SetLatency(std::string_view host_a, std::string_view host_b, absl::Duration min,
                  absl::Duration max);
  // Zero: no limit.
  void SetBandwidth(std::string_view host_a, std::string_view host_b, int64_t bytes_per_second);
  // Both sides get a reset, each after its latency. Return how many connections.
  size_t ResetConnections();
  size_t ResetConnectionsTo(const Address& address);
  // False if there is none.
  bool ResetRandomConnection();
  // The connections to `address` fall silent for good, without an end or a reset: the peer's
  // machine is gone.
  size_t BlackHole(const Address& address);
  // A process that hangs: its loop takes no turn; its kernel goes on receiving until its buffers
  // are full.
  void Pause(Loop& loop);
  void Resume(Loop& loop);

  // --- Looking at it ---
  const SimOptions& options() const { return world_.options; }
  // For a test's own choices, reproducible like the rest.
  SimRandom& random() { return world_.random; }
  size_t live_streams() const { return world_.live_streams; }
  size_t live_connections() const { return world_.connections.size(); }
  size_t live_listeners() const { return world_.listeners.size(); }
  size_t live_loops() const { return world_.live_loops; }
  // Events that will happen if nothing changes, and those that have happened.
  size_t events_to_come() const { return world_.queue.size(); }
  uint64_t events() const { return world_.events(); }
  // Equal for equal runs, different for all others but by accident.
  uint64_t trace_hash() const { return world_.hash(); }
  // Each event, as a line of text: to read what a seed did.
  void SetTrace(std::function<void(std::string_view)> trace) { world_.SetTrace(std::move(trace)); }
  // Adds a line of the test's own.
  void Trace(std::string_view line) const { world_.Trace(line); }

 private:
  void SetPartition(std::string_view host_a, std::string_view host_b, bool partitioned);

  SimWorld world_;
  SimNames names_{world_};
};

}  // namespace dialtone
