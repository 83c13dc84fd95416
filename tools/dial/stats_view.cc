#include "stats_view.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>

#include "absl/strings/str_cat.h"

namespace dial {
namespace {

using dialtone::stats::v1::GetMetricsResponse;
using dialtone::stats::v1::Latency;
using dialtone::stats::v1::Method;

// stats.proto tells how buckets are numbered.
double MiddleOf(uint32_t bucket) {
  if (bucket < 64) return bucket;
  const uint32_t shift = bucket / 32 - 1;
  return std::ldexp(static_cast<double>(bucket - 32 * shift) + 0.5, static_cast<int>(shift));
}

std::map<uint32_t, uint64_t> CountsBetween(const Latency& before, const Latency& now) {
  std::map<uint32_t, uint64_t> counts;
  for (int i = 0; i < std::min(now.bucket_size(), now.count_size()); ++i)
    counts[now.bucket(i)] += now.count(i);
  for (int i = 0; i < std::min(before.bucket_size(), before.count_size()); ++i) {
    uint64_t& count = counts[before.bucket(i)];
    count -= std::min(count, before.count(i));
  }
  return counts;
}

double Percentile(const std::map<uint32_t, uint64_t>& counts, double share) {
  uint64_t all = 0;
  for (const auto& [bucket, count] : counts) all += count;
  const auto rank = static_cast<uint64_t>(std::ceil(share * static_cast<double>(all)));
  uint64_t below = 0;
  for (const auto& [bucket, count] : counts) {
    below += count;
    if (count > 0 && below >= rank) return MiddleOf(bucket);
  }
  return 0;
}

struct Ends {
  uint64_t all = 0;
  uint64_t errors = 0;
};

Ends EndsOf(const Method& method) {
  Ends ends;
  for (const auto& ended : method.ended()) {
    ends.all += ended.count();
    if (ended.code() != 0) ends.errors += ended.count();
  }
  return ends;
}

std::map<std::string, const Method*> ByPath(const GetMetricsResponse& metrics) {
  std::map<std::string, const Method*> methods;
  for (const Method& method : metrics.methods()) methods[method.path()] = &method;
  return methods;
}

// Whether `now` goes on counting where `before` was; else it is of a server that has been started since, or of another one.
bool GoesOn(const GetMetricsResponse& before, const GetMetricsResponse& now) {
  if (now.age_ns() < before.age_ns()) return false;
  const std::map<std::string, const Method*> counted = ByPath(now);
  return std::all_of(before.methods().begin(), before.methods().end(), [&](const Method& method) {
    const auto found = counted.find(method.path());
    const Ends earlier = EndsOf(method);
    const Ends later = found == counted.end() ? Ends() : EndsOf(*found->second);
    return later.all >= earlier.all && later.errors >= earlier.errors;
  });
}

// What is to be taken off `now`: nothing, where that counts from anew.
const GetMetricsResponse& Counted(const GetMetricsResponse& before, const GetMetricsResponse& now) {
  return GoesOn(before, now) ? before : GetMetricsResponse::default_instance();
}

MethodRow RowOf(const Method& before, const Method& now, double seconds) {
  const Ends ended_before = EndsOf(before), ended_now = EndsOf(now);
  const std::map<uint32_t, uint64_t> latency = CountsBetween(before.total(), now.total());
  MethodRow row;
  row.name = now.path().substr(now.path().rfind('/', 0) == 0 ? 1 : 0);
  row.calls_per_second = static_cast<double>(ended_now.all - ended_before.all) / seconds;
  row.errors_per_second = static_cast<double>(ended_now.errors - ended_before.errors) / seconds;
  row.in_flight = now.started() - std::min(now.started(), ended_now.all);
  row.p50_ns = Percentile(latency, 0.5);
  row.p99_ns = Percentile(latency, 0.99);
  return row;
}

}  // namespace

std::vector<MethodRow> RowsBetween(const GetMetricsResponse& earlier,
                                   const GetMetricsResponse& now) {
  const GetMetricsResponse& before = Counted(earlier, now);
  const double seconds = std::max(1e-9, static_cast<double>(now.age_ns() - before.age_ns()) / 1e9);
  const std::map<std::string, const Method*> known = ByPath(before);
  std::vector<MethodRow> rows;
  for (const Method& method : now.methods()) {
    const auto found = known.find(method.path());
    MethodRow row =
        RowOf(found == known.end() ? Method::default_instance() : *found->second, method, seconds);
    if (row.calls_per_second > 0 || row.in_flight > 0) rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(),
            [](const MethodRow& a, const MethodRow& b) { return a.name < b.name; });
  return rows;
}

std::vector<MethodRow> WithoutStatsService(std::vector<MethodRow> rows) {
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [](const MethodRow& row) {
                              return row.name.rfind("dialtone.stats.v1.Stats/", 0) == 0;
                            }),
             rows.end());
  return rows;
}

absl::Status WithoutStats(const absl::Status& status, const std::string& address) {
  if (!absl::IsUnimplemented(status)) return status;
  return absl::UnimplementedError(
      absl::StrCat(address, " has no stats service: it is added by dialtone::StatsService()"));
}

double BusyBetween(const GetMetricsResponse& earlier, const GetMetricsResponse& now) {
  const GetMetricsResponse& before = Counted(earlier, now);
  int64_t age = 0, idle = 0;
  for (const auto& loop : now.loops()) age += loop.age_ns(), idle += loop.idle_ns();
  for (const auto& loop : before.loops()) age -= loop.age_ns(), idle -= loop.idle_ns();
  return age <= 0 ? 0
                  : std::clamp(1 - static_cast<double>(idle) / static_cast<double>(age), 0.0, 1.0);
}

}  // namespace dial
