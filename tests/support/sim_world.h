// What all parts of one simulated network share: the clock, the queue of events, chance, the links
// between hosts, and who is there. Internal to the simulation; tests use SimNetwork.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/instant.h"
#include "support/sim_event.h"
#include "support/sim_options.h"
#include "support/sim_random.h"

namespace dialtone {

class SimConnection;
class SimListener;

// The way between two hosts, or within one.
struct SimLink {
  int64_t latency_min;
  int64_t latency_max;
  int64_t bytes_per_second;
  bool partitioned = false;
};

// One thread.
class SimWorld {
 public:
  explicit SimWorld(const SimOptions& the_options);

  int64_t now() const { return now_; }
  // Lets the next event happen; false when there is none.
  bool Step();
  // Steps until `event` is set or `until` has come. Returns event.is_set(). Aborts when `until` is
  // infinite and nothing is left to happen.
  bool Wait(Event& event, Instant until);
  // Moves the clock to `when` if that is later and nothing happens before.
  void AdvanceTo(int64_t when);
  // Aborts and names the seed.
  [[noreturn]] void Die(std::string_view reason) const;

  // Enters what happened into the hash that two runs of one seed must share.
  void Mix(uint64_t value) { hash_ = (hash_ ^ value) * 0x9fb21c651e98df25 + (hash_ >> 29); }
  uint64_t hash() const { return hash_; }
  uint64_t events() const { return events_; }
  bool tracing() const { return trace_ != nullptr; }
  void SetTrace(std::function<void(std::string_view)> trace) { trace_ = std::move(trace); }
  // One line, with the time before it, to the trace hook if there is one.
  void Trace(std::string_view line) const;
  uint32_t NewId() { return ++last_id_; }

  int HostId(std::string_view name);
  SimLink& Link(int host_a, int host_b);
  int64_t Latency(const SimLink& link);

  // The listener whom a connection to `address` reaches; null when nobody listens there.
  SimListener* FindListener(const Address& address) const;
  // True if a new listener on `address` would take connections from one that exists.
  bool InUse(const Address& address) const;
  // The host where `address` was listened on last; `fallback` when it never was.
  int HostOf(const Address& address, int fallback) const;
  void AddListener(SimListener& listener);
  void RemoveListener(SimListener& listener);
  // Ports are given out in turn: listeners from 20000, clients from 32768.
  uint16_t PickListenPort(const Address& address);
  uint16_t PickClientPort();

  const SimOptions options;
  SimRandom random;
  SimQueue queue;
  std::vector<SimConnection*> connections;
  std::vector<SimListener*> listeners;
  size_t live_streams = 0;
  size_t live_loops = 0;

 private:
  int64_t now_ = 0;
  uint64_t events_ = 0;
  uint64_t hash_ = 0;
  uint32_t last_id_ = 0;
  uint16_t last_listen_port_ = 19999;
  uint16_t last_client_port_ = 32767;
  std::function<void(std::string_view)> trace_;
  std::vector<std::string> hosts_;
  std::deque<std::pair<std::pair<int, int>, SimLink>>
      links_;  // a deque: connections keep references
  std::vector<std::pair<Address, int>> address_hosts_;
};

}  // namespace dialtone
