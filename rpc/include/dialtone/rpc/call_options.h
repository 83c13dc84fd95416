// How a call shall be made. Everything has a default that is safe.
//
//   greeter.Greet(request, dialtone::Timeout(50ms));
//   greeter.Greet(request, dialtone::Timeout(absl::Seconds(1)).set_wait_for_ready(true));
#pragma once

#include <chrono>
#include <optional>

#include "absl/time/time.h"
#include "dialtone/rpc/metadata.h"
#include "dialtone/rpc/retry.h"

namespace dialtone {

// A value. Has constructors on purpose: g++ 12 destroys temporaries of some aggregates twice when
// they are passed to an awaited call.
class CallOptions {
 public:
  CallOptions() {}
  CallOptions(const CallOptions&) = default;
  CallOptions(CallOptions&&) = default;
  CallOptions& operator=(const CallOptions&) = default;
  CallOptions& operator=(CallOptions&&) = default;
  ~CallOptions() {}

  // The longest the call may take, from the moment it is made; then it ends with DEADLINE_EXCEEDED.
  // The context that the call is made in may shorten it. absl::InfiniteDuration() asks for no
  // limit; without any of this the channel's default holds (15 s).
  CallOptions& set_timeout(absl::Duration timeout) {
    timeout_ = timeout;
    return *this;
  }
  // Waits for a connection, within the deadline, instead of failing at once while the server cannot
  // be reached.
  CallOptions& set_wait_for_ready(bool wait_for_ready) {
    wait_for_ready_ = wait_for_ready;
    return *this;
  }

  // Whether the call is tried again when it fails, and whether it is sent to a second server when the
  // first is slow: in place of what its method or channel say. Setting either to something says that
  // this call may run more than once, whatever its .proto says; NoRetries() and NoHedging() say that
  // it may not. Unary calls only.
  CallOptions& set_retry(const RetryOptions& retry) {
    retry_ = retry;
    return *this;
  }
  CallOptions& set_hedging(const HedgingOptions& hedging) {
    hedging_ = hedging;
    return *this;
  }

  const std::optional<absl::Duration>& timeout() const { return timeout_; }
  bool wait_for_ready() const { return wait_for_ready_; }
  const std::optional<RetryOptions>& retry() const { return retry_; }
  const std::optional<HedgingOptions>& hedging() const { return hedging_; }

  // Sent with the request.
  Metadata metadata;

 private:
  std::optional<absl::Duration> timeout_;
  bool wait_for_ready_ = false;
  std::optional<RetryOptions> retry_;
  std::optional<HedgingOptions> hedging_;
};

inline CallOptions Timeout(absl::Duration timeout) { return CallOptions().set_timeout(timeout); }
template <class Rep, class Period>
CallOptions Timeout(std::chrono::duration<Rep, Period> timeout) {
  return CallOptions().set_timeout(absl::FromChrono(timeout));
}
inline CallOptions WaitForReady() { return CallOptions().set_wait_for_ready(true); }

}  // namespace dialtone
