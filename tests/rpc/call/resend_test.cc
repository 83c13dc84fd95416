// Calls that never ran are sent again by themselves, and no others: in virtual time.
//
// Longer than 400 lines because it shows one small thing in every state that a call can be in.
#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "raw_peer.h"
#include "refused_calls.h"
#include "sim_servers.h"

namespace dialtone::resend_test {
namespace {

using testing::HasSubstr;

// Counts the calls that a server is asked for, whether it then refuses them or not.
struct CountStarts final : ServerObserver {
  absl::Status OnStart(ServerCall&) override {
    ++starts;
    return absl::OkStatus();
  }
  int starts = 0;
};

struct CountCalls final : ClientObserver {
  absl::Status OnStart(ClientCallView&) override {
    ++starts;
    return absl::OkStatus();
  }
  void OnEnd(const ClientCallView&, const absl::Status& status) override {
    ++ends;
    last = status;
  }
  int starts = 0;
  int ends = 0;
  absl::Status last;
};

// A server on a host of its own, whose workers have room for so many calls: it refuses more.
struct Host {
  Host(SimNetwork& sim, const std::string& address, size_t room)
      : runtime(sim, OneWorker(room)), server(With()) {
    ServiceOptions on_workers;
    on_workers.run_on_workers = true;
    server.Add(
        std::make_unique<PlainService>([this](ServerCall& call, const Text& request, Text& reply) {
          ++runs[request.value()];
          call.set_reply_attachment(call.attachment());
          reply.set_value("hello " + request.value());
          return absl::OkStatus();
        }),
        on_workers);
    server.Add(std::make_unique<CoroutineService>(Hello));
    EXPECT_TRUE(server.Listen(address).ok());
    EXPECT_TRUE(server.Start().ok());
  }
  static RuntimeOptions OneWorker(size_t room) {
    RuntimeOptions options;
    options.reactors = 1;
    options.worker_threads = 1;
    options.worker_queue_max = room;
    return options;
  }
  ServerOptions With() {
    ServerOptions options;
    options.runtime = &runtime;
    options.observers.push_back(asked);
    return options;
  }

  std::shared_ptr<CountStarts> asked = std::make_shared<CountStarts>();
  Runtime runtime;
  Server server;
  std::map<std::string, int> runs;
};

constexpr char kFirst[] = "10.0.0.1:7000";
constexpr char kSecond[] = "10.0.0.2:7000";
constexpr char kBoth[] = "list:10.0.0.1:7000,10.0.0.2:7000";

class Resend : public testing::Test {
 protected:
  explicit Resend(const SimOptions& options = InstantOptions()) : world_(options) {}

  Host& Serve(const std::string& address, size_t room) {
    hosts_.push_back(std::make_unique<Host>(world_.network, address, room));
    return *hosts_.back();
  }
  // With all its connections made.
  std::unique_ptr<Channel> Connect(const std::string& target,
                                   ChannelOptions options = ChannelOptions()) {
    options.runtime = &world_.runtime;
    options.observers.push_back(watch_);
    auto channel = std::make_unique<Channel>(target, options);
    EXPECT_TRUE(channel->WaitUntilReady(absl::Seconds(1)));
    world_.network.RunFor(absl::Seconds(1));
    return channel;
  }
  Instant Now() { return world_.network.Now(); }

