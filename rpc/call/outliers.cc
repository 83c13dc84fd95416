#include "outliers.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace dialtone::internal {

std::vector<size_t> FindOutliers(std::span<const CallCounts> servers,
                                 const OutlierOptions& options) {
  std::vector<std::pair<double, size_t>> rates;
  double sum = 0;
  for (size_t i = 0; i < servers.size(); ++i) {
    const uint64_t calls = servers[i].succeeded + servers[i].failed;
    if (calls == 0 || calls < options.success_rate_calls_min) continue;
    rates.emplace_back(static_cast<double>(servers[i].succeeded) / static_cast<double>(calls), i);
    sum += rates.back().first;
  }
  if (rates.size() < std::max<size_t>(2, options.success_rate_servers_min)) return {};
  const double count = static_cast<double>(rates.size());
  const double mean = sum / count;
  double squares = 0;
  for (const auto& [rate, server] : rates) squares += (rate - mean) * (rate - mean);
  const double bound = mean - options.success_rate_deviations * std::sqrt(squares / count);
  std::sort(rates.begin(), rates.end());
  std::vector<size_t> outliers;
  for (const auto& [rate, server] : rates) {
    if (rate < bound) outliers.push_back(server);
  }
  return outliers;
}

size_t RestingMax(size_t servers, const OutlierOptions& options) {
  const double share = std::clamp(options.resting_share_max, 0.0, 1.0);
  // A little more, so that a third of three is one.
  return static_cast<size_t>(share * static_cast<double>(servers) + 1e-9);
}

}  // namespace dialtone::internal
