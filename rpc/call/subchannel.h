// One endpoint as one loop reaches it: its connection, and what happens when that or its calls fail.
// Internal to rpc/.
//
//           Connect               OnReady
//   kIdle ───────────▶ kConnecting ───────▶ kReady ──▶ kIdle: lost, drained or let go (calls under
//     ▲                     │ OnClosed                 way finish on the old connection)
//     └── wait is over ── kTransientFailure
//
// Beside that it has a standing, which only matters where there are other endpoints to go to:
//
//   good ──▶ resting ──▶ on trial ──▶ good
//    │        Rest()       ▲    one call at a time, until one succeeds
//    └── could not connect ┘
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "backoff.h"
#include "client_protocol.h"
#include "connection_events.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/transport/loop.h"
#include "endpoint.h"
#include "outliers.h"
#include "picker.h"

namespace dialtone::internal {

// What a call's end says about the server that it was sent to.
enum class CallOutcome {
  kSucceeded,  // the server works, whatever it answered
  kFailed,     // it does not: UNAVAILABLE, the connection was lost, or no answer in time
  kUnknown,    // given up by the caller, never run, or not even sent
};
// As Envoy counts "gateway failures" (502, 503, 504): what a handler answers by its own lights, say
// NOT_FOUND or INTERNAL, is an answer of a server that works.
inline CallOutcome OutcomeOf(const StreamEnd& end) {
  if (end.status.ok()) return CallOutcome::kSucceeded;
  if (end.never_ran || end.local) return CallOutcome::kUnknown;
  const bool failed = absl::IsUnavailable(end.status) || absl::IsDeadlineExceeded(end.status);
  return failed ? CallOutcome::kFailed : CallOutcome::kSucceeded;
}
// Of an attempt that is given up: its server had the time that its caller had, or it had not.
inline CallOutcome OutcomeOf(CancelReason reason) {
  return reason == CancelReason::kDeadlineExceeded ? CallOutcome::kFailed : CallOutcome::kUnknown;
}

// Belongs to a loop; everything under its lead.
class Subchannel final : public EndpointLoad, private ClientConnection::Owner {
 public:
  // Told last in everything that tells it: it may destroy the subchannel.
  class Owner {
   public:
    // The state, or whether a call can be sent, has changed. Never from within a call to the
    // subchannel but Connect().
    virtual void OnSubchannelChange(Subchannel& subchannel) = 0;
    // welcome() may have become true, perhaps from within OnCallEnded().
    virtual void OnStandingChange(Subchannel& subchannel) = 0;
    // A connection was lost, drained by its server, or could not be made. OnSubchannelChange()
    // follows.
    virtual void OnSubchannelLost(Subchannel& subchannel) = 0;
    // The server shuts down, and this is told before it counts as lost.
    virtual void OnSubchannelDraining() = 0;
    // The first call since TakeCounts() has counted.
    virtual void OnFirstCount() = 0;
    // So many calls in a row have failed, or more, or the one on trial: it had best rest.
    virtual void OnFailures(Subchannel& subchannel) = 0;

   protected:
    ~Owner() = default;
  };

  Subchannel(Loop& loop, std::shared_ptr<const Endpoint> endpoint, const ChannelOptions& options,
             uint64_t seed, ConnectionEvents& events, Owner& owner);
  ~Subchannel();

  const std::shared_ptr<const Endpoint>& endpoint() const { return endpoint_; }
  ChannelState state() const { return state_; }
  // Where a call can be sent now; null when there is no such connection.
  ClientConnection* usable() const;
  // That connection. Requires usable().
  ClientConnection& connection() const { return *current_; }
  // usable(), and its standing allows it one more call.
  bool welcome() const {
    return usable() != nullptr && !resting_ && (!on_trial_ || in_flight == 0);
  }
  // Why the last attempt failed; OK if none has.
  const absl::Status& failure() const { return failure_; }

  // Each call that is sent here, and its end.
  void OnCallStarted() { ++in_flight; }
  void OnCallEnded(CallOutcome outcome) {
    --in_flight;
    if (judged_) Judge(outcome);
  }
  // Whether there are others, so that its calls' ends are counted and its standing matters.
  void set_judged(bool judged);
  bool resting() const { return resting_; }
  bool on_trial() const { return on_trial_; }
  // Takes no calls for a while, longer each time.
  void Rest();
  // Since the last time; forgets how long it had to rest, if it has done well.
  CallCounts TakeCounts();

  // Begins to connect, if idle.
  void Connect();
  // Makes it idle if it waits between two attempts; one that is under way is followed by another one
  // at once if it fails, as it may have found the server as it was before.
  void EndBackoff();
  // Gives up its connection, or the attempt at one: idle again. Calls under way finish.
  void LetGo();
  // LetGo() for good; closed() soon after.
  void Retire();
  // Ends all calls with `status` and closes; closed() is true soon after, told by
  // OnSubchannelChange().
  void Close(const absl::Status& status);
  bool closed() const {
    return state_ == ChannelState::kShutdown && current_ == nullptr && old_.empty();
  }

  // Its place in a list of its owner's.
  static constexpr size_t kUnlisted = std::numeric_limits<size_t>::max();
  size_t position = kUnlisted;

 private:
  void OnConnected(ClientConnection& connection) override { events_.OnConnected(connection); }
  void OnSettingsWritten(ClientConnection& connection) override {
    events_.OnSettingsWritten(connection);
  }
  void OnSettingsRead(ClientConnection& connection) override { events_.OnSettingsRead(connection); }
  void OnClosing(ClientConnection& connection) override { events_.OnClosing(connection); }
  void OnReady(ClientConnection& connection) override;
  void OnCapacity(ClientConnection& connection) override;
  void OnDraining(ClientConnection& connection) override;
  void OnClosed(ClientConnection& connection, const absl::Status& status) override;
  void OnBackoffOver();
  void OnRested();
  void Judge(CallOutcome outcome);

  Loop& loop_;
  const std::shared_ptr<const Endpoint> endpoint_;
  const uint32_t failures_in_row_max_;
  const bool trials_;  // where only one server is connected to, a trial would hold up all calls
  ConnectionEvents& events_;
  Owner& owner_;
  ChannelState state_ = ChannelState::kIdle;  // kShutdown: closing, or retired
  std::unique_ptr<ClientConnection> current_;
  std::vector<std::unique_ptr<ClientConnection>> old_;  // drained: only their last calls still run
  absl::Status failure_;
  bool again_ = false;
  bool outdated_ = false;  // the attempt under way: see EndBackoff()

  bool judged_ = false;
  bool resting_ = false;
  bool on_trial_ = false;
  bool rested_ = false;           // since the counts were taken
  uint32_t failures_in_row_ = 0;  // no further than failures_in_row_max_
  CallCounts counts_;

  uint64_t random_;
  Backoff backoff_;
  Backoff rest_;
  MemberTimer<&Subchannel::OnBackoffOver> backoff_timer_{*this};
  MemberTimer<&Subchannel::OnRested> rest_timer_{*this};
};

}  // namespace dialtone::internal