  SimProcess world_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::shared_ptr<CountCalls> watch_ = std::make_shared<CountCalls>();
};

// --- Refused ---

TEST_F(Resend, ARefusedCallGoesElsewhereAtOnce) {
  Host& busy = Serve(kFirst, 0);
  Host& free = Serve(kSecond, 100);
  auto channel = Connect(kBoth);
  const Instant before = Now();
  for (int i = 0; i < 20; ++i) {
    CallInfo info;
    EXPECT_EQ(Show(StartPlain(*channel, absl::StrCat(i)).Capture(info).Wait()),
              absl::StrCat("OK: hello ", i));
    EXPECT_EQ(info.peer.ToString(), kSecond);
  }
  EXPECT_EQ(Now(), before);
  EXPECT_GT(busy.asked->starts, 0);
  EXPECT_TRUE(busy.runs.empty());
  for (const auto& [key, runs] : free.runs) EXPECT_EQ(runs, 1) << key;
  EXPECT_EQ(watch_->starts, 20) << "observers see calls, not attempts";
  EXPECT_EQ(watch_->ends, 20);
}

TEST_F(Resend, ARefusedCallTakesItsAttachmentAlong) {
  Host& busy = Serve(kFirst, 0);
  Serve(kSecond, 100);
  auto channel = Connect(kBoth);
  for (const size_t bytes : {10u, 300'000u}) {
    const std::string picture(bytes, 'p');
    for (int i = 0; i < 20; ++i) {
      CallOptions options;
      options.set_attachment(Attachment(std::string(picture)));
      CallInfo info;
      EXPECT_EQ(Show(StartPlain(*channel, "x", options).Capture(info).Wait()), "OK: hello x");
      EXPECT_TRUE(info.attachment.view() == picture) << info.attachment.size();
    }
  }
  EXPECT_GT(busy.asked->starts, 0);
}

TEST_F(Resend, EachOtherServerIsAskedBeforeARest) {
  Serve(kFirst, 0);
  Serve(kSecond, 0);
  Serve("10.0.0.3:7000", 0);
  Serve("10.0.0.4:7000", 100);
  auto channel = Connect("list:10.0.0.1:7000,10.0.0.2:7000,10.0.0.3:7000,10.0.0.4:7000");
  const Instant before = Now();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(StartPlain(*channel, "x").Wait().ok());
  EXPECT_EQ(Now(), before);
}

TEST_F(Resend, ServersInBackoffAreTriedAtOnceWhenAnotherShutsDown) {
  Host& first = Serve(kFirst, 100);
  ChannelOptions options;
  options.backoff.initial = options.backoff.max = absl::Hours(1);
  auto channel = Connect(kBoth, options);
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), "OK: hello x");
  Serve(kSecond, 100);
  EXPECT_TRUE(first.server.Shutdown(absl::Seconds(1)).ok());
  const Instant before = Now();
  EXPECT_EQ(Show(StartPlain(*channel, "y").Wait()), "OK: hello y");
  EXPECT_LT(Now() - before, absl::Seconds(1));
}

class ResendToSlowWorkers : public Resend {
 protected:
  ResendToSlowWorkers() : Resend(SlowWorkers()) {}
  static SimOptions SlowWorkers() {
    SimOptions options = InstantOptions();
    options.worker_delay_max = absl::Milliseconds(60);
    return options;
  }
};

TEST_F(ResendToSlowWorkers, WithNoOtherServerARefusedCallRestsAndGoesThereAgain) {
  Host& host = Serve(kFirst, 1);
  auto channel = Connect(kFirst);
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 3; ++i) calls.push_back(StartPlain(*channel, absl::StrCat(i)));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Show(std::move(calls[i]).Wait()), absl::StrCat("OK: hello ", i));
    EXPECT_EQ(host.runs[absl::StrCat(i)], 1);
  }
  EXPECT_GT(host.asked->starts, 3);
}

TEST_F(Resend, SoManyResendsThenTheRefusalIsTheEnd) {
  Host& host = Serve(kFirst, 0);
  auto channel = Connect(kFirst);
  const Instant before = Now();
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()),
            "RESOURCE_EXHAUSTED: /test.Plain/Plain: the workers' queue is full "
            "(RuntimeOptions::worker_queue_max); sent again 5 times (ResendOptions::max)");
  EXPECT_EQ(host.asked->starts, 6);
  // 20, 40, 80, 160 and 320 ms, each at most half longer or shorter.
  EXPECT_GE(Now() - before, absl::Milliseconds(310));
  EXPECT_LE(Now() - before, absl::Milliseconds(930));
  EXPECT_EQ(watch_->starts, 1);
  EXPECT_EQ(watch_->ends, 1);
}

TEST_F(Resend, NoneAtAllIfTheChannelSaysSo) {
  Host& host = Serve(kFirst, 0);
  ChannelOptions options;
  options.resends.max = 0;
  auto channel = Connect(kFirst, options);
  const Instant before = Now();
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()),
            "RESOURCE_EXHAUSTED: /test.Plain/Plain: the workers' queue is full "
            "(RuntimeOptions::worker_queue_max)");
  EXPECT_EQ(host.asked->starts, 1);
  EXPECT_EQ(Now(), before);
}

