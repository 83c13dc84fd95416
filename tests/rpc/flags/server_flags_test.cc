// A server's flags: each sets its own option and no other.
#include "dialtone/rpc/server_flags.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace dialtone {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

// A value that a flag standing at `now` takes and that is another.
std::string Another(const std::string& now) {
  for (const auto& [value, other] :
       std::vector<std::pair<std::string, std::string>>{{"true", "false"},
                                                        {"false", "true"},
                                                        {"info", "error"},
                                                        {"text", "json"},
                                                        {"off", "fixed"},
                                                        {"none", "gzip"},
                                                        {"inf", "1m"},
                                                        {"", "something"}}) {
    if (now == value) return other;
  }
  if (now.find(':') != std::string::npos) return "127.0.0.1:1";
  if (now.size() == 1) return now == "1" ? "2" : "1";
  const bool is_duration = now.ends_with("s") || now.ends_with("m") || now.ends_with("h");
  return is_duration ? "4321ms" : "4321";
}

TEST(ServerFlags, EachSetsItsOwnOptionAndNoOther) {
  const Values before = ServerFlags("prog").Values();
  EXPECT_GT(before.size(), 25u);
  for (size_t i = 0; i < before.size(); ++i) {
    const auto& [name, now] = before[i];
    if (name == "health-check") continue;  // no option: it does something else instead of serving
    const std::string another = Another(now);
    ServerFlags flags("prog");
    const std::string argument = "--" + name + "=" + another;
    const char* const arguments[] = {"prog", argument.c_str()};
    ASSERT_FALSE(flags.Parse(2, arguments).has_value()) << argument;
    const Values after = flags.Values();
    for (size_t j = 0; j < before.size(); ++j) {
      if (i == j) continue;
      EXPECT_EQ(after[j].second, before[j].second) << argument << " changed " << after[j].first;
    }
    EXPECT_NE(after[i].second, now) << argument;
  }
  SetLogLevel(LogLevel::kInfo);
  SetLogFormat(LogFormat::kText);
  SetLogRepeatsMax(LogKind::kPerSecondMax);
}

TEST(ServerFlags, WholeNumbersOutOfTheirRangeAreNamedWithIt) {
  const std::pair<std::string, std::string> kRanges[] = {
      {"gzip-level=99", "1 to 9"},        {"zstd-level=23", "1 to 22"},
      {"listen-backlog=-5", "1 to "},     {"keepalive-probes=-1", "1 to 127"},
      {"reactors=-1", "0 to 1024"},       {"reactors=100000", "0 to 1024"},
      {"worker-threads=0", "1 to 10000"}, {"log-repeats-max=-1", "0 to "},
      {"zstd-level=high", "1 to 22"}};
  for (const auto& [flag, range] : kRanges) {
    ServerFlags flags("prog");
    const std::string argument = "--" + flag;
    const char* const arguments[] = {"prog", argument.c_str()};
    testing::internal::CaptureStderr();
    EXPECT_EQ(flags.Parse(2, arguments), 2) << flag;
    const size_t equals = flag.find('=');
    EXPECT_NE(testing::internal::GetCapturedStderr().find("prog: flag --" + flag.substr(0, equals) +
                                                          ": \"" + flag.substr(equals + 1) +
                                                          "\" is no whole number from " + range),
              std::string::npos)
        << flag;
  }
}

TEST(ServerFlags, GiveTheProgramItsOptions) {
  ServerFlags flags("prog", "127.0.0.1:7000");
  std::string greeting = "hello";
  flags.Add("greeting", greeting, "a flag of the program's own");
  flags.options().drain_timeout = absl::Seconds(3);  // its own default
  const char* const arguments[] = {"prog", "--streams-max=100", "--greeting=hi"};
  ASSERT_FALSE(flags.Parse(3, arguments).has_value());
  EXPECT_EQ(flags.options().drain_timeout, absl::Seconds(3));
  EXPECT_EQ(flags.options().limits.streams_max, 100u);
  EXPECT_EQ(greeting, "hi");
  ASSERT_EQ(flags.listen().size(), 1u);
  EXPECT_EQ(flags.listen().front(), "127.0.0.1:7000");
}

}  // namespace
}  // namespace dialtone
