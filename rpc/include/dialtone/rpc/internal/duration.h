// Durations of the standard library as Abseil's. Internal.
#pragma once

#include <chrono>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "absl/time/time.h"

namespace dialtone::internal {

// Of any count and any unit; absl::FromChrono() knows whole numbers of the usual units only. What is out of range, or not a
// number, is infinite.
template <class Rep, class Period>
absl::Duration FromAnyChrono(std::chrono::duration<Rep, Period> duration) {
  if constexpr (std::is_integral_v<Rep>) {
    const auto count = +duration.count();
    if (std::in_range<int64_t>(count))
      return absl::Seconds(static_cast<int64_t>(count)) * Period::num / Period::den;
  }
  const double seconds = std::chrono::duration<double>(duration).count();
  return seconds == seconds ? absl::Seconds(seconds) : absl::InfiniteDuration();
}

}  // namespace dialtone::internal
