// Spans: what each call of a trace was, and how long it took. Two observers make them, one for servers, one for channels, and
// hand them to an exporter: dialtone::otlp has one for OpenTelemetry's collectors, yours may be another.
//
//   auto exporter = …;
//   server_options.observers.push_back(dialtone::ServerTracing(exporter));
//   channel_options.observers.push_back(dialtone::ClientTracing(exporter));
//
// A server's span is a child of the span of the call that it answers; calls that its handler makes are children of it. That
// needs no observer to flow (trace_context.h): where one is missing, its part of the trace is, and the rest hangs together.
// Retries and hedges of a call are one span, which says how many there were.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "dialtone/rpc/observer.h"
#include "dialtone/rpc/trace_context.h"
#include "dialtone/transport/wall_clock.h"

namespace dialtone {

enum class SpanKind : uint8_t { kServer, kClient };

// A call that has ended, as one of its sides saw it. A value.
struct Span {
  using Attribute = std::pair<std::string_view, std::variant<std::string, int64_t>>;

  TraceContext context;  // its own ids
  SpanId parent_id{};    // zeros: the trace begins with it
  std::string name;      // "package.Service/Method"
  SpanKind kind = SpanKind::kServer;
  absl::Time start;
  absl::Time end;
  // By OpenTelemetry's conventions for calls, as far as they go; the names have static storage.
  std::vector<Attribute> attributes;
  absl::Status status;
  // Whether `status` is this side's failure: a client's every error, of a server those that are not its client's doing.
  bool failed = false;
};

class SpanExporter {
 public:
  virtual ~SpanExporter() = default;
  // Reactors call it, several at a time: must not block.
  virtual void Export(Span span) = 0;
};

struct TracingOptions {
  TracingOptions() = default;

  // Of the traces that begin here: 0 none, 1 all. One trace is recorded by all who ask for its share or more, or by none.
  double ratio = 1;
  // What has begun elsewhere is recorded if its caller says that it is; false: by `ratio` and the trace's id.
  bool follow_parent = true;
  // For tests; empty: random numbers that differ from process to process.
  std::function<uint64_t()> random;
  // By the one is told when a call began, by the other how long it took: whoever sets the time of day makes no call long.
  std::function<absl::Time()> clock = WallClock;
  std::function<Instant()> monotonic_clock = MonotonicNow;
};

// A copy of `exporter` is held until the last call has ended.
std::shared_ptr<ServerObserver> ServerTracing(std::shared_ptr<SpanExporter> exporter,
                                              const TracingOptions& options = TracingOptions());
// A call that carries a traceparent of its caller's own has no span.
std::shared_ptr<ClientObserver> ClientTracing(std::shared_ptr<SpanExporter> exporter,
                                              const TracingOptions& options = TracingOptions());

}  // namespace dialtone
