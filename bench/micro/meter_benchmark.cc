// What measuring a call costs the client that is measured.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "dialtone/load/clock.h"
#include "dialtone/load/histogram.h"

namespace dialtone::load {
namespace {

void RecordLatency(benchmark::State& state) {
  Histogram histogram;
  uint64_t value = 1;
  for (auto _ : state) {
    value = value * 6364136223846793005u + 1442695040888963407u;
    histogram.Record(static_cast<int64_t>(value >> 44));  // up to a millisecond
  }
  benchmark::DoNotOptimize(histogram);
}
BENCHMARK(RecordLatency);

void ReadClock(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(NowNanoseconds());
}
BENCHMARK(ReadClock);

}  // namespace
}  // namespace dialtone::load
