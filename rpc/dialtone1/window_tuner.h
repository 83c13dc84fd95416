// How large the windows of a connection should be: twice what it brings in a round trip, so that its sender
// is not held up by credit that is on its way. Measured as in gRPC: a PING when messages pass, and the bytes
// that come before its answer. Pure: time comes in. Internal to dialtone1/.
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "dialtone/transport/instant.h"

namespace dialtone::dialtone1 {

// A value; belongs to a connection's receiving side.
class WindowTuner {
 public:
  // From `size`, what windows are at first, up to `cap`; a cap that is not above it leaves them so.
  WindowTuner(uint32_t size, uint32_t cap) : target_(size), cap_(cap) {}

  // What the window of a stream that is in use, and the connection's, should be.
  uint32_t target() const { return target_; }
  void Arrive(uint32_t bytes) { arrived_ += bytes; }
  // Whether to send a PING now, after which Begin() is due. When credit is given, which is when bytes
  // come in earnest.
  bool MayBegin(Instant now) const { return target_ < cap_ && !measuring_ && now >= not_before_; }
  void Begin(Instant now) {
    measuring_ = true;
    begun_ = now;
    arrived_at_begin_ = arrived_;
  }
  // Its answer has come.
  void End(Instant now) {
    if (!measuring_) return;
    measuring_ = false;
    const uint64_t bytes = arrived_ - arrived_at_begin_;
    const double seconds = std::max(absl::ToDoubleSeconds(now - begun_), 1e-6);
    const double rate = static_cast<double>(bytes) / seconds;
    // The sender had most of the window under way, and a larger one did not merely make a queue longer:
    // then more would go.
    const bool limited = bytes >= target_ / 3 * 2;
    if (limited && rate > rate_max_) {
      target_ =
          static_cast<uint32_t>(std::min<uint64_t>(cap_, std::max<uint64_t>(target_, 2 * bytes)));
      not_before_ = now;
      rest_ = kRestMin;
    } else {
      not_before_ = now + rest_;
      rest_ = std::min(rest_ * 2, kRestMax);
    }
    rate_max_ = std::max(rate_max_, rate);
  }

 private:
  // Between two measurements of which the first has changed nothing.
  static constexpr absl::Duration kRestMin = absl::Milliseconds(100);
  static constexpr absl::Duration kRestMax = absl::Seconds(10);

  uint32_t target_;
  uint32_t cap_;
  bool measuring_ = false;
  uint64_t arrived_ = 0;
  uint64_t arrived_at_begin_ = 0;
  double rate_max_ = 0;  // bytes a second
  Instant begun_;
  Instant not_before_;
  absl::Duration rest_ = kRestMin;
};

}  // namespace dialtone::dialtone1
