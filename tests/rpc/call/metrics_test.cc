// What servers and channels count of calls, and how they measure them. In the simulation, where every time is
// exact.
#include "dialtone/rpc/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "call_fixture.h"
#include "dialtone/rpc/sleep.h"
#include "sim_servers.h"
#include "stream_fixture.h"
#include "support/sim_loop.h"

namespace dialtone::metrics_test {
namespace {

using absl::Milliseconds;
using absl::StatusCode;

constexpr char kCoroutinePath[] = "/test.Service/Coroutine";
constexpr char kPlainPath[] = "/test.Plain/Plain";

const MethodMetrics& Of(const auto& metrics, std::string_view path) {
  static const MethodMetrics none;
  const MethodMetrics* const found = metrics.Find(path);
  EXPECT_NE(found, nullptr) << path;
  return found == nullptr ? none : *found;
}

// Two percent, of the histogram.
void ExpectNear(absl::Duration told, absl::Duration exact) {
  EXPECT_LE(absl::AbsDuration(told - exact), exact * 0.02) << told << ", not " << exact;
}

// By a handler in the simulation: it runs for so long.
void HoldFor(absl::Duration time) { static_cast<SimLoop&>(*Loop::Current()).HoldFor(time); }

absl::Status FailOnBad(ServerCall&, const Text& request, Text& reply) {
  if (request.value() == "bad") return absl::InvalidArgumentError("bad");
  reply.set_value(std::string(1000, 'x'));
  return absl::OkStatus();
}

class Metrics : public BothWays {
 protected:
  // On the server's side a call's end is counted before its client can know of it.
  ServerMetrics server() { return real().server.Metrics(); }
};

TEST_P(Metrics, CallsAreCountedByMethodAndStatus) {
  Serve(Hello, FailOnBad);
  const auto channel = MakeChannel();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(StartPlain(*channel, "good").Wait().ok());
  ASSERT_FALSE(StartPlain(*channel, "bad").Wait().ok());
  ASSERT_TRUE(StartCoroutine(*channel, "x").Wait().ok());
  const ServerMetrics at_server = server();
  const ChannelMetrics at_channel = channel->Metrics();
  for (const MethodMetrics* plain : {&Of(at_server, kPlainPath), &Of(at_channel, kPlainPath)}) {
    EXPECT_EQ(plain->started, 4u);
    EXPECT_EQ(plain->ended_total(), 4u);
    EXPECT_EQ(plain->in_flight(), 0u);
    EXPECT_EQ(plain->ended_with(StatusCode::kOk), 3u);
    EXPECT_EQ(plain->ended_with(StatusCode::kInvalidArgument), 1u);
    EXPECT_EQ(plain->total.count(), 4u);
  }
  EXPECT_EQ(Of(at_server, kCoroutinePath).ended_with(StatusCode::kOk), 1u);
  EXPECT_EQ(at_server.methods.size(), 2u) << "no more than were called";
  EXPECT_EQ(at_server.Find("/test.Service/Other"), nullptr);
}

TEST_P(Metrics, MessagesAndTheirBytesAreCounted) {
  Serve(Hello, FailOnBad);
  const auto channel = MakeChannel();
  CallOptions with_attachment;
  with_attachment.set_attachment(Attachment(std::string(100, 'a')));
  ASSERT_TRUE(StartPlain(*channel, "12345678", with_attachment).Wait().ok());
  ASSERT_FALSE(StartPlain(*channel, "bad").Wait().ok());
  const uint64_t to_server =
      MakeText("12345678").ByteSizeLong() + 100 + MakeText("bad").ByteSizeLong();
  const uint64_t to_client = MakeText(std::string(1000, 'x')).ByteSizeLong();
  const ServerMetrics at_server = server();
  const ChannelMetrics at_channel = channel->Metrics();
  EXPECT_EQ(Of(at_server, kPlainPath).messages_in, 2u);
  EXPECT_EQ(Of(at_server, kPlainPath).bytes_in, to_server);
  EXPECT_EQ(Of(at_server, kPlainPath).messages_out, 1u) << "the error has none";
  EXPECT_EQ(Of(at_server, kPlainPath).bytes_out, to_client);
  EXPECT_EQ(Of(at_channel, kPlainPath).messages_out, 2u);
  EXPECT_EQ(Of(at_channel, kPlainPath).bytes_out, to_server);
  EXPECT_EQ(Of(at_channel, kPlainPath).messages_in, 1u);
  EXPECT_EQ(Of(at_channel, kPlainPath).bytes_in, to_client);
}

TEST_P(Metrics, CallsUnderWayAreSeen) {
  Gate gate;
  Serve(gate.Handler());
  const auto channel = MakeChannel();
  auto call = StartCoroutine(*channel, "x");
  ASSERT_TRUE(Eventually([&] { return gate.entered == 1; }));
  EXPECT_EQ(Of(server(), kCoroutinePath).in_flight(), 1u);
  EXPECT_EQ(Of(channel->Metrics(), kCoroutinePath).in_flight(), 1u);
  gate.open = true;
  EXPECT_TRUE(std::move(call).Wait().ok());
  EXPECT_EQ(Of(server(), kCoroutinePath).in_flight(), 0u);
  EXPECT_EQ(Of(channel->Metrics(), kCoroutinePath).in_flight(), 0u);
}

TEST_P(Metrics, WhoTurnsThemOffHasNone) {
  ServerOptions options;
  options.metrics = false;
  Serve(Hello, PlainHello, false, RealServer::TwoReactors(), options);
  ChannelOptions channel_options;
  channel_options.metrics = false;
  const auto channel = MakeChannel(channel_options);
  ASSERT_TRUE(StartPlain(*channel, "x").Wait().ok());
  EXPECT_TRUE(server().methods.empty());
  EXPECT_TRUE(channel->Metrics().methods.empty());
  EXPECT_EQ(server().loops.size(), 2u) << "what costs calls nothing is counted";
}

TEST_P(Metrics, ACallThatAnObserverRejectsIsCounted) {
  struct RejectAll final : ServerObserver {
    absl::Status OnStart(ServerCall&) override { return absl::UnauthenticatedError("no"); }
  };
  ServerOptions options;
  options.observers.push_back(std::make_shared<RejectAll>());
  Serve(Hello, PlainHello, false, RealServer::TwoReactors(), options);
  const auto channel = MakeChannel();
  ASSERT_FALSE(StartPlain(*channel, "x").Wait().ok());
  EXPECT_EQ(Of(server(), kPlainPath).ended_with(StatusCode::kUnauthenticated), 1u);
  EXPECT_EQ(Of(server(), kPlainPath).queue.count(), 0u) << "no handler has begun";
  EXPECT_EQ(Of(server(), kPlainPath).total.count(), 1u);
}

TEST_P(Metrics, WorkersCallsAreMeasured) {
  Serve(Hello, PlainHello, /*plain_on_workers=*/true);
  const auto channel = MakeChannel();
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(StartPlain(*channel, "x").Wait().ok());
  const ServerMetrics at_server = server();
  const MethodMetrics& plain = Of(at_server, kPlainPath);
  EXPECT_EQ(plain.total.count(), 200u);
  EXPECT_EQ(plain.handler.count(), 200u);
  EXPECT_EQ(plain.total.sum(), plain.queue.sum() + plain.handler.sum());
}

TEST_P(Metrics, CallsThatFindTheWorkersQueueFullAreCounted) {
  RuntimeOptions runtime = RealServer::TwoReactors();
  runtime.worker_queue_max = 0;
  Serve(Hello, PlainHello, /*plain_on_workers=*/true, runtime);
  ChannelOptions options;
  options.resends.max = 0;
  const auto channel = MakeChannel(options);
  ASSERT_FALSE(StartPlain(*channel, "x").Wait().ok());
  EXPECT_EQ(server().reached(ServerLimit::kWorkerQueue), 1u);
  EXPECT_EQ(Of(server(), kPlainPath).ended_with(StatusCode::kResourceExhausted), 1u);
}

INSTANTIATE_TEST_SUITE_P(Networks, Metrics, testing::Bool(), NetworkName);

// --- Streams ---

class StreamMetrics : public StreamsBothWays {};

TEST_P(StreamMetrics, EachMessageOfAStreamIsCounted) {
  Channel& channel = Serve();
  DownCall down = StartDown(channel, "5");
  while (down.Read().Wait() != nullptr) continue;
  ASSERT_TRUE(down.Finish().Wait().ok());
  UpCall up = StartUp(channel);
  for (const char* text : {"a", "b", "c"}) ASSERT_TRUE(up.Write(MakeText(text)).Wait());
  ASSERT_TRUE(up.Finish().Wait().ok());
  const ServerMetrics server = server_->Metrics();
  const ChannelMetrics at_channel = channel.Metrics();
  const MethodMetrics& down_there = Of(server, kDownMethod.path);
  EXPECT_EQ(down_there.messages_in, 1u);
  EXPECT_EQ(down_there.messages_out, 6u);
  EXPECT_EQ(down_there.bytes_out, 6 * MakeText("5").ByteSizeLong());
  EXPECT_EQ(down_there.total.count(), 1u);
  EXPECT_EQ(down_there.handler.count(), 1u);
  EXPECT_EQ(Of(at_channel, kDownMethod.path).messages_in, 6u);
  EXPECT_EQ(Of(at_channel, kDownMethod.path).messages_out, 1u);
  EXPECT_EQ(Of(server, kUpMethod.path).messages_in, 3u);
  EXPECT_EQ(Of(server, kUpMethod.path).messages_out, 1u);
  EXPECT_EQ(Of(at_channel, kUpMethod.path).messages_out, 3u);
  EXPECT_EQ(Of(at_channel, kUpMethod.path).messages_in, 1u);
  EXPECT_EQ(Of(at_channel, kUpMethod.path).ended_with(StatusCode::kOk), 1u);
}

INSTANTIATE_TEST_SUITE_P(Networks, StreamMetrics, testing::Bool(), NetworkName);

// --- Times, in the simulation ---

TEST(MetricsTimes, AServersAgeCountsFromItsStart) {
  SimProcess process;
  Server server(SimServer::With(process.runtime));
  EXPECT_EQ(server.Metrics().age, absl::ZeroDuration());
  ASSERT_TRUE(server.Listen("127.0.0.1:7000").ok());
  Event passed;
  process.network.Wait(passed, process.network.Now() + absl::Seconds(5));
  ASSERT_TRUE(server.Start().ok());
  EXPECT_EQ(server.Metrics().age, absl::ZeroDuration());
  process.network.Wait(passed, process.network.Now() + absl::Seconds(2));
  EXPECT_EQ(server.Metrics().age, absl::Seconds(2));
}

TEST(MetricsTimes, TellQueueHandlerAndTotalApart) {
  SimProcess process;
  SimServer sim(process, [](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    const absl::Status slept = co_await Sleep(Milliseconds(30));
    co_return slept;
  });
  ASSERT_TRUE(StartCoroutine(*sim.channel, "x").Wait().ok());
  const ServerMetrics metrics = sim.server.Metrics();
  const MethodMetrics& method = Of(metrics, kCoroutinePath);
  ExpectNear(method.queue.Percentile(0.5), absl::ZeroDuration());
  ExpectNear(method.handler.Percentile(0.5), Milliseconds(30));
  ExpectNear(method.total.Percentile(0.5), Milliseconds(30));
  EXPECT_EQ(method.handler.sum(), Milliseconds(30)) << "sums are exact";
  const ChannelMetrics at_channel = sim.channel->Metrics();
  EXPECT_EQ(Of(at_channel, kCoroutinePath).total.sum(), Milliseconds(30));
}

TEST(MetricsTimes, AChannelsTotalIncludesTheWay) {
  SimOptions options = InstantOptions();
  options.latency_min = options.latency_max = Milliseconds(10);
  SimProcess process(options);
  SimServer sim(process, Hello);
  ASSERT_TRUE(sim.channel->WaitUntilReady(absl::Seconds(5)));
  ASSERT_TRUE(StartCoroutine(*sim.channel, "x").Wait().ok());
  ExpectNear(Of(sim.channel->Metrics(), kCoroutinePath).total.Percentile(1), Milliseconds(20));
  EXPECT_EQ(Of(sim.server.Metrics(), kCoroutinePath).total.sum(), absl::ZeroDuration());
}

// Many calls in one read, which a reactor answers one after the other.
void CallTogether(Channel& channel, int calls) {
  std::vector<Call<Text>> under_way;
  for (int i = 0; i < calls; ++i) under_way.push_back(StartPlain(channel, "x"));
  for (auto& call : under_way) ASSERT_TRUE(std::move(call).Wait().ok());
}

TEST(MetricsTimes, CallsOfABusyReactorAreMeasuredByASample) {
  SimProcess process;
  absl::Duration hold = Milliseconds(1);
  SimServer sim(process, Hello, [&](ServerCall&, const Text&, Text&) {
    HoldFor(hold);
    return absl::OkStatus();
  });
  ASSERT_TRUE(sim.channel->WaitUntilReady(absl::Seconds(5)));
  CallTogether(*sim.channel, kMeasuredAtFirst);
  const MethodMetrics first = Of(sim.server.Metrics(), kPlainPath);
  EXPECT_EQ(first.total.count(), kMeasuredAtFirst) << "all at first";
  hold = Milliseconds(2);
  constexpr int kCalls = 16 * kMeasuredShare;
  for (int i = 0; i < 4; ++i) CallTogether(*sim.channel, kCalls / 4);
  const MethodMetrics then = Of(sim.server.Metrics(), kPlainPath);
  EXPECT_EQ(then.started, kMeasuredAtFirst + kCalls) << "counts are exact";
  const uint64_t shown = then.total.count() - first.total.count();
  EXPECT_LE(shown, static_cast<uint64_t>(kCalls));
  EXPECT_GT(shown, static_cast<uint64_t>(kCalls) - 2 * kMeasuredShare) << "each stands for sixteen";
  const uint64_t long_ones = then.handler.count() - then.handler.CountUpTo(Milliseconds(1.5));
  EXPECT_EQ(long_ones, shown);
}

TEST(MetricsTimes, CallsThatSuspendAreAllMeasured) {
  SimProcess process;
  bool sleeps = false;
  SimServer sim(process, [&](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    absl::Status status = absl::OkStatus();
    if (sleeps) status = co_await Sleep(absl::Seconds(1));
    co_return status;
  });
  ASSERT_TRUE(sim.channel->WaitUntilReady(absl::Seconds(5)));
  const auto call = [&](int calls) {
    std::vector<Call<Text>> under_way;
    for (int i = 0; i < calls; ++i) under_way.push_back(StartCoroutine(*sim.channel, "x"));
    for (auto& one : under_way) ASSERT_TRUE(std::move(one).Wait().ok());
  };
  call(200);
  sleeps = true;
  call(37);
  const ServerMetrics metrics = sim.server.Metrics();
  const MethodMetrics& method = Of(metrics, kCoroutinePath);
  EXPECT_EQ(method.total.count() - method.total.CountUpTo(Milliseconds(900)), 37u);
  EXPECT_EQ(method.handler.count() - method.handler.CountUpTo(Milliseconds(900)), 37u);
  EXPECT_EQ(method.handler.sum(), absl::Seconds(37));
}

TEST(MetricsTimes, ALoopsIdleTimeAndStallsAreSeen) {
  SimProcess process;
  SimServer sim(process, Hello, [](ServerCall&, const Text&, Text&) {
    HoldFor(Milliseconds(200));
    return absl::OkStatus();
  });
  ASSERT_TRUE(StartPlain(*sim.channel, "x").Wait().ok());
  ASSERT_TRUE(StartPlain(*sim.channel, "x").Wait().ok());
  const ServerMetrics metrics = sim.server.Metrics();
  uint64_t stalls = 0;
  for (const LoopMetrics& loop : metrics.loops) stalls += loop.stalls;
  EXPECT_EQ(stalls, 2u) << "each once, however often it was told of";
}

TEST(MetricsTimes, ReactorsThatWaitAreIdleAndThoseThatWorkAreNot) {
  RealServer real(Hello, [](ServerCall&, const Text&, Text&) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
    while (std::chrono::steady_clock::now() < until) continue;
    return absl::OkStatus();
  });
  Channel channel(real.target, real.ClientOptions());
  ASSERT_TRUE(StartCoroutine(channel, "x").Wait().ok());
  const ServerMetrics before = real.server.Metrics();
  ASSERT_TRUE(StartPlain(channel, "x", Timeout(absl::Seconds(60))).Wait().ok());
  const ServerMetrics after = real.server.Metrics();
  std::vector<double> shares;
  for (size_t i = 0; i < 2; ++i) shares.push_back(after.loops[i].BusyShare(before.loops[i]));
  std::sort(shares.begin(), shares.end());
  EXPECT_LT(shares[0], 0.5);
  EXPECT_GT(shares[1], 0.8);
}

// --- Merging ---

TEST(MetricsMerge, PutsServersTogether) {
  ServerMetrics one;
  one.serving = true;
  one.age = absl::Seconds(5);
  one.connections = 2;
  one.methods.resize(2);
  one.methods[0].path = "/a.A/A";
  one.methods[1].path = "/c.C/C";
  one.methods[1].started = 3;
  one.loops.resize(1);
  ServerMetrics other;
  other.serving = true;
  other.age = absl::Seconds(7);
  other.connections = 3;
  other.connections_accepted = 9;
  other.bytes_held = 4;
  other.limits[static_cast<size_t>(ServerLimit::kPings)] = 2;
  other.methods.resize(2);
  other.methods[0].path = "/b.B/B";
  other.methods[1].path = "/c.C/C";
  other.methods[1].started = 4;
  other.methods[1].ended[5] = 1;
  other.loops.resize(2);
  one.Merge(other);
  std::vector<std::string> paths;
  for (const MethodMetrics& method : one.methods) paths.push_back(method.path);
  EXPECT_THAT(paths, testing::ElementsAre("/a.A/A", "/b.B/B", "/c.C/C"));
  EXPECT_EQ(one.Find("/c.C/C")->started, 7u);
  EXPECT_EQ(one.Find("/c.C/C")->ended_with(StatusCode::kNotFound), 1u);
  EXPECT_EQ(one.Find("/c.C/C")->in_flight(), 6u);
  EXPECT_EQ(one.loops.size(), 3u);
  EXPECT_EQ(one.connections, 5u);
  EXPECT_EQ(one.connections_accepted, 9u);
  EXPECT_EQ(one.bytes_held, 4u);
  EXPECT_EQ(one.age, absl::Seconds(7));
  EXPECT_EQ(one.reached(ServerLimit::kPings), 2u);
  EXPECT_TRUE(one.serving);
  one.Merge(ServerMetrics());
  EXPECT_FALSE(one.serving) << "one of them does not";
}

TEST(MetricsMerge, BusySharesAreOfTheTimeBetween) {
  LoopMetrics before;
  before.age = absl::Seconds(10);
  before.idle = absl::Seconds(10);
  LoopMetrics after;
  after.age = absl::Seconds(14);
  after.idle = absl::Seconds(13);
  EXPECT_DOUBLE_EQ(after.BusyShare(before), 0.25);
  EXPECT_DOUBLE_EQ(LoopMetrics().BusyShare(), 0);
}

}  // namespace
}  // namespace dialtone::metrics_test
