// What a connection keeps its calls in, and a loop its timers.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dialtone/transport/instant.h"
#include "dialtone/transport/timer.h"
#include "stream_ids.h"
#include "stream_table.h"

namespace dialtone {
namespace {

// So many calls are under way; the oldest ends, a new one begins: its id is made, put into the table, found
// when its reply comes, and taken out.
void OpenFindCloseStream(benchmark::State& state) {
  dialtone1::StreamIdSource ids;
  dialtone1::StreamTable<uint32_t> table;
  std::vector<uint32_t> open(static_cast<size_t>(state.range(0)));
  for (uint32_t& id : open) {
    id = ids.Next();
    table.Insert(id, &id);
  }
  size_t oldest = 0;
  for (auto _ : state) {
    uint32_t& place = open[oldest];
    if (table.Find(place) != &place) state.SkipWithError("a stream is missing");
    table.Erase(place);
    place = ids.Next();
    table.Insert(place, &place);
    if (++oldest == open.size()) oldest = 0;
  }
}
BENCHMARK(OpenFindCloseStream)->Arg(1)->Arg(64)->Arg(1024);

class CountingTimer final : public Timer {
 public:
  void OnTimer() override { ++fired; }
  uint64_t fired = 0;
};

class Timers {
 public:
  explicit Timers(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      timers_.push_back(std::make_unique<CountingTimer>());
      heap_.Arm(*timers_.back(), NextDeadline());
    }
  }
  ~Timers() {
    for (const auto& timer : timers_) heap_.Disarm(*timer);
  }

  // Of a call that begins now: later than all that are armed.
  Instant NextDeadline() {
    now_ += 1000;
    return Instant::FromNanoseconds(now_ + 15'000'000'000);
  }
  CountingTimer& timer(size_t i) { return *timers_[i]; }
  TimerHeap& heap() { return heap_; }

 private:
  int64_t now_ = 0;
  TimerHeap heap_;
  std::vector<std::unique_ptr<CountingTimer>> timers_;
};

// Deadlines of calls: nearly all are taken back before they are due.
void SetAndCancelTimer(benchmark::State& state) {
  const auto count = static_cast<size_t>(state.range(0));
  Timers timers(count);
  size_t oldest = 0;
  for (auto _ : state) {
    timers.heap().Disarm(timers.timer(oldest));
    timers.heap().Arm(timers.timer(oldest), timers.NextDeadline());
    if (++oldest == count) oldest = 0;
  }
}
BENCHMARK(SetAndCancelTimer)->Arg(1)->Arg(64)->Arg(1024);

void FireTimer(benchmark::State& state) {
  Timers timers(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    Timer* const due = timers.heap().PopDue(Instant::Infinite());
    due->OnTimer();
    timers.heap().Arm(*due, timers.NextDeadline());
  }
}
BENCHMARK(FireTimer)->Arg(1)->Arg(64)->Arg(1024);

}  // namespace
}  // namespace dialtone
