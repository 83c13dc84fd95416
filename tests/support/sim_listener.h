// A simulated listener: a bound address and its backlog.
#pragma once

#include <deque>
#include <memory>

#include "dialtone/transport/network.h"
#include "support/sim_connection.h"
#include "support/sim_event.h"
#include "support/sim_loop.h"

namespace dialtone {

class SimListener final : public Listener, public SimReady {
 public:
  SimListener(SimLoop& loop, const Address& address, const ListenOptions& options,
              Handler& handler);
  // Connections that nobody accepted are reset.
  ~SimListener() override;

  const Address& address() const override { return address_; }
  void AcceptPending() override;

  int host() const { return loop_.host(); }
  // Of the backlog.
  bool HasRoom() const { return backlog_.size() < static_cast<size_t>(options_.backlog); }
  void Push(SimConnection& connection);

  bool Pending() const override { return !backlog_.empty(); }
  void OnTurn() override { AcceptOne(); }

 private:
  void AcceptOne();
  void OnAcceptable() { loop_.MarkReady(*this); }

  SimLoop& loop_;
  const Address address_;
  const ListenOptions options_;
  Handler& handler_;
  std::deque<SimConnection*> backlog_;
  MemberEvent<&SimListener::OnAcceptable> acceptable_;
  // Shared with AcceptPending(), whose handler may destroy this listener.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace dialtone
