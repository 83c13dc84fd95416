// Servers in virtual time that do with the first, second, third … attempt of a call what a test says,
// whichever of them each attempt goes to.
#pragma once

#include <gmock/gmock.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "count_calls.h"
#include "dialtone/rpc/sleep.h"
#include "sim_servers.h"

namespace dialtone {

// The service's method as different .protos may declare it.
inline constexpr Method kReadMethod{"/test.Service/Coroutine", MethodKind::kUnary,
                                    Idempotency::kNoSideEffects};
inline constexpr Method kWriteMethod{"/test.Service/Coroutine", MethodKind::kUnary,
                                     Idempotency::kIdempotent};

class AttemptsTest : public testing::Test {
 protected:
  // What an attempt meets.
  struct Meets {
    absl::Duration takes;
    absl::Status status;
    std::optional<absl::Duration> pushback;
  };
  // What became of an attempt.
  struct Attempt {
    std::string server;
    int64_t milliseconds = 0;  // when it came, since Connect() or Restart()
    bool cancelled = false;
  };

  static Meets Fails(absl::Status status = absl::UnavailableError("busy")) {
    return {absl::ZeroDuration(), std::move(status), std::nullopt};
  }
  static Meets Answers(absl::Duration after = absl::ZeroDuration()) {
    return {after, absl::OkStatus(), std::nullopt};
  }

  // Servers 10.0.0.1 … 10.0.0.n, port 7000; a channel to all of them, connected.
  std::unique_ptr<Channel> Connect(int servers, ChannelOptions options = ChannelOptions()) {
    std::vector<std::string> addresses;
    for (int i = 1; i <= servers; ++i) {
      addresses.push_back(absl::StrCat("10.0.0.", i, ":7000"));
      Serve(addresses.back(), limits_[i]);
    }
    options.runtime = &world_.runtime;
    options.observers.push_back(watch_);
    auto channel = std::make_unique<Channel>("list:" + absl::StrJoin(addresses, ","), options);
    EXPECT_TRUE(channel->WaitUntilReady(absl::Seconds(1)));
    world_.network.RunFor(absl::Milliseconds(1));
    Restart();
    return channel;
  }
  void Serve(const std::string& address, const ConnectionLimits& limits = ConnectionLimits()) {
    ServerOptions options = SimServer::With(world_.runtime);
    options.limits = limits;
    servers_.push_back(std::make_unique<Server>(options));
    servers_.back()->Add(std::make_unique<CoroutineService>(
        [this, address](ServerCall& call, const Text&, Text& reply) {
          return Handle(address, call, reply);
        }));
    EXPECT_TRUE(servers_.back()->Listen(address).ok());
    EXPECT_TRUE(servers_.back()->Start().ok());
  }
  // Puts the attempts so far aside, whose handlers may still run. Keeps the script.
  void Restart() {
    earlier_.push_back(std::exchange(attempts_, {}));
    began_ = world_.network.Now();
  }
  int64_t Milliseconds() const { return absl::ToInt64Milliseconds(world_.network.Now() - began_); }
  void RunFor(absl::Duration time) { world_.network.RunFor(time); }

  static Call<Text> Start(Channel& channel, const CallOptions& options = CallOptions(),
                          const Method& method = kReadMethod) {
    return Call<Text>(channel, method, MakeText("x"), options);
  }
  // "OK: hello", or how it failed.
  std::string Ask(Channel& channel, const CallOptions& options = CallOptions(),
                  const Method& method = kReadMethod) {
    return Show(Start(channel, options, method).Capture(info_).Wait());
  }
  // When attempts came, in milliseconds.
  std::vector<int64_t> Times() const {
    std::vector<int64_t> times;
    for (const Attempt& attempt : attempts_) times.push_back(attempt.milliseconds);
    return times;
  }
  // Waits without jitter: 20, 40, 80 … ms.
  static RetryOptions Steady() {
    RetryOptions retry;
    retry.backoff.jitter = 0;
    return retry;
  }
  static ChannelOptions WithSteadyRetries() {
    ChannelOptions options;
    options.retry = Steady();
    return options;
  }

  SimProcess world_;
  std::shared_ptr<CountCalls> watch_ = std::make_shared<CountCalls>();
  std::map<int, ConnectionLimits> limits_;  // of the n-th server, before Connect()
  std::vector<Meets> script_;  // what the n-th attempt meets; its last entry goes for all further
  std::deque<Attempt> attempts_;  // in the order of their coming
  std::vector<std::deque<Attempt>> earlier_;
  CallInfo info_;
  // Goes before the others, which its handlers use.
  std::vector<std::unique_ptr<Server>> servers_;

 private:
  Task<absl::Status> Handle(const std::string& address, ServerCall& call, Text& reply) {
    const Meets meets = script_[std::min(attempts_.size(), script_.size() - 1)];
    Attempt& attempt = attempts_.emplace_back();
    attempt.server = address;
    attempt.milliseconds = Milliseconds();
    if (meets.takes > absl::ZeroDuration()) {
      const absl::Status slept = co_await Sleep(meets.takes);
      attempt.cancelled = !slept.ok();
      if (!slept.ok()) co_return slept;
    }
    if (meets.pushback.has_value()) call.set_retry_pushback(*meets.pushback);
    reply.set_value("hello");
    co_return meets.status;
  }

  Instant began_;
};

}  // namespace dialtone
