// How many calls a server, or one of its methods, runs at a time. More would only wait in some queue
// until their callers have given up: they are refused (REFUSED, RESOURCE_EXHAUSTED) before they are
// parsed, so that the client sends them elsewhere, and the calls that run end in time.
//
//   options.concurrency = dialtone::ConcurrencyOptions::Fixed(200);
//   options.concurrency = dialtone::ConcurrencyOptions::Adaptive();
//
// The adaptive limit finds the number by itself. It compares how long calls take with how long they
// take when little is going on: while that is about the same, the limit grows; when calls take much
// longer, they wait somewhere, and it shrinks by as much. This is the gradient of Netflix'
// concurrency-limits (GradientLimit and Gradient2Limit: limit × gradient + room for a queue,
// smoothed, not raised while the limit is not what holds calls back). The latency without load is
// measured as brpc's AutoConcurrencyLimiter does it: the least mean of a window of time, measured
// anew now and then, for which the limit is lowered for a moment to what the throughput alone needs.
//
// It fits methods whose calls cost about the same, and handlers that wait: coroutines, and those on
// worker threads. Handlers that run inline on a reactor run one after the other anyway, and where they take
// long, a server refuses by itself what it could not answer in time (ServerOptions::handler_queue_max).
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace dialtone {

struct ConcurrencyOptions {
  enum class Mode : uint8_t { kOff, kFixed, kAdaptive };

  ConcurrencyOptions() = default;
  static ConcurrencyOptions Fixed(uint32_t calls_max) {
    ConcurrencyOptions options;
    options.mode = Mode::kFixed;
    options.calls_max = calls_max;
    return options;
  }
  static ConcurrencyOptions Adaptive() {
    ConcurrencyOptions options;
    options.mode = Mode::kAdaptive;
    return options;
  }

  Mode mode = Mode::kOff;
  // The fixed limit; the adaptive one does not grow above it.
  uint32_t calls_max = 1000;

  // --- Of the adaptive limit only ---
  // It does not shrink below this.
  uint32_t calls_min = 4;
  uint32_t calls_initial = 32;
  // How many times the latency without load calls may take before the limit shrinks.
  double tolerance = 1.5;
  // It is looked at so often, if at least so many calls have ended.
  absl::Duration window = absl::Milliseconds(100);
  uint32_t window_calls = 20;
  // The latency without load is measured anew after so long.
  absl::Duration remeasure = absl::Seconds(10);
};

}  // namespace dialtone
