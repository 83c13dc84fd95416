// The JSON that a collector is sent.
#include "otlp_json.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <string>

namespace dialtone::internal {
namespace {

Span AServersSpan() {
  Span span;
  span.context.trace_id = {0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6,
                           0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36};
  span.context.span_id = {0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7};
  span.context.sampled = true;
  span.name = "greeter.Greeter/Greet";
  span.start = absl::FromUnixNanos(1'700'000'000'123'456'789);
  span.end = absl::FromUnixNanos(1'700'000'001'000'000'000);
  span.attributes = {{"rpc.system", "dialtone"}, {"rpc.dialtone.status_code", int64_t{0}}};
  return span;
}

TEST(OtlpJson, IsWhatTheSpecificationSays) {
  OtlpOptions options;
  options.service_name = "greeter";
  options.resource = {{"service.version", "1.2"}};
  EXPECT_EQ(
      OtlpJson({AServersSpan()}, options),
      R"({"resourceSpans":[{"resource":{"attributes":[)"
      R"({"key":"service.name","value":{"stringValue":"greeter"}},)"
      R"({"key":"service.version","value":{"stringValue":"1.2"}}]},)"
      R"("scopeSpans":[{"scope":{"name":"dialtone"},"spans":[)"
      R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","flags":1,)"
      R"("name":"greeter.Greeter/Greet","kind":2,)"
      R"("startTimeUnixNano":"1700000000123456789","endTimeUnixNano":"1700000001000000000",)"
      R"("attributes":[{"key":"rpc.system","value":{"stringValue":"dialtone"}},)"
      R"({"key":"rpc.dialtone.status_code","value":{"intValue":"0"}}]}]}]}]})");
}

TEST(OtlpJson, AFailedChildOfAClientsSide) {
  Span span = AServersSpan();
  span.kind = SpanKind::kClient;
  span.parent_id = {1, 2, 3, 4, 5, 6, 7, 8};
  span.context.state = "rojo=1";
  span.status = absl::NotFoundError("no \"thing\"");
  span.failed = true;
  const std::string json = OtlpJson({span}, OtlpOptions());
  EXPECT_NE(json.find(R"("parentSpanId":"0102030405060708","traceState":"rojo=1")"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("kind":3)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("status":{"code":2,"message":"no \"thing\""})"), std::string::npos)
      << json;
}

// A status may say any bytes; a collector must be able to read them all the same.
TEST(OtlpJson, WhateverAStatusSaysItIsJson) {
  for (const std::string& text :
       {std::string("\0\x01\x1f\x7f", 4), std::string("\xff\xfe"), std::string("\xc3"),
        std::string("\xc0\xaf"), std::string("\xed\xa0\x80"), std::string("\xe2\x82"),
        std::string("\xf4\x90\x80\x80"), std::string("\xf0\x9f\x98"), std::string("\\\"\n"),
        std::string("ä€😀")}) {
    Span span = AServersSpan();
    span.failed = true;
    span.status = absl::UnknownError(text);
    span.name = text;
    google::protobuf::Struct read;
    const auto status =
        google::protobuf::util::JsonStringToMessage(OtlpJson({span, span}, OtlpOptions()), &read);
    EXPECT_TRUE(status.ok()) << status << ": " << OtlpJson({span}, OtlpOptions());
  }
}

TEST(OtlpJson, KeepsTextThatIsFine) {
  Span span = AServersSpan();
  span.name = "ä€😀";
  EXPECT_NE(OtlpJson({span}, OtlpOptions()).find("\"ä€😀\""), std::string::npos);
}

}  // namespace
}  // namespace dialtone::internal
