// How large the windows of a connection should be: a few times bandwidth × delay, so that its sender is not held up
// by credit that is on its way. Measured as in gRPC: a PING when messages pass, and the bytes that come before
// its answer. The delay is the shortest that was seen: one that a queue makes longer, as on a way that is
// shorter than a window, is no reason for a longer queue. Pure: time comes in. Internal to dialtone1/.
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
    shortest_ = std::min(shortest_, seconds);
    // Credit goes back by half a window, and the PING with it: of a sender that the window holds up, half
    // of it comes before the answer, and to keep it busy there must be twice as much.
    const double wanted = std::min<double>(4 * rate * shortest_, cap_);
    // It had most of that under way, and the last larger window has made it faster.
    const bool limited = bytes >= target_ / 3;
    if (limited && rate > rate_max_ && wanted > target_) {
      target_ = static_cast<uint32_t>(wanted);
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
  double shortest_ = 1e9;
  Instant begun_;
  Instant not_before_;
  absl::Duration rest_ = kRestMin;
};

}  // namespace dialtone::dialtone1
