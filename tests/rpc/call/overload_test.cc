// A server that is asked for more than it can do: refuses what is too much before it is parsed, and
// drops what comes too late. In virtual time.
#include <google/protobuf/wrappers.pb.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "dialtone/rpc/sleep.h"
#include "raw_peer.h"
#include "sim_servers.h"

namespace dialtone {
namespace {

using google::protobuf::BytesValue;

// Shares what it can do among the calls that are under way: with more than its knee at a time, each
// takes longer by as much.
class Sharing {
 public:
  explicit Sharing(int knee) : knee_(knee) {}
  CoroutineHandler Handler() {
    return [this](ServerCall&, const Text&, Text& reply) { return Work(reply); };
  }

  int ended = 0;
  int under_way = 0;
  int most_under_way = 0;

 private:
  Task<absl::Status> Work(Text& reply) {
    ++under_way;
    most_under_way = std::max(most_under_way, under_way);
    const double share = std::max(1.0, static_cast<double>(under_way) / knee_);
    absl::Status slept = co_await Sleep(absl::Milliseconds(10) * share);
    --under_way;
    ++ended;
    reply.set_value("done");
    co_return slept;
  }

  const int knee_;
};

SimOptions SomeLatency() {
  SimOptions options = InstantOptions();
  options.latency_min = options.latency_max = absl::Milliseconds(1);
  return options;
}

class Overload : public testing::Test {
 protected:
  explicit Overload(const SimOptions& options = SomeLatency()) : process_(options) {}

  void Serve(const ServerOptions& options, CoroutineHandler coroutine,
             const ServiceOptions& service = ServiceOptions(), PlainHandler plain = PlainHello) {
    ServerOptions with_runtime = options;
    with_runtime.runtime = &process_.runtime;
    server_ = std::make_unique<Server>(with_runtime);
    server_->Add(std::make_unique<CoroutineService>(std::move(coroutine)), service);
    server_->Add(std::make_unique<PlainService>(std::move(plain)), service);
    auto bound = server_->Listen("127.0.0.1:0");
    ASSERT_TRUE(bound.ok()) << bound.status();
    ASSERT_TRUE(server_->Start().ok());
    ChannelOptions channel = process_.ClientOptions();
    channel.resends.max = 0;  // refusals are to be seen
    channel_ = std::make_unique<Channel>(bound->ToString(), channel);
  }
  // So many callers that call again as soon as they have their answer, for so long.
  void Load(int callers, absl::Duration length) {
    stop_ = false;
    for (int i = 0; i < callers; ++i) CallAgain();
    process_.network.RunFor(length);
    stop_ = true;
    ASSERT_TRUE(process_.network.RunUntil([&] { return calling_ == 0; }, absl::Seconds(60)));
  }
  void CallAgain() {
    ++calling_;
    StartCoroutine(*channel_, "x").Then([this](absl::StatusOr<Text> reply) {
      --calling_;
      refused_ += absl::IsResourceExhausted(reply.status());
      if (!stop_) CallAgain();
    });
  }
  // A string must be UTF-8, bytes need not be: this is no valid request.
  std::string CallWithNonsense(const CallOptions& options = CallOptions()) {
    BytesValue broken;
    broken.set_value("\xFF\xFE");
    return Show(Call<Text>(*channel_, kPlainMethod, broken, options).Wait());
  }

