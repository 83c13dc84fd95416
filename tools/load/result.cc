#include "dialtone/load/result.h"

#include <cstdio>

namespace dialtone::load {
namespace {

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return quoted + '"';
}

std::string Number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string LatencyJson(const Histogram& latency) {
  struct Named {
    const char* name;
    double share;
  };
  static constexpr Named kPercentiles[] = {
      {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"p99.99", 0.9999}};
  std::string json = "{\"mean\":" + Number(latency.mean());
  for (const Named& named : kPercentiles) {
    json +=
        std::string(",\"") + named.name + "\":" + std::to_string(latency.Percentile(named.share));
  }
  return json + ",\"max\":" + std::to_string(latency.max()) + "}";
}

}  // namespace

void Result::MergeCounts(const Result& other) {
  calls += other.calls;
  calls_in_all += other.calls_in_all;
  latency_ns.Merge(other.latency_ns);
  for (const auto& [status, count] : other.errors) errors[status] += count;
}

std::string Result::ToJson() const {
  std::string json = "{\"calls\":" + std::to_string(calls) +
                     ",\"calls_in_all\":" + std::to_string(calls_in_all) + ",\"errors\":{";
  for (auto error = errors.begin(); error != errors.end(); ++error) {
    if (error != errors.begin()) json += ',';
    json += Quoted(error->first) + ':' + std::to_string(error->second);
  }
  json += "},\"seconds\":" + Number(seconds) + ",\"calls_per_second\":" +
          Number(seconds > 0 ? static_cast<double>(calls) / seconds : 0) +
          ",\"client_cpu_seconds\":" + Number(client_cpu_seconds) +
          ",\"server_cpu_seconds\":" + Number(server_cpu_seconds) +
          ",\"latency_ns\":" + LatencyJson(latency_ns);
  return json + "}";
}

}  // namespace dialtone::load