TEST_F(Resend, TheBudgetBoundsWhatAServerThatRefusesIsSentTwice) {
  Host& host = Serve(kFirst, 0);
  ChannelOptions options;
  options.resends.refused_budget = 7;
  auto channel = Connect(kFirst, options);
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 50; ++i) calls.push_back(StartPlain(*channel, "x"));
  int over_budget = 0;
  for (Call<Text>& call : calls) {
    const absl::Status status = std::move(call).Wait().status();
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    over_budget += Show(status).find("ResendOptions::refused_budget") != std::string::npos;
  }
  EXPECT_EQ(host.asked->starts, 50 + 7);
  EXPECT_EQ(over_budget, 50);
  // Answered calls give some of it back.
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(StartCoroutine(*channel, "x").Wait().ok());
  host.asked->starts = 0;
  EXPECT_FALSE(StartPlain(*channel, "x").Wait().ok());
  EXPECT_EQ(host.asked->starts, 1 + 2);
  // One that was never sent was not answered.
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(StartPlain(*channel, std::string(5 << 20, 'x')).Wait().ok());
  }
  host.asked->starts = 0;
  EXPECT_FALSE(StartPlain(*channel, "x").Wait().ok());
  EXPECT_EQ(host.asked->starts, 1);
}

TEST(ResendBudget, TenAnswersGiveOneResendUpToTheMaximum) {
  internal::ResendBudget budget(2);
  EXPECT_TRUE(budget.Spend());
  EXPECT_TRUE(budget.Spend());
  EXPECT_FALSE(budget.Spend());
  for (int i = 0; i < 9; ++i) budget.Earn();
  EXPECT_FALSE(budget.Spend());
  budget.Earn();
  EXPECT_TRUE(budget.Spend());
  for (int i = 0; i < 1000; ++i) budget.Earn();
  EXPECT_TRUE(budget.Spend());
  EXPECT_TRUE(budget.Spend());
  EXPECT_FALSE(budget.Spend());
}

// --- Ends while it rests ---

class ResendRest : public Resend {
 protected:
  ResendRest() {
    options_.resends.backoff.initial = absl::Seconds(10);
    options_.resends.backoff.max = absl::Seconds(10);
    Serve(kFirst, 0);
  }
  ChannelOptions options_;
};

TEST_F(ResendRest, ADeadlineEndsIt) {
  auto channel = Connect(kFirst, options_);
  const Instant before = Now();
  EXPECT_EQ(Show(StartPlain(*channel, "x", Timeout(absl::Seconds(2))).Wait()),
            "DEADLINE_EXCEEDED: /test.Plain/Plain: deadline of 2s exceeded while resting after a "
            "refusal by 10.0.0.1:7000");
  EXPECT_EQ(Now() - before, absl::Seconds(2));
}

TEST_F(ResendRest, ACancelEndsItAtOnce) {
  auto channel = Connect(kFirst, options_);
  Call<Text> call = StartPlain(*channel, "x");
  world_.network.RunFor(absl::Seconds(1));
  const Instant before = Now();
  call.Cancel();
  EXPECT_TRUE(absl::IsCancelled(std::move(call).Wait().status()));
  EXPECT_EQ(Now(), before);
}

TEST_F(ResendRest, AChannelThatIsDestroyedEndsItAtOnce) {
  auto channel = Connect(kFirst, options_);
  StartPlain(*channel, "x").Then([](const absl::StatusOr<Text>&) {});
  world_.network.RunFor(absl::Seconds(1));
  const Instant before = Now();
  channel.reset();
  EXPECT_EQ(watch_->ends, 1);
  EXPECT_TRUE(absl::IsCancelled(watch_->last));
  EXPECT_EQ(Now(), before);
}

// --- Not taken by a server that shuts down ---

std::string Goaway(uint32_t last_stream) {
  using namespace dialtone1;
  std::string frame(kHeaderBytes + 4, '\0');
  FrameHeader header = MakeHeader(FrameType::kGoaway, 0, 0, last_stream);
  header.length = 4;
  EncodeHeader(header, frame.data());
  return frame;
}

