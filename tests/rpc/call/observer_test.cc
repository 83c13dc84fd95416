// Observers on both sides: what they are told, in which order, and that they can reject.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dialtone/transport/mutex.h"
#include "grpc/health/v1/health.dialtone.h"
#include "real_server.h"

namespace dialtone {
namespace {

using testing::ElementsAre;

// What both sides' observers have noted, in order.
class Notes {
 public:
  void Add(std::string note) {
    MutexLock lock(mutex_);
    notes_.push_back(std::move(note));
  }
  std::vector<std::string> all() {
    MutexLock lock(mutex_);
    return notes_;
  }

 private:
  Mutex mutex_;
  std::vector<std::string> notes_ ABSL_GUARDED_BY(mutex_);
};

class ServerNoter final : public ServerObserver {
 public:
  ServerNoter(Notes& notes, std::string name, absl::Status verdict = absl::OkStatus())
      : notes_(notes), name_(std::move(name)), verdict_(std::move(verdict)) {}
  absl::Status OnStart(ServerCall& call) override {
    notes_.Add(name_ + " start " + std::string(call.metadata().Get("token").value_or("none")));
    return verdict_;
  }
  void OnMessageIn(ServerCall&, const google::protobuf::MessageLite& request) override {
    notes_.Add(name_ + " in " + static_cast<const Text&>(request).value());
  }
  void OnMessageOut(ServerCall&, const google::protobuf::MessageLite& reply) override {
    notes_.Add(name_ + " out " + static_cast<const Text&>(reply).value());
  }
  void OnEnd(ServerCall&, const absl::Status& status) override {
    notes_.Add(name_ + " end " + absl::StatusCodeToString(status.code()));
  }

 private:
  Notes& notes_;
  const std::string name_;
  const absl::Status verdict_;
};

class ClientNoter final : public ClientObserver {
 public:
  ClientNoter(Notes& notes, absl::Status verdict, std::string name = "client")
      : notes_(notes), name_(std::move(name)), verdict_(std::move(verdict)) {}
  absl::Status OnStart(ClientCallView& call) override {
    notes_.Add(name_ + " start " + std::string(call.method.name()));
    EXPECT_TRUE(call.metadata.Add("token", "abc").ok());
    return verdict_;
  }
  void OnMessageOut(const ClientCallView&, const google::protobuf::MessageLite& request) override {
    notes_.Add(name_ + " out " + static_cast<const Text&>(request).value());
  }
  void OnMessageIn(const ClientCallView&, const google::protobuf::MessageLite& reply) override {
    notes_.Add(name_ + " in " + static_cast<const Text&>(reply).value());
  }
  void OnEnd(const ClientCallView&, const absl::Status& status) override {
    notes_.Add(name_ + " end " + absl::StatusCodeToString(status.code()));
  }

