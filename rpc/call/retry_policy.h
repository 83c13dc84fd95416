// What holds for calls that may run more than once, found from what was set for the call, its method,
// its service and its channel. Internal to rpc/.
#pragma once

#include <memory>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/method.h"
#include "dialtone/rpc/retry.h"
#include "latency_percentile.h"

namespace dialtone::internal {

struct RetryPolicy {
  bool retries() const { return retry.attempts_max > 1; }
  bool hedges() const {
    return hedging.hedges_max > 0 &&
           (hedging.delay != absl::InfiniteDuration() || hedging.latency_percentile > 0);
  }
  // How long to wait for an answer before the next hedge; infinite if that is not known yet.
  absl::Duration HedgeDelay() const;

  RetryOptions retry;
  HedgingOptions hedging;
  LatencyPercentile* latencies = nullptr;  // the method's, where hedges go by them
};

inline constexpr char kAsksNotTo[] = "its server asks not to";
// Why a call may not be sent again though its server says when; null: it may, or the server says
// nothing.
inline const char* RejectsPushback(const std::optional<absl::Duration>& pushback,
                                   absl::Duration max) {
  if (!pushback.has_value() || *pushback <= max) return nullptr;
  return *pushback == absl::InfiniteDuration()
             ? kAsksNotTo
             : "its server asks for a longer wait than RetryOptions::pushback_max";
}

// What a call was told itself, and what that makes of its method's policy.
struct CallRetry {
  explicit CallRetry(const MethodOptions& options) : set(options) {}

  const MethodOptions set;
  RetryPolicy policy;
};

// Belongs to a channel's part on a loop; under the loop's lead. Has one entry for each method that was
// called, of those that may have a policy: as many as the program's generated code names.
class RetryPolicies {
 public:
  explicit RetryPolicies(const ChannelOptions& options) : options_(options) {}

  // The policy of a call that begins; null: it is sent once only. `own`: null, or what was set for
  // the call, which keeps what is returned. Costs a comparison or two where nothing is set and the
  // .proto says nothing.
  const RetryPolicy* Of(const Method& method, CallRetry* own) {
    if (method.idempotency == Idempotency::kUnknown && own == nullptr && options_.methods.empty())
      return nullptr;
    return Find(method, own);
  }

 private:
  struct Entry {
    RetryPolicy policy;
    std::unique_ptr<LatencyPercentile> latencies;
  };

  const RetryPolicy* Find(const Method& method, CallRetry* own);
  Entry& EntryOf(const Method& method);
  // What was set for the method, else for its service; null: neither was.
  const MethodOptions* SetFor(std::string_view name) const;
  static void Measure(Entry& entry, RetryPolicy& policy);

  const ChannelOptions& options_;
  absl::flat_hash_map<const Method*, std::unique_ptr<Entry>> entries_;
};

}  // namespace dialtone::internal
