#include "refused_calls.h"

#include "backoff.h"
#include "retry_policy.h"

namespace dialtone::internal {

const char* RefusedCalls::RestUntil(ClientCall& call, Instant when) {
  if (!budget_.Spend()) return "too many calls are refused (ResendOptions::refused_budget)";
  resting_.PushBack(call);
  call.WakeAt(when);
  return nullptr;
}

const char* RefusedCalls::RestAsAsked(ClientCall& call, absl::Duration pushback) {
  if (const char* const why = RejectsPushback(pushback, pushback_max_); why != nullptr) return why;
  const Instant when = loop_.Now() + pushback;
  return when >= call.deadline() ? "its deadline comes first" : RestUntil(call, when);
}

absl::Duration RefusedCalls::TimeFor(const ClientCall& call) {
  Backoff backoff(options_.backoff);
  for (uint32_t i = 1; i < call.resends(); ++i) backoff.Next(0);
  return backoff.Next(NextRandom(random_));
}

void RefusedCalls::CompleteAll(const absl::Status& status) {
  while (ClientCall* call = resting_.front()) {
    resting_.Remove(*call);
    call->Complete(status);
  }
}

}  // namespace dialtone::internal