 private:
  Notes& notes_;
  const std::string name_;
  const absl::Status verdict_;
};

std::vector<std::string> NotesOfOneCall(
    Notes& notes, std::vector<std::shared_ptr<ServerObserver>> server_observers,
    absl::Status client_verdict, std::string expected) {
  ServerOptions options;
  options.observers = std::move(server_observers);
  RealServer real(Hello, PlainHello, false, RealServer::TwoReactors(), options);
  ChannelOptions channel_options = real.ClientOptions();
  channel_options.observers.push_back(
      std::make_shared<ClientNoter>(notes, std::move(client_verdict)));
  Channel channel(real.target, channel_options);
  EXPECT_EQ(Show(StartCoroutine(channel, "a").Wait()), expected);
  return notes.all();
}

TEST(Observer, IsToldOfEachStepInOrderAndOfEndsInReverse) {
  Notes notes;
  EXPECT_THAT(
      NotesOfOneCall(notes,
                     {std::make_shared<ServerNoter>(notes, "first"),
                      std::make_shared<ServerNoter>(notes, "second")},
                     absl::OkStatus(), "OK: hello a"),
      ElementsAre("client start Coroutine", "client out a", "first start abc", "second start abc",
                  "first in a", "second in a", "first out hello a", "second out hello a",
                  "second end OK", "first end OK", "client in hello a", "client end OK"));
}

TEST(Observer, OnAServerRejectsBeforeTheHandler) {
  Notes notes;
  EXPECT_THAT(
      NotesOfOneCall(
          notes,
          {std::make_shared<ServerNoter>(notes, "first"),
           std::make_shared<ServerNoter>(notes, "second", absl::UnauthenticatedError("no token")),
           std::make_shared<ServerNoter>(notes, "third")},
          absl::OkStatus(), "UNAUTHENTICATED: no token"),
      ElementsAre("client start Coroutine", "client out a", "first start abc", "second start abc",
                  "first end UNAUTHENTICATED", "client end UNAUTHENTICATED"));
}

TEST(Observer, OnAChannelRejectsBeforeTheCallLeaves) {
  Notes notes;
  EXPECT_THAT(NotesOfOneCall(notes, {std::make_shared<ServerNoter>(notes, "first")},
                             absl::PermissionDeniedError("not you"), "PERMISSION_DENIED: not you"),
              ElementsAre("client start Coroutine"));
}

TEST(Observer, SeveralOnAChannelAreToldInOrderAndOfEndsInReverse) {
  Notes notes;
  RealServer real;
  ChannelOptions options = real.ClientOptions();
  options.observers = {std::make_shared<ClientNoter>(notes, absl::OkStatus(), "first"),
                       std::make_shared<ClientNoter>(notes, absl::OkStatus(), "second")};
  Channel channel(real.target, options);
  EXPECT_EQ(Show(StartCoroutine(channel, "a").Wait()), "OK: hello a");
  EXPECT_THAT(notes.all(), ElementsAre("first start Coroutine", "second start Coroutine",
                                       "first out a", "second out a", "first in hello a",
                                       "second in hello a", "second end OK", "first end OK"));
}

TEST(Observer, OneOnAChannelThatRejectsEndsTheCallForThoseBeforeIt) {
  Notes notes;
  RealServer real;
  ChannelOptions options = real.ClientOptions();
  options.observers = {
      std::make_shared<ClientNoter>(notes, absl::OkStatus(), "first"),
      std::make_shared<ClientNoter>(notes, absl::PermissionDeniedError("not you"), "second"),
      std::make_shared<ClientNoter>(notes, absl::OkStatus(), "third")};
  Channel channel(real.target, options);
  EXPECT_EQ(Show(StartCoroutine(channel, "a").Wait()), "PERMISSION_DENIED: not you");
  EXPECT_THAT(notes.all(), ElementsAre("first start Coroutine", "second start Coroutine",
                                       "first end PERMISSION_DENIED"));
}

// What an observer sees is what travels and what the handler gets, not a copy of it.
class KeepsMessages final : public ServerObserver {
 public:
  void OnMessageIn(ServerCall&, const google::protobuf::MessageLite& request) override {
    seen_in = &request;
  }
  void OnMessageOut(ServerCall&, const google::protobuf::MessageLite& reply) override {
    seen_out = &reply;
  }
  const google::protobuf::MessageLite* seen_in = nullptr;
  const google::protobuf::MessageLite* seen_out = nullptr;
};

TEST(Observer, SeesTheMessagesThemselves) {
  const auto observer = std::make_shared<KeepsMessages>();
  ServerOptions options;
  options.observers.push_back(observer);
  const google::protobuf::MessageLite* handled = nullptr;
  const google::protobuf::MessageLite* answered = nullptr;
  RealServer real(
      Hello,
      [&](ServerCall&, const Text& request, Text& reply) {
        handled = &request;
        answered = &reply;
        return absl::OkStatus();
      },
      false, RealServer::TwoReactors(), options);
  Channel channel(real.target, real.ClientOptions());
  EXPECT_TRUE(StartPlain(channel, "a").Wait().ok());
  EXPECT_EQ(observer->seen_in, handled);
  EXPECT_EQ(observer->seen_out, answered);
}

// Keeps the context of the first call that ends.
class KeepsContext final : public ServerObserver {
 public:
  void OnEnd(ServerCall& call, const absl::Status&) override {
    MutexLock lock(mutex_);
    if (kept_.state() == nullptr) kept_ = call.context();
  }
  Context kept() {
    MutexLock lock(mutex_);
    return kept_;
  }

