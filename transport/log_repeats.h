// What all kinds of repeated log lines have in common: who waits for a summary, and when. Internal.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/functional/function_ref.h"
#include "dialtone/transport/log_kind.h"
#include "dialtone/transport/mutex.h"

namespace dialtone {

// One for the process; tests make their own, and their own time. Knows no clock: times are
// nanoseconds, more than zero.
class LogRepeats {
 public:
  using Tell = absl::FunctionRef<void(LogLevel level, const std::string& line)>;

  void set_per_second_max(int lines) { per_second_max_.store(lines, std::memory_order_relaxed); }
  // True: log it. `tell` gets a summary that is due.
  bool Admits(LogKind& kind, int64_t now, Tell tell);
  // Some kind's summary is due.
  bool due(int64_t now) const { return now >= next_due_.load(std::memory_order_relaxed); }
  // Nothing waits for a summary: no need to ask the clock.
  bool idle() const { return next_due_.load(std::memory_order_relaxed) == kNever; }
  // Tells the summaries that are due at `now`, or all.
  void TellDue(int64_t now, Tell tell, bool all = false);

 private:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  void Await(LogKind& kind, int64_t now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::atomic<int> per_second_max_{LogKind::kPerSecondMax};
  Mutex mutex_;
  LogKind* waiting_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::atomic<int64_t> next_due_{kNever};
};

}  // namespace dialtone
