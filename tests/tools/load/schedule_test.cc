#include "dialtone/load/schedule.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

namespace dialtone::load {
namespace {

// How many calls are due before a time in seconds.
int64_t DueBefore(const Schedule& schedule, double seconds) {
  int64_t number = 0;
  while (schedule.DueNanoseconds(number) < seconds * 1e9) ++number;
  return number;
}

TEST(ScheduleTest, ConstantRateIsEvenlySpaced) {
  const Schedule schedule = Schedule::Constant(1000);
  EXPECT_EQ(schedule.DueNanoseconds(0), 0);
  EXPECT_EQ(schedule.DueNanoseconds(1), 1'000'000);
  // Without a sum that grows wrong: after a day it is still on time.
  EXPECT_EQ(schedule.DueNanoseconds(86'400'000), int64_t{86'400} * 1'000'000'000);
}

TEST(ScheduleTest, RampHasTheAreaUnderItsLine) {
  const Schedule schedule = Schedule::Ramp(100, 300, 10);
  EXPECT_EQ(DueBefore(schedule, 10), 2000);
  // In its first half: from 100 to 200 a second.
  EXPECT_EQ(DueBefore(schedule, 5), 750);
  // Then at the last rate.
  EXPECT_EQ(DueBefore(schedule, 12), 2600);
}

TEST(ScheduleTest, RampMayFallOrBeLevel) {
  EXPECT_EQ(DueBefore(Schedule::Ramp(300, 100, 10), 10), 2000);
  EXPECT_EQ(DueBefore(Schedule::Ramp(300, 100, 10), 5), 1250);
  EXPECT_EQ(DueBefore(Schedule::Ramp(200, 200, 10), 10), 2000);
}

TEST(ScheduleTest, StepsEachHaveTheirRate) {
  const Schedule schedule = Schedule::Steps(100, 300, 3, 30);
  EXPECT_EQ(DueBefore(schedule, 10), 1000);
  EXPECT_EQ(DueBefore(schedule, 20), 3000);
  EXPECT_EQ(DueBefore(schedule, 30), 6000);
  EXPECT_EQ(DueBefore(schedule, 31), 6300);
}

TEST(ScheduleTest, TimesNeverFall) {
  for (const Schedule& schedule : {Schedule::Ramp(50, 5000, 2), Schedule::Ramp(5000, 50, 2),
                                   Schedule::Steps(10, 4000, 5, 2)}) {
    for (int64_t number = 0; number < 12'000; ++number) {
      ASSERT_LE(schedule.DueNanoseconds(number), schedule.DueNanoseconds(number + 1)) << number;
    }
  }
}

TEST(ScheduleTest, IsReadFromText) {
  const std::optional<Schedule> number = Schedule::Parse("250", 4);
  ASSERT_TRUE(number.has_value());
  EXPECT_EQ(number->DueNanoseconds(1), 4'000'000);
  const std::optional<Schedule> constant = Schedule::Parse("const:500", 4);
  ASSERT_TRUE(constant);
  EXPECT_EQ(constant->DueNanoseconds(1), 2'000'000);
  const std::optional<Schedule> ramp = Schedule::Parse("ramp:100:300", 10);
  ASSERT_TRUE(ramp);
  EXPECT_EQ(DueBefore(*ramp, 10), 2000);
  const std::optional<Schedule> steps = Schedule::Parse("step:100:300:3", 30);
  ASSERT_TRUE(steps);
  EXPECT_EQ(DueBefore(*steps, 30), 6000);
}

TEST(ScheduleTest, WhatIsNoneIsRefused) {
  for (const char* text : {"",           "const",     "const:",     "const:0",      "const:-5",
                           "const:1x",   "const:inf", "const:nan",  "const:1:2",    "0",
                           "-1",         "1x",        "1:2",        "ramp:100",     "ramp:100:0",
                           "ramp:1:2:3", "step:1:2",  "step:1:2:1", "step:1:2:2.5", "step:1:2:9999",
                           "sine:5"}) {
    EXPECT_FALSE(Schedule::Parse(text, 10)) << text;
  }
}

}  // namespace
}  // namespace dialtone::load
