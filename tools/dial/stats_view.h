// What dialtone.stats.v1.Stats has said twice, as what has happened between. Where the second counts less than the first it is of
// a server that has been started meanwhile, or of another one: then it is all that this one has counted.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "dialtone/stats/v1/stats.pb.h"

namespace dial {

// A value.
struct MethodRow {
  std::string name;  // "package.Service/Method"
  double calls_per_second = 0;
  double errors_per_second = 0;
  uint64_t in_flight = 0;
  // Of the calls that ended meanwhile, from their arrival to their answer; 0 if none did.
  double p50_ns = 0;
  double p99_ns = 0;
};

// Methods that were called in that time, or are being called; by their names.
std::vector<MethodRow> RowsBetween(const dialtone::stats::v1::GetMetricsResponse& before,
                                   const dialtone::stats::v1::GetMetricsResponse& now);

// Those that whoever watches has not caused by watching: without dialtone.stats.v1.Stats.
std::vector<MethodRow> WithoutStatsService(std::vector<MethodRow> rows);

// What a server without the service has said, with what is missing there.
absl::Status WithoutStats(const absl::Status& status, const std::string& address);

// The share of the time between that the loops have worked: 0 to 1, of all together.
double BusyBetween(const dialtone::stats::v1::GetMetricsResponse& before,
                   const dialtone::stats::v1::GetMetricsResponse& now);

}  // namespace dial
