#include "otlp_json.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/utf8.h"

namespace dialtone::internal {
namespace {

// JSON text is UTF-8; what is not (a status may say anything) is replaced.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const char c = text.front();
    if (length == 0) {
      out.append("\uFFFD");
    } else if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (IsControl(text, length)) {
      const auto number = static_cast<uint8_t>(text[length - 1]);
      absl::StrAppend(&out, "\\u00", absl::Hex(number, absl::kZeroPad2));
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out.push_back('"');
  return out;
}

std::string StringAttribute(std::string_view name, std::string_view value) {
  return absl::StrCat("{\"key\":", Quoted(name), ",\"value\":{\"stringValue\":", Quoted(value),
                      "}}");
}

// 64-bit numbers are strings in Protobuf's JSON.
std::string AttributeText(const Span::Attribute& attribute) {
  if (const auto* text = std::get_if<std::string>(&attribute.second))
    return StringAttribute(attribute.first, *text);
  return absl::StrCat("{\"key\":", Quoted(attribute.first), ",\"value\":{\"intValue\":\"",
                      std::get<int64_t>(attribute.second), "\"}}");
}

void AppendSpan(const Span& span, std::string* out) {
  constexpr int kServer = 2;  // SpanKind
  constexpr int kClient = 3;
  constexpr int kError = 2;  // Status.StatusCode
  absl::StrAppend(out, "{\"traceId\":\"", TraceIdText(span.context.trace_id), "\",\"spanId\":\"",
                  SpanIdText(span.context.span_id), "\"");
  if (span.parent_id != SpanId{})
    absl::StrAppend(out, ",\"parentSpanId\":\"", SpanIdText(span.parent_id), "\"");
  if (!span.context.state.empty())
    absl::StrAppend(out, ",\"traceState\":", Quoted(span.context.state));
  absl::StrAppend(out, ",\"flags\":", span.context.sampled ? 1 : 0, ",\"name\":", Quoted(span.name),
                  ",\"kind\":", span.kind == SpanKind::kServer ? kServer : kClient,
                  ",\"startTimeUnixNano\":\"", absl::ToUnixNanos(span.start),
                  "\",\"endTimeUnixNano\":\"", absl::ToUnixNanos(span.end), "\",\"attributes\":[");
  for (size_t i = 0; i < span.attributes.size(); ++i)
    absl::StrAppend(out, i == 0 ? "" : ",", AttributeText(span.attributes[i]));
  out->append("]");
  if (span.failed) {
    absl::StrAppend(out, ",\"status\":{\"code\":", kError,
                    ",\"message\":", Quoted(ToStd(span.status.message())), "}");
  }
  out->append("}");
}

}  // namespace

std::string OtlpJson(const std::vector<Span>& spans, const OtlpOptions& options) {
  std::string out = absl::StrCat("{\"resourceSpans\":[{\"resource\":{\"attributes\":[",
                                 StringAttribute("service.name", options.service_name));
  for (const auto& [name, value] : options.resource)
    absl::StrAppend(&out, ",", StringAttribute(name, value));
  out.append("]},\"scopeSpans\":[{\"scope\":{\"name\":\"dialtone\"},\"spans\":[");
  for (size_t i = 0; i < spans.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendSpan(spans[i], &out);
  }
  out.append("]}]}]}");
  return out;
}

}  // namespace dialtone::internal