// A peer that speaks in bytes, beside a server.
class ResendGoaway : public Resend {
 protected:
  ResendGoaway() : loop_(world_.network.NewReactor("raw/0")) {
    OnPeer([&] {
      peer_ = std::make_unique<dialtone1::RawPeer>(world_.network, *loop_);
      std::string hello(dialtone1::kPreface);
      dialtone1::AppendSettingsFrame(dialtone1::Settings(), hello);
      peer_->Send(hello);
    });
  }
  ~ResendGoaway() override {
    OnPeer([&] { peer_.reset(); });
    world_.network.RunFor(absl::Seconds(1));
  }
  void OnPeer(absl::FunctionRef<void()> f) { world_.network.RunOn(*loop_, f); }
  // Begins calls until the peer has got three.
  void Begin(Channel& channel, const std::string& text) {
    auto requests = [&] {
      size_t count = 0;
      for (const auto& frame : peer_->Frames())
        count += frame.type() == dialtone1::FrameType::kRequest;
      return count;
    };
    while (requests() < 3 && calls_.size() < 100) {
      calls_.push_back(StartPlain(channel, absl::StrCat(text, calls_.size())));
      world_.network.RunFor(absl::Milliseconds(1));
    }
    EXPECT_EQ(requests(), 3u);
  }

  // By their load a peer that answers nothing would get one call only.
  static ChannelOptions InTurn() {
    ChannelOptions options;
    options.pick_policy = PickPolicy::kRoundRobin;
    return options;
  }

  std::unique_ptr<Loop> loop_;
  std::unique_ptr<dialtone1::RawPeer> peer_;
  std::vector<Call<Text>> calls_;
};

TEST_F(ResendGoaway, CallsAboveAGoawaysLastStreamGoElsewhereAndThoseBelowDoNot) {
  Host& other = Serve(kSecond, 100);
  auto channel =
      Connect(absl::StrCat("list:", peer_->address().ToString(), ",", kSecond), InTurn());
  Begin(*channel, "");
  OnPeer([&] { peer_->Send(Goaway(1)); });
  world_.network.RunFor(absl::Milliseconds(10));
  OnPeer([&] { peer_->Close(); });
  int lost = 0;
  for (size_t i = 0; i < calls_.size(); ++i) {
    const std::string key = absl::StrCat(i);
    const std::string shown = Show(std::move(calls_[i]).Wait());
    const bool is_lost = shown.rfind("UNAVAILABLE: ", 0) == 0;
    lost += is_lost;
    EXPECT_EQ(other.runs[key], is_lost ? 0 : 1) << key;
    if (!is_lost) {
      EXPECT_EQ(shown, "OK: hello " + key);
    }
  }
  EXPECT_EQ(lost, 1) << "the one that may have run";
}

TEST_F(ResendGoaway, ALargeRequestGoesWhole) {
  // Of which only a part has left: the peer gives no more credit.
  Host& other = Serve(kSecond, 100);
  auto channel =
      Connect(absl::StrCat("list:", peer_->address().ToString(), ",", kSecond), InTurn());
  const std::string large(2'000'000, 'x');
  Begin(*channel, large);
  OnPeer([&] { peer_->Send(Goaway(0)); });
  for (size_t i = 0; i < calls_.size(); ++i) {
    EXPECT_EQ(Show(std::move(calls_[i]).Wait()), absl::StrCat("OK: hello ", large, i));
    EXPECT_EQ(other.runs[absl::StrCat(large, i)], 1);
  }
}

TEST_F(ResendGoaway, ACallWithoutAnotherServerWaitsForTheNextConnection) {
  ChannelOptions options;
  options.limits.handshake_timeout = absl::Seconds(2);
  auto channel = Connect(peer_->address().ToString(), options);
  Begin(*channel, "");
  OnPeer([&] { peer_->Send(Goaway(0)); });
  const Instant before = Now();
  // The connection after it says nothing: a client that connects anew waits for the server first.
  for (Call<Text>& call : calls_) {
    EXPECT_THAT(Show(std::move(call).Wait()), HasSubstr("no answer within 2s"));
  }
  EXPECT_EQ(Now() - before, absl::Seconds(2));
}

