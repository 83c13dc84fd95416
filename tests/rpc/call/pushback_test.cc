// What a server says about further attempts reaches its client: over sockets and in process, from
// handlers, and with refusals.
#include <gmock/gmock.h>

#include <atomic>

#include "call_fixture.h"
#include "sim_servers.h"

namespace dialtone {
namespace {

using testing::HasSubstr;

// --- From a handler ---

class Pushback : public BothWays {
 protected:
  // A channel that by itself would wait too long for any test.
  std::unique_ptr<Channel> MakePatientChannel() {
    ChannelOptions options;
    options.retry.backoff.initial = options.retry.backoff.max = absl::Hours(1);
    return MakeChannel(options);
  }
  static CallOptions MayRunTwice() {
    return CallOptions().set_retry(Patient()).set_timeout(absl::InfiniteDuration());
  }
  static RetryOptions Patient() {
    RetryOptions retry;
    retry.backoff.initial = retry.backoff.max = absl::Hours(1);
    return retry;
  }
  std::atomic<int> runs_{0};
};
INSTANTIATE_TEST_SUITE_P(Networks, Pushback, testing::Bool(), NetworkName);

TEST_P(Pushback, ReplacesTheClientsBackoff) {
  Serve(Hello, [this](ServerCall& call, const Text&, Text& reply) {
    reply.set_value("at last");
    if (++runs_ == 3) return absl::OkStatus();
    call.set_retry_pushback(absl::Milliseconds(runs_ == 1 ? 0 : 20));
    return absl::UnavailableError("busy");
  });
  auto channel = MakePatientChannel();
  const Instant before = real().runtime.network().Now();
  CallInfo info;
  EXPECT_EQ(Show(StartPlain(*channel, "x", MayRunTwice()).Capture(info).Wait()), "OK: at last");
  EXPECT_GE(real().runtime.network().Now() - before, absl::Milliseconds(20));
  EXPECT_EQ(info.attempts, 3u);
  EXPECT_EQ(channel->stats().retries, 2u);
}

TEST_P(Pushback, EndsTheCall) {
  Serve(Hello, [this](ServerCall& call, const Text&, Text&) {
    ++runs_;
    call.set_retry_pushback(absl::InfiniteDuration());
    return absl::UnavailableError("busy");
  });
  auto channel = MakePatientChannel();
  EXPECT_EQ(Show(StartPlain(*channel, "x", MayRunTwice()).Wait()),
            "UNAVAILABLE: busy; not tried again: its server asks not to");
  EXPECT_EQ(runs_, 1);
}

TEST_P(Pushback, BelongsToOneCall) {
  Serve(Hello, [this](ServerCall& call, const Text&, Text&) {
    if (++runs_ == 1) call.set_retry_pushback(absl::InfiniteDuration());
    return absl::UnavailableError("busy");
  });
  auto channel = MakeChannel();
  EXPECT_EQ(Show(StartPlain(*channel, "x", CallOptions().set_retry(RetryOptions())).Wait()),
            "UNAVAILABLE: busy; not tried again: its server asks not to");
  EXPECT_THAT(Show(StartPlain(*channel, "x", CallOptions().set_retry(RetryOptions())).Wait()),
              HasSubstr("tried 3 times"));
}

// --- With a refusal: in virtual time ---

// A server whose workers have no room, and say when they may have.
class RefusedWithPushback : public testing::Test {
 protected:
  struct SayWhen final : ServerObserver {
    absl::Status OnStart(ServerCall& call) override {
      ++starts;
      call.set_retry_pushback(after);
      return absl::OkStatus();
    }
    absl::Duration after;
    int starts = 0;
  };

  RefusedWithPushback() : world_(InstantOptions(), NoRoom()), server_(With()) {
    ServiceOptions on_workers;
    on_workers.run_on_workers = true;
    server_.Add(std::make_unique<PlainService>(PlainHello), on_workers);
    EXPECT_TRUE(server_.Listen("10.0.0.1:7000").ok());
    EXPECT_TRUE(server_.Start().ok());
    channel_ = std::make_unique<Channel>("10.0.0.1:7000", world_.ClientOptions());
  }
  static RuntimeOptions NoRoom() {
    RuntimeOptions options = SimProcess::TwoReactors();
    options.worker_queue_max = 0;
    return options;
  }
  ServerOptions With() {
    ServerOptions options = SimServer::With(world_.runtime);
    options.observers.push_back(say_when_);
    return options;
  }
  std::string Ask(absl::Duration timeout = absl::InfiniteDuration()) {
    return Show(StartPlain(*channel_, "x", Timeout(timeout)).Wait());
  }

  SimProcess world_;
  std::shared_ptr<SayWhen> say_when_ = std::make_shared<SayWhen>();
  Server server_;
  std::unique_ptr<Channel> channel_;
};

TEST_F(RefusedWithPushback, ACallRestsForAsLongAsTheServerAsks) {
  say_when_->after = absl::Seconds(7);
  const Instant before = world_.network.Now();
  EXPECT_THAT(Ask(), HasSubstr("sent again 5 times (ResendOptions::max)"));
  EXPECT_EQ(absl::ToInt64Seconds(world_.network.Now() - before), 35);
  EXPECT_EQ(say_when_->starts, 6);
  EXPECT_EQ(channel_->stats().resends, 5u);
}

TEST_F(RefusedWithPushback, OrIsNotSentAgain) {
  say_when_->after = absl::InfiniteDuration();
  EXPECT_THAT(Ask(), HasSubstr("; not sent again: its server asks not to"));
  say_when_->after = absl::Seconds(61);
  EXPECT_THAT(Ask(), HasSubstr("; not sent again: its server asks for a longer wait than "
                               "RetryOptions::pushback_max"));
  say_when_->after = absl::Seconds(10);
  EXPECT_THAT(Ask(absl::Seconds(10)), HasSubstr("; not sent again: its deadline comes first"));
  EXPECT_EQ(say_when_->starts, 3);
  EXPECT_EQ(channel_->stats().resends, 0u);
}

}  // namespace
}  // namespace dialtone
