#include "refused_calls.h"

#include "backoff.h"

namespace dialtone::internal {

bool RefusedCalls::Rest(ClientCall& call) {
  if (!budget_.Spend()) return false;
  resting_.PushBack(call);
  call.WakeAt(loop_.Now() + TimeFor(call));
  return true;
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
