// For tests that count what calls do: a service whose messages hold a number alone, since the strings of a
// message are its own to allocate; a server, a channel to it, and another server between them.
#pragma once

#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "counted_stacks.h"
#include "dialtone/rpc/call.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/server.h"
#include "dialtone/rpc/service.h"

namespace dialtone {

using Number = google::protobuf::Int64Value;

inline constexpr Method kPlain{"/test.Numbers/Plain", MethodKind::kUnary};
inline constexpr Method kCoroutine{"/test.Numbers/Coroutine", MethodKind::kUnary};
inline constexpr Method kForward{"/test.Relay/Forward", MethodKind::kUnary};

// "": it came, and is the right one.
inline std::string WrongWith(const absl::StatusOr<Number>& reply, int64_t sent) {
  if (!reply.ok()) return reply.status().ToString();
  return reply->value() == sent ? "" : "another call's reply";
}

// Sends the number back. Handlers run on the server's reactor, which learns so whom it works for.
class Numbers final : public Service {
 public:
  Numbers() : Service("test.Numbers") {
    AddMethod<&Numbers::Plain>(kPlain);
    AddMethod<&Numbers::Coroutine>(kCoroutine);
  }

 private:
  absl::Status Plain(ServerCall&, const Number& request, Number& reply) {
    WorkFor(Side::kServer);
    reply.set_value(request.value());
    return absl::OkStatus();
  }
  Task<absl::Status> Coroutine(ServerCall&, const Number& request, Number& reply) {
    WorkFor(Side::kServer);
    reply.set_value(request.value());
    co_return absl::OkStatus();
  }
};

// Asks another server for its answer, on a connection of its own reactor.
class Relay final : public Service {
 public:
  explicit Relay(std::function<Call<Number>(int64_t)> ask)
      : Service("test.Relay"), ask_(std::move(ask)) {
    AddMethod<&Relay::Forward>(kForward);
  }

 private:
  Task<absl::Status> Forward(ServerCall&, const Number& request, Number& reply) {
    WorkFor(Side::kServer);
    absl::StatusOr<Number> answer = co_await ask_(request.value());
    if (!answer.ok()) co_return answer.status();
    reply.set_value(answer->value());
    co_return absl::OkStatus();
  }
  const std::function<Call<Number>(int64_t)> ask_;
};

inline RuntimeOptions Reactors(int reactors) {
  RuntimeOptions options;
  options.reactors = reactors;
  return options;
}

// A server with Service, started on a port of its own.
struct CountedServer {
  CountedServer(Runtime& runtime, std::unique_ptr<Service> service) : server(With(runtime)) {
    server.Add(std::move(service));
    const auto bound = server.Listen("127.0.0.1:0");
    EXPECT_TRUE(bound.ok()) << bound.status();
    target = bound->ToString();
    EXPECT_TRUE(server.Start().ok());
  }
  static ServerOptions With(Runtime& runtime) {
    ServerOptions options;
    options.runtime = &runtime;
    return options;
  }

  Server server;
  std::string target;
};

inline std::unique_ptr<Channel> ChannelOf(Runtime& runtime, const std::string& target) {
  ChannelOptions options;
  options.runtime = &runtime;
  return std::make_unique<Channel>(target, options);
}

inline constexpr int kWarmUpCalls = 4000;
inline constexpr int kCalls = 1000;

// Calls over sockets; server and client have threads of their own. Tests run with `false` for plain handlers,
// with `true` for coroutines.
class CountedCalls : public testing::TestWithParam<bool> {
 protected:
  const Method& method() const { return GetParam() ? kCoroutine : kPlain; }
  Call<Number> Start(Channel& channel, int64_t value) { return Start(channel, method(), value); }
  Call<Number> Start(int64_t value) { return Start(*channel_, value); }
  static Call<Number> Start(Channel& channel, const Method& method, int64_t value) {
    Number request;
    request.set_value(value);
    return Call<Number>(channel, method, request, CallOptions());
  }

  // What `make_calls(n)`, which makes n calls and has seen them end, does once all is warm.
  static SideCounts Count(const std::function<void(int)>& make_calls) {
    make_calls(kWarmUpCalls);
    BeginCounting();
    make_calls(kCalls);
    return EndCounting();
  }
  static void ExpectAtMost(const SideCounts& counted, size_t client_max, size_t server_max) {
    EXPECT_LE(counted.client, client_max) << "while " << kCalls << " calls were made";
    EXPECT_LE(counted.server, server_max) << "while " << kCalls << " calls were made";
    if (HasFailure()) std::fputs(DescribeCounted().c_str(), stderr);
  }

  void BlockingCalls(int calls) {
    for (int i = 0; i < calls; ++i) ASSERT_EQ(WrongWith(Start(i).Wait(), i), "");
  }

  Runtime server_runtime_{Reactors(1)};
  Runtime client_runtime_{Reactors(1)};
  CountedServer server_{server_runtime_, std::make_unique<Numbers>()};
  std::unique_ptr<Channel> channel_ = ChannelOf(client_runtime_, server_.target);
};

inline std::string HandlerName(const testing::TestParamInfo<bool>& tested) {
  return tested.param ? "Coroutine" : "Plain";
}

}  // namespace dialtone
