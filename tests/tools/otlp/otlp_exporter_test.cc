// The exporter against a collector that takes, refuses, or does not answer.
#include "dialtone/otlp/otlp_exporter.h"

#include <gmock/gmock.h>
#include <netdb.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "call_fixture.h"
#include "collector.h"
#include "dialtone/transport/log_kind.h"

namespace dialtone {
namespace {

// Says nothing, until it is told to or the patience of those who ask is at an end.
class SilentNameServer {
 public:
  static constexpr std::chrono::seconds kPatience{20};

  int Ask() {
    std::unique_lock lock(mutex_);
    asked_ = true;
    changed_.wait_for(lock, kPatience, [this] { return speaks_; });
    return EAI_AGAIN;
  }
  bool asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  void Speak() {
    const std::lock_guard lock(mutex_);
    speaks_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool asked_ = false;
  bool speaks_ = false;
};
// Outlives the thread that asks it.
SilentNameServer& name_server = *new SilentNameServer;

}  // namespace
}  // namespace dialtone

// In place of the C library's: libcurl asks it for names, but not for addresses.
extern "C" int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) {
  return dialtone::name_server.Ask();
}

namespace dialtone {
namespace {

using std::chrono::steady_clock;
using testing::HasSubstr;

Span Named(const std::string& name) {
  Span span;
  span.name = name;
  return span;
}

OtlpOptions To(const Collector& collector) {
  OtlpOptions options;
  options.endpoint = collector.endpoint();
  options.batch_delay = absl::Milliseconds(10);
  options.retry_delay = absl::Milliseconds(1);
  return options;
}

TEST(OtlpExporter, SendsSpansInBatches) {
  Collector collector;
  OtlpOptions options = To(collector);
  options.batch_max = 2;
  options.headers = {{"authorization", "Bearer abc"}};
  OtlpExporter exporter(options);
  for (const char* name : {"one", "two", "three"}) exporter.Export(Named(name));
  ASSERT_TRUE(Eventually([&] { return exporter.sent() == 3; }));
  const std::vector<std::string> bodies = collector.bodies();
  ASSERT_EQ(bodies.size(), 2u);
  EXPECT_THAT(bodies[0], testing::AllOf(HasSubstr("\"one\""), HasSubstr("\"two\"")));
  EXPECT_THAT(bodies[1], HasSubstr("\"three\""));
  EXPECT_THAT(collector.heads()[0], testing::AllOf(HasSubstr("POST /v1/traces HTTP/1.1"),
                                                   HasSubstr("content-type: application/json"),
                                                   HasSubstr("authorization: Bearer abc")));
  EXPECT_EQ(exporter.dropped(), 0u);
}

TEST(OtlpExporter, SendsWhatIsLeftWhenItEnds) {
  Collector collector;
  OtlpOptions options = To(collector);
  options.batch_max = 4;
  options.batch_delay = absl::Hours(1);
  {
    OtlpExporter exporter(options);
    for (int i = 0; i < 11; ++i) exporter.Export(Named("last"));
  }
  EXPECT_EQ(collector.bodies().size(), 3u);
}

TEST(OtlpExporter, ABatchThatACollectorCannotTakeNowIsSentAgain) {
  Collector collector;
  collector.answer = 503;
  OtlpOptions options = To(collector);
  options.attempts_max = 1000;
  OtlpExporter exporter(options);
  exporter.Export(Named("patient"));
  ASSERT_TRUE(Eventually([&] { return collector.bodies().size() >= 3; }));
  collector.answer = 200;
  EXPECT_TRUE(Eventually([&] { return exporter.sent() == 1; }));
  EXPECT_EQ(exporter.dropped(), 0u);
}

TEST(OtlpExporter, ABatchIsGivenUpAfterSoManyAttempts) {
  Collector collector;
  collector.answer = 503;
  OtlpOptions options = To(collector);
  options.attempts_max = 3;
  SetLogRepeatsMax(1'000);
  LogLines lines;
  OtlpExporter exporter(options);
  exporter.Export(Named("unlucky"));
  ASSERT_TRUE(Eventually([&] { return exporter.dropped() == 1; }));
  EXPECT_EQ(collector.bodies().size(), 3u);
  EXPECT_THAT(lines.text(), HasSubstr(absl::StrCat("otlp: 1 spans lost: POST ",
                                                   collector.endpoint(), ": HTTP 503")));
}

TEST(OtlpExporter, WhatIsWrongIsNotSentAgain) {
  Collector collector;
  collector.answer = 400;
  OtlpExporter exporter(To(collector));
  exporter.Export(Named("wrong"));
  ASSERT_TRUE(Eventually([&] { return exporter.dropped() == 1; }));
  EXPECT_EQ(collector.bodies().size(), 1u);
}

TEST(OtlpExporter, TheStatusOfALongAnswerCounts) {
  for (const int code : {200, 400}) {
    SCOPED_TRACE(code);
    Collector collector;
    collector.answer = code;
    collector.answer_bytes = 200 * 1024;
    OtlpExporter exporter(To(collector));
    exporter.Export(Named("answered at length"));
    ASSERT_TRUE(Eventually([&] { return exporter.sent() + exporter.dropped() == 1; }));
    EXPECT_EQ(exporter.sent(), code == 200 ? 1u : 0u);
    EXPECT_EQ(collector.bodies().size(), 1u);
  }
}

TEST(OtlpExporter, ACollectorThatDoesNotAnswerCostsSpansAndNoTime) {
  Collector collector;
  collector.answer = 0;
  OtlpOptions options = To(collector);
  options.batch_max = 10;
  options.queue_max = 100;
  options.flush_timeout = absl::Milliseconds(50);
  OtlpExporter exporter(options);
  exporter.Export(Named("first"));
  ASSERT_TRUE(Eventually([&] { return collector.bodies().size() == 1; }));
  for (int i = 0; i < 1000; ++i) exporter.Export(Named("more"));
  EXPECT_EQ(exporter.dropped(), 900u);
  EXPECT_EQ(exporter.sent(), 0u);
}

TEST(OtlpExporter, AnAttemptIsGivenUpAfterItsTimeout) {
  Collector collector;
  collector.answer = 0;
  OtlpOptions options = To(collector);
  options.timeout = absl::Milliseconds(30);
  options.attempts_max = 2;
  OtlpExporter exporter(options);
  exporter.Export(Named("slow"));
  EXPECT_TRUE(Eventually([&] { return exporter.dropped() == 1; }));
  EXPECT_EQ(collector.bodies().size(), 2u);
}

TEST(OtlpExporter, TheEndIsBoundedInTime) {
  Collector collector;
  collector.answer = 0;
  OtlpOptions options = To(collector);
  options.flush_timeout = absl::Milliseconds(100);
  std::optional<OtlpExporter> exporter(options);
  exporter->Export(Named("never"));
  ASSERT_TRUE(Eventually([&] { return collector.bodies().size() == 1; }));
  SetLogRepeatsMax(1'000);
  LogLines lines;
  const auto begin = steady_clock::now();
  exporter.reset();
  EXPECT_LT(steady_clock::now() - begin,
            std::chrono::seconds(5));  // the attempt alone may take 10 s
  EXPECT_THAT(lines.text(), HasSubstr("otlp: 1 spans lost: OtlpOptions::flush_timeout was over"));
}

TEST(OtlpExporter, TheEndDoesNotWaitForASilentNameServer) {
  setenv("no_proxy", "*", 1);
  OtlpOptions options;
  options.endpoint = "http://collector.test:4318/v1/traces";
  options.batch_delay = absl::Milliseconds(1);
  options.flush_timeout = absl::Milliseconds(100);
  std::optional<OtlpExporter> exporter(options);
  exporter->Export(Named("unknown"));
  ASSERT_TRUE(Eventually([&] { return name_server.asked(); }));
  const auto begin = steady_clock::now();
  exporter.reset();
  EXPECT_LT(steady_clock::now() - begin, SilentNameServer::kPatience / 2);
  name_server.Speak();
}

TEST(OtlpExporter, WhereNobodyListensSpansAreLostAndCounted) {
  OtlpOptions options;
  options.endpoint = "http://127.0.0.1:1/v1/traces";
  options.batch_delay = options.retry_delay = absl::Milliseconds(1);
  OtlpExporter exporter(options);
  exporter.Export(Named("nowhere"));
  EXPECT_TRUE(Eventually([&] { return exporter.dropped() == 1; }));
}

TEST(OtlpExporterDeathTest, AnEndpointThatIsNoneAborts) {
  OtlpOptions options;
  options.endpoint = "collector:4318";
  EXPECT_DEATH(OtlpExporter{options}, "is no http:// or https:// address");
}

}  // namespace
}  // namespace dialtone
