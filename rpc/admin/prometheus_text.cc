// Metrics in Prometheus' text exposition format, version 0.0.4. Names follow OpenTelemetry's semantic
// conventions for RPC, as its exporters for Prometheus spell them, where there are any.
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "dialtone/rpc/admin.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone {
namespace {

// 10 µs to 10 s.
constexpr std::array<std::string_view, 19> kBounds{
    "1e-05", "2.5e-05", "5e-05", "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01",
    "0.025", "0.05",    "0.1",   "0.25",   "0.5",     "1",      "2.5",   "5",      "10"};
constexpr std::array<int64_t, kBounds.size()> kBoundMicroseconds{
    10,     25,     50,      100,     250,     500,       1'000,     2'500,     5'000,     10'000,
    25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};

std::string Escaped(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\n') {
      escaped += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string Label(std::string_view name, std::string_view value) {
  return absl::StrCat(ToAbsl(name), "=\"", Escaped(value), "\"");
}

std::string Seconds(absl::Duration duration) {
  const int64_t nanoseconds = absl::ToInt64Nanoseconds(duration);
  constexpr int64_t kSecond = 1'000'000'000;
  return absl::StrCat(nanoseconds / kSecond, ".",
                      absl::Dec(nanoseconds % kSecond, absl::kZeroPad9));
}

// One metric: its head, then its samples.
class Family {
 public:
  Family(std::string& text, std::string_view name, std::string_view type, std::string_view help)
      : text_(text), name_(name) {
    absl::StrAppend(&text_, "# HELP ", ToAbsl(name), " ", ToAbsl(help), "\n# TYPE ", ToAbsl(name),
                    " ", ToAbsl(type), "\n");
  }
  void Add(std::string_view labels, std::string_view value) { Add("", labels, value); }
  void Add(std::string_view labels, uint64_t value) {
    Add("", labels, std::string(absl::StrCat(value)));
  }
  void Add(std::string_view labels, const LatencyHistogram& histogram) {
    const std::string before = labels.empty() ? "" : absl::StrCat(ToAbsl(labels), ",");
    for (size_t i = 0; i < kBounds.size(); ++i) {
      Add("_bucket", absl::StrCat(before, Label("le", kBounds[i])),
          absl::StrCat(histogram.CountUpTo(absl::Microseconds(kBoundMicroseconds[i]))));
    }
    Add("_bucket", absl::StrCat(before, Label("le", "+Inf")), absl::StrCat(histogram.count()));
    Add("_sum", labels, Seconds(histogram.sum()));
    Add("_count", labels, absl::StrCat(histogram.count()));
  }

 private:
  void Add(std::string_view suffix, std::string_view labels, std::string_view value) {
    absl::StrAppend(&text_, ToAbsl(name_), ToAbsl(suffix));
    if (!labels.empty()) absl::StrAppend(&text_, "{", ToAbsl(labels), "}");
    absl::StrAppend(&text_, " ", ToAbsl(value), "\n");
  }

  std::string& text_;
  const std::string_view name_;
};

// "/package.Service/Method" as OpenTelemetry's attributes say it.
std::string MethodLabels(const MethodMetrics& method) {
  const std::string_view path = method.path;
  const size_t slash = path.rfind('/');
  return absl::StrCat(Label("rpc_system", "dialtone"), ",",
                      Label("rpc_service", path.substr(1, slash - 1)), ",",
                      Label("rpc_method", path.substr(slash + 1)));
}

using Methods = std::vector<MethodMetrics>;

// A server's or a channel's methods, and what else labels them.
struct Labelled {
  std::string labels;  // "," and more, or nothing
  const Methods& methods;
};

// What is told of the methods of one side, family by family.
struct Side {
  std::string_view name;  // "server"
  std::vector<Labelled> of;
};

template <class Value>
void AddOfEach(std::string& text, const Side& side, std::string_view name, std::string_view type,
               std::string_view help, Value value) {
  const std::string full = absl::StrCat(name.starts_with("call_") ? "rpc_" : "dialtone_",
                                        ToAbsl(side.name), "_", ToAbsl(name));
  Family family(text, full, type, help);
  for (const Labelled& one : side.of) {
    for (const MethodMetrics& method : one.methods)
      family.Add(absl::StrCat(MethodLabels(method), one.labels), value(method));
  }
}

void AddEnded(Family& family, const Labelled& one) {
  for (const MethodMetrics& method : one.methods) {
    for (size_t code = 0; code < kStatusCodes; ++code) {
      if (method.ended[code] == 0) continue;
      const std::string status = absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
      family.Add(absl::StrCat(MethodLabels(method), ",", Label("rpc_response_status_code", status),
                              one.labels),
                 method.ended[code]);
    }
  }
}

void AddCalls(std::string& text, const Side& side) {
  const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                       auto value) { AddOfEach(text, side, name, type, help, value); };
  using M = MethodMetrics;
  add("call_duration_seconds", "histogram", "How long calls take, from beginning to end.",
      [](const M& m) -> const LatencyHistogram& { return m.total; });
  {
    const std::string name = absl::StrCat("dialtone_", ToAbsl(side.name), "_calls_total");
    Family family(text, name, "counter", "Calls that have ended, by status.");
    for (const Labelled& one : side.of) AddEnded(family, one);
  }
  add("calls_started_total", "counter", "Calls that have begun.",
      [](const M& m) { return m.started; });
  add("calls_in_flight", "gauge", "Calls that have begun and not ended.",
      [](const M& m) { return m.in_flight(); });
  add("messages_received_total", "counter", "Messages received.",
      [](const M& m) { return m.messages_in; });
  add("messages_sent_total", "counter", "Messages sent.",
      [](const M& m) { return m.messages_out; });
  add("received_bytes_total", "counter", "Bytes of messages received.",
      [](const M& m) { return m.bytes_in; });
  add("sent_bytes_total", "counter", "Bytes of messages sent.",
      [](const M& m) { return m.bytes_out; });
}

void AddLoops(std::string& text, const std::vector<LoopMetrics>& loops) {
  const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                       auto value) {
    Family family(text, name, type, help);
    for (size_t i = 0; i < loops.size(); ++i)
      family.Add(Label("loop", absl::StrCat(i)), value(loops[i]));
  };
  using L = LoopMetrics;
  add("dialtone_loop_busy_seconds_total", "counter", "Time that a reactor has been busy.",
      [](const L& l) { return Seconds(l.age - l.idle); });
  add("dialtone_loop_idle_seconds_total", "counter", "Time that a reactor has waited for events.",
      [](const L& l) { return Seconds(l.idle); });
  add("dialtone_loop_stalls_total", "counter",
      "Handlers that held a reactor for longer than the watchdog's limit.",
      [](const L& l) { return l.stalls; });
  add("dialtone_loop_connections", "gauge", "Connections of a reactor.",
      [](const L& l) { return l.connections; });
  add("dialtone_loop_calls_in_flight", "gauge", "Calls under way on a reactor.",
      [](const L& l) { return l.calls_in_flight; });
}

