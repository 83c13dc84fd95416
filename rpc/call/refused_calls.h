// Calls that servers have refused, and that no other server takes just now: they rest, longer after
// each refusal and by chance, before they are sent again. A budget bounds what that costs a server
// which refuses because it has too much to do: each such resend takes one from it, ten answered calls
// give one back, so in the long run at most every tenth call or so goes there twice. Internal to
// rpc/.
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "client_call.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/transport/loop.h"

namespace dialtone::internal {

// Pure.
class ResendBudget {
 public:
  explicit ResendBudget(uint32_t max) : max_(uint64_t{max} * kCallsPerResend), left_(max_) {}
  // A call has ended that was not refused.
  void Earn() { left_ = std::min(left_ + 1, max_); }
  // False: there is none left.
  bool Spend() {
    if (left_ < kCallsPerResend) return false;
    left_ -= kCallsPerResend;
    return true;
  }

 private:
  static constexpr uint64_t kCallsPerResend = 10;
  const uint64_t max_;
  uint64_t left_;
};

// Belongs to a LoopChannel; everything under its loop's lead.
class RefusedCalls {
 public:
  RefusedCalls(Loop& loop, const ResendOptions& options, uint64_t seed)
      : loop_(loop), options_(options), budget_(options.refused_budget), random_(seed) {}

  void CountAnswer() { budget_.Earn(); }
  // Arms the call's timer, which hands it to LoopChannel::StartRested(). False: the budget is spent.
  bool Rest(ClientCall& call);
  // Does nothing to a call that does not rest.
  void Remove(ClientCall& call) { resting_.Remove(call); }
  void CompleteAll(const absl::Status& status);

 private:
  absl::Duration TimeFor(const ClientCall& call);

  Loop& loop_;
  const ResendOptions options_;
  ResendBudget budget_;
  uint64_t random_;
  CallQueue resting_;
};

}  // namespace dialtone::internal
