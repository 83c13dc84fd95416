#include "support/sim_world.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "support/sim_listener.h"

namespace dialtone {
namespace {

// Whether listening on `a` takes connections to `b`, or the other way round.
bool Overlap(const Address& a, const Address& b) {
  if (a.family() != b.family()) return false;
  if (!a.is_ip()) return a == b;
  return a.port() == b.port() && (a == b || a.is_any() || b.is_any());
}

}  // namespace

SimWorld::SimWorld(const SimOptions& the_options)
    : options(the_options), random(the_options.seed), queue(random) {}

bool SimWorld::Step() {
  if (queue.empty()) return false;
  const int64_t due = queue.next();
  if (due > now_) now_ = due;
  SimEvent& event = queue.Pop();
  if (++events_ > options.events_max)
    Die("the run does not end: it has used up SimOptions::events_max");
  Mix(static_cast<uint64_t>(now_));
  Mix(event.id());
  if (tracing()) Trace(ToStd(absl::StrCat(event.what(), " #", event.id())));
  event.Fire();
  return true;
}

bool SimWorld::Wait(Event& event, Instant until) {
  while (!event.is_set()) {
    if (queue.empty() && until.infinite())
      Die("deadlock: nothing is left to happen, yet a thread waits for ever");
    if (queue.next() > until.nanoseconds()) {
      AdvanceTo(until.nanoseconds());
      return false;
    }
    Step();
  }
  return true;
}

void SimWorld::AdvanceTo(int64_t when) { now_ = std::max(now_, std::min(when, queue.next())); }

void SimWorld::Die(std::string_view reason) const {
  const std::string text = absl::StrCat(
      "simulation of seed ", options.seed, " at ", absl::FormatDuration(absl::Nanoseconds(now_)),
      " after ", events_, " events: ", ToAbsl(reason), " (", live_streams, " streams, ",
      connections.size(), " connections, ", listeners.size(), " listeners, ", queue.size(),
      " events to come)");
  internal::CheckFailed(__FILE__, __LINE__, "simulation", text.c_str());
}

void SimWorld::Trace(std::string_view line) const {
  if (trace_ == nullptr) return;
  trace_(absl::StrCat(absl::FormatDuration(absl::Nanoseconds(now_)), " ", ToAbsl(line)));
}

int SimWorld::HostId(std::string_view name) {
  const auto found = std::find(hosts_.begin(), hosts_.end(), name);
  if (found != hosts_.end()) return static_cast<int>(found - hosts_.begin());
  hosts_.emplace_back(name);
  return static_cast<int>(hosts_.size()) - 1;
}

SimLink& SimWorld::Link(int host_a, int host_b) {
  const std::pair<int, int> key = std::minmax({host_a, host_b});
  for (auto& [hosts, link] : links_) {
    if (hosts == key) return link;
  }
  links_.push_back(
      {key, SimLink{absl::ToInt64Nanoseconds(options.latency_min),
                    absl::ToInt64Nanoseconds(options.latency_max), options.bytes_per_second}});
  return links_.back().second;
}

int64_t SimWorld::Latency(const SimLink& link) {
  int64_t latency = random.Between(link.latency_min, link.latency_max);
  if (random.Chance(options.loss_probability))
    latency += absl::ToInt64Nanoseconds(options.retransmit_delay);
  return latency;
}

SimListener* SimWorld::FindListener(const Address& address) const {
  for (SimListener* listener : listeners) {
    if (Overlap(listener->address(), address)) return listener;
  }
  return nullptr;
}

bool SimWorld::InUse(const Address& address) const { return FindListener(address) != nullptr; }

int SimWorld::HostOf(const Address& address, int fallback) const {
  for (const auto& [known, host] : address_hosts_) {
    if (Overlap(known, address)) return host;
  }
  return fallback;
}

void SimWorld::AddListener(SimListener& listener) {
  listeners.push_back(&listener);
  const auto overlaps = [&](const auto& known) { return Overlap(known.first, listener.address()); };
  address_hosts_.erase(std::remove_if(address_hosts_.begin(), address_hosts_.end(), overlaps),
                       address_hosts_.end());
  address_hosts_.emplace_back(listener.address(), listener.host());
}

void SimWorld::RemoveListener(SimListener& listener) {
  listeners.erase(std::find(listeners.begin(), listeners.end(), &listener));
}

uint16_t SimWorld::PickListenPort(const Address& address) {
  do {
    last_listen_port_ =
        last_listen_port_ >= 29999 ? 20000 : static_cast<uint16_t>(last_listen_port_ + 1);
  } while (InUse(address.WithPort(last_listen_port_)));
  return last_listen_port_;
}

uint16_t SimWorld::PickClientPort() {
  last_client_port_ =
      last_client_port_ >= 60999 ? 32768 : static_cast<uint16_t>(last_client_port_ + 1);
  return last_client_port_;
}

}  // namespace dialtone
