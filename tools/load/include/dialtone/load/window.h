// The measured window of a load: it opens with the first completion after the warm-up and closes with
// the first one after its time, so that a rate is whole calls by exactly the time that they took.
//
//   Window window(0.2, 1.0, {server_pid});
//   Recorder recorder(window);                          // one for each thread
//   for (bool go_on = true; go_on;) {
//     Call();
//     const int64_t now = NowNanoseconds();             // the only clock that a call reads:
//     go_on = recorder.OnReply(began, now);             // the next one
//     began = now;                                      // begins when this one has ended
//   }
//   Result result = window.Finish({&recorder});
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "dialtone/load/clock.h"
#include "dialtone/load/result.h"

namespace dialtone::load {

class Recorder;

// Thread-safe. Outlives its recorders' use of it.
class Window {
 public:
  enum class Phase { kWarmUp, kOpen, kOver };

  // The warm-up begins at `now`. The time of `servers`' processors is counted within the window, as
  // this process's is.
  Window(double warmup_seconds, double seconds, std::vector<pid_t> servers = {},
         int64_t now = NowNanoseconds());
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  // Told the time of each completion; says what it falls into. The one that opens the window does not
  // count, the one that closes it does.
  Phase OnCompletion(int64_t now) {
    const Phase phase = phase_.load(std::memory_order_relaxed);
    if (now < edge_.load(std::memory_order_relaxed)) return phase;
    return Cross(now);
  }
  // When it opens and closes at the earliest.
  int64_t opens() const { return opens_; }
  int64_t closes() const { return closes_; }

  // Any thread. It is over before its time; what it has counted by then is what it has measured.
  void Close(int64_t now);

  // After the recorders' threads have stopped. A window that nothing has closed is closed now.
  Result Finish(const std::vector<const Recorder*>& recorders);

 private:
  struct Edge {
    int64_t at = 0;
    int64_t client_cpu = 0;
    int64_t server_cpu = 0;
  };

  // Off the fast path: `now` has reached the next edge.
  Phase Cross(int64_t now);
  Edge Read(int64_t now) const;

  const std::vector<pid_t> servers_;
  const int64_t opens_;
  const int64_t closes_;
  // Written under the mutex. Read without it they may be a crossing old: a completion at the very
  // edge then falls on its other side.
  std::atomic<Phase> phase_{Phase::kWarmUp};
  std::atomic<int64_t> edge_;
  std::mutex mutex_;
  Edge opened_;
  Edge closed_;
};

// What a recorder has counted so far, of the warm-up too.
struct Progress {
  uint64_t answered = 0;
  uint64_t failed = 0;
  int64_t latency_sum_ns = 0;  // of those answered
};

// Counts for one thread.
class Recorder {
 public:
  explicit Recorder(Window& window) : window_(window) {}

  // A right answer, of a call that was begun (or was meant to begin) at `began`. False: the window is
  // over; begin no more.
  bool OnReply(int64_t began, int64_t ended) {
    ++result_.calls_in_all;
    Add(answered_, 1);
    Add(latency_sum_, static_cast<uint64_t>(ended - began));
    const Window::Phase phase = window_.OnCompletion(ended);
    if (phase != Window::Phase::kOpen) return phase == Window::Phase::kWarmUp;
    ++result_.calls;
    result_.latency_ns.Record(ended - began);
    return true;
  }
  // So many right answers that are not timed one by one.
  bool OnMessages(uint64_t count, int64_t now);
  // A call that ended otherwise, or with a wrong answer.
  bool OnError(std::string_view status, int64_t ended);
  // So many calls that were due while the window was open and never began: errors, NOT_BEGUN, also once it is over.
  void OnNotBegun(uint64_t count);
  int64_t opens() const { return window_.opens(); }

  const Result& result() const { return result_; }
  // Any thread, while the other counts: each number is right, and they may be a few calls apart.
  Progress progress() const;

 private:
  // Written by one thread, so a store is enough.
  static void Add(std::atomic<uint64_t>& to, uint64_t count) {
    to.store(to.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }

  Window& window_;
  std::atomic<uint64_t> answered_{0};
  std::atomic<uint64_t> failed_{0};
  std::atomic<uint64_t> latency_sum_{0};
  Result result_;
};

}  // namespace dialtone::load
