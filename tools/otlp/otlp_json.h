// Spans as OTLP's ExportTraceServiceRequest, in JSON: https://opentelemetry.io/docs/specs/otlp/. Internal to tools/otlp/.
#pragma once

#include <string>
#include <vector>

#include "dialtone/otlp/otlp_exporter.h"

namespace dialtone::internal {

std::string OtlpJson(const std::vector<Span>& spans, const OtlpOptions& options);

}  // namespace dialtone::internal
