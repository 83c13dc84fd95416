#include "gradient_limit.h"

#include <algorithm>
#include <cmath>

namespace dialtone::internal {
namespace {

constexpr double kSmoothing = 0.4;
constexpr double kGradientMin = 0.5;
// The first measurement is the first window's, which may be one under load: the second follows soon.
constexpr absl::Duration kFirstRemeasure = absl::Seconds(1);
// Of the calls that the throughput needs when none waits: so few that none does.
constexpr double kRemeasureShare = 0.75;
// A latency that fell by more than this share while it was measured would fall further.
constexpr double kStillFalling = 0.85;

}  // namespace

GradientLimit::GradientLimit(const ConcurrencyOptions& options)
    : options_(options), limit_(Clamp(options.calls_initial)) {}

double GradientLimit::Clamp(double limit) const {
  const double least = std::max(options_.calls_min, uint32_t{1});
  return std::clamp(limit, least, std::max<double>(options_.calls_max, least));
}

void GradientLimit::Update(Instant now, const LatencyWindow& window) {
  if (remeasuring_) return EndRemeasuring(now, window);
  if (!measured_) {
    measured_ = true;
    remeasure_at_ = now + std::min(kFirstRemeasure, options_.remeasure);
  }
  unloaded_ = std::min(unloaded_, window.latency);
  if (now >= remeasure_at_) return Remeasure(now, window);
  // The limit is not what holds calls back: nothing is known of a higher one.
  if (window.peak < limit_ / 2) return;
  const double ratio =
      window.latency > absl::ZeroDuration() ? absl::FDivDuration(unloaded_, window.latency) : 1;
  const double gradient = std::clamp(options_.tolerance * ratio, kGradientMin, 1.0);
  const double wanted = limit_ * gradient + std::sqrt(limit_);
  limit_ = Clamp(limit_ + kSmoothing * (wanted - limit_));
}

void GradientLimit::Remeasure(Instant now, const LatencyWindow& window) {
  if (window.peak < limit_ / 2) {
    unloaded_ = window.latency;  // little is going on: this is it
    remeasure_at_ = now + options_.remeasure;
    return;
  }
  remeasuring_ = true;
  limit_afterwards_ = limit_;
  throughput_ = window.calls / absl::ToDoubleSeconds(window.length);
  limit_ = Clamp(std::min(CallsNeeded() * kRemeasureShare, limit_ / 2));
  // Calls that began before, and those that waited behind them, say nothing.
  counts_from_ = now + 2 * window.latency;
}

// For the throughput there was, if no call waits (Little's law).
double GradientLimit::CallsNeeded() const { return throughput_ * absl::ToDoubleSeconds(unloaded_); }

void GradientLimit::EndRemeasuring(Instant now, const LatencyWindow& window) {
  if (now + -window.length < counts_from_) return;
  const bool still_falls = window.latency < unloaded_ * kStillFalling && limit_ > Clamp(0);
  unloaded_ = window.latency;
  if (still_falls) {
    limit_ = Clamp(limit_ / 2);
    counts_from_ = now + 2 * window.latency;
    return;
  }
  remeasuring_ = false;
  // If calls have queued up, there is no need to get rid of the queue step by step.
  const double enough = CallsNeeded() * options_.tolerance;
  limit_ = Clamp(std::min(limit_afterwards_, enough + std::sqrt(enough)));
  remeasure_at_ = now + options_.remeasure;
}

}  // namespace dialtone::internal
