// How an event becomes one line, whatever its bytes are.
#include "log_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace dialtone {
namespace {

const absl::Time kTime = absl::FromUnixMillis(1767225600123);

std::string Text(std::string_view text) {
  return LogLine({LogLevel::kWarning, text, {}}, kTime, LogFormat::kText);
}
std::string Json(std::string_view text, std::vector<LogField> fields = {}) {
  return LogLine({LogLevel::kError, text, fields}, kTime, LogFormat::kJson);
}

TEST(LogLine, TextHasTimeLevelAndText) {
  EXPECT_EQ(Text("it happened"), "2026-01-01T00:00:00.123Z warning: it happened\n");
}

TEST(LogLine, JsonHasTheFieldsToo) {
  EXPECT_EQ(Json("it happened", {{"method", "/a.B/C"}, {"peer", "1.2.3.4:5"}}),
            "{\"time\":\"2026-01-01T00:00:00.123Z\",\"level\":\"error\",\"text\":\"it happened\","
            "\"method\":\"/a.B/C\",\"peer\":\"1.2.3.4:5\"}\n");
}

TEST(LogLine, StaysOneLine) {
  EXPECT_EQ(Text("a\nb\r\tc\x01\x7f \xff"),
            "2026-01-01T00:00:00.123Z warning: a\\nb\\r\\tc\\x01\\x7f \\xff\n");
  EXPECT_NE(Json("a\nb\"\\\x01").find("\"text\":\"a\\nb\\\"\\\\\\u0001\""), std::string::npos);
}

// A peer's words may be in it: U+009B does what ESC and [ do.
TEST(LogLine, CommandsNoTerminal) {
  EXPECT_EQ(Text("a\x1b[2J\u009b2Jb"), "2026-01-01T00:00:00.123Z warning: a\\x1b[2J\\x9b2Jb\n");
  EXPECT_NE(Json("a\u009bb").find("a\\u009bb"), std::string::npos);
}

TEST(LogLine, JsonIsUtf8WhateverComes) {
  EXPECT_NE(Json("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80").find("grüß 😀"), std::string::npos);
  // Cut short, overlong, a surrogate, above the last character: each bad byte is replaced.
  for (const char* bad : {"\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x80\x80"}) {
    const std::string line = Json(bad);
    EXPECT_NE(line.find("\uFFFD"), std::string::npos) << line;
    EXPECT_EQ(line.find(bad), std::string::npos) << line;
  }
}

TEST(LogLine, IsCutWhereItIsTooLong) {
  const std::string large(10'000, 'x');
  const std::string text = Text(large);
  EXPECT_EQ(text.size(), kLogLineBytesMax);
  EXPECT_TRUE(text.ends_with("x…\n"));
  const std::string json = Json(large, {{"method", "/a.B/C"}});
  EXPECT_LE(json.size(), kLogLineBytesMax);
  EXPECT_TRUE(json.ends_with("x…\"}\n")) << json.substr(4000);
  // No character is cut in two, and a field that does not fit is left out whole.
  std::string wide;
  while (wide.size() < 10'000) wide += "ü\n";
  EXPECT_TRUE(Text(wide).ends_with("…\n"));
  EXPECT_TRUE(Json("short", {{"large", large}, {"small", "y"}})
                  .ends_with("\"text\":\"short\",\"small\":\"y\"}\n"));
}

}  // namespace
}  // namespace dialtone
