#include "retry_policy.h"

#include <string>
#include <utility>

namespace dialtone::internal {
namespace {

void Override(RetryPolicy& policy, const MethodOptions* with) {
  if (with == nullptr) return;
  if (with->retry.has_value()) policy.retry = *with->retry;
  if (with->hedging.has_value()) policy.hedging = *with->hedging;
}

}  // namespace

absl::Duration RetryPolicy::HedgeDelay() const {
  if (latencies == nullptr) return hedging.delay;
  return latencies->At(hedging.latency_percentile).value_or(hedging.delay);
}

const RetryPolicy* RetryPolicies::Find(const Method& method, CallRetry* own) {
  Entry& entry = EntryOf(method);
  RetryPolicy* policy = &entry.policy;
  if (own != nullptr) {
    own->policy = entry.policy;
    Override(own->policy, &own->set);
    policy = &own->policy;
  }
  // Of two streams neither is the better one because it speaks first.
  if (method.kind != MethodKind::kUnary) policy->hedging = NoHedging();
  Measure(entry, *policy);
  return policy->retries() || policy->hedges() ? policy : nullptr;
}

RetryPolicies::Entry& RetryPolicies::EntryOf(const Method& method) {
  std::unique_ptr<Entry>& entry = entries_[&method];
  if (entry != nullptr) return *entry;
  entry = std::make_unique<Entry>();
  RetryPolicy& policy = entry->policy;
  policy.retry = options_.retry;
  if (method.idempotency == Idempotency::kUnknown) {
    policy.retry.attempts_max = 1;
  } else {
    policy.hedging = options_.hedging;
  }
  Override(policy, SetFor(method.service()));
  Override(policy, SetFor(method.path.substr(1)));
  return *entry;
}

const MethodOptions* RetryPolicies::SetFor(std::string_view name) const {
  const auto found = options_.methods.find(name);
  return found == options_.methods.end() ? nullptr : &found->second;
}

void RetryPolicies::Measure(Entry& entry, RetryPolicy& policy) {
  if (!policy.hedges() || policy.hedging.latency_percentile <= 0) return;
  if (entry.latencies == nullptr) entry.latencies = std::make_unique<LatencyPercentile>();
  policy.latencies = entry.latencies.get();
}

}  // namespace dialtone::internal
