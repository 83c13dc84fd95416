// The spans that tracing makes of calls.
#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <utility>

#include "dialtone/rpc/sleep.h"
#include "tracing_fixture.h"

namespace dialtone {
namespace {

Task<absl::Status> SleepASecond(ServerCall&, const Text&, Text&) {
  absl::Status slept = co_await Sleep(absl::Seconds(1));
  co_return slept;
}

class Tracing : public TracingTest {
 protected:
  CoroutineHandler CallNext(std::unique_ptr<Channel>& next) {
    return [&next](ServerCall&, const Text&, Text&) { return Forward(*next); };
  }
  static Task<absl::Status> Forward(Channel& next) {
    absl::StatusOr<Text> reply = co_await StartCoroutine(next, "");
    co_return reply.status();
  }
};

// client ─▶ front ─▶ middle ─▶ back
TEST_F(Tracing, AChainOfServicesIsOneTraceWithTheRightParents) {
  std::unique_ptr<Channel> to_middle;
  std::unique_ptr<Channel> to_back;
  const auto server_side = ServerTracing(spans_, Options());
  const auto client_side = ClientTracing(spans_, Options());
  const auto back = MakeServer(SleepASecond, server_side);
  to_back = ChannelTo(*back, client_side);
  const auto middle = MakeServer(CallNext(to_back), server_side);
  to_middle = ChannelTo(*middle, client_side);
  const auto front = MakeServer(CallNext(to_middle), server_side);
  const auto to_front = ChannelTo(*front, client_side);
  EXPECT_EQ(StartCoroutine(*to_front, "").Wait().status(), absl::OkStatus());

  // The innermost ends first.
  const std::vector<Span> spans = spans_->all();
  ASSERT_EQ(spans.size(), 6u);
  for (size_t i = 0; i < spans.size(); ++i) {
    EXPECT_EQ(spans[i].kind, i % 2 == 0 ? SpanKind::kServer : SpanKind::kClient) << i;
    EXPECT_EQ(spans[i].context.trace_id, spans[0].context.trace_id) << i;
    EXPECT_EQ(spans[i].parent_id, i + 1 < spans.size() ? spans[i + 1].context.span_id : SpanId{})
        << i;
    EXPECT_EQ(spans[i].end - spans[i].start, absl::Seconds(1)) << i;
    for (size_t k = 0; k < i; ++k) EXPECT_NE(spans[i].context.span_id, spans[k].context.span_id);
  }
}

TEST_F(Tracing, WhoeverSetsTheTimeOfDayMakesNoSpanLong) {
  for (const absl::Duration forward : {absl::Hours(1), -absl::Hours(1)}) {
    const auto server =
        MakeServer(Setting(forward, SleepASecond), ServerTracing(spans_, Options()));
    const auto channel = ChannelTo(*server, ClientTracing(spans_, Options()));
    EXPECT_TRUE(StartCoroutine(*channel, "").Wait().ok());
  }
  const std::vector<Span> spans = spans_->all();
  ASSERT_EQ(spans.size(), 4u);
  for (const Span& span : spans) EXPECT_EQ(span.end - span.start, absl::Seconds(1));
}

TEST_F(Tracing, WhereTracingIsMissingTheRestHangsTogether) {
  std::unique_ptr<Channel> to_back;
  const auto back = MakeServer(SleepASecond, ServerTracing(spans_, Options()));
  to_back = ChannelTo(*back, nullptr);
  const auto front = MakeServer(CallNext(to_back), nullptr);
  const auto to_front = ChannelTo(*front, ClientTracing(spans_, Options()));
  EXPECT_EQ(StartCoroutine(*to_front, "").Wait().status(), absl::OkStatus());
  const std::vector<Span> spans = spans_->all();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].parent_id, spans[1].context.span_id);
  EXPECT_EQ(spans[0].context.trace_id, spans[1].context.trace_id);
}

