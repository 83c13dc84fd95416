#include "dialtone/transport/log.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "dialtone/transport/check.h"
#include "dialtone/transport/log_kind.h"

namespace dialtone {
namespace {

TEST(Log, SinkGetsTheLinesOfItsLevelAndAbove) {
  std::vector<std::string> lines;
  SetLogSink([&](const LogEvent& event) { lines.emplace_back(event.text); });
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

TEST(Log, SinkGetsTextAsItIsAndTheFields) {
  std::string seen;
  SetLogSink([&](const LogEvent& event) {
    seen = std::string(LogLevelName(event.level)) + " " + std::string(event.text);
    for (const LogField& field : event.fields)
      seen += " " + std::string(field.name) + "=" + std::string(field.value);
  });
  Log(LogLevel::kError, "two\nlines", {{"method", "/a.B/C"}, {"peer", "here"}});
  SetLogSink(nullptr);
  EXPECT_EQ(seen, "error two\nlines method=/a.B/C peer=here");
}

TEST(Log, WhatASinkLogsGoesToStderr) {
  ::testing::internal::CaptureStderr();
  SetLogSink([&](const LogEvent&) { Log(LogLevel::kWarning, "from the sink"); });
  Log(LogLevel::kWarning, "to the sink");
  SetLogSink(nullptr);
  const std::string out = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(out.find(" warning: from the sink\n"), std::string::npos) << out;
  EXPECT_EQ(out.find("to the sink"), std::string::npos) << out;
}

TEST(Log, AnEventWithWhichASinkThrowsGoesToStderrAndTheNextOneToTheSink) {
  ::testing::internal::CaptureStderr();
  int calls = 0;
  SetLogSink([&](const LogEvent&) {
    if (++calls == 1) throw std::runtime_error("no room");
    if (calls == 2) throw 7;
  });
  for (const char* text : {"first", "second", "third"}) Log(LogLevel::kWarning, text);
  SetLogSink(nullptr);
  const std::string out = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(calls, 3);
  EXPECT_NE(out.find(" warning: first\n"), std::string::npos) << out;
  EXPECT_NE(out.find(" warning: second\n"), std::string::npos) << out;
  EXPECT_EQ(out.find("third"), std::string::npos) << out;
}

TEST(Log, ASinkMayPutAnotherOneInItsPlace) {
  std::vector<std::string> lines;
  const auto note = [&](std::string who) {
    return [&lines, who](const LogEvent& event) { lines.push_back(who + std::string(event.text)); };
  };
  // What goes with a sink may log.
  auto last_words = std::shared_ptr<void>(nullptr, [](void*) { Log(LogLevel::kWarning, "gone"); });
  SetLogSink([&, held = std::move(last_words)](const LogEvent& event) {
    SetLogSink(nullptr);
    SetLogSink(note("second: "));
    note("first: ")(event);
  });
  Log(LogLevel::kWarning, "a");
  Log(LogLevel::kWarning, "b");
  SetLogSink(nullptr);
  EXPECT_EQ(lines, (std::vector<std::string>{"first: a", "second: gone", "second: b"}));
}

TEST(Log, SpeaksJsonWhenAsked) {
  ::testing::internal::CaptureStderr();
  SetLogFormat(LogFormat::kJson);
  Log(LogLevel::kWarning, "a \"quoted\"\nthing", {{"peer", "here"}});
  SetLogFormat(LogFormat::kText);
  const std::string out = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(out.starts_with("{\"time\":\"2")) << out;
  EXPECT_TRUE(out.ends_with(
      "\"level\":\"warning\",\"text\":\"a \\\"quoted\\\"\\nthing\",\"peer\":\"here\"}\n"))
      << out;
}

TEST(Log, FloodsAreHeldBackAndSummedUp) {
  static constinit LogKind flood(LogLevel::kWarning, "floods");
  static constinit LogKind quiet(LogLevel::kDebug, "what nobody wants to read");
  std::vector<std::string> lines;
  SetLogSink([&](const LogEvent& event) { lines.emplace_back(event.text); });
  for (int i = 0; i < 1'000'000; ++i) {
    if (flood.Admits()) Log(flood.level(), "water");
    if (quiet.Admits()) Log(quiet.level(), "nothing");
  }
  const auto logged = static_cast<int64_t>(lines.size());
  FlushLogKinds();
  SetLogSink(nullptr);
  EXPECT_GE(logged, LogKind::kPerSecondMax);
  EXPECT_LT(logged, 1000);  // a machine that is so slow may take many seconds
  ASSERT_GT(lines.size(), static_cast<size_t>(logged));
  EXPECT_NE(lines.back().find("floods: "), std::string::npos) << lines.back();
  EXPECT_NE(lines.back().find(" more like this in the last "), std::string::npos) << lines.back();
}

TEST(CheckDeathTest, PrintsPlaceConditionAndReason) {
  const int one = 1;
  EXPECT_DEATH(DIALTONE_CHECK(one == 2), "log_test.cc:.*check failed: one == 2");
  EXPECT_DEATH(DIALTONE_CHECK(one == 2, "because"), "check failed: one == 2: because");
  DIALTONE_CHECK(one == 1);
}

}  // namespace
}  // namespace dialtone
