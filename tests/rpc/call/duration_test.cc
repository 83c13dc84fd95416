// Durations of the standard library, wherever one of Abseil's may be said.
#include "dialtone/rpc/internal/duration.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <ratio>

#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/call_options.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/rpc/with_timeout.h"
#include "sim_servers.h"

namespace dialtone {
namespace {

using internal::FromAnyChrono;

TEST(AnyDuration, IsExactForWholeNumbersOfAnyUnit) {
  EXPECT_EQ(FromAnyChrono(std::chrono::milliseconds(-5)), absl::Milliseconds(-5));
  EXPECT_EQ(FromAnyChrono(std::chrono::days(1)), absl::Hours(24));
  EXPECT_EQ(FromAnyChrono(std::chrono::weeks(2)), absl::Hours(24 * 14));
  EXPECT_EQ(FromAnyChrono(std::chrono::nanoseconds::max()),
            absl::FromChrono(std::chrono::nanoseconds::max()));
  EXPECT_EQ((FromAnyChrono(std::chrono::duration<int8_t, std::ratio<1, 2>>(3))),
            absl::Milliseconds(1500));
  EXPECT_EQ((FromAnyChrono(std::chrono::duration<int64_t, std::pico>(-7'000'000'000))),
            absl::Milliseconds(-7));
  EXPECT_EQ((FromAnyChrono(std::chrono::duration<unsigned, std::milli>(4'000'000'000))),
            absl::Seconds(4'000'000));
}

TEST(AnyDuration, MayBeAFraction) {
  EXPECT_EQ(FromAnyChrono(std::chrono::duration<double>(0.5)), absl::Milliseconds(500));
  EXPECT_EQ((FromAnyChrono(std::chrono::duration<float, std::milli>(-1.5F))),
            absl::Microseconds(-1500));
  EXPECT_EQ((FromAnyChrono(std::chrono::duration<long double, std::ratio<3600>>(0.25L))),
            absl::Minutes(15));
}

TEST(AnyDuration, IsInfiniteWhereItIsOutOfRangeOrNoNumber) {
  using Hours = std::chrono::duration<int64_t, std::ratio<3600>>;
  using Seconds = std::chrono::duration<double>;
  using Limits = std::numeric_limits<double>;
  EXPECT_EQ(FromAnyChrono(Hours::max()), absl::InfiniteDuration());
  EXPECT_EQ(FromAnyChrono(Hours::min()), -absl::InfiniteDuration());
  EXPECT_EQ((FromAnyChrono(std::chrono::duration<uint64_t>::max())), absl::InfiniteDuration());
  EXPECT_EQ(FromAnyChrono(Seconds(1e30)), absl::InfiniteDuration());
  EXPECT_EQ(FromAnyChrono(Seconds(-1e30)), -absl::InfiniteDuration());
  EXPECT_EQ(FromAnyChrono(Seconds(Limits::infinity())), absl::InfiniteDuration());
  EXPECT_EQ(FromAnyChrono(Seconds(Limits::quiet_NaN())), absl::InfiniteDuration());
  EXPECT_EQ(FromAnyChrono(Seconds(-Limits::quiet_NaN())), absl::InfiniteDuration());
}

Task<absl::Status> SleepForHalfASecondAndADay() {
  absl::Status slept = co_await Sleep(std::chrono::duration<double>(0.5));
  if (!slept.ok()) co_return slept;
  absl::Status more = co_await Sleep(std::chrono::days(1));
  co_return more;
}

Task<absl::Status> WithThreeQuartersOfASecond() {
  absl::Status status =
      co_await WithTimeout(std::chrono::duration<double>(0.75), SleepForHalfASecondAndADay());
  co_return status;
}

TEST(AnyDuration, IsATimeToSleepAndATimeout) {
  EXPECT_EQ(Timeout(std::chrono::duration<double>(0.5)).timeout(), absl::Milliseconds(500));
  EXPECT_EQ(Timeout(std::chrono::days(1)).timeout(), absl::Hours(24));
  SimProcess process;
  EXPECT_TRUE(BlockOn(SleepForHalfASecondAndADay(), process.runtime).ok());
  EXPECT_EQ(process.Time(), absl::Milliseconds(500) + absl::Hours(24));
  const absl::Duration before = process.Time();
  EXPECT_EQ(BlockOn(WithThreeQuartersOfASecond(), process.runtime).code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(process.Time() - before, absl::Milliseconds(750));
}

}  // namespace
}  // namespace dialtone
