// Calls that may run more than once: tried again when they fail (retries), and sent to a second server
// when the first is slow to answer (hedging).
//
// A method may run twice if its .proto says so, with `option idempotency_level = NO_SIDE_EFFECTS` or
// IDEMPOTENT; calls of all others are sent again only if they are known never to have run
// (ResendOptions). Retries are on for methods so marked, hedging is off until it is asked for. Both can
// be set for a channel, for a service or method, and for a call; the nearest one holds:
//
//   ChannelOptions options;
//   options.hedging = dialtone::HedgeAtPercentile(0.95);                    // all marked methods
//   options.methods["shop.Cart"].retry = dialtone::NoRetries();             // a service
//   options.methods["shop.Stock/Count"].hedging = dialtone::HedgeAfter(absl::Milliseconds(20));
//   …
//   CallOptions call;
//   call.set_retry(dialtone::RetryOptions());  // this call may run twice, whatever the .proto says
//
// What is set for a method or a call is the word of whoever knows it, and holds for methods without a
// mark, too; what is set for the channel holds for those with one.
//
// Streams are retried as long as nothing has gone either way that could be missed or doubled: until the
// first message has come, or has been written, or the client has half-closed. So a call with one request
// and many replies is tried again if it fails before its first reply; one whose client streams, if it
// fails before anything is written. Then the caller hears of it. Streams are never hedged.
//
// Observers see one call, however often it was sent; CallInfo::attempts and Channel::stats() tell how
// often.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "dialtone/rpc/backoff_options.h"
#include "dialtone/rpc/compression.h"

namespace dialtone {

// A value: some of the codes that a call may end with.
class StatusCodeSet {
 public:
  constexpr StatusCodeSet() = default;
  constexpr StatusCodeSet(std::initializer_list<absl::StatusCode> codes) {
    for (const absl::StatusCode code : codes) bits_ |= Bit(code);
  }
  constexpr bool Contains(absl::StatusCode code) const { return (bits_ & Bit(code)) != 0; }
  friend constexpr bool operator==(StatusCodeSet, StatusCodeSet) = default;

 private:
  static constexpr uint32_t Bit(absl::StatusCode code) {
    const auto number = static_cast<uint32_t>(code);
    return number < 32 ? uint32_t{1} << number : 0;
  }
  uint32_t bits_ = 0;
};

// A call that has failed, and may have run, is tried again after a wait: at another server, if there
// is one. It never outlives its deadline: if that comes before the next attempt could begin, the call
// ends at once with what the last one said. So it does when there have been enough attempts, when the
// budget is spent, and when its server asks for it (ServerCall::set_retry_pushback).
//
// A call that could not be sent at all, because no server is there, is no attempt: it fails at once, or
// waits (CallOptions::set_wait_for_ready). But an attempt after the first that finds no server counts.
struct RetryOptions {
  RetryOptions() {
    backoff.initial = absl::Milliseconds(20);
    backoff.max = absl::Seconds(1);
    backoff.multiplier = 2;
    backoff.jitter = 0.5;
  }

  // The first one included; hedges, and what never ran, are not counted. 1: no retries.
  uint32_t attempts_max = 3;
  BackoffOptions backoff;
  // What another attempt may cure: that a server is gone, or was lost on the way. Not by themselves:
  // RESOURCE_EXHAUSTED (the server has too much to do already), DEADLINE_EXCEEDED (there is no time
  // left), ABORTED (what has to be done again is more than this call), INTERNAL and UNKNOWN (the same
  // fault would be met again); all others are answers.
  StatusCodeSet codes{absl::StatusCode::kUnavailable};
  // A server that asks for a longer wait than this is not asked again. Holds for refused calls, too,
  // as it is set on the channel.
  absl::Duration pushback_max = absl::Minutes(1);
};
inline RetryOptions NoRetries() {
  RetryOptions options;
  options.attempts_max = 1;
  return options;
}

// A call that has not been answered for a while is sent to another server as well: the first good
// answer is the call's, and the other attempts are cancelled. An attempt that fails with one of
// RetryOptions::codes is not the call's end while another is under way; any other error is.
//
// A hedge goes to a server that does not have the call yet; when there is none at that moment, it is
// forgone: beside a call that waits in a server's queue, or on the same connection, there is nothing to
// gain. So a channel to one server never hedges, nor does one that connects to the first that works.
struct HedgingOptions {
  HedgingOptions() = default;

  // How long the call waits for an answer before each hedge. Infinite: for ever.
  absl::Duration delay = absl::InfiniteDuration();
  // As long as this share of the method's recent calls took (0.95: nineteen in twenty), once a hundred
  // have been answered; `delay` holds until then. 0: `delay` alone. Each channel, and each loop of it,
  // measures for itself.
  double latency_percentile = 0;
  // For one call. 0: none.
  uint32_t hedges_max = 1;
};
inline HedgingOptions HedgeAfter(absl::Duration delay) {
  HedgingOptions options;
  options.delay = delay;
  return options;
}
inline HedgingOptions HedgeAtPercentile(double latency_percentile) {
  HedgingOptions options;
  options.latency_percentile = latency_percentile;
  return options;
}
inline HedgingOptions NoHedging() { return HedgingOptions(); }

// What holds for one service or method in place of what its channel says.
struct MethodOptions {
  MethodOptions() = default;

  std::optional<RetryOptions> retry;
  std::optional<HedgingOptions> hedging;
  std::optional<Compression> compression;
};

// What a channel's retries and hedges may cost its servers, in the long run: this share of the calls
// that may be retried or hedged, and so many a second beside. What was earned is forgotten over
// `window`, so that quiet hours leave no storm behind; a channel begins with what `window` without calls
// would have earned. Each loop of a channel counts for itself.
struct RetryBudgetOptions {
  RetryBudgetOptions() = default;

  double ratio = 0.2;
  double per_second = 10;
  absl::Duration window = absl::Seconds(10);
};

}  // namespace dialtone
