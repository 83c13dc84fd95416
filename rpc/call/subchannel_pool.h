// A channel's servers as one loop reaches them: which are connected to, which take calls, which of
// those takes the next one. Internal to rpc/.
//
// Under "first that works" one connection is kept: addresses are tried in order, the next one when
// one has failed or has not answered for next_address_delay, and the first that is there wins (RFC
// 8305's race). Under the other policies every server has its connection, and calls go to those that
// are there; so no dead address is ever waited for while another lives.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "picker.h"
#include "subchannel.h"

namespace dialtone::internal {

// Belongs to a loop; everything under its lead.
class SubchannelPool final : private Subchannel::Owner {
 public:
  class Owner {
   public:
    // A state, or whether a call can be sent, has changed.
    virtual void OnPoolChange() = 0;
    // As that, but from within the end of a call: no place to send others from.
    virtual void OnPoolChangeInCall() = 0;
    // A server shuts down.
    virtual void OnServerDraining() = 0;
    // A server was lost or can't be reached: where they are had best be asked anew.
    virtual void OnServerLost() = 0;

   protected:
    ~Owner() = default;
  };

  SubchannelPool(Loop& loop, const ChannelOptions& options, uint64_t seed, ConnectionEvents& events,
                 Owner& owner);
  ~SubchannelPool();

  // Goes over to these servers: those that stay keep their connections, those that are gone finish
  // their calls.
  void Apply(const std::vector<std::shared_ptr<const Endpoint>>& endpoints);
  bool empty() const { return subchannels_.empty(); }

  // Who takes a call now; null: nobody. Its time does not depend on the number of servers, unless
  // none of them is in good standing.
  Subchannel* Pick();
  // The least loaded that takes a call now and of which `wanted` is true; null: none. Looks at all.
  Subchannel* PickIf(absl::FunctionRef<bool(const Subchannel&)> wanted) const;

  // True when Connect() has something to do, though others are connected.
  bool wants_to_connect() const { return wants_to_connect_; }
  // Sees to it that servers are connected to. Does nothing about those in backoff.
  void Connect();
  // True, once, when all servers have been tried in a race and none was there: calls that wait have
  // waited enough, though the first may be tried anew by now.
  bool TakeLostRace() { return std::exchange(lost_, false); }
  // Lets those in backoff be tried again.
  void EndBackoffs();
  // When all others are in backoff: connects to those that rest, too, as PickLast() takes them then.
  // False if none is connecting or ready.
  bool ConnectLast();
  // Gives all connections up; calls under way finish.
  void Disconnect();
  bool AnyConnectingOrReady() const;
  bool any_calls() const;
  ChannelState state() const;
  // Why the last attempt of one of them has failed; OK if none has.
  absl::Status failure() const;

  // Ends all calls with `status` and closes; closed() is true soon after, told by OnPoolChange().
  void Close(const absl::Status& status);
  bool closed() const;

 private:
  void OnSubchannelChange(Subchannel& subchannel) override;
  void OnStandingChange(Subchannel& subchannel) override;
  void OnSubchannelDraining() override { owner_.OnServerDraining(); }
  void OnSubchannelLost(Subchannel&) override { owner_.OnServerLost(); }
  void OnFirstCount() override;
  void OnFailures(Subchannel& subchannel) override;
  void OnInterval();

  bool racing_policy() const { return options_.pick_policy == PickPolicy::kFirstThatWorks; }
  bool HasWinner() const;
  void RaceOn();
  void EndRace();
  void OnRaceTimer();
  // Keeps the list of those that take calls.
  void Refresh(Subchannel& subchannel);
  void Unlist(Subchannel& subchannel);
  // Where nobody is in good standing: whoever is connected is better than nobody.
  Subchannel* PickLast() const;
  void RestIfAllowed(Subchannel& subchannel);
  // Destroys it if it has retired and is closed.
  void Sweep(Subchannel& subchannel);

  Loop& loop_;
  const ChannelOptions& options_;
  ConnectionEvents& events_;
  Owner& owner_;
  uint64_t random_;
  const std::unique_ptr<Picker> picker_;
  std::vector<std::unique_ptr<Subchannel>> subchannels_;  // in the target's order
  std::vector<std::unique_ptr<Subchannel>> retired_;      // their last calls still run
  std::vector<EndpointLoad*> welcome_;  // Subchannels of subchannels_ that take calls
  bool wants_to_connect_ = false;
  bool racing_ = false;
  bool lost_ = false;
  size_t race_next_ = 0;  // each server is tried once a race: so a race among the dead has an end
  bool closing_ = false;
  MemberTimer<&SubchannelPool::OnRaceTimer> race_timer_{*this};
  MemberTimer<&SubchannelPool::OnInterval> interval_timer_{*this};
};

}  // namespace dialtone::internal
