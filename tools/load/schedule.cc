#include "dialtone/load/schedule.h"

#include <charconv>
#include <cmath>
#include <string>
#include <vector>

namespace dialtone::load {
namespace {

std::vector<std::string_view> SplitAtColons(std::string_view text) {
  std::vector<std::string_view> parts;
  for (size_t colon = 0; (colon = text.find(':')) != std::string_view::npos;) {
    parts.push_back(text.substr(0, colon));
    text.remove_prefix(colon + 1);
  }
  parts.push_back(text);
  return parts;
}

// 0: not a positive number.
double Positive(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value > 0 && std::isfinite(value) ? value : 0;
}

}  // namespace

Schedule Schedule::Constant(double calls_per_second) {
  return {calls_per_second, calls_per_second, 0, 0};
}

Schedule Schedule::Ramp(double from, double to, double seconds) { return {from, to, 0, seconds}; }

Schedule Schedule::Steps(double from, double to, int steps, double seconds) {
  return {from, to, steps, seconds};
}

std::optional<Schedule> Schedule::Parse(std::string_view text, double seconds) {
  const std::vector<std::string_view> parts = SplitAtColons(text);
  if (const double rate = Positive(text); parts.size() == 1 && rate != 0) return Constant(rate);
  const double from = parts.size() > 1 ? Positive(parts[1]) : 0;
  if (from == 0) return std::nullopt;
  if (parts[0] == "const" && parts.size() == 2) return Constant(from);
  const double to = parts.size() > 2 ? Positive(parts[2]) : 0;
  if (to == 0) return std::nullopt;
  if (parts[0] == "ramp" && parts.size() == 3) return Ramp(from, to, seconds);
  if (parts[0] != "step" || parts.size() != 4) return std::nullopt;
  const double steps = Positive(parts[3]);
  if (steps < 2 || steps > 1000 || steps != std::floor(steps)) return std::nullopt;
  return Steps(from, to, static_cast<int>(steps), seconds);
}

int64_t Schedule::DueNanoseconds(int64_t number) const {
  const auto n = static_cast<double>(number);
  const double due = from_ == to_ ? n / from_ : steps_ == 0 ? DueOnRamp(n) : DueOnSteps(n);
  return std::llround(due * 1e9);
}

// Calls until t: from * t + slope / 2 * t², solved for t in the form that stays exact for a small slope.
double Schedule::DueOnRamp(double number) const {
  const double on_ramp = (from_ + to_) / 2 * seconds_;
  if (number >= on_ramp) return seconds_ + (number - on_ramp) / to_;
  const double slope = (to_ - from_) / seconds_;
  return 2 * number / (from_ + std::sqrt(from_ * from_ + 2 * slope * number));
}

double Schedule::DueOnSteps(double number) const {
  const double step_seconds = seconds_ / steps_;
  double begins = 0;
  for (int step = 0; step < steps_ - 1; ++step) {
    const double rate = from_ + (to_ - from_) * step / (steps_ - 1);
    const double calls = rate * step_seconds;
    if (number < calls) return begins + number / rate;
    number -= calls;
    begins += step_seconds;
  }
  return begins + number / to_;
}

}  // namespace dialtone::load
