// The attempts of a call beside its first: what is sent to other servers while the first is slow to
// answer. Internal to rpc/.
//
//   Begin ──▶ under way ──▶ OnMessage: it has won; from then on it is the call's only attempt
//                 │  │
//                 │  └────▶ OnEnd without a message: the call goes on with the other attempts, if the
//                 ▼         policy says so and there are any; else this is its end
//              cancelled, by another one that has won or by the call's end
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>

#include "absl/container/inlined_vector.h"
#include "call_counters.h"
#include "client_protocol.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/instant.h"

namespace dialtone::internal {

class ClientCall;
class Subchannel;

// Belongs to a call, which makes it with its first hedge; everything under the lead. As many hedges as
// HedgingOptions::hedges_max says, each kept until the call is gone.
class Hedges {
 public:
  Hedges(ClientCall& call, CallCounters& counters);
  ~Hedges();
  Hedges(const Hedges&) = delete;
  Hedges& operator=(const Hedges&) = delete;

  // Sends the call to a server, whose connection must be usable().
  void Begin(Subchannel& subchannel);
  // How many were begun.
  size_t size() const { return hedges_.size(); }
  // How many are under way.
  size_t under_way() const;
  bool IsAt(const Subchannel& subchannel) const;
  // Of one that is under way. Requires that there is one.
  const Address& peer() const;
  // Gives up those that are under way.
  void Cancel(CancelReason reason);

  // A server has asked that the call is not sent again before then; infinite: not at all.
  void HoldBack(Instant until) { not_before_ = std::max(not_before_, until); }
  Instant not_before() const { return not_before_; }

 private:
  class Hedge;

  void Win(Hedge& hedge);
  void OnEnd(Hedge& hedge, StreamEnd&& end);

  ClientCall& call_;
  CallCounters& counters_;
  absl::InlinedVector<std::unique_ptr<Hedge>, 1> hedges_;
  Hedge* winner_ = nullptr;
  Instant not_before_;
};

}  // namespace dialtone::internal
