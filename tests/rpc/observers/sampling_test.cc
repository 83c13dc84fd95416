// Which traces are recorded.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tracing_fixture.h"

namespace dialtone {
namespace {

constexpr std::string_view kSampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr std::string_view kUnsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

class Sampling : public TracingTest {
 protected:
  // Makes one call in a context with that trace (empty: none) to a server that only tells what comes, and returns what did.
  std::string SentBelow(std::string_view parent, const TracingOptions& options) {
    std::string received;
    const auto server = MakeServer(
        [&](ServerCall& call, const Text&, Text&) -> Task<absl::Status> {
          received = call.metadata().Get("traceparent").value_or("-");
          co_return absl::OkStatus();
        },
        nullptr);
    const auto channel = ChannelTo(*server, ClientTracing(spans_, options));
    Context context;
    if (!parent.empty()) {
      context = context.WithTrace(std::make_shared<const TraceContext>(*ParseTraceparent(parent)));
    }
    Context::Scope scope(context);
    EXPECT_TRUE(StartCoroutine(*channel, "").Wait().ok());
    return received;
  }
  TracingOptions Ratio(double ratio) {
    TracingOptions options = Options();
    options.ratio = ratio;
    return options;
  }
};

TEST_F(Sampling, ARootThatIsNotRecordedTellsTheOthersSo) {
  const std::string sent = SentBelow("", Ratio(0));
  const std::optional<TraceContext> trace = ParseTraceparent(sent);
  ASSERT_TRUE(trace.has_value()) << sent;
  EXPECT_FALSE(trace->sampled);
  EXPECT_TRUE(spans_->all().empty());
}

TEST_F(Sampling, WhatTheCallerDoesNotRecordGoesOnAsItCame) {
  EXPECT_EQ(SentBelow(kUnsampled, Ratio(1)), kUnsampled);
  EXPECT_TRUE(spans_->all().empty());
}

TEST_F(Sampling, WhatTheCallerRecordsIsRecordedWhateverTheRatio) {
  EXPECT_NE(SentBelow(kSampled, Ratio(0)), kSampled);
  ASSERT_EQ(spans_->all().size(), 1u);
  EXPECT_EQ(SpanIdText(spans_->all()[0].parent_id), "00f067aa0ba902b7");
}

TEST_F(Sampling, UnlessTheParentIsNotToBeFollowed) {
  TracingOptions options = Ratio(1);
  options.follow_parent = false;
  EXPECT_TRUE(ParseTraceparent(SentBelow(kUnsampled, options))->sampled);
  EXPECT_EQ(spans_->all().size(), 1u);
  options.ratio = 0;
  EXPECT_FALSE(ParseTraceparent(SentBelow(kSampled, options))->sampled);
  EXPECT_EQ(spans_->all().size(), 1u);
}

TEST_F(Sampling, AShareOfTheTracesIsRecordedAndTheSameOneByAll) {
  TracingOptions quarter = Ratio(0.25);
  quarter.random = nullptr;  // as programs have it
  TracingOptions half = quarter;
  half.ratio = 0.5;
  half.follow_parent = false;
  const auto quarter_spans = std::make_shared<KeptSpans>();
  const auto server = MakeServer(
      [](ServerCall&, const Text&, Text&) -> Task<absl::Status> { co_return absl::OkStatus(); },
      ServerTracing(spans_, half));
  const auto channel = ChannelTo(*server, ClientTracing(quarter_spans, quarter));
  constexpr int kCalls = 4000;
  for (int i = 0; i < kCalls; ++i) ASSERT_TRUE(StartCoroutine(*channel, "").Wait().ok());
  // Far beyond what chance does.
  EXPECT_NEAR(static_cast<double>(quarter_spans->all().size()) / kCalls, 0.25, 0.05);
  EXPECT_NEAR(static_cast<double>(spans_->all().size()) / kCalls, 0.5, 0.05);
  std::vector<TraceId> recorded_by_server;
  for (const Span& span : spans_->all()) recorded_by_server.push_back(span.context.trace_id);
  std::sort(recorded_by_server.begin(), recorded_by_server.end());
  for (const Span& span : quarter_spans->all()) {
    EXPECT_TRUE(std::binary_search(recorded_by_server.begin(), recorded_by_server.end(),
                                   span.context.trace_id));
  }
}

TEST_F(Sampling, ACallWithATraceparentOfItsOwnIsLeftAlone) {
  const auto server = MakeServer(
      [](ServerCall& call, const Text&, Text& reply) -> Task<absl::Status> {
        reply.set_value(std::string(call.metadata().Get("traceparent").value_or("-")));
        co_return absl::OkStatus();
      },
      nullptr);
  const auto channel = ChannelTo(*server, ClientTracing(spans_, Options()));
  CallOptions options;
  options.metadata.AddUnchecked("traceparent", std::string(kSampled));
  const absl::StatusOr<Text> reply = StartCoroutine(*channel, "", options).Wait();
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->value(), kSampled);
  EXPECT_TRUE(spans_->all().empty());
}

}  // namespace
}  // namespace dialtone
