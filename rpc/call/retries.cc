#include "retries.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "backoff.h"
#include "hedges.h"
#include "status_reason.h"

namespace dialtone::internal {

Retries::Retries(Loop& loop, const ChannelOptions& options, uint64_t seed)
    : loop_(loop), policies_(options), budget_(options.retry_budget, loop.Now()), random_(seed) {}

bool Retries::Rest(ClientCall& call, StreamEnd& end) {
  const RetryOptions& retry = call.policy()->retry;
  if (!call.policy()->retries() || !retry.codes.Contains(end.status.code())) return false;
  if (call.retries() + 1 >= retry.attempts_max) {
    AddReason(end.status,
              absl::StrCat("tried ", call.retries() + 1, " times (RetryOptions::attempts_max)"));
    return false;
  }
  Instant when;
  if (const char* const why = WhyNot(call, end, when); why != nullptr) {
    AddReason(end.status, absl::StrCat("not tried again: ", why));
    return false;
  }
  call.CountRetry();
  call.AvoidLastServer();
  resting_.PushBack(call);
  call.WakeAt(when);
  return true;
}

const char* Retries::WhyNot(const ClientCall& call, const StreamEnd& end, Instant& when) {
  if (const char* const why = RejectsPushback(end.pushback, call.policy()->retry.pushback_max);
      why != nullptr)
    return why;
  const Instant now = loop_.Now();
  when = now + end.pushback.value_or(BackoffOf(call));
  if (call.hedges() != nullptr) when = std::max(when, call.hedges()->not_before());
  if (when.infinite()) return kAsksNotTo;
  if (when >= call.deadline()) return "its deadline comes first";
  if (!Spend(now)) return "too many calls fail (ChannelOptions::retry_budget)";
  return nullptr;
}

absl::Duration Retries::BackoffOf(const ClientCall& call) {
  Backoff backoff(call.policy()->retry.backoff);
  for (uint32_t i = 0; i < call.retries(); ++i) backoff.Next(0);
  return backoff.Next(NextRandom(random_));
}

bool Retries::Spend(Instant now) {
  if (budget_.Spend(now)) return true;
  counters_->over_budget.Increment();
  return false;
}

bool Retries::Resume(ClientCall& call) {
  if (!resting_.Remove(call)) return false;
  counters_->retries.Increment();
  return true;
}

void Retries::CompleteAll(const absl::Status& status) {
  while (ClientCall* call = resting_.front()) {
    resting_.Remove(*call);
    call->Complete(status);
  }
}

void Retries::OnSent(ClientCall& call) {
  if (!call.policy()->hedges()) return;
  const Instant now = loop_.Now();
  call.set_sent_at(now);
  ArmHedge(call, now);
}

void Retries::ArmHedge(ClientCall& call, Instant now) {
  const RetryPolicy& policy = *call.policy();
  const Hedges* const hedges = call.hedges();
  if (hedges != nullptr && hedges->size() >= policy.hedging.hedges_max) return;
  Instant when = now + policy.HedgeDelay();
  if (hedges != nullptr) when = std::max(when, hedges->not_before());
  if (when < call.deadline()) call.WakeAt(when);
}

bool Retries::SpendOnHedge() {
  if (!Spend(loop_.Now())) return false;
  counters_->hedges.Increment();
  return true;
}

void Retries::OnAnswer(const ClientCall& call) {
  // From the first of the attempts under way, whichever was answered: one that a hedge has overtaken
  // would have taken at least so long.
  if (call.policy()->latencies != nullptr)
    call.policy()->latencies->Add(loop_.Now() - call.sent_at());
}

}  // namespace dialtone::internal
