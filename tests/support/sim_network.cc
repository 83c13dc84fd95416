#include "support/sim_network.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/check.h"
#include "support/sim_connection.h"
#include "support/sim_listener.h"
#include "support/sim_loop.h"
#include "support/sim_workers.h"

namespace dialtone {

SimNetwork::~SimNetwork() {
  if (world_.live_streams + world_.listeners.size() + world_.live_loops > 0) {
    world_.Die("the network is destroyed before what was made by it");
  }
  // Accepted streams that were never adopted belong to no loop; nothing else can hold a connection
  // open here.
  if (!world_.connections.empty()) world_.Die("a connection was left open");
}

std::unique_ptr<Loop> SimNetwork::NewReactor(const std::string& name) {
  return std::make_unique<SimLoop>(world_, name, true);
}

std::unique_ptr<Loop> SimNetwork::NewCallerLoop(const std::string& name) {
  return std::make_unique<SimLoop>(world_, name, false);
}

std::unique_ptr<Workers> SimNetwork::NewWorkers(int threads, size_t queue_max) {
  return std::make_unique<SimWorkers>(world_, threads, queue_max);
}

absl::StatusOr<std::unique_ptr<Listener>> SimNetwork::Listen(Loop& loop, const Address& address,
                                                             const ListenOptions& options,
                                                             Listener::Handler& handler) {
  DIALTONE_CHECK(loop.IsLeading(), "listening begins under the loop's lead");
  if (address.family() == Address::Family::kNone)
    return absl::InvalidArgumentError("listen (none): no address");
  Address bound = address;
  if (address.is_ip() && address.port() == 0)
    bound = address.WithPort(world_.PickListenPort(address));
  if (world_.InUse(bound)) {
    return absl::AlreadyExistsError(
        absl::StrCat("listen ", bound.ToString(), ": address already in use"));
  }
  return std::make_unique<SimListener>(static_cast<SimLoop&>(loop), bound, options, handler);
}

bool SimNetwork::Wait(Event& event, Instant until) {
  DIALTONE_CHECK(Loop::Current() == nullptr, "a thread that leads a loop cannot block");
  return world_.Wait(event, until);
}

void SimNetwork::RunFor(absl::Duration time) {
  RunUntil([] { return false; }, time);
}

bool SimNetwork::RunUntil(absl::FunctionRef<bool()> done, absl::Duration limit) {
  DIALTONE_CHECK(Loop::Current() == nullptr, "the world does not move under a lead");
  const Instant until = Now() + limit;
  while (!done()) {
    if (world_.queue.empty() || world_.queue.next() > until.nanoseconds()) {
      if (!until.infinite()) world_.AdvanceTo(until.nanoseconds());
      return false;
    }
    world_.Step();
  }
  return true;
}

bool SimNetwork::RunUntilIdle(absl::Duration limit) {
  RunUntil([this] { return world_.queue.empty(); }, limit);
  return world_.queue.empty();
}

void SimNetwork::RunOn(Loop& loop, absl::FunctionRef<void()> function) {
  auto& sim_loop = static_cast<SimLoop&>(loop);
  sim_loop.Lead();
  function();
  sim_loop.Leave();
}

void SimNetwork::SetPartition(std::string_view host_a, std::string_view host_b, bool partitioned) {
  SimLink& link = world_.Link(world_.HostId(host_a), world_.HostId(host_b));
  if (link.partitioned == partitioned) return;
  link.partitioned = partitioned;
  for (SimConnection* connection : world_.connections) {
    if (connection->Uses(link)) connection->LinkChanged();
  }
}

void SimNetwork::SetLatency(std::string_view host_a, std::string_view host_b, absl::Duration min,
                            absl::Duration max) {
  SimLink& link = world_.Link(world_.HostId(host_a), world_.HostId(host_b));
  link.latency_min = absl::ToInt64Nanoseconds(min);
  link.latency_max = absl::ToInt64Nanoseconds(max);
}

void SimNetwork::SetBandwidth(std::string_view host_a, std::string_view host_b,
                              int64_t bytes_per_second) {
  world_.Link(world_.HostId(host_a), world_.HostId(host_b)).bytes_per_second = bytes_per_second;
}

size_t SimNetwork::ResetConnections() {
  for (SimConnection* connection : world_.connections) connection->Reset();
  return world_.connections.size();
}

size_t SimNetwork::ResetConnectionsTo(const Address& address) {
  size_t count = 0;
  for (SimConnection* connection : world_.connections) {
    if (connection->target() != address) continue;
    connection->Reset();
    ++count;
  }
  return count;
}

bool SimNetwork::ResetRandomConnection() {
  if (world_.connections.empty()) return false;
  world_.connections[world_.random.Below(world_.connections.size())]->Reset();
  return true;
}

size_t SimNetwork::BlackHole(const Address& address) {
  size_t count = 0;
  for (SimConnection* connection : world_.connections) {
    if (connection->target() != address) continue;
    connection->BlackHole();
    ++count;
  }
  return count;
}

void SimNetwork::Pause(Loop& loop) { static_cast<SimLoop&>(loop).Pause(); }

void SimNetwork::Resume(Loop& loop) { static_cast<SimLoop&>(loop).Resume(); }

}  // namespace dialtone
