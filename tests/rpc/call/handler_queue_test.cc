// Handlers that compute for long on a reactor take turns with reading: a server that is asked for more than it can do
// answers what it can in time, and refuses the rest at once. In virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dialtone/rpc/metrics.h"
#include "dialtone/rpc/sleep.h"
#include "frame_writer.h"
#include "metadata_block.h"
#include "raw_peer.h"
#include "sim_servers.h"
#include "support/sim_loop.h"

namespace dialtone {
namespace {

using absl::Milliseconds;
using testing::HasSubstr;

CallOptions Within(absl::Duration time) { return CallOptions(Timeout(time)); }

// What became of calls.
struct Outcomes {
  int answered = 0;
  int refused = 0;
  int late = 0;
  int other = 0;
  std::vector<absl::Duration> times;          // of those that were answered
  std::vector<absl::Duration> refusal_times;  // of those that were refused

  absl::Duration Slowest(std::vector<absl::Duration>& of, double share = 1) {
    if (of.empty()) return absl::ZeroDuration();
    std::sort(of.begin(), of.end());
    return of[static_cast<size_t>(static_cast<double>(of.size() - 1) * share)];
  }
};

// Does something at a steady rate, on a reactor that no handler holds.
class Ticker final : private Timer {
 public:
  Ticker(SimProcess& process, Loop& loop, int ticks, absl::Duration interval,
         std::function<void()> function)
      : loop_(loop), ticks_(ticks), interval_(interval), function_(std::move(function)) {
    process.network.RunOn(loop_, [this] { loop_.Arm(*this, loop_.Now()); });
  }
  bool done() const { return ticks_ == 0; }

 private:
  void OnTimer() override {
    function_();
    if (--ticks_ > 0) loop_.Arm(*this, loop_.Now() + interval_);
  }

  Loop& loop_;
  int ticks_;
  const absl::Duration interval_;
  const std::function<void()> function_;
};

// A server on one reactor whose plain handler holds that for `work`, and whose coroutines take no time.
class HandlerQueueTest : public testing::Test {
 protected:
  static RuntimeOptions OneReactor() {
    RuntimeOptions options;
    options.reactors = 1;
    options.worker_threads = 1;
    return options;
  }

  HandlerQueueTest()
      : process_(InstantOptions(), OneReactor()), clients_(process_.network, OneReactor()) {}

  void Serve(ServerOptions options = ServerOptions(), CoroutineHandler coroutine = Hello) {
    options.runtime = &process_.runtime;
    server_ = std::make_unique<Server>(options);
    server_->Add(std::make_unique<PlainService>([this](ServerCall&, const Text& text, Text& reply) {
      ++ran_;
      Hold(work);
      reply.set_value(text.value());
      return absl::OkStatus();
    }));
    server_->Add(std::make_unique<CoroutineService>(std::move(coroutine)));
    auto bound = server_->Listen("127.0.0.1:0");
    ASSERT_TRUE(bound.ok()) << bound.status();
    ASSERT_TRUE(server_->Start().ok());
    address_ = bound->ToString();
    channel_ = MakeChannel();
  }
  std::unique_ptr<Channel> MakeChannel() {
    ChannelOptions options;
    options.runtime = &clients_;
    options.resends.max = 0;  // refusals are to be seen
    return std::make_unique<Channel>(address_, options);
  }
  // The client's code, which this lets go on, is no part of the handler.
  static void Hold(absl::Duration time) {
    Context::Scope outside{Context()};
    static_cast<SimLoop&>(*Loop::Current()).HoldFor(time);
  }
  // Until the server knows how long its handlers take.
  void WarmUp() {
    for (int i = 0; i < 32; ++i) ASSERT_TRUE(StartPlain(*channel_, "warm").Wait().ok());
    ran_ = 0;
  }
  CancelHandle Watch(Call<Text> call) {
    ++under_way_;
    return std::move(call).Then([this, begun = process_.Time()](absl::StatusOr<Text> reply) {
      --under_way_;
      const absl::Duration took = process_.Time() - begun;
      if (reply.ok()) {
        ++outcomes_.answered;
        outcomes_.times.push_back(took);
      } else if (absl::IsResourceExhausted(reply.status())) {
        ++outcomes_.refused;
        outcomes_.refusal_times.push_back(took);
        refusal_ = Show(reply);
      } else {
        ++(absl::IsDeadlineExceeded(reply.status()) ? outcomes_.late : outcomes_.other);
      }
    });
  }
  // Calls that begin at a steady rate, whatever becomes of them.
  void Load(int calls, absl::Duration interval, std::function<Call<Text>()> call) {
    Ticker ticker(process_, *clients_.reactors().front(), calls, interval, [&] { Watch(call()); });
    ASSERT_TRUE(process_.network.RunUntil([&] { return ticker.done(); }, absl::Seconds(120)));
    AwaitAll();
  }
  // So many at once.
  void Burst(int calls, std::function<Call<Text>()> call) {
    process_.network.RunOn(*clients_.reactors().front(), [&] {
      for (int i = 0; i < calls; ++i) Watch(call());
    });
  }
  Call<Text> PlainCall(absl::Duration timeout = absl::Seconds(15)) {
    return StartPlain(*channel_, "x", Within(timeout));
  }
  void AwaitAll() {
    ASSERT_TRUE(process_.network.RunUntil([this] { return under_way_ == 0; }, absl::Seconds(120)));
  }
  uint64_t Reached(ServerLimit limit) const { return server_->Metrics().reached(limit); }

