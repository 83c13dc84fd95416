// One endpoint as one loop reaches it: its connection, and what happens when that fails. Internal
// to rpc/.
//
//           Connect               OnReady
//   kIdle ───────────▶ kConnecting ───────▶ kReady ──▶ kIdle: lost, or drained (calls under way
//     ▲                     │ OnClosed                 finish on the old connection)
//     └── wait is over ── kTransientFailure
#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "backoff.h"
#include "client_protocol.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/transport/loop.h"
#include "endpoint.h"

namespace dialtone::internal {

// What a call's end says about the server that it was sent to.
enum class CallOutcome {
  kSucceeded,  // the server works, whatever it answered
  kFailed,     // it does not: UNAVAILABLE, the connection was lost, or no answer in time
  kUnknown,    // given up by the caller, or never run
};
// As Envoy counts "gateway failures" (502, 503, 504): what a handler answers by its own lights, say
// NOT_FOUND or INTERNAL, is an answer of a server that works.
CallOutcome OutcomeOf(const StreamEnd& end);

// Belongs to a loop; everything under its lead.
class Subchannel final : private ClientConnection::Owner {
 public:
  class Owner {
   public:
    // The state, or whether a call can be sent, has changed. Never from within a call to the
    // subchannel but Connect().
    virtual void OnSubchannelChange() = 0;
    // The server shuts down; OnSubchannelChange() follows. Not from within a call to the subchannel.
    virtual void OnSubchannelDraining() = 0;

   protected:
    ~Owner() = default;
  };

  Subchannel(Loop& loop, std::shared_ptr<const Endpoint> endpoint, const BackoffOptions& backoff,
             uint64_t seed, Owner& owner);
  ~Subchannel();

  ChannelState state() const { return state_; }
  // Where a call can be sent now; null when there is no such connection.
  ClientConnection* usable() const;
  // Why the last attempt failed; OK if none has.
  const absl::Status& failure() const { return failure_; }
  // Each call that is sent here, and its end.
  void OnCallStarted() { ++calls_in_flight_; }
  void OnCallEnded(CallOutcome) { --calls_in_flight_; }
  uint32_t calls_in_flight() const { return calls_in_flight_; }
  // Begins to connect, if idle.
  void Connect();
  // Makes it idle if it waits between two attempts.
  void EndBackoff();
  // Ends all calls with `status` and closes; closed() is true soon after, told by
  // OnSubchannelChange().
  void Close(const absl::Status& status);
  bool closed() const { return closing_ && current_ == nullptr && old_.empty(); }

 private:
  void OnReady(ClientConnection& connection) override;
  void OnCapacity(ClientConnection& connection) override;
  void OnDraining(ClientConnection& connection) override;
  void OnClosed(ClientConnection& connection, const absl::Status& status) override;
  void OnBackoffOver();

  Loop& loop_;
  const std::shared_ptr<const Endpoint> endpoint_;
  Owner& owner_;
  ChannelState state_ = ChannelState::kIdle;
  std::unique_ptr<ClientConnection> current_;
  std::vector<std::unique_ptr<ClientConnection>> old_;  // drained: only their last calls still run
  uint32_t calls_in_flight_ = 0;
  absl::Status failure_;
  bool closing_ = false;
  bool again_ = false;
  uint64_t random_;
  Backoff backoff_;
  MemberTimer<&Subchannel::OnBackoffOver> backoff_timer_{*this};
};

}  // namespace dialtone::internal