  SimProcess process_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Channel> channel_;
  bool stop_ = false;
  int calling_ = 0;
  int refused_ = 0;
};

TEST_F(Overload, AnAdaptiveLimitKeepsTheServerAtItsKnee) {
  constexpr int kKnee = 8;
  constexpr double kCapacity = 800;  // calls a second
  Sharing sharing(kKnee);
  ServerOptions options;
  options.concurrency = ConcurrencyOptions::Adaptive();
  Serve(options, sharing.Handler());
  Load(40, absl::Seconds(8));
  EXPECT_GT(refused_, 0);
  sharing.ended = sharing.most_under_way = 0;
  Load(40, absl::Seconds(5));
  EXPECT_GT(sharing.ended, 5 * kCapacity * 0.8);
  EXPECT_LE(sharing.most_under_way, 3 * kKnee);
}

TEST_F(Overload, WithoutALimitAllRunAtATime) {
  Sharing sharing(8);
  Serve(ServerOptions(), sharing.Handler());
  Load(40, absl::Seconds(5));
  EXPECT_EQ(sharing.most_under_way, 40);
  EXPECT_EQ(refused_, 0);
}

TEST_F(Overload, AFixedLimitHoldsOverAllReactors) {
  Sharing sharing(8);
  ServerOptions options;
  options.concurrency = ConcurrencyOptions::Fixed(5);
  Serve(options, sharing.Handler());
  Load(40, absl::Seconds(2));
  EXPECT_EQ(sharing.most_under_way, 5);
  EXPECT_GT(refused_, 0);
  EXPECT_EQ(Show(StartCoroutine(*channel_, "x").Wait()), "OK: done");
  EXPECT_GE(server_->Metrics().reached(ServerLimit::kConcurrency), 1u);
}

TEST_F(Overload, AMethodMayHaveALimitOfItsOwn) {
  Sharing sharing(8);
  ServiceOptions service;
  service.concurrency = ConcurrencyOptions::Fixed(3);
  service.method_concurrency["Plain"] = ConcurrencyOptions::Fixed(0);
  Serve(ServerOptions(), sharing.Handler(), service);
  Load(20, absl::Seconds(1));
  EXPECT_EQ(sharing.most_under_way, 3);
  EXPECT_EQ(Show(StartPlain(*channel_, "x").Wait()),
            "RESOURCE_EXHAUSTED: /test.Plain/Plain has as many calls under way as it takes at a "
            "time (ServiceOptions::concurrency)");
  EXPECT_GE(server_->Metrics().reached(ServerLimit::kMethodConcurrency), 1u);
}

TEST_F(Overload, WhatIsRefusedIsNotParsed) {
  ServerOptions options;
  options.concurrency = ConcurrencyOptions::Fixed(0);
  Serve(options, Hello);
  EXPECT_EQ(CallWithNonsense(),
            "RESOURCE_EXHAUSTED: the server has as many calls under way as it takes at a time "
            "(ServerOptions::concurrency)");
}

TEST_F(Overload, HealthChecksAreNotRefused) {
  ServerOptions options;
  options.concurrency = ConcurrencyOptions::Fixed(0);
  Serve(options, Hello);
  constexpr Method kCheck{"/grpc.health.v1.Health/Check", MethodKind::kUnary};
  EXPECT_TRUE(Call<Text>(*channel_, kCheck, Text(), CallOptions()).Wait().ok());
}

TEST_F(Overload, AServerThatHasCalmedDownTakesAllAgain) {
  Sharing sharing(8);
  ServerOptions options;
  options.concurrency = ConcurrencyOptions::Adaptive();
  Serve(options, sharing.Handler());
  Load(40, absl::Seconds(8));
  Load(4, absl::Seconds(1));
  refused_ = 0;
  Load(4, absl::Seconds(10));
  EXPECT_EQ(refused_, 0);
}

// A client in bytes, so that nobody but the server looks at the deadline.
class LateCalls : public Overload {
 protected:
  explicit LateCalls(const SimOptions& options = SomeLatency()) : Overload(options) {}
  ~LateCalls() override {
    process_.network.RunOn(*loop_, [&] { peer_.reset(); });
    process_.network.RunFor(absl::Seconds(5));
    loop_.reset();
  }
  // What the server answers to a request that is no valid message, with so much time left.
  absl::StatusCode CodeOfNonsense(absl::Duration left) {
    std::string bytes(dialtone1::kPreface);
    dialtone1::AppendSettingsFrame(dialtone1::Settings(), bytes);
    std::string block;
    dialtone1::AppendPair(block, dialtone1::kPathKey, kPlainMethod.path);
    const std::string message = "\x0A\x02\xFF\xFE";
    const auto time = dialtone1::TimePrefix::Deadline(absl::ToInt64Microseconds(left));
    std::string frame(dialtone1::FrameBytes(time, block, message.size()), '\0');
    const auto header = dialtone1::MakeHeader(dialtone1::FrameType::kRequest,
                                              dialtone1::kFlagEnd | dialtone1::kFlagMessage, 1, 1);
    char* at = dialtone1::WriteFrameHead(header, time, block, static_cast<uint32_t>(message.size()),
                                         frame.data());
    std::copy(message.begin(), message.end(), at);
    process_.network.RunOn(*loop_, [&] {
      peer_ = std::make_unique<dialtone1::RawPeer>(*loop_, *Address::Parse(channel_->target()));
      peer_->Send(bytes + frame);
    });
    EXPECT_TRUE(process_.network.RunUntil(
        [&] { return peer_->Count(dialtone1::FrameType::kResponse, 1) == 1; }, absl::Seconds(60)));
    for (const dialtone1::Frame& answer : peer_->Frames()) {
      if (answer.type() == dialtone1::FrameType::kResponse)
        return static_cast<absl::StatusCode>(answer.header.argument);
    }
    return absl::StatusCode::kUnknown;
  }