void AddLimits(std::string& text, const ServerMetrics& metrics) {
  Family family(text, "dialtone_server_limits_reached_total", "counter",
                "Calls and connections that were refused, given up or closed, by the reason.");
  for (size_t i = 0; i < kServerLimits; ++i) {
    const auto limit = static_cast<ServerLimit>(i);
    family.Add(absl::StrCat(Label("kind", ServerLimitKind(limit)), ",",
                            Label("limit", ServerLimitName(limit))),
               metrics.limits[i]);
  }
}

// Of each channel what tells it from all others: its target, and among several of one target its place.
std::vector<std::string> LabelsOf(std::span<const ChannelReport> channels) {
  std::map<std::string_view, int> sharing;
  for (const ChannelReport& channel : channels) ++sharing[channel.target];
  std::map<std::string_view, int> place;
  std::vector<std::string> labels;
  labels.reserve(channels.size());
  for (const ChannelReport& channel : channels) {
    labels.push_back(Label("target", channel.target));
    if (sharing[channel.target] == 1) continue;
    absl::StrAppend(&labels.back(), ",", Label("channel", absl::StrCat(++place[channel.target])));
  }
  return labels;
}

}  // namespace

std::string PrometheusText(const ServerMetrics& metrics) {
  std::string text;
  const Side side{"server", {{"", metrics.methods}}};
  AddCalls(text, side);
  AddOfEach(text, side, "queue_duration_seconds", "histogram",
            "From a call's arrival to the beginning of its handler.",
            [](const MethodMetrics& m) -> const LatencyHistogram& { return m.queue; });
  AddOfEach(text, side, "handler_duration_seconds", "histogram",
            "From the beginning of a call's handler to its answer.",
            [](const MethodMetrics& m) -> const LatencyHistogram& { return m.handler; });
  const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                       auto value) { Family(text, name, type, help).Add("", value); };
  add("dialtone_server_serving", "gauge", "1 if the server serves, 0 if it drains or does not.",
      uint64_t{metrics.serving ? 1u : 0u});
  add("dialtone_server_age_seconds", "gauge", "Time since the server was started.",
      Seconds(metrics.age));
  add("dialtone_server_connections", "gauge", "Connections now.", metrics.connections);
  add("dialtone_server_connections_accepted_total", "counter",
      "Connections accepted, without those that were turned away.", metrics.connections_accepted);
  add("dialtone_server_held_bytes", "gauge", "Bytes held now for clients.", metrics.bytes_held);
  AddLimits(text, metrics);
  AddLoops(text, metrics.loops);
  return text;
}

