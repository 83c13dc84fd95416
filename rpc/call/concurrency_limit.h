// Counts the calls under way of a server, or of a method, over all reactors, and admits no more than
// a limit that is fixed or adapts. Internal to rpc/.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "dialtone/rpc/concurrency.h"
#include "dialtone/transport/instant.h"
#include "gradient_limit.h"

namespace dialtone::internal {

// Thread-safe without a lock: one relaxed count that all reactors share, so that the limit is exact
// whatever reactor a call comes to; an adaptive limit adds two for its measurements. They order no
// other memory. Whoever ends a window does its arithmetic; no other thread waits for that.
class ConcurrencyLimit {
 public:
  // `what` is limited, `option` says so: for the text of refusals, which is made once.
  ConcurrencyLimit(const ConcurrencyOptions& options, std::string_view what,
                   std::string_view option);
  // Null if the options say that there is none.
  static std::unique_ptr<ConcurrencyLimit> Make(const ConcurrencyOptions& options,
                                                std::string_view what, std::string_view option);

  bool adaptive() const { return gradient_ != nullptr; }
  uint32_t limit() const { return limit_.load(std::memory_order_relaxed); }
  uint32_t under_way() const { return under_way_.load(std::memory_order_relaxed); }

  // False: the call is to be refused with refusal(). Otherwise Release() is due.
  bool Admit() {
    if (under_way_.fetch_add(1, std::memory_order_relaxed) < limit()) [[likely]] {
      return true;
    }
    under_way_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  const absl::Status& refusal() const { return refusal_; }
  void Release() { under_way_.fetch_sub(1, std::memory_order_relaxed); }
  // The same, with what an adaptive limit measures.
  void Release(Instant admitted, Instant now);

 private:
  void EndWindow(Instant now);

  const ConcurrencyOptions options_;
  const absl::Status refusal_;
  std::atomic<uint32_t> limit_;
  alignas(64) std::atomic<uint32_t> under_way_{0};

  // The window under way.
  alignas(64) std::atomic<int64_t> latency_sum_{0};  // nanoseconds
  std::atomic<uint32_t> calls_{0};
  std::atomic<uint32_t> peak_{0};
  std::atomic<int64_t> window_began_{0};
  // Held by the one that ends it, for whom the rest is.
  std::atomic_flag ending_;
  std::unique_ptr<GradientLimit> gradient_;  // null: fixed
};

}  // namespace dialtone::internal