  std::unique_ptr<Loop> loop_ = process_.network.NewReactor("peer");
  std::unique_ptr<dialtone1::RawPeer> peer_;
};

TEST_F(LateCalls, WhatComesInTimeIsParsed) {
  Serve(ServerOptions(), Hello);
  EXPECT_EQ(CodeOfNonsense(absl::Seconds(100)), absl::StatusCode::kInvalidArgument);
}

TEST_F(LateCalls, WhatComesTooLateIsNot) {
  Serve(ServerOptions(), Hello);
  EXPECT_EQ(CodeOfNonsense(absl::ZeroDuration()), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(server_->Metrics().reached(ServerLimit::kDeadlinePassed), 1u);
}

class LateWorkers : public LateCalls {
 protected:
  LateWorkers() : LateCalls(SlowWorkers()) { on_workers_.run_on_workers = true; }
  // Work waits for a worker for a while.
  static SimOptions SlowWorkers() {
    SimOptions options = SomeLatency();
    options.worker_delay_max = absl::Seconds(10);
    return options;
  }
  ServiceOptions on_workers_;
};

TEST_F(LateWorkers, ParseWhatIsStillWanted) {
  Serve(ServerOptions(), Hello, on_workers_);
  EXPECT_EQ(CodeOfNonsense(absl::Seconds(100)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(process_.runtime.bytes_in_flight().used(), 0u);
  EXPECT_EQ(Show(StartPlain(*channel_, "x").Wait()), "OK: hello x");
}

TEST_F(LateWorkers, DoNotParseWhatHasWaitedTooLong) {
  Serve(ServerOptions(), Hello, on_workers_);
  EXPECT_EQ(CodeOfNonsense(absl::Microseconds(1)), absl::StatusCode::kDeadlineExceeded);
}

// Its requests do not wait for a worker, unparsed.
TEST_F(Overload, ACoroutineOfAServiceOnWorkersRunsOnItsReactor) {
  ServiceOptions on_workers;
  on_workers.run_on_workers = true;
  Serve(ServerOptions(), Hello, on_workers);
  EXPECT_EQ(Show(StartCoroutine(*channel_, "a").Wait()), "OK: hello a");
}

TEST_F(Overload, CallsThatWaitForWorkersCountInTheProcessesBudget) {
  ServiceOptions on_workers;
  on_workers.run_on_workers = true;
  Serve(ServerOptions(), Hello, on_workers);
  ByteBudget& budget = process_.runtime.bytes_in_flight();
  EXPECT_EQ(Show(StartPlain(*channel_, "a").Wait()), "OK: hello a");
  budget.Add(budget.max() + 1);
  const std::string shown = Show(StartPlain(*channel_, "b").Wait());
  EXPECT_NE(shown.find("RESOURCE_EXHAUSTED"), std::string::npos) << shown;
  EXPECT_NE(shown.find("RuntimeOptions::bytes_in_flight_max"), std::string::npos) << shown;
  budget.Subtract(budget.max() + 1);
  EXPECT_EQ(Show(StartPlain(*channel_, "c").Wait()), "OK: hello c");
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_EQ(server_->Metrics().reached(ServerLimit::kBytesInFlight), 1u);
}

}  // namespace
}  // namespace dialtone
