// What /metrics says, to the letter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "dialtone/rpc/admin.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

LatencyHistogram Of(std::vector<absl::Duration> durations) {
  LatencyHistogram histogram;
  for (const absl::Duration duration : durations) {
    LatencyHistogram one;
    one.AddBucket(
        static_cast<uint32_t>(LatencyHistogram::BucketOf(absl::ToInt64Nanoseconds(duration))), 1);
    one.AddSum(duration);
    histogram.Merge(one);
  }
  return histogram;
}

MethodMetrics Greet() {
  MethodMetrics method;
  method.path = "/greeter.Greeter/Greet";
  method.started = 7;
  method.ended[0] = 4;
  method.ended[5] = 1;
  method.messages_in = 8;
  method.messages_out = 9;
  method.bytes_in = 10;
  method.bytes_out = 11;
  method.total =
      Of({absl::Microseconds(12), absl::Milliseconds(3), absl::Milliseconds(3), absl::Seconds(20)});
  return method;
}

ServerMetrics Some() {
  ServerMetrics metrics;
  metrics.serving = true;
  metrics.age = absl::Milliseconds(1500);
  metrics.methods.push_back(Greet());
  metrics.loops.resize(2);
  metrics.loops[1].age = absl::Seconds(10);
  metrics.loops[1].idle = absl::Nanoseconds(9'000'000'001);
  metrics.loops[1].stalls = 3;
  metrics.limits[static_cast<size_t>(ServerLimit::kConcurrency)] = 5;
  metrics.connections = 2;
  metrics.connections_accepted = 6;
  metrics.bytes_held = 77;
  return metrics;
}

std::vector<std::string> LinesWith(const std::string& text, std::string_view beginning) {
  std::vector<std::string> lines;
  for (const auto line : absl::StrSplit(text, '\n')) {
    if (ToStd(line).starts_with(beginning)) lines.emplace_back(ToStd(line));
  }
  return lines;
}

constexpr char kGreet[] =
    "rpc_system=\"dialtone\",rpc_service=\"greeter.Greeter\",rpc_method=\"Greet\"";

TEST(PrometheusText, TellsCallsByMethodAndStatus) {
  const std::string text = PrometheusText(Some());
  EXPECT_THAT(LinesWith(text, "dialtone_server_calls_total"),
              ElementsAre(std::string("dialtone_server_calls_total{") + kGreet +
                              ",rpc_response_status_code=\"OK\"} 4",
                          std::string("dialtone_server_calls_total{") + kGreet +
                              ",rpc_response_status_code=\"NOT_FOUND\"} 1"));
  EXPECT_THAT(text,
              HasSubstr(std::string("dialtone_server_calls_started_total{") + kGreet + "} 7\n"));
  EXPECT_THAT(text, HasSubstr(std::string("dialtone_server_calls_in_flight{") + kGreet + "} 2\n"));
  EXPECT_THAT(
      text, HasSubstr(std::string("dialtone_server_messages_received_total{") + kGreet + "} 8\n"));
  EXPECT_THAT(text,
              HasSubstr(std::string("dialtone_server_messages_sent_total{") + kGreet + "} 9\n"));
  EXPECT_THAT(text,
              HasSubstr(std::string("dialtone_server_received_bytes_total{") + kGreet + "} 10\n"));
  EXPECT_THAT(text,
              HasSubstr(std::string("dialtone_server_sent_bytes_total{") + kGreet + "} 11\n"));
}

TEST(PrometheusText, HistogramsAreCumulativeInSeconds) {
  const std::string text = PrometheusText(Some());
  const std::string before =
      std::string("rpc_server_call_duration_seconds_bucket{") + kGreet + ",le=\"";
  const std::vector<std::string> buckets = LinesWith(text, before);
  ASSERT_THAT(buckets, SizeIs(20));
  EXPECT_EQ(buckets.front(), before + "1e-05\"} 0");
  EXPECT_EQ(buckets[1], before + "2.5e-05\"} 1");
  EXPECT_EQ(buckets[7], before + "0.0025\"} 1");
  EXPECT_EQ(buckets[8], before + "0.005\"} 3");
  EXPECT_EQ(buckets[18], before + "10\"} 3");
  EXPECT_EQ(buckets.back(), before + "+Inf\"} 4");
  EXPECT_THAT(text, HasSubstr(std::string("rpc_server_call_duration_seconds_sum{") + kGreet +
                              "} 20.006012000\n"));
  EXPECT_THAT(text,
              HasSubstr(std::string("rpc_server_call_duration_seconds_count{") + kGreet + "} 4\n"));
}

TEST(PrometheusText, TellsTheServerItsLoopsAndItsLimits) {
  const std::string text = PrometheusText(Some());
  EXPECT_THAT(text, HasSubstr("\ndialtone_server_serving 1\n"));
  EXPECT_THAT(text, HasSubstr("\ndialtone_server_age_seconds 1.500000000\n"));
  EXPECT_THAT(text, HasSubstr("\ndialtone_server_connections 2\n"));
  EXPECT_THAT(text, HasSubstr("\ndialtone_server_connections_accepted_total 6\n"));
  EXPECT_THAT(text, HasSubstr("\ndialtone_server_held_bytes 77\n"));
  EXPECT_THAT(
      text,
      HasSubstr("\ndialtone_server_limits_reached_total{kind=\"call\",limit=\"concurrency\"} 5\n"));
  EXPECT_THAT(LinesWith(text, "dialtone_server_limits_reached_total{"), SizeIs(kServerLimits))
      << "those too that were not, so that rates can be taken from the first on";
  EXPECT_THAT(text, HasSubstr("\ndialtone_loop_busy_seconds_total{loop=\"1\"} 0.999999999\n"));
  EXPECT_THAT(text, HasSubstr("\ndialtone_loop_idle_seconds_total{loop=\"1\"} 9.000000001\n"));
  EXPECT_THAT(text, HasSubstr("\ndialtone_loop_stalls_total{loop=\"1\"} 3\n"));
}

TEST(PrometheusText, EachMetricHasOneHeadAndTheTypeThatItsNameSays) {
  const std::string text = PrometheusText(Some());
  std::set<std::string> names;
  for (const std::string& line : LinesWith(text, "# TYPE ")) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    ASSERT_THAT(words, SizeIs(4));
    EXPECT_TRUE(names.insert(words[2]).second) << words[2] << " twice";
    EXPECT_EQ(words[2].ends_with("_total"), words[3] == "counter") << line;
    EXPECT_EQ(words[2].ends_with("_duration_seconds"), words[3] == "histogram") << line;
    EXPECT_THAT(LinesWith(text, "# HELP " + words[2] + " "), SizeIs(1));
  }
  EXPECT_GT(names.size(), 15u);
}

