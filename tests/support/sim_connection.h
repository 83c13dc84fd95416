// One simulated connection: its handshake, its two ends, and what befalls both of them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dialtone/transport/address.h"
#include "dialtone/transport/loop.h"
#include "support/sim_end.h"
#include "support/sim_event.h"
#include "support/sim_world.h"

namespace dialtone {

// Deletes itself when neither end is open and no handshake is under way.
class SimConnection {
 public:
  // Begins the handshake.
  SimConnection(SimWorld& world, SimLink& link, const Address& target,
                const ConnectOptions& options);
  ~SimConnection();

  SimEnd& client() { return ends_[0]; }
  SimEnd& server() { return ends_[1]; }
  const Address& target() const { return target_; }
  // No byte gets through: the hosts are partitioned, or one of them is gone.
  bool cut() const { return link_.partitioned || black_hole_; }
  bool Uses(const SimLink& link) const { return &link == &link_; }
  void BlackHole();
  // Both ends learn of a reset, each after its latency.
  void Reset();
  // The hosts' link was partitioned or healed.
  void LinkChanged();

 private:
  friend class SimEnd;
  void ReleaseIfClosed();
  void OnSyn();
  void OnSynAck();
  void OnConnectTimeout();
  void StopHandshake();

  SimWorld& world_;
  SimLink& link_;
  const uint32_t id_;
  const Address target_;
  bool black_hole_ = false;
  bool refused_ = false;
  size_t index_;  // in the world's list
  SimEnd ends_[2];
  MemberEvent<&SimConnection::OnSyn> syn_;
  MemberEvent<&SimConnection::OnSynAck> syn_ack_;
  MemberEvent<&SimConnection::OnConnectTimeout> timeout_;
};

}  // namespace dialtone
