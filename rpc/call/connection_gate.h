// Counts connections that were accepted, in all and by their peer's address, and says which are too
// many. Internal to rpc/.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/mutex.h"

namespace dialtone::internal {

// Thread-safe. Outlives its places. A peer is an IPv4 address, or the first half of an IPv6 address,
// for that much belongs to one host; unix sockets have no peers, and count in all only.
class ConnectionGate {
  // What is counted as one peer: that half; or behind a byte of ones, with which no host's address
  // begins, the IPv4 address.
  using Peer = uint64_t;
  static constexpr Peer kNoPeer = ~Peer{0};

 public:
  // One connection's place among those that are counted, until it goes.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)), peer_(other.peer_) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(gate_, other.gate_);
      std::swap(peer_, other.peer_);
      return *this;
    }
    ~Place() {
      if (gate_ != nullptr) gate_->Leave(peer_);
    }

    // For who keeps very many: true if it is one, to be left with Leave().
    [[nodiscard]] bool Release() { return std::exchange(gate_, nullptr) != nullptr; }

   private:
    friend class ConnectionGate;
    Place(ConnectionGate& gate, Peer peer) : gate_(&gate), peer_(peer) {}

    ConnectionGate* gate_ = nullptr;
    Peer peer_ = kNoPeer;
  };

  ConnectionGate(uint32_t max, uint32_t per_peer_max) : max_(max), per_peer_max_(per_peer_max) {}
  ConnectionGate(const ConnectionGate&) = delete;
  ConnectionGate& operator=(const ConnectionGate&) = delete;

  // Nothing: the connection is one too many, and `why` says of what.
  std::optional<Place> Enter(const Address& peer, std::string& why);
  // The connection from `peer` has gone, whose place was released.
  void Leave(const Address& peer) { Leave(PeerOf(peer)); }
  // How many were turned away: in all, and of these because of their peer's other connections.
  uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  uint64_t refused_by_peer() const { return refused_by_peer_.load(std::memory_order_relaxed); }

 private:
  static Peer PeerOf(const Address& address);
  void Leave(Peer peer);

  const uint32_t max_;
  const uint32_t per_peer_max_;
  std::atomic<uint64_t> refused_{0};
  std::atomic<uint64_t> refused_by_peer_{0};
  Mutex mutex_;
  uint32_t inside_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<Peer, uint32_t> by_peer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dialtone::internal