  absl::Duration work = Milliseconds(1);
  SimProcess process_;
  Runtime clients_;  // on reactors of their own
  std::unique_ptr<Server> server_;
  std::string address_;
  std::unique_ptr<Channel> channel_;
  Outcomes outcomes_;
  std::string refusal_;
  int under_way_ = 0;
  int ran_ = 0;
};

TEST_F(HandlerQueueTest, AtTwiceTheCapacityAsManyAreAnsweredInTimeAsCanBe) {
  Serve();
  // A thousand a second can be served.
  Load(8000, absl::Microseconds(500), [&] { return PlainCall(Milliseconds(100)); });
  EXPECT_GE(outcomes_.answered, 3600);
  EXPECT_LE(outcomes_.Slowest(outcomes_.times, 0.99), Milliseconds(80));
  EXPECT_EQ(outcomes_.other, 0);
  // What is refused need not wait for that.
  EXPECT_GE(outcomes_.refused, 3600);
  EXPECT_LE(outcomes_.Slowest(outcomes_.refusal_times, 0.99), Milliseconds(10));
  EXPECT_EQ(Reached(ServerLimit::kHandlerQueue), static_cast<uint64_t>(outcomes_.refused));
  EXPECT_THAT(refusal_, HasSubstr("/test.Plain/Plain: "));
  EXPECT_THAT(refusal_, HasSubstr("too long for this call's deadline"));
  // Nothing of what was answered, or given up, has run for nobody.
  EXPECT_LE(ran_, outcomes_.answered + outcomes_.late);
}

TEST_F(HandlerQueueTest, BelowTheCapacityNobodyIsRefused) {
  Serve();
  Load(2000, absl::Microseconds(1100), [&] { return PlainCall(Milliseconds(100)); });
  EXPECT_EQ(outcomes_.answered, 2000);
}

// Health checks, say.
TEST_F(HandlerQueueTest, FastMethodsDoNotWait) {
  Serve();
  WarmUp();
  Burst(50, [&] { return PlainCall(); });
  process_.network.RunFor(Milliseconds(5));
  const absl::Duration begun = process_.Time();
  EXPECT_TRUE(StartCoroutine(*channel_, "fast").Wait().ok());
  EXPECT_LE(process_.Time() - begun, Milliseconds(4));
  EXPECT_GT(under_way_, 30);
  AwaitAll();
  EXPECT_EQ(outcomes_.answered, 50);
}

TEST_F(HandlerQueueTest, CoroutinesThatComputeTakeTurnsToo) {
  Serve(ServerOptions(), [](ServerCall&, const Text& text, Text& reply) -> Task<absl::Status> {
    Hold(Milliseconds(1));
    reply.set_value(text.value());
    co_return absl::OkStatus();
  });
  Load(4000, absl::Microseconds(500),
       [&] { return StartCoroutine(*channel_, "x", Within(Milliseconds(100))); });
  EXPECT_GE(outcomes_.answered, 1800);
  EXPECT_GE(outcomes_.refused, 1600);
}

TEST_F(HandlerQueueTest, SoManyMayWait) {
  ServerOptions options;
  options.handler_queue_max = 5;
  Serve(options);
  WarmUp();
  Burst(20, [&] { return PlainCall(absl::InfiniteDuration()); });
  AwaitAll();
  // Those of the first slice, and five.
  EXPECT_EQ(outcomes_.answered, 7);
  EXPECT_EQ(outcomes_.refused, 13);
  EXPECT_THAT(refusal_, HasSubstr("5 calls wait for this reactor"));
  EXPECT_THAT(refusal_, HasSubstr("ServerOptions::handler_queue_max"));
}

// A plain call's frame; the end of its request comes in another one.
std::string FrameOf(dialtone1::FrameType type, int flags, uint32_t stream,
                    std::string_view metadata = {}, std::string_view message = {}) {
  const auto none = dialtone1::TimePrefix::None();
  std::string frame(dialtone1::FrameBytes(none, metadata, 0), '\0');
  dialtone1::WriteFrameHead(dialtone1::MakeHeader(type, static_cast<uint8_t>(flags), stream, 0),
                            none, metadata, static_cast<uint32_t>(message.size()), frame.data());
  return frame.append(message);
}

// When those began there was nobody who waited.
TEST_F(HandlerQueueTest, SoManyMayWaitWhoseRequestsEndedLater) {
  ServerOptions options;
  options.handler_queue_max = 5;
  Serve(options);
  WarmUp();
  std::string path;
  dialtone1::AppendPair(path, dialtone1::kPathKey, kPlainMethod.path);
  std::string begun(dialtone1::kPreface);
  std::string ended;
  dialtone1::AppendSettingsFrame(dialtone1::Settings(), begun);
  for (uint32_t stream = 1; stream < 40; stream += 2) {
    begun += FrameOf(dialtone1::FrameType::kRequest, dialtone1::kFlagMessage, stream, path);
    ended += FrameOf(dialtone1::FrameType::kData, dialtone1::kFlagEnd, stream);
  }
  Loop& loop = *clients_.reactors().front();
  std::unique_ptr<dialtone1::RawPeer> peer;
  process_.network.RunOn(loop, [&] {
    peer = std::make_unique<dialtone1::RawPeer>(loop, *Address::Parse(address_));
    peer->Send(begun + ended);
  });
  process_.network.RunFor(Milliseconds(100));
  EXPECT_EQ(ran_, 7);
  EXPECT_EQ(Reached(ServerLimit::kHandlerQueue), 13u);
  process_.network.RunOn(loop, [&] { peer.reset(); });
}

TEST_F(HandlerQueueTest, WhatIsSlowIsAnOption) {
  ServerOptions options;
  options.slow_handler = Milliseconds(2);
  options.handler_queue_max = 0;
  Serve(options);
  WarmUp();
  Burst(20, [&] { return PlainCall(); });
  AwaitAll();
  EXPECT_EQ(outcomes_.answered, 20);
  work = Milliseconds(3);
  for (int i = 0; i < 4; ++i) WarmUp();  // a mean moves by steps
  Burst(20, [&] { return PlainCall(); });
  AwaitAll();
  EXPECT_EQ(outcomes_.answered, 21);
}

TEST_F(HandlerQueueTest, ACallThatIsCancelledWhileItWaitsDoesNotRun) {
  Serve();
  WarmUp();
  std::optional<CancelHandle> last;
  Loop& loop = *clients_.reactors().front();
  process_.network.RunOn(loop, [&] {
    for (int i = 0; i < 20; ++i) last = Watch(PlainCall());
  });
  process_.network.RunFor(Milliseconds(5));
  process_.network.RunOn(loop, [&] { last->Cancel(); });
  AwaitAll();
  process_.network.RunFor(Milliseconds(100));
  EXPECT_EQ(outcomes_.answered, 19);
  EXPECT_EQ(outcomes_.other, 1);  // CANCELLED
  EXPECT_EQ(ran_, 19);
}

// It was expected to be in time, but those before it take longer than they did.
TEST_F(HandlerQueueTest, ACallWhoseDeadlinePassesWhileItWaitsDoesNotRun) {
  Serve();
  WarmUp();
  work = Milliseconds(50);
  Burst(10, [&] { return PlainCall(Milliseconds(200)); });
  AwaitAll();
  process_.network.RunFor(absl::Seconds(1));
  EXPECT_EQ(outcomes_.answered + outcomes_.late, 10);
  EXPECT_GE(outcomes_.late, 5);
  EXPECT_LE(ran_, 4);
}

// The client takes no such metadata, so the end that the deadline brings is cut short by another one.
TEST_F(HandlerQueueTest, ACallThatEndsWhileItWaitsEndsOnceThoughItsMetadataAreTooLong) {
  ServerOptions options;
  options.observers.push_back(std::make_shared<LongAnswers>());
  Serve(options);
  for (int i = 0; i < 32; ++i) StartPlain(*channel_, "warm").Wait().IgnoreError();
  work = Milliseconds(50);
  Burst(10, [&] { return PlainCall(Milliseconds(200)); });
  AwaitAll();
  process_.network.RunFor(absl::Seconds(1));
  EXPECT_EQ(outcomes_.late + outcomes_.refused, 10);
  EXPECT_GE(outcomes_.late, 5);
}

TEST_F(HandlerQueueTest, ThoseOfALostClientDoNotRun) {
  Serve();
  WarmUp();
  auto other = MakeChannel();
  ASSERT_TRUE(StartPlain(*other, "connect").Wait().ok());
  ran_ = 0;
  Burst(10, [&] { return PlainCall(); });
  Burst(10, [&] { return StartPlain(*other, "y"); });
  process_.network.RunFor(Milliseconds(3));
  other.reset();
  AwaitAll();
  process_.network.RunFor(Milliseconds(100));
  EXPECT_EQ(outcomes_.answered, 10);
  EXPECT_LE(ran_, 12);
}

TEST_F(HandlerQueueTest, AShutdownWaitsForThoseThatWait) {
  Serve();
  WarmUp();
  Burst(30, [&] { return PlainCall(); });
  process_.network.RunFor(Milliseconds(3));
  EXPECT_TRUE(server_->Shutdown(absl::Seconds(1)).ok());
  AwaitAll();
  EXPECT_EQ(outcomes_.answered, 30);
}

TEST_F(HandlerQueueTest, AShutdownThatIsOverEndsThem) {
  Serve();
  WarmUp();
  work = Milliseconds(20);
  Burst(30, [&] { return PlainCall(); });
  process_.network.RunFor(Milliseconds(3));
  server_->Shutdown(Milliseconds(100)).IgnoreError();  // those that were cut short are named
  AwaitAll();
  EXPECT_GE(outcomes_.answered, 4);
  EXPECT_LE(outcomes_.answered, 9);
  EXPECT_LE(ran_, 9);
}

// It is parsed by a worker, as ever, and waits no more then, for nobody would count what it holds.
TEST_F(HandlerQueueTest, ALargeRequestIsNotParsedOnTheReactorAndDoesNotWait) {
  Serve();
  WarmUp();
  Burst(400, [&] { return PlainCall(); });
  process_.network.RunFor(Milliseconds(4));
  EXPECT_TRUE(StartPlain(*channel_, std::string(2 * 1024 * 1024, 'x')).Wait().ok());
  EXPECT_GT(under_way_, 20);
  AwaitAll();
  EXPECT_EQ(outcomes_.answered, 400);
  EXPECT_EQ(process_.runtime.bytes_in_flight().used(), 0u);
}

// Waiting requests are bytes that the process holds.
TEST_F(HandlerQueueTest, WhatWaitsCountsInTheProcessesBudget) {
  Serve();
  WarmUp();
  Burst(10, [&] { return StartPlain(*channel_, std::string(20'000, 'x')); });
  process_.network.RunFor(Milliseconds(4));
  EXPECT_GT(process_.runtime.bytes_in_flight().used(), 60'000u);
  AwaitAll();
  process_.network.RunFor(Milliseconds(10));
  EXPECT_EQ(process_.runtime.bytes_in_flight().used(), 0u);
  EXPECT_EQ(outcomes_.answered, 10);
}

}  // namespace
}  // namespace dialtone