TEST_F(Tracing, ASpanSaysWhatTheCallWasAndHowItEnded) {
  const auto server = MakeServer(
      [](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
        co_return absl::NotFoundError("no such thing");
      },
      ServerTracing(spans_, Options()));
  const auto channel = ChannelTo(*server, ClientTracing(spans_, Options()));
  EXPECT_TRUE(absl::IsNotFound(StartCoroutine(*channel, "").Wait().status()));
  const std::vector<Span> spans = spans_->all();
  ASSERT_EQ(spans.size(), 2u);
  for (const Span& span : spans) {
    EXPECT_EQ(span.name, "test.Service/Coroutine");
    EXPECT_EQ(AttributeOf(span, "rpc.system"), "dialtone");
    EXPECT_EQ(AttributeOf(span, "rpc.service"), "test.Service");
    EXPECT_EQ(AttributeOf(span, "rpc.method"), "Coroutine");
    EXPECT_EQ(AttributeOf(span, "rpc.dialtone.status_code"), "5");
    EXPECT_EQ(AttributeOf(span, "network.peer.address"), "127.0.0.1");
    EXPECT_NE(AttributeOf(span, "network.peer.port"), "-");
    EXPECT_EQ(AttributeOf(span, "network.transport"), "tcp");
    EXPECT_EQ(AttributeOf(span, "dialtone.attempts"), "-");
    EXPECT_EQ(span.status, absl::NotFoundError("no such thing"));
  }
  EXPECT_FALSE(spans[0].failed) << "the server has done its part";
  EXPECT_TRUE(spans[1].failed);
}

TEST_F(Tracing, AServerFailsByWhatIsNotItsClientsDoing) {
  for (int code = 0; code <= 16; ++code) {
    const auto server = MakeServer(
        [code](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
          co_return absl::Status(static_cast<absl::StatusCode>(code), "");
        },
        ServerTracing(spans_, Options()));
    const auto channel = ChannelTo(*server, nullptr);
    EXPECT_EQ(StartCoroutine(*channel, "", CallOptions().set_retry(NoRetries())).Wait().ok(),
              code == 0);
  }
  std::string failed;
  for (const Span& span : spans_->all())
    if (span.failed) absl::StrAppend(&failed, static_cast<int>(span.status.code()), " ");
  EXPECT_EQ(failed, "2 4 12 13 14 15 ");
}

TEST_F(Tracing, SeveralAttemptsAreOneSpanThatCountsThem) {
  int calls = 0;
  const auto server = MakeServer(
      [&calls](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
        if (++calls < 3) co_return absl::UnavailableError("not yet");
        co_return absl::OkStatus();
      },
      nullptr);
  const auto channel = ChannelTo(*server, ClientTracing(spans_, Options()));
  EXPECT_TRUE(StartCoroutine(*channel, "", CallOptions().set_retry(RetryOptions())).Wait().ok());
  const std::vector<Span> spans = spans_->all();
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(AttributeOf(spans[0], "dialtone.attempts"), "3");
}

TEST_F(Tracing, ACallThatNeverLeavesHasASpanWithoutAPeer) {
  ChannelOptions options = process_.ClientOptions();
  options.observers.push_back(ClientTracing(spans_, Options()));
  Channel channel("127.0.0.1:1", options);
  EXPECT_FALSE(StartCoroutine(channel, "").Wait().ok());
  const std::vector<Span> spans = spans_->all();
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_TRUE(spans[0].failed);
  EXPECT_EQ(AttributeOf(spans[0], "network.peer.address"), "-");
  EXPECT_EQ(AttributeOf(spans[0], "dialtone.attempts"), "0");
}

TEST_F(Tracing, ACallThatALaterObserverRejectsHasASpanToo) {
  class Rejects final : public ServerObserver {
    absl::Status OnStart(ServerCall&) override { return absl::UnauthenticatedError("who?"); }
  };
  ServerOptions options;
  options.runtime = &process_.runtime;
  options.observers = {ServerTracing(spans_, Options()), std::make_shared<Rejects>()};
  Server server(options);
  server.Add(std::make_unique<CoroutineService>(SleepASecond));
  const auto channel = ChannelTo(server, nullptr);
  EXPECT_TRUE(absl::IsUnauthenticated(StartCoroutine(*channel, "").Wait().status()));
  ASSERT_EQ(spans_->all().size(), 1u);
  EXPECT_EQ(AttributeOf(spans_->all()[0], "rpc.dialtone.status_code"), "16");
}

}  // namespace
}  // namespace dialtone
