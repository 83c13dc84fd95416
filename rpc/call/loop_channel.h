// A channel's part on one loop: its servers as they are reached from there, the calls that wait for
// one, and when to ask anew where the servers are. Internal to rpc/.
#pragma once

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "call_queue.h"
#include "channel_loop_counters.h"
#include "client_call.h"
#include "discovery.h"
#include "refused_calls.h"
#include "retries.h"
#include "subchannel_pool.h"

namespace dialtone::internal {

class ChannelCore;

// Belongs to a loop; everything under its lead. Holds its channel's core alive until it is closed.
class LoopChannel final : private SubchannelPool::Owner {
 public:
  // `resolution`: what is known now; null: nothing yet.
  LoopChannel(std::shared_ptr<ChannelCore> core, Loop& loop,
              std::shared_ptr<const Resolution> resolution);
  ~LoopChannel();
  LoopChannel(const LoopChannel&) = delete;
  LoopChannel& operator=(const LoopChannel&) = delete;

  // Sends a call, or lets it wait, or completes it with why it can't be sent.
  void Start(ClientCall& call);
  // Sends a call again that never ran: elsewhere, if it was refused, or after a rest. Null: it is done;
  // else why not, and nothing was.
  const char* SendAgain(ClientCall& call, const StreamEnd& end);
  // Lets a call rest before it is sent again, as its policy says. False: it is not sent again, and its
  // end says why.
  bool Retry(ClientCall& call, StreamEnd& end) { return !closing_ && retries_.Rest(call, end); }
  // The call has asked for it (ClientCall::WakeAt): its rest is over, or it is to be hedged.
  void OnWake(ClientCall& call);
  Retries& retries() { return retries_; }
  ClientMethodCounters* CountStart(const Method& method);
  std::shared_ptr<const ChannelLoopCounters> shared_loop_counters() const { return counters_; }
  std::vector<ConnectionMetrics> Connections() const { return events_.All(); }
  std::shared_ptr<const CallCounters> shared_counters() const { return retries_.shared_counters(); }
  // A server has ended a call otherwise than by a refusal.
  void CountAnswer() { refused_.CountAnswer(); }
  // Takes a call that is given up out of the queue, if it is there.
  void Withdraw(ClientCall& call) {
    waiting_.Remove(call);
    failing_.Remove(call);
    refused_.Remove(call);
    aside_.Remove(call);
    retries_.Remove(call);
  }
  // A call whose request is being packed elsewhere, or its reply parsed: no connection knows of it.
  void HoldAside(ClientCall& call) { aside_.PushBack(call); }
  void Connect();
  // There is another answer to where the servers are.
  void OnResolution(std::shared_ptr<const Resolution> resolution);
  // Ends everything with CANCELLED; `closed` runs when all connections are gone, not from within.
  void Close(absl::AnyInvocable<void() &&> closed);

 private:
  void OnPoolChange() override;
  void OnPoolChangeInCall() override;
  void OnServerDraining() override { try_all_ = true; }
  void OnServerLost() override;

  // Acts on the servers' states until nothing changes any more.
  void Update();
  void UpdateLater();
  void SendWaiting();
  // Null: none can take a call now. One that this call avoids only if there is no other.
  Subchannel* Pick(const ClientCall& call);
  // One that it does not avoid, and that it was not sent to.
  Subchannel* Elsewhere(const ClientCall& call) const;
  void Hedge(ClientCall& call);
  // What calls may wait for is under way.
  bool AnyHope() const;
  void ConnectIdle();
  absl::Status Unavailable() const;
  void FailWaiting();
  ChannelState State() const;
  void PublishState();
  void OnClosedCheck();

  bool TooManyWait() const;
  // Ends a call that waits.
  void RefuseToWait(ClientCall& call);
  // Beside what has to be done at once for a call: the answer is old, or a server is idle.
  bool needs_care() const { return stale_ || pool_.wants_to_connect(); }
  void AskAnew();
  void OnStale();
  void OnIdleTimer();
  void ArmIdleTimer();

  const std::shared_ptr<ChannelCore> core_;
  Loop& loop_;
  const std::shared_ptr<ChannelLoopCounters> counters_ = std::make_shared<ChannelLoopCounters>();
  ConnectionEvents events_;
  SubchannelPool pool_;
  CallQueue waiting_;
  CallQueue failing_;  // while FailWaiting() ends them
  RefusedCalls refused_;
  CallQueue aside_;
  Retries retries_;
  // A server has shut down since all were tried last: the next call has those tried once more that
  // are in backoff. Servers that are restarted one after the other are there again when the next
  // one goes.
  bool try_all_ = false;
  bool closing_ = false;
  bool updating_ = false;
  bool changed_ = false;
  bool update_posted_ = false;
  MemberWork<&LoopChannel::UpdateLater> update_work_{*this};
  absl::AnyInvocable<void() &&> closed_;
  ChannelState published_ = ChannelState::kIdle;

  std::shared_ptr<const Resolution> resolution_;  // null: never asked
  bool resolving_ = false;                        // a newer one is on its way
  bool stale_ = false;                            // the next call has it asked for
  bool used_ = false;                             // by a call, since the stale timer was armed
  bool busy_ = false;                             // by a call, since the idle timer was armed
  MemberTimer<&LoopChannel::OnStale> stale_timer_{*this};
  MemberTimer<&LoopChannel::OnIdleTimer> idle_timer_{*this};
};

}  // namespace dialtone::internal
