// A point on a network's clock: monotonic, in nanoseconds, comparable only with instants of the
// same network. The simulated network starts its clock at zero; sockets use the machine's monotonic
// clock. Wall-clock time never enters a decision, so a changed system time ends no call.
#pragma once

#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace dialtone {

class Instant {
 public:
  constexpr Instant() = default;
  static constexpr Instant FromNanoseconds(int64_t nanoseconds) { return Instant(nanoseconds); }
  // Later than every other instant: "no deadline".
  static constexpr Instant Infinite() { return Instant(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t nanoseconds() const { return nanoseconds_; }
  constexpr bool infinite() const { return *this == Infinite(); }

  friend constexpr bool operator==(Instant a, Instant b) = default;
  friend constexpr auto operator<=>(Instant a, Instant b) = default;

  // Saturates: an infinite duration, or one that leaves the range, gives Infinite(). A negative
  // duration gives an earlier instant, never one before the clock's beginning by more than it says.
  friend Instant operator+(Instant a, absl::Duration d) {
    return a.PlusNanoseconds(absl::ToInt64Nanoseconds(d));  // saturates by itself
  }
  // The same, of a duration that was converted before.
  Instant PlusNanoseconds(int64_t add) const {
    if (infinite()) return *this;
    int64_t sum = 0;
    if (__builtin_add_overflow(nanoseconds_, add, &sum)) {
      return add > 0 ? Infinite() : Instant(std::numeric_limits<int64_t>::min());
    }
    return Instant(sum);
  }
  // The time from `b` to `a`; infinite when `a` is.
  friend absl::Duration operator-(Instant a, Instant b) {
    if (a.infinite()) return absl::InfiniteDuration();
    return absl::Nanoseconds(a.nanoseconds_) - absl::Nanoseconds(b.nanoseconds_);
  }

 private:
  explicit constexpr Instant(int64_t nanoseconds) : nanoseconds_(nanoseconds) {}

  int64_t nanoseconds_ = 0;
};

}  // namespace dialtone