 private:
  Mutex mutex_;
  Context kept_ ABSL_GUARDED_BY(mutex_);
};

TEST(Observer, KeepsAContextThatNoLaterCallShares) {
  auto keeps = std::make_shared<KeepsContext>();
  ServerOptions server_options;
  server_options.observers.push_back(keeps);
  bool shared = false;
  RealServer real(
      [&](ServerCall& call, const Text& request, Text&) -> Task<absl::Status> {
        if (request.value() == "again") shared = call.context().state() == keeps->kept().state();
        co_return absl::OkStatus();
      },
      PlainHello, false, RealServer::TwoReactors(), server_options);
  Channel channel(real.target, real.ClientOptions());
  EXPECT_TRUE(StartCoroutine(channel, "first", Timeout(absl::Seconds(100))).Wait().ok());
  const Instant deadline = keeps->kept().deadline();
  EXPECT_TRUE(StartCoroutine(channel, "again", Timeout(absl::Seconds(10))).Wait().ok());
  EXPECT_FALSE(shared);
  EXPECT_EQ(keeps->kept().deadline(), deadline);
  EXPECT_FALSE(keeps->kept().cancelled());
}

class AddsMetadata final : public ServerObserver {
  absl::Status OnStart(ServerCall& call) override {
    return call.initial_metadata().Add("started", "yes");
  }
  void OnEnd(ServerCall& call, const absl::Status&) override {
    EXPECT_TRUE(call.trailing_metadata().Add("ended", "yes").ok());
  }
};

TEST(Observer, OnAServerAddsMetadataAtTheStartAndAtTheEnd) {
  ServerOptions options;
  options.observers.push_back(std::make_shared<AddsMetadata>());
  RealServer real(Hello, PlainHello, false, RealServer::TwoReactors(), options);
  Channel channel(real.target, real.ClientOptions());
  CallInfo info;
  EXPECT_TRUE(StartPlain(channel, "a").Capture(info).Wait().ok());
  EXPECT_EQ(info.initial_metadata.Get("started"), "yes");
  EXPECT_EQ(info.trailing_metadata.Get("ended"), "yes");
}

// As README shows it.
class TokenCheck final : public ServerObserver {
  absl::Status OnStart(ServerCall& call) override {
    if (call.metadata().Get("authorization") == "Bearer abc") return absl::OkStatus();
    if (call.method() == "/grpc.health.v1.Health/Check") return absl::OkStatus();
    return absl::UnauthenticatedError("no valid token");
  }
};

TEST(Observer, ThatAsksForATokenLetsThoseInWhoHaveIt) {
  ServerOptions options;
  options.observers.push_back(std::make_shared<TokenCheck>());
  RealServer real(Hello, PlainHello, false, RealServer::TwoReactors(), options);
  Channel channel(real.target, real.ClientOptions());
  CallOptions with_token;
  EXPECT_TRUE(with_token.metadata.Add("authorization", "Bearer abc").ok());
  EXPECT_EQ(Show(StartPlain(channel, "a", with_token).Wait()), "OK: hello a");
  EXPECT_EQ(Show(StartPlain(channel, "a").Wait()), "UNAUTHENTICATED: no valid token");
  grpc::health::v1::HealthCheckRequest overall;
  EXPECT_TRUE(grpc::health::v1::Health::Client(channel).Check(overall).Wait().ok());
}

}  // namespace
}  // namespace dialtone
