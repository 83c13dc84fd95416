// How a call shall be made. Everything has a default that is safe.
//
//   greeter.Greet(request, dialtone::Timeout(50ms));
//   greeter.Greet(request, dialtone::Timeout(absl::Seconds(1)).set_wait_for_ready(true));
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "dialtone/rpc/attachment.h"
#include "dialtone/rpc/compression.h"
#include "dialtone/rpc/internal/duration.h"
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
  // limit; without any of this the channel's default holds for unary calls (15 s), and streams
  // have no limit.
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
  // it may not. Streams are tried again only until their first message has passed, and never sent to
  // a second server (dialtone/rpc/retry.h).
  CallOptions& set_retry(const RetryOptions& retry) {
    retry_ = retry;
    return *this;
  }
  CallOptions& set_hedging(const HedgingOptions& hedging) {
    hedging_ = hedging;
    return *this;
  }
  // How this call's messages are compressed on their way to the server; kNone: not at all. Otherwise
  // the channel's options choose.
  CallOptions& set_compression(Compression compression) {
    compression_ = compression;
    return *this;
  }
  // Travels with the request. Of methods whose client streams, each Write() takes its own.
  CallOptions& set_attachment(Attachment attachment) {
    attachment_ = std::move(attachment);
    return *this;
  }

  const std::optional<absl::Duration>& timeout() const { return timeout_; }
  bool wait_for_ready() const { return wait_for_ready_; }
  const std::optional<RetryOptions>& retry() const { return retry_; }
  const std::optional<HedgingOptions>& hedging() const { return hedging_; }
  const std::optional<Compression>& compression() const { return compression_; }
  const Attachment& attachment() const { return attachment_; }

  // Sent with the request.
  Metadata metadata;

 private:
  std::optional<absl::Duration> timeout_;
  std::optional<Compression> compression_;
  Attachment attachment_;
  bool wait_for_ready_ = false;
  std::optional<RetryOptions> retry_;
  std::optional<HedgingOptions> hedging_;
};

inline CallOptions Timeout(absl::Duration timeout) { return CallOptions().set_timeout(timeout); }
template <class Rep, class Period>
CallOptions Timeout(std::chrono::duration<Rep, Period> timeout) {
  return CallOptions().set_timeout(internal::FromAnyChrono(timeout));
}
inline CallOptions WaitForReady() { return CallOptions().set_wait_for_ready(true); }

}  // namespace dialtone
