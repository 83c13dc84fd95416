// How large the windows of a connection should be: a few times bandwidth × delay, so that its sender is not held up
// by credit that is on its way. Measured as in gRPC: a PING when messages pass, and the bytes that come before
// its answer. The delay is the shortest that was seen: one that a queue makes longer, as on a way that is
// shorter than a window, is no reason for a longer queue. Pure: time comes in. Internal to dialtone1/.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "dialtone/transport/instant.h"

namespace dialtone::dialtone1 {

// Belongs to a connection's receiving side. Of what few bytes come by it keeps no more than their number.
class WindowTuner {
 public:
  // From `size`, what windows are at first, up to `cap`; a cap that is not above it leaves them so.
  WindowTuner(uint32_t size, uint32_t cap) : target_(size), cap_(cap) {}

  // What the window of a stream that is in use, and the connection's, should be.
  uint32_t target() const { return target_; }
  void Arrive(uint32_t bytes) { arrived_ += bytes; }
  // Whether to send a PING now, after which Begin() is due. When credit is given, which is when bytes
  // come in earnest.
  bool MayBegin(Instant now) const {
    return target_ < cap_ &&
           (measured_ == nullptr || (!measured_->under_way && now >= measured_->not_before));
  }
  void Begin(Instant now) {
    if (measured_ == nullptr) measured_ = std::make_unique<Measured>();
    measured_->under_way = true;
    measured_->begun = now;
    measured_->arrived_at_begin = arrived_;
  }
  // Its answer has come.
  void End(Instant now) {
    if (measured_ == nullptr || !measured_->under_way) return;
    Measured& m = *measured_;
    m.under_way = false;
    const uint64_t bytes = arrived_ - m.arrived_at_begin;
    const double seconds = std::max(absl::ToDoubleSeconds(now - m.begun), 1e-6);
    const double rate = static_cast<double>(bytes) / seconds;
    m.shortest = std::min(m.shortest, seconds);
    // Credit goes back by half a window, and the PING with it: of a sender that the window holds up, half
    // of it comes before the answer, and to keep it busy there must be twice as much.
    const double wanted = std::min<double>(4 * rate * m.shortest, cap_);
    // It had most of that under way, and the last larger window has made it faster.
    const bool limited = bytes >= target_ / 3;
    if (limited && rate > m.rate_max && wanted > target_) {
      target_ = static_cast<uint32_t>(wanted);
      m.not_before = now;
      m.rest = kRestMin;
    } else {
      m.not_before = now + m.rest;
      m.rest = std::min(m.rest * 2, kRestMax);
    }
    m.rate_max = std::max(m.rate_max, rate);
  }

 private:
  // Between two measurements of which the first has changed nothing.
  static constexpr absl::Duration kRestMin = absl::Milliseconds(100);
  static constexpr absl::Duration kRestMax = absl::Seconds(10);

 public:
  struct Measured {
    bool under_way = false;
    uint64_t arrived_at_begin = 0;
    double rate_max = 0;  // bytes a second
    double shortest = 1e9;
    Instant begun;
    Instant not_before;
    absl::Duration rest = kRestMin;
  };

  // What one has measured, of which the other goes on with the target. An answer that is still to
  // come will be ignored.
  std::unique_ptr<Measured> TakeMeasured() {
    if (measured_ != nullptr) measured_->under_way = false;
    return std::move(measured_);
  }
  void Resume(uint32_t target, std::unique_ptr<Measured> measured) {
    target_ = target;
    measured_ = std::move(measured);
  }

 private:
  uint32_t target_;
  uint32_t cap_;
  uint64_t arrived_ = 0;
  std::unique_ptr<Measured> measured_;  // null: there was no reason to measure yet
};

}  // namespace dialtone::dialtone1
