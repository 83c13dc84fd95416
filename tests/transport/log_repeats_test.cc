// Kinds of lines that come in floods, on the test's own time.
#include "log_repeats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dialtone::log_repeats_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSecond = 1000 * kMillisecond;

class LogRepeatsTest : public testing::Test {
 protected:
  bool Admits(LogKind& kind, int64_t now) {
    return repeats_.Admits(kind, now,
                           [this](LogLevel, const std::string& line) { told_.push_back(line); });
  }
  // How many of `count` events, evenly over the time from `begin` to `end`.
  int Admitted(LogKind& kind, int64_t begin, int64_t end, int count) {
    int admitted = 0;
    for (int i = 0; i < count; ++i) admitted += Admits(kind, begin + (end - begin) / count * i);
    return admitted;
  }
  void TellDue(int64_t now, bool all = false) {
    repeats_.TellDue(
        now, [this](LogLevel, const std::string& line) { told_.push_back(line); }, all);
  }

  LogRepeats repeats_;
  LogKind bad_{LogLevel::kWarning, "bad peers"};
  LogKind worse_{LogLevel::kError, "worse peers"};
  std::vector<std::string> told_;
};

TEST_F(LogRepeatsTest, AFewASecondAreAdmitted) {
  EXPECT_EQ(Admitted(bad_, kSecond, 2 * kSecond, 5), 5);
  EXPECT_EQ(Admitted(bad_, 3 * kSecond, 4 * kSecond, 100'000), LogKind::kPerSecondMax);
  EXPECT_EQ(Admitted(bad_, 4 * kSecond, 5 * kSecond, 4), 4);
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(LogRepeatsTest, KindsDoNotCountForEachOther) {
  EXPECT_EQ(Admitted(bad_, kSecond, kSecond + kMillisecond, 10), 5);
  EXPECT_EQ(Admitted(worse_, kSecond, kSecond + kMillisecond, 10), 5);
}

TEST_F(LogRepeatsTest, AFloodIsSummedUpEveryTenSeconds) {
  // 1,000 a second for 21 s, five of which are logged.
  EXPECT_EQ(Admitted(bad_, kSecond, 22 * kSecond, 21'000), 21 * 5);
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_THAT(told_[0],
              testing::MatchesRegex("bad peers: 99[0-9][0-9] more like this in the last 10 s"));
  EXPECT_THAT(told_[1],
              testing::MatchesRegex("bad peers: 99[0-9][0-9] more like this in the last 10 s"));
}

TEST_F(LogRepeatsTest, WhatWasHeldBackIsToldAfterTheFlood) {
  EXPECT_TRUE(repeats_.idle());
  Admitted(bad_, kSecond, kSecond + kMillisecond, 8);
  EXPECT_FALSE(repeats_.idle());
  EXPECT_FALSE(repeats_.due(10 * kSecond));
  EXPECT_TRUE(repeats_.due(14 * kSecond));
  TellDue(10 * kSecond);
  EXPECT_THAT(told_, IsEmpty());
  // By the next event of another kind.
  EXPECT_TRUE(Admits(worse_, 14 * kSecond));
  EXPECT_THAT(told_, ElementsAre("bad peers: 3 more like this in the last 12 s"));
  EXPECT_TRUE(repeats_.idle());
}

TEST_F(LogRepeatsTest, AProgramThatLeavesTellsAll) {
  Admitted(bad_, kSecond, kSecond + kMillisecond, 6);
  Admitted(worse_, kSecond, kSecond + kMillisecond, 7);
  TellDue(2 * kSecond, /*all=*/true);
  EXPECT_THAT(told_,
              testing::UnorderedElementsAre("bad peers: 1 more like this in the last 1 s",
                                            "worse peers: 2 more like this in the last 1 s"));
  EXPECT_TRUE(repeats_.idle());
}

}  // namespace
}  // namespace dialtone::log_repeats_test
