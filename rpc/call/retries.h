// Calls that may run more than once, as a channel's part on one loop treats them: when one is tried
// again, when it is hedged, and what all of that may cost. Internal to rpc/.
#pragma once

#include <cstdint>
#include <memory>

#include "call_counters.h"
#include "call_queue.h"
#include "client_call.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/transport/loop.h"
#include "retry_budget.h"
#include "retry_policy.h"

namespace dialtone::internal {

// Belongs to a LoopChannel; everything under its loop's lead, but for counters().
class Retries {
 public:
  Retries(Loop& loop, const ChannelOptions& options, uint64_t seed);

  // A call begins. Null: it may be sent once only; else what holds for it, until it has ended.
  const RetryPolicy* Begin(const Method& method, CallRetry* own) {
    const RetryPolicy* const policy = policies_.Of(method, own);
    if (policy != nullptr) budget_.CountCall();
    return policy;
  }

  // --- Retries ---

  // Lets a call rest whose last attempt has ended so; its timer hands it to LoopChannel::OnWake().
  // False, with the reason in the status where that is not plain: it is not tried again.
  bool Rest(ClientCall& call, StreamEnd& end);
  // True if it rested here: it does no more, and is to be sent.
  bool Resume(ClientCall& call);
  // Does nothing to a call that does not rest here.
  void Remove(ClientCall& call) { resting_.Remove(call); }
  void CompleteAll(const absl::Status& status);

  // --- Hedging ---

  // A call was sent that has a policy.
  void OnSent(ClientCall& call);
  // Sees to it that its next hedge comes in time.
  void ArmHedge(ClientCall& call, Instant now);
  // A hedge can be sent: whether the budget allows it.
  bool SpendOnHedge();
  // A call that has a policy was answered well.
  void OnAnswer(const ClientCall& call);

  CallCounters& counters() { return *counters_; }
  // For whoever reads them on other threads.
  std::shared_ptr<const CallCounters> shared_counters() const { return counters_; }

 private:
  // Why not; null: it rests until `when`.
  const char* WhyNot(const ClientCall& call, const StreamEnd& end, Instant& when);
  absl::Duration BackoffOf(const ClientCall& call);
  bool Spend(Instant now);

  Loop& loop_;
  RetryPolicies policies_;
  RetryBudget budget_;
  uint64_t random_;
  CallQueue resting_;
  const std::shared_ptr<CallCounters> counters_ = std::make_shared<CallCounters>();
};

}  // namespace dialtone::internal
