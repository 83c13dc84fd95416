#include "log_repeats.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace dialtone {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

}  // namespace

bool LogRepeats::Admits(LogKind& kind, int64_t now, Tell tell) {
  if (now < kind.full_until_.load(std::memory_order_relaxed)) {
    kind.held_back_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  if (due(now)) TellDue(now, tell);
  MutexLock lock(mutex_);
  if (now - kind.second_began_ >= kSecond || kind.second_began_ == 0) {
    kind.second_began_ = now;
    kind.logged_in_second_ = 0;
  }
  if (kind.logged_in_second_ < per_second_max_.load(std::memory_order_relaxed)) {
    ++kind.logged_in_second_;
    return true;
  }
  kind.held_back_.fetch_add(1, std::memory_order_relaxed);
  kind.full_until_.store(kind.second_began_ + kSecond, std::memory_order_relaxed);
  Await(kind, now);
  return false;
}

void LogRepeats::Await(LogKind& kind, int64_t now) {
  if (std::exchange(kind.waits_, true)) return;
  kind.held_since_ = now;
  kind.next_ = std::exchange(waiting_, &kind);
  const int64_t due_at = now + LogKind::kSummaryNanoseconds;
  if (due_at < next_due_.load(std::memory_order_relaxed))
    next_due_.store(due_at, std::memory_order_relaxed);
}

void LogRepeats::TellDue(int64_t now, Tell tell, bool all) {
  std::vector<std::pair<LogLevel, std::string>> lines;  // told without the lock
  {
    MutexLock lock(mutex_);
    int64_t next_due = kNever;
    LogKind** link = &waiting_;
    while (LogKind* kind = *link) {
      const int64_t due_at = kind->held_since_ + LogKind::kSummaryNanoseconds;
      if (!all && due_at > now) {
        next_due = std::min(next_due, due_at);
        link = &kind->next_;
        continue;
      }
      *link = std::exchange(kind->next_, nullptr);
      kind->waits_ = false;
      const uint64_t count = kind->held_back_.exchange(0, std::memory_order_relaxed);
      const int64_t seconds = std::max<int64_t>((now - kind->held_since_) / kSecond, 1);
      lines.emplace_back(kind->level_, absl::StrCat(kind->what_, ": ", count,
                                                    " more like this in the last ", seconds, " s"));
    }
    next_due_.store(next_due, std::memory_order_relaxed);
  }
  for (const auto& [level, line] : lines) tell(level, line);
}

}  // namespace dialtone
