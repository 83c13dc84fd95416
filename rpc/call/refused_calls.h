// Calls that servers have refused, and that no other server takes just now: they rest, longer after
// each refusal and by chance, before they are sent again. A budget bounds what that costs a server
// which refuses because it has too much to do: each such resend takes one from it, ten answered calls
// give one back, so in the long run at most every tenth call or so goes there twice. Internal to
// rpc/.
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "call_queue.h"
#include "client_call.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/transport/loop.h"

namespace dialtone::internal {

// Pure.
class ResendBudget {
 public:
  explicit ResendBudget(uint32_t max) : max_(uint64_t{max} * kCallsPerResend), left_(max_) {}
  // A server has ended a call that it had not refused.
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
  RefusedCalls(Loop& loop, const ChannelOptions& options, uint64_t seed)
      : loop_(loop),
        options_(options.resends),
        pushback_max_(options.retry.pushback_max),
        budget_(options_.refused_budget),
        random_(seed) {}

  void CountAnswer() { budget_.Earn(); }
  // Arms the call's timer, which hands it to LoopChannel::OnWake(). Null: it rests; else why not.
  const char* Rest(ClientCall& call) { return RestUntil(call, loop_.Now() + TimeFor(call)); }
  // The same, for as long as its server says.
  const char* RestAsAsked(ClientCall& call, absl::Duration pushback);
  // True if it rested: it does no more.
  bool Remove(ClientCall& call) { return resting_.Remove(call); }
  void CompleteAll(const absl::Status& status);

 private:
  const char* RestUntil(ClientCall& call, Instant when);
  absl::Duration TimeFor(const ClientCall& call);

  Loop& loop_;
  const ResendOptions options_;
  const absl::Duration pushback_max_;
  ResendBudget budget_;
  uint64_t random_;
  CallQueue resting_;
};

}  // namespace dialtone::internal
