// Which trace a piece of work belongs to, as W3C Trace Context (level 1, https://www.w3.org/TR/trace-context/) writes it in
// the metadata "traceparent" and "tracestate". It flows by itself: a server puts it into the context of the call that it
// handles, and calls made in a context that has one send it along. Where a call's metadata would be more than the server takes
// (ConnectionLimits::metadata_bytes_max; 8 KiB before it has said so), or more than Metadata::kPairsMax, what was added to the
// caller's own is left out, "tracestate" first, so that no call fails for its trace. Observers (tracing.h) make spans of it; without any it is
// passed on as it came.
//
//   if (const TraceContext* trace = Context::Current().trace()) Log(…, TraceIdText(trace->trace_id));
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dialtone/rpc/metadata.h"

namespace dialtone {

using TraceId = std::array<uint8_t, 16>;
using SpanId = std::array<uint8_t, 8>;

// A value.
struct TraceContext {
  TraceId trace_id{};
  SpanId span_id{};      // the caller's, to those it calls
  bool sampled = false;  // the caller may have recorded it
  std::string state;     // "tracestate", passed on as it came; empty: none

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// Hexadecimal, as they are written everywhere.
std::string TraceIdText(const TraceId& id);
std::string SpanIdText(const SpanId& id);

// The value of "traceparent".
std::string TraceparentOf(const TraceContext& trace);
// Nothing if it is malformed. Of a later version it is read what this one knows.
std::optional<TraceContext> ParseTraceparent(std::string_view traceparent);

// From a call's metadata. A malformed traceparent counts as none; a malformed tracestate, or one of more than 32 members, is
// left out; of one above 512 bytes long members go first, then the last.
std::optional<TraceContext> TraceOf(const Metadata& metadata);
// Adds both. In ClientObserver::OnStart() they give way like a trace that flows by itself.
void AddTrace(const TraceContext& trace, Metadata& metadata);

}  // namespace dialtone