TEST(PrometheusText, LabelsAreEscaped) {
  ServerMetrics metrics;
  metrics.methods.resize(1);
  metrics.methods[0].path = "/a\"b.\\C/D\nE";
  metrics.methods[0].started = 1;
  EXPECT_THAT(PrometheusText(metrics),
              HasSubstr("rpc_service=\"a\\\"b.\\\\C\",rpc_method=\"D\\nE\"} 1\n"));
}

TEST(PrometheusText, LimitsHaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kServerLimits; ++i) {
    const auto limit = static_cast<ServerLimit>(i);
    EXPECT_TRUE(names.insert(ServerLimitName(limit)).second);
    EXPECT_THAT(ServerLimitKind(limit), testing::AnyOf("call", "connection"));
  }
}

TEST(PrometheusText, ChannelsAreToldByTheirTarget) {
  ChannelMetrics metrics;
  metrics.methods.push_back(Greet());
  metrics.connections = 2;
  metrics.connects = 7;
  metrics.connects_failed = 1;
  metrics.connections_made = 5;
  metrics.connections_closed[static_cast<size_t>(ConnectionEnd::kDrained)] = 3;
  ChannelStats stats;
  stats.retries = 3;
  const std::string text = PrometheusText(metrics, stats, "10.0.0.1:7000");
  EXPECT_THAT(text, HasSubstr(std::string("rpc_client_call_duration_seconds_count{") + kGreet +
                              ",target=\"10.0.0.1:7000\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("dialtone_client_retries_total{target=\"10.0.0.1:7000\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("dialtone_client_connections{target=\"10.0.0.1:7000\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("dialtone_client_connects_total{target=\"10.0.0.1:7000\"} 7\n"));
  EXPECT_THAT(text,
              HasSubstr("dialtone_client_connects_failed_total{target=\"10.0.0.1:7000\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("dialtone_client_connections_made_total{target=\"10.0.0.1:7000\"} 5\n"));
  EXPECT_THAT(
      LinesWith(text, "dialtone_client_connections_closed_total{"),
      testing::ElementsAre(
          "dialtone_client_connections_closed_total{target=\"10.0.0.1:7000\",cause=\"lost\"} 0",
          "dialtone_client_connections_closed_total{target=\"10.0.0.1:7000\",cause=\"drained\"} 3",
          "dialtone_client_connections_closed_total{target=\"10.0.0.1:7000\",cause=\"closed\"} 0"));
  EXPECT_THAT(text, Not(HasSubstr("_server_")));
}

TEST(PrometheusText, SeveralChannelsShareEachMetricsHeadAndNoSeries) {
  const auto to = [](std::string target) {
    ChannelReport channel;
    channel.metrics.methods.push_back(Greet());
    channel.target = std::move(target);
    return channel;
  };
  const std::vector<ChannelReport> channels = {to("a:1"), to("b:1"), to("a:1")};
  const std::string text = PrometheusText(channels);
  std::set<std::string> seen;
  for (const std::string& line : LinesWith(text, "")) {
    if (line.empty()) continue;
    const std::string what = line.substr(0, line.starts_with("#") ? line.size() : line.rfind(' '));
    EXPECT_TRUE(seen.insert(what).second) << "twice: " << what;
  }
  EXPECT_THAT(LinesWith(text, "dialtone_client_connects_total"),
              ElementsAre("dialtone_client_connects_total{target=\"a:1\",channel=\"1\"} 0",
                          "dialtone_client_connects_total{target=\"b:1\"} 0",
                          "dialtone_client_connects_total{target=\"a:1\",channel=\"2\"} 0"));
  EXPECT_THAT(
      LinesWith(text, "rpc_client_call_duration_seconds_count"),
      ElementsAre(HasSubstr(",target=\"a:1\",channel=\"1\"} 4"), HasSubstr(",target=\"b:1\"} 4"),
                  HasSubstr(",target=\"a:1\",channel=\"2\"} 4")));
}

}  // namespace
}  // namespace dialtone
