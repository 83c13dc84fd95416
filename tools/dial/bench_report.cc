#include "bench_report.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "exit_code.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "json_writer.h"
#include "read_file.h"

namespace dial {
namespace {

using dialtone::load::Histogram;
using dialtone::load::Result;

struct Percentile {
  const char* name;
  double share;
};
constexpr std::array<Percentile, 5> kPercentiles = {
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"p99.99", 0.9999}}};

double PerSecond(const Result& result) {
  return result.seconds > 0 ? static_cast<double>(result.calls) / result.seconds : 0;
}

// Of the measured window's processor time.
double PerCall(double cpu_seconds, const Result& result) {
  return result.calls > 0 ? cpu_seconds * 1e9 / static_cast<double>(result.calls) : 0;
}

std::string CpuText(const char* whose, double seconds, const Result& result) {
  const double cores = result.seconds > 0 ? seconds / result.seconds : 0;
  return absl::StrFormat("%-11s %.2f processors, %s a call\n", whose, cores,
                         TimeText(PerCall(seconds, result)));
}

// Each line is a power of two in nanoseconds.
std::string Bars(const Histogram& latency) {
  constexpr int kWidth = 40;
  std::vector<std::pair<int64_t, uint64_t>> bars;
  uint64_t below = 0, most = 0;
  for (int power = 0; power < 43 && below < latency.count(); ++power) {
    const int64_t edge = (int64_t{1} << (power + 1)) - 1;
    const uint64_t up_to = latency.CountUpTo(edge);
    if (up_to > 0) bars.emplace_back(edge + 1, up_to - below);
    most = std::max(most, up_to - below);
    below = up_to;
  }
  std::string text;
  for (const auto& [edge, count] : bars) {
    const auto filled = static_cast<size_t>(kWidth * count / std::max<uint64_t>(most, 1));
    absl::StrAppendFormat(&text, "  < %8s %s %d\n", TimeText(static_cast<double>(edge)),
                          std::string(filled, '#') + std::string(kWidth - filled, ' '), count);
  }
  return text;
}

std::string LoadText(const BenchReport& report) {
  if (!report.rate.empty()) {
    return absl::StrFormat("%d %s, %s calls a second, from when each was due", report.connections,
                           report.connections == 1 ? "connection" : "connections", report.rate);
  }
  return absl::StrFormat("%d %s, %d %s in flight on each", report.connections,
                         report.connections == 1 ? "connection" : "connections", report.in_flight,
                         report.in_flight == 1 ? "call" : "calls");
}

std::vector<std::pair<std::string, double>> FiguresOf(const BenchReport& report) {
  const Result& result = report.result;
  uint64_t errors = 0;
  for (const auto& [status, count] : result.errors) errors += count;
  std::vector<std::pair<std::string, double>> figures = {
      {"calls", static_cast<double>(result.calls)},
      {"errors", static_cast<double>(errors)},
      {"seconds", result.seconds},
      {"calls_per_second", PerSecond(result)},
      {"latency_ns_mean", result.latency_ns.mean()}};
  for (const Percentile& percentile : kPercentiles) {
    figures.emplace_back(absl::StrCat("latency_ns_", percentile.name),
                         static_cast<double>(result.latency_ns.Percentile(percentile.share)));
  }
  figures.emplace_back("latency_ns_max", static_cast<double>(result.latency_ns.max()));
  figures.emplace_back("client_cpu_ns_a_call", PerCall(result.client_cpu_seconds, result));
  figures.emplace_back("server_cpu_ns_a_call",
                       report.server_seen ? PerCall(result.server_cpu_seconds, result) : 0);
  return figures;
}

bool IsTime(const std::string& name) { return name.find("_ns") != std::string::npos; }

std::string FigureText(const std::string& name, double value) {
  return IsTime(name) ? TimeText(value) : absl::StrFormat("%.6g", value);
}

}  // namespace

std::string TimeText(double nanoseconds) {
  if (nanoseconds < 1e3) return absl::StrFormat("%.0f ns", nanoseconds);
  const double unit = nanoseconds < 1e6 ? 1e3 : nanoseconds < 1e9 ? 1e6 : 1e9;
  const double value = nanoseconds / unit;
  const int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
  return absl::StrFormat("%.*f %s", decimals, value, unit == 1e3 ? "us" : unit == 1e6 ? "ms" : "s");
}

