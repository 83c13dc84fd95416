#include "concurrency_limit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::internal {

std::unique_ptr<ConcurrencyLimit> ConcurrencyLimit::Make(const ConcurrencyOptions& options,
                                                         std::string_view what,
                                                         std::string_view option) {
  if (options.mode == ConcurrencyOptions::Mode::kOff) return nullptr;
  return std::make_unique<ConcurrencyLimit>(options, what, option);
}

ConcurrencyLimit::ConcurrencyLimit(const ConcurrencyOptions& options, std::string_view what,
                                   std::string_view option)
    : options_(options),
      refusal_(absl::ResourceExhaustedError(
          absl::StrCat(ToAbsl(what), " has as many calls under way as it takes at a time (",
                       ToAbsl(option), ")"))),
      limit_(options.calls_max) {
  if (options.mode != ConcurrencyOptions::Mode::kAdaptive) return;
  gradient_ = std::make_unique<GradientLimit>(options);
  limit_.store(gradient_->limit(), std::memory_order_relaxed);
}

void ConcurrencyLimit::Release(Instant admitted, Instant now) {
  if (!adaptive()) return Release();
  const uint32_t under_way = under_way_.fetch_sub(1, std::memory_order_relaxed);
  if (under_way > peak_.load(std::memory_order_relaxed))
    peak_.store(under_way, std::memory_order_relaxed);
  const absl::Duration took = now - admitted;
  latency_sum_.fetch_add(absl::ToInt64Nanoseconds(took), std::memory_order_relaxed);
  const uint32_t calls = calls_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (calls < options_.window_calls) return;
  const int64_t began = window_began_.load(std::memory_order_relaxed);
  if (now.nanoseconds() - began < absl::ToInt64Nanoseconds(options_.window)) return;
  if (ending_.test_and_set(std::memory_order_acquire)) return;
  EndWindow(now);
  ending_.clear(std::memory_order_release);
}

// Calls that end meanwhile count in this window or in the next, or, now and then, with their latency
// in one and themselves in the other: among so many that does no harm.
void ConcurrencyLimit::EndWindow(Instant now) {
  const int64_t began = window_began_.exchange(now.nanoseconds(), std::memory_order_relaxed);
  LatencyWindow window;
  window.calls = calls_.exchange(0, std::memory_order_relaxed);
  window.peak = peak_.exchange(0, std::memory_order_relaxed);
  const int64_t sum = latency_sum_.exchange(0, std::memory_order_relaxed);
  // The first window began with the first call, whenever that was; and another thread may have ended
  // this one just before.
  if (began == 0 || window.calls < options_.window_calls / 2 || window.calls == 0) return;
  window.length = absl::Nanoseconds(now.nanoseconds() - began);
  window.latency = absl::Nanoseconds(sum / window.calls);
  gradient_->Update(now, window);
  limit_.store(gradient_->limit(), std::memory_order_relaxed);
}

}  // namespace dialtone::internal
