// A channel's part on one loop: its connections from there and the calls that wait for one.
// Internal to rpc/.
#pragma once

#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "client_call.h"
#include "picker.h"
#include "refused_calls.h"
#include "subchannel.h"

namespace dialtone::internal {

class ChannelCore;

// Belongs to a loop; everything under its lead. Holds its channel's core alive until it is closed.
class LoopChannel final : public Subchannel::Owner {
 public:
  LoopChannel(std::shared_ptr<ChannelCore> core, Loop& loop);
  ~LoopChannel();
  LoopChannel(const LoopChannel&) = delete;
  LoopChannel& operator=(const LoopChannel&) = delete;

  // Sends a call, or lets it wait, or completes it with why it can't be sent.
  void Start(ClientCall& call);
  // Sends a call again that never ran: elsewhere, if it was refused, or after a rest. False: it was
  // refused too often for the budget; nothing was done.
  bool SendAgain(ClientCall& call, bool refused);
  // When its rest is over.
  void StartRested(ClientCall& call);
  // A call has ended otherwise than by a refusal.
  void CountAnswer() { refused_.CountAnswer(); }
  // Takes a call that is given up out of the queue, if it is there.
  void Withdraw(ClientCall& call) {
    waiting_.Remove(call);
    refused_.Remove(call);
  }
  void Connect();
  // Ends everything with CANCELLED; `closed` runs when all connections are gone, not from within.
  void Close(absl::AnyInvocable<void() &&> closed);

 private:
  void OnSubchannelChange() override;
  void OnSubchannelDraining() override { try_all_ = true; }
  // Acts on the subchannels' states until nothing changes any more.
  void Update();
  void SendWaiting();
  // Null: none can take a call now. One that has refused this call only if there is no other.
  Subchannel* Pick(const ClientCall& call);
  // A server that can take the call now and has not refused it.
  static bool IsElsewhere(const Subchannel& subchannel, const ClientCall& call);
  bool HasElsewhere(const ClientCall& call) const;
  bool AnyConnectingOrReady() const;
  void EndBackoffs();
  void ConnectIdle();
  absl::Status Unavailable() const;
  void FailWaiting();
  void PublishState();
  void OnClosedCheck();

  const std::shared_ptr<ChannelCore> core_;
  Loop& loop_;
  std::vector<std::unique_ptr<Subchannel>> subchannels_;
  std::vector<EndpointLoad> loads_;  // what the picker sees; kept to allocate nothing a call
  std::unique_ptr<Picker> picker_;
  CallQueue waiting_;
  RefusedCalls refused_;
  // A server has shut down since all were tried last: the next call that finds none may not fail
  // before those that are in backoff have been tried once more. Servers that are restarted one
  // after the other are there again when the next one goes.
  bool try_all_ = false;
  bool closing_ = false;
  bool updating_ = false;
  bool changed_ = false;
  absl::AnyInvocable<void() &&> closed_;
  ChannelState published_ = ChannelState::kIdle;
};

}  // namespace dialtone::internal
