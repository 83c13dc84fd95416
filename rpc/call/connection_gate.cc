#include "connection_gate.h"

#include <array>
#include <cstddef>

#include "absl/strings/str_cat.h"

namespace dialtone::internal {

ConnectionGate::Peer ConnectionGate::PeerOf(const Address& address) {
  if (!address.is_ip()) return kNoPeer;
  const std::array<uint8_t, 16>& ip = address.ip_bytes();
  const bool is_ipv4 = address.family() == Address::Family::kIpv4;
  Peer peer = is_ipv4 ? 0xFF : 0;
  for (size_t i = 0; i < (is_ipv4 ? 4 : 8); ++i) peer = (peer << 8) | ip[i];
  return is_ipv4 ? peer << 24 : peer;
}

std::optional<ConnectionGate::Place> ConnectionGate::Enter(const Address& address,
                                                           std::string& why) {
  const Peer peer = PeerOf(address);
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
    if (peer != kNoPeer) ++by_peer_[peer];
    return Place(*this, peer);
  }
  refused_.fetch_add(1, std::memory_order_relaxed);
  return std::nullopt;
}

void ConnectionGate::Leave(Peer peer) {
  MutexLock lock(mutex_);
  --inside_;
  if (peer == kNoPeer) return;
  const auto found = by_peer_.find(peer);
  if (--found->second == 0) by_peer_.erase(found);
}

}  // namespace dialtone::internal