std::string PrometheusText(std::span<const ChannelReport> channels) {
  std::string text;
  const std::vector<std::string> labels = LabelsOf(channels);
  Side side{"client", {}};
  for (size_t i = 0; i < channels.size(); ++i)
    side.of.push_back({absl::StrCat(",", labels[i]), channels[i].metrics.methods});
  AddCalls(text, side);

  const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                       auto value) {
    Family family(text, name, type, help);
    for (size_t i = 0; i < channels.size(); ++i) family.Add(labels[i], value(channels[i]));
  };
  using C = ChannelReport;
  add("dialtone_client_connections", "gauge", "Connections now.",
      [](const C& c) { return c.metrics.connections; });
  add("dialtone_client_connects_total", "counter", "Attempts to connect that were begun.",
      [](const C& c) { return c.metrics.connects; });
  add("dialtone_client_connects_failed_total", "counter", "Attempts to connect that have failed.",
      [](const C& c) { return c.metrics.connects_failed; });
  add("dialtone_client_connections_made_total", "counter", "Connections made.",
      [](const C& c) { return c.metrics.connections_made; });
  {
    Family closed(text, "dialtone_client_connections_closed_total", "counter",
                  "Connections that have ended, by the cause.");
    for (size_t i = 0; i < channels.size(); ++i) {
      for (size_t end = 0; end < kConnectionEnds; ++end) {
        const std::string_view cause = ConnectionEndName(static_cast<ConnectionEnd>(end));
        closed.Add(absl::StrCat(labels[i], ",", Label("cause", cause)),
                   channels[i].metrics.connections_closed[end]);
      }
    }
  }
  add("dialtone_client_resends_total", "counter", "Calls sent again that never ran.",
      [](const C& c) { return c.stats.resends; });
  add("dialtone_client_retries_total", "counter", "Calls tried again that may have run.",
      [](const C& c) { return c.stats.retries; });
  add("dialtone_client_hedges_total", "counter", "Hedges sent.",
      [](const C& c) { return c.stats.hedges; });
  add("dialtone_client_hedges_won_total", "counter", "Hedges whose answer was the call's.",
      [](const C& c) { return c.stats.hedges_won; });
  add("dialtone_client_retries_over_budget_total", "counter",
      "Retries and hedges that the budget did not allow.",
      [](const C& c) { return c.stats.over_budget; });
  return text;
}

std::string PrometheusText(const ChannelMetrics& metrics, const ChannelStats& stats,
                           std::string_view target) {
  const ChannelReport channel{metrics, stats, std::string(target)};
  return PrometheusText(std::span(&channel, 1));
}

std::string PrometheusText(std::span<const Channel* const> channels) {
  std::vector<ChannelReport> reports;
  reports.reserve(channels.size());
  for (const Channel* const channel : channels)
    reports.push_back({channel->Metrics(), channel->stats(), channel->target()});
  return PrometheusText(reports);
}

}  // namespace dialtone
