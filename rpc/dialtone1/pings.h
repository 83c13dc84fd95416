// When a silent peer is asked whether it is still there, and how often it may ask. Pure: time comes in.
// Internal to dialtone1/.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/time/time.h"
#include "dialtone/rpc/connection_limits.h"
#include "dialtone/transport/instant.h"
#include "frame.h"

namespace dialtone::dialtone1 {

// The tokens of PINGs: "are you there?", and one whose answer ends a measurement. A draining server has one
// of its own.
inline constexpr uint32_t kAliveToken = 0x414C4956;
inline constexpr uint32_t kMeasureToken = 0x4D454153;

// Asks after a silence, gives up when no byte follows. Looks now and then at how many reads there have
// been, so that reading itself keeps no time.
//
//   Begin ─▶ Check at next() ─ bytes came? ─▶ … ─ none for `interval` ─▶ kAsk ─ none for `timeout` ─▶ kGiveUp
class Keepalive {
 public:
  enum class Verdict { kFine, kAsk, kGiveUp };

  // `limits` outlive it: ping_interval and ping_timeout.
  explicit Keepalive(const ConnectionLimits& limits) : limits_(limits) {}

  void Begin(Instant now, uint64_t reads) {
    asked_ = false;
    reads_ = reads;
    quiet_since_ = now;
    next_ = now + limits_.ping_interval / 2;
  }
  // At next(). Whatever has been read since the last look shows that the peer is there.
  Verdict Check(Instant now, uint64_t reads) {
    if (reads != reads_) {
      Begin(now, reads);
      return Verdict::kFine;
    }
    if (asked_) return Verdict::kGiveUp;
    if (now - quiet_since_ < limits_.ping_interval) {
      next_ = quiet_since_ + limits_.ping_interval;
      return Verdict::kFine;
    }
    asked_ = true;
    next_ = now + limits_.ping_timeout;
    return Verdict::kAsk;
  }
  Instant next() const { return next_; }

 private:
  const ConnectionLimits& limits_;
  bool asked_ = false;
  uint64_t reads_ = 0;
  Instant quiet_since_;
  Instant next_;
};

// How often the peer may ask: every `interval`, and a few times beyond. Who asks while messages pass
// measures them, and is not counted. A value.
class PingAllowance {
 public:
  // Zero: as often as it likes.
  explicit PingAllowance(absl::Duration interval) : interval_(interval) {}

  // A PING has come. `traffic` differs from what it was at the one before if a message has passed
  // meanwhile. False: one too many.
  bool Take(Instant now, uint64_t traffic) {
    if (interval_ <= absl::ZeroDuration()) return true;
    if (left_ == kNone || traffic != traffic_) {
      traffic_ = traffic;
      refilled_ = now;
      left_ = kBurst - 1;
      return true;
    }
    while (left_ < kBurst && now - refilled_ >= interval_) {
      refilled_ = refilled_ + interval_;
      ++left_;
    }
    if (left_ == kBurst) refilled_ = now;
    if (left_ == 0) return false;
    --left_;
    return true;
  }
  // Whether it allows as much as a new one.
  bool IsFull(Instant now) const {
    return interval_ <= absl::ZeroDuration() || left_ == kNone ||
           now - refilled_ >= interval_ * (kBurst - left_);
  }

 private:
  static constexpr uint32_t kBurst = 10;
  static constexpr uint32_t kNone = UINT32_MAX;  // before the first one

  absl::Duration interval_;
  uint32_t left_ = kNone;
  uint64_t traffic_ = 0;
  Instant refilled_;
};

// Where in what is written those answers to PINGs end that the stream may not have taken yet.
class UnwrittenPongs {
 public:
  bool full() const { return count_ == kUnansweredPingsMax; }
  // Requires that it be not full, and an end behind those before it.
  void Add(uint64_t end) { ends_[(first_ + count_++) % kUnansweredPingsMax] = end; }
  // So much has been taken.
  void ForgetUpTo(uint64_t written) {
    for (; count_ != 0 && ends_[first_] <= written; --count_)
      first_ = (first_ + 1) % kUnansweredPingsMax;
  }

 private:
  std::array<uint64_t, kUnansweredPingsMax> ends_;  // a ring
  uint32_t first_ = 0;
  uint32_t count_ = 0;
};

// What is kept of a peer that asks.
struct PeerPings {
  explicit PeerPings(absl::Duration interval_min) : allowance(interval_min) {}

  PingAllowance allowance;
  UnwrittenPongs unwritten;
};

}  // namespace dialtone::dialtone1