class ResendFarAway : public Resend {
 protected:
  ResendFarAway() : Resend(FarAway()) {}
  static SimOptions FarAway() {
    SimOptions options = InstantOptions();
    options.latency_min = options.latency_max = absl::Milliseconds(10);
    return options;
  }
};

TEST_F(ResendFarAway, WhatAServerThatIsGoneHasNotTakenGoesToItsSuccessor) {
  Serve(kFirst, 100);
  auto channel = Connect(kFirst);
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), "OK: hello x");
  const Instant before = Now();
  hosts_.clear();
  Host& successor = Serve(kFirst, 100);
  EXPECT_LT(Now() - before, absl::Milliseconds(10)) << "the client has not heard of it";
  EXPECT_EQ(Show(StartPlain(*channel, "y").Wait()), "OK: hello y");
  EXPECT_EQ(successor.runs["y"], 1);
}

// --- Connections that are lost ---

class ResendSmallBuffers : public Resend {
 protected:
  ResendSmallBuffers() : Resend(SmallBuffers()) {}
  static SimOptions SmallBuffers() {
    SimOptions options = InstantOptions();
    options.buffer_bytes = 1000;
    return options;
  }
};

TEST_F(ResendSmallBuffers, WhatHadNotLeftIsSentAgainAndWhatMayHaveRunIsNot) {
  Host& host = Serve(kFirst, 100);
  auto channel = Connect(kFirst);
  for (Loop* loop : host.runtime.reactors()) world_.network.Pause(*loop);
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 30; ++i) {
    calls.push_back(StartPlain(*channel, absl::StrCat(std::string(100, 'x'), i)));
    world_.network.RunFor(absl::Milliseconds(1));
  }
  EXPECT_EQ(world_.network.ResetConnections(), 1u);
  world_.network.RunFor(absl::Milliseconds(1));
  for (Loop* loop : host.runtime.reactors()) world_.network.Resume(*loop);
  int lost = 0;
  for (int i = 0; i < 30; ++i) {
    const std::string key = absl::StrCat(std::string(100, 'x'), i);
    const std::string shown = Show(std::move(calls[i]).Wait());
    const bool is_lost = shown.rfind("UNAVAILABLE: ", 0) == 0;
    lost += is_lost;
    if (!is_lost) {
      EXPECT_EQ(shown, "OK: hello " + key);
    }
    EXPECT_EQ(host.runs[key], is_lost ? 0 : 1) << "only what had left was lost with the connection";
  }
  EXPECT_GT(lost, 2);
  EXPECT_LT(lost, 15);
}

TEST_F(ResendToSlowWorkers, AServerThatRestsIsTriedWhenNoOtherIsLeft) {
  Serve(kFirst, 100);
  Host& second = Serve(kSecond, 100);
  ChannelOptions options;
  options.outliers.failures_in_row_max = 1;
  options.outliers.rest.initial = absl::Hours(1);
  options.outliers.rest.max = absl::Hours(1);
  auto channel = Connect(kBoth, options);
  std::vector<Call<Text>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(StartPlain(*channel, "lost"));
  world_.network.RunFor(absl::Microseconds(1));
  EXPECT_EQ(world_.network.ResetConnectionsTo(*Address::Parse(kFirst)), 1u);
  int lost = 0;
  for (Call<Text>& call : calls) lost += absl::IsUnavailable(std::move(call).Wait().status());
  EXPECT_GT(lost, 0);
  EXPECT_TRUE(second.server.Shutdown(absl::Seconds(10)).ok());
  EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), "OK: hello x");
}

TEST_F(ResendToSlowWorkers, WhatARunningServerHasTakenIsNotSentAgain) {
  Host& host = Serve(kFirst, 100);
  auto channel = Connect(kFirst);
  Call<Text> call = StartPlain(*channel, "x");
  world_.network.RunFor(absl::Microseconds(1));
  EXPECT_EQ(host.asked->starts, 1);
  EXPECT_EQ(world_.network.ResetConnections(), 1u);
  EXPECT_TRUE(absl::IsUnavailable(std::move(call).Wait().status()));
  world_.network.RunFor(absl::Seconds(10));
  EXPECT_EQ(host.asked->starts, 1);
}

}  // namespace
}  // namespace dialtone::resend_test
