// What a load has measured, and its form as JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "dialtone/load/histogram.h"

namespace dialtone::load {

// A value. Times are of the measured window (window.h), processors' times too.
struct Result {
  // Answered rightly within the window, and how long each took. Where single messages are not timed
  // (a stream one way), the histogram is empty.
  uint64_t calls = 0;
  Histogram latency_ns;
  // Of them and of those before and after the window: what counts made from outside are divided by.
  uint64_t calls_in_all = 0;
  // What did not end well within the window, by the name of its status.
  std::map<std::string, uint64_t, std::less<>> errors;
  double seconds = 0;
  double client_cpu_seconds = 0;
  double server_cpu_seconds = 0;

  // Adds what another thread has counted; not the times, which are the window's.
  void MergeCounts(const Result& other);
  // One line, without its end: {"calls":…,"calls_in_all":…,"errors":{"UNAVAILABLE":…},"seconds":…,
  // "calls_per_second":…,"client_cpu_seconds":…,"server_cpu_seconds":…,"latency_ns":{"mean":…,
  // "p50":…,"p90":…,"p99":…,"p99.9":…,"p99.99":…,"max":…}}
  std::string ToJson() const;
};

}  // namespace dialtone::load