std::string PlainReport(const BenchReport& report) {
  const Result& result = report.result;
  std::string text =
      absl::StrFormat("%s: %s, %.2f s\n\n", report.method, LoadText(report), result.seconds);
  absl::StrAppendFormat(&text, "%-11s %d, %.0f a second\n", "calls", result.calls,
                        PerSecond(result));
  if (result.errors.empty()) absl::StrAppendFormat(&text, "%-11s 0\n", "errors");
  for (const auto& [status, count] : result.errors) {
    absl::StrAppendFormat(&text, "%-11s %d %s\n", "errors", count, status);
  }
  absl::StrAppend(&text, CpuText("client cpu", result.client_cpu_seconds, result));
  if (report.server_seen)
    absl::StrAppend(&text, CpuText("server cpu", result.server_cpu_seconds, result));
  if (result.latency_ns.count() == 0) return text.substr(0, text.size() - 1);
  absl::StrAppendFormat(&text, "\n%-11s mean %s", "latency", TimeText(result.latency_ns.mean()));
  for (const Percentile& percentile : kPercentiles) {
    absl::StrAppendFormat(
        &text, ", %s %s", percentile.name,
        TimeText(static_cast<double>(result.latency_ns.Percentile(percentile.share))));
  }
  absl::StrAppendFormat(&text, ", max %s\n\n",
                        TimeText(static_cast<double>(result.latency_ns.max())));
  absl::StrAppend(&text, Bars(result.latency_ns));
  return text.substr(0, text.size() - 1);
}

std::string JsonReport(const BenchReport& report) {
  std::vector<std::string> figures;
  for (const auto& [name, value] : FiguresOf(report)) {
    figures.push_back(absl::StrCat(JsonQuoted(name), ":", JsonNumber(value)));
  }
  return absl::StrCat("{\"method\":", JsonQuoted(report.method),
                      ",\"connections\":", report.connections, ",\"in_flight\":", report.in_flight,
                      ",\"rate\":", JsonQuoted(report.rate), ",\"figures\":{",
                      absl::StrJoin(figures, ","), "},\"result\":", report.result.ToJson(), "}");
}

std::string CsvReport(const BenchReport& report) {
  std::string names = "method,connections,in_flight,rate";
  std::string values =
      absl::StrCat(report.method, ",", report.connections, ",", report.in_flight, ",", report.rate);
  for (const auto& [name, value] : FiguresOf(report)) {
    absl::StrAppend(&names, ",", name);
    absl::StrAppend(&values, ",", JsonNumber(value));
  }
  return absl::StrCat(names, "\n", values);
}

absl::StatusOr<Figures> ReadFigures(const std::string& file) {
  const absl::StatusOr<std::string> text = ReadFile(file);
  google::protobuf::Struct report;
  if (!text.ok() || !google::protobuf::util::JsonStringToMessage(*text, &report).ok() ||
      report.fields().count("figures") == 0) {
    return UsageError(absl::StrCat("--baseline: ", file, " holds no report of dial bench --json"));
  }
  Figures figures;
  for (const auto& [name, value] : report.fields().at("figures").struct_value().fields())
    figures[name] = value.number_value();
  return figures;
}

std::string Comparison(const BenchReport& report, const Figures& baseline) {
  std::string text = absl::StrFormat("%-22s %12s %12s %9s", "", "baseline", "now", "change");
  for (const auto& [name, now] : FiguresOf(report)) {
    const auto found = baseline.find(name);
    if (found == baseline.end() || name == "seconds") continue;
    const double before = found->second;
    const std::string change = before > 0
                                   ? absl::StrFormat("%+.1f %%", (now - before) / before * 100)
                               : now > 0 ? "new"
                                         : "=";
    absl::StrAppendFormat(&text, "\n%-22s %12s %12s %9s", name, FigureText(name, before),
                          FigureText(name, now), change);
  }
  return text;
}

}  // namespace dial
