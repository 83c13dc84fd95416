#include "connection_gate.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"

namespace dialtone::internal {
namespace {

// What is counted as one peer; no address: it is not counted by peer.
Address PeerOf(const Address& address) {
  switch (address.family()) {
    case Address::Family::kIpv4:
      return address.WithPort(0);
    case Address::Family::kIpv6: {
      std::array<uint8_t, 16> network = address.ip_bytes();
      std::fill(network.begin() + 8, network.end(), uint8_t{0});
      return Address::Ipv6(network, 0);
    }
    case Address::Family::kUnix:
    case Address::Family::kNone:
      return Address();
  }
  return Address();
}

}  // namespace

std::optional<ConnectionGate::Place> ConnectionGate::Enter(const Address& address,
                                                           std::string& why) {
  const Address peer = PeerOf(address);
  MutexLock lock(mutex_);
  if (inside_ >= max_) {
    why = absl::StrCat("the server has ", inside_,
                       " connections already (ServerOptions::connections_max)");
  } else if (const auto found = by_peer_.find(peer);
             found != by_peer_.end() && found->second >= per_peer_max_) {
    why = absl::StrCat("this address has ", found->second,
                       " connections to the server already "
                       "(ServerOptions::connections_per_peer_max)");
    refused_by_peer_.fetch_add(1, std::memory_order_relaxed);
  } else {
    ++inside_;
    if (peer != Address()) ++by_peer_[peer];
    return Place(*this, peer);
  }
  refused_.fetch_add(1, std::memory_order_relaxed);
  return std::nullopt;
}

void ConnectionGate::Leave(const Address& peer) {
  MutexLock lock(mutex_);
  --inside_;
  if (peer == Address()) return;
  const auto found = by_peer_.find(peer);
  if (--found->second == 0) by_peer_.erase(found);
}

}  // namespace dialtone::internal
