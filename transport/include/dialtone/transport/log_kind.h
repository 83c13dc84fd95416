// A kind of log line that can come in floods: because a peer sends nonsense over and over, because
// a resource stays exhausted. At most a few a second are logged, and how many were not is told
// every ten seconds: "connections without a protocol: 1234 more like this in the last 10 s".
//
//   static constinit LogKind kind(LogLevel::kWarning, "connections without a protocol");
//   if (kind.Admits()) Log(kind.level(), absl::StrCat("connection from ", peer, ": …"));
#pragma once

#include <atomic>
#include <cstdint>

#include "dialtone/transport/log.h"

namespace dialtone {

// Thread-safe, and cheap while the line is held back: no lock, and the text is never built. Has
// static storage: the log keeps a pointer to it.
class LogKind {
 public:
  static constexpr int kPerSecondMax = 5;  // unless SetLogRepeatsMax() says otherwise
  static constexpr int64_t kSummaryNanoseconds = 10'000'000'000;

  // `what` has static storage, too: the plural of what is logged.
  constexpr LogKind(LogLevel level, const char* what) : level_(level), what_(what) {}
  LogKind(const LogKind&) = delete;
  LogKind& operator=(const LogKind&) = delete;

  // True: log it now. False: its level is off, or this second has had enough of it.
  bool Admits();
  LogLevel level() const { return level_; }

 private:
  friend class LogRepeats;

  const LogLevel level_;
  const char* const what_;
  std::atomic<int64_t> full_until_{0};  // until then, all are held back
  std::atomic<uint64_t> held_back_{0};
  // Under LogRepeats' lock.
  int64_t second_began_ = 0;
  int logged_in_second_ = 0;
  int64_t held_since_ = 0;
  bool waits_ = false;       // for its summary, in the list below
  LogKind* next_ = nullptr;  // of those that wait
};

// How many lines of one kind are logged in a second, at most.
void SetLogRepeatsMax(int per_second);

// Tells now how many lines were held back, of every kind: what a program does before it leaves. By
// itself that is told with the first line, of any kind, after ten seconds.
void FlushLogKinds();

}  // namespace dialtone
