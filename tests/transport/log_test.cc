#include "dialtone/transport/log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dialtone/transport/check.h"

namespace dialtone {
namespace {

TEST(Log, SinkGetsTheLinesOfItsLevelAndAbove) {
  std::vector<std::string> lines;
  SetLogSink([&](LogLevel, std::string_view text) { lines.emplace_back(text); });
  SetLogLevel(LogLevel::kWarning);
  Log(LogLevel::kInfo, "quiet");
  Log(LogLevel::kWarning, "loud");
  EXPECT_FALSE(LogEnabled(LogLevel::kInfo));
  EXPECT_TRUE(LogEnabled(LogLevel::kError));
  SetLogLevel(LogLevel::kInfo);
  SetLogSink(nullptr);
  EXPECT_EQ(lines, std::vector<std::string>{"loud"});
}

TEST(Log, GoesToStderrByDefaultOneEventALine) {
  ::testing::internal::CaptureStderr();
  Log(LogLevel::kWarning, "something happened");
  const std::string out = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(out.find(" warning: something happened\n"), std::string::npos) << out;
}

TEST(CheckDeathTest, PrintsPlaceConditionAndReason) {
  const int one = 1;
  EXPECT_DEATH(DIALTONE_CHECK(one == 2), "log_test.cc:.*check failed: one == 2");
  EXPECT_DEATH(DIALTONE_CHECK(one == 2, "because"), "check failed: one == 2: because");
  DIALTONE_CHECK(one == 1);
}

}  // namespace
}  // namespace dialtone
