// Observers on both sides: what they are told, in which order, and that they can reject.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "call_fixture.h"
#include "dialtone/transport/log_kind.h"
#include "dialtone/transport/mutex.h"
#include "grpc/health/v1/health.dialtone.h"

namespace dialtone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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

// Throws from all that it is asked to, and notes what it is told.
class Throws final : public ServerObserver, public ClientObserver {
 public:
  explicit Throws(std::string from) : from_(std::move(from)) {}
  absl::Status OnStart(ServerCall&) override { return Start(); }
  void OnMessageIn(ServerCall&, const google::protobuf::MessageLite&) override { Tell("in"); }
  void OnMessageOut(ServerCall&, const google::protobuf::MessageLite&) override { Tell("out"); }
  void OnEnd(ServerCall&, const absl::Status&) override { Tell("end"); }
  absl::Status OnStart(ClientCallView&) override { return Start(); }
  bool WantsWritten() const override { return true; }
  void OnMessageOut(const ClientCallView&, const google::protobuf::MessageLite&) override {
    Tell("out");
  }
  void OnWritten(const ClientCallView&, const Address&, Instant) override { Tell("written"); }
  void OnMessageIn(const ClientCallView&, const google::protobuf::MessageLite&) override {
    Tell("in");
  }
  void OnEnd(const ClientCallView&, const absl::Status&) override { Tell("end"); }

 private:
  absl::Status Start() { return Tell("start"), absl::OkStatus(); }
  void Tell(const std::string& step) {
    if (from_ == step) throw std::runtime_error("at the " + step);
    if (from_ == "all" && step != "start") throw 7;
  }
  const std::string from_;
};

class ObserversThatThrow : public BothWays {
 protected:
  ObserversThatThrow() { SetLogRepeatsMax(1000); }  // other tests may have used up this second's
  ~ObserversThatThrow() override { SetLogRepeatsMax(LogKind::kPerSecondMax); }
  // One that notes before it, and one behind it.
  template <class Noter, class Observers, class... Args>
  void Surround(Observers& observers, const std::string& from, Args... args) {
    observers.push_back(std::make_shared<Noter>(notes_, args..., "first"));
    observers.push_back(std::make_shared<Throws>(from));
    observers.push_back(std::make_shared<Noter>(notes_, args..., "last"));
  }
  LogLines log_;
  Notes notes_;
};
INSTANTIATE_TEST_SUITE_P(Networks, ObserversThatThrow, testing::Bool(), NetworkName);

struct NotesAtServer final : ServerObserver {
  NotesAtServer(Notes& to, std::string its_name) : notes(to), name(std::move(its_name)) {}
  void OnEnd(ServerCall&, const absl::Status& status) override {
    notes.Add(name + " end " + absl::StatusCodeToString(status.code()));
  }
  Notes& notes;
  const std::string name;
};

TEST_P(ObserversThatThrow, AtTheStartOnAServerEndTheirCall) {
  ServerOptions options;
  Surround<NotesAtServer>(options.observers, "start");
  Serve(Hello, PlainHello, false, RealServer::TwoReactors(), options);
  const auto channel = MakeChannel();
  for (const bool plain : {false, true}) {
    EXPECT_EQ(Show(plain ? StartPlain(*channel, "a").Wait() : StartCoroutine(*channel, "a").Wait()),
              absl::StrCat("INTERNAL: ", plain ? "/test.Plain/Plain" : "/test.Service/Coroutine",
                           ": an observer threw an exception"));
  }
  EXPECT_THAT(notes_.all(), ElementsAre("first end INTERNAL", "first end INTERNAL"));
  EXPECT_THAT(log_.text(), HasSubstr("observer of /test.Plain/Plain threw: at the start"));
}

TEST_P(ObserversThatThrow, LaterOnAServerHoldNothingUp) {
  for (const std::string from : {"in", "out", "end", "all"}) {
    ServerOptions options;
    Surround<NotesAtServer>(options.observers, from);
    Serve(Hello, PlainHello, false, RealServer::TwoReactors(), options);
    const auto channel = MakeChannel();
    EXPECT_EQ(Show(StartCoroutine(*channel, "a").Wait()), "OK: hello a") << from;
    if (from == "all") continue;
    EXPECT_THAT(log_.text(), HasSubstr("an observer threw: at the " + from));
  }
  EXPECT_EQ(notes_.all().size(), 8u) << "both others are told of each end";
}

TEST_P(ObserversThatThrow, AtTheStartOnAChannelEndTheirCall) {
  Serve();
  ChannelOptions options;
  Surround<ClientNoter>(options.observers, "start", absl::OkStatus());
  const auto channel = MakeChannel(options);
  EXPECT_EQ(Show(StartPlain(*channel, "a").Wait()),
            "INTERNAL: /test.Plain/Plain: an observer threw an exception");
  EXPECT_THAT(notes_.all(), ElementsAre("first start Plain", "first end INTERNAL"));
  EXPECT_THAT(log_.text(), HasSubstr("observer of /test.Plain/Plain threw: at the start"));
}

TEST_P(ObserversThatThrow, LaterOnAChannelHoldNothingUp) {
  Serve();
  for (const std::string from : {"out", "written", "in", "end", "all"}) {
    ChannelOptions options;
    options.observers.push_back(std::make_shared<Throws>(from));
    options.observers.push_back(std::make_shared<ClientNoter>(notes_, absl::OkStatus()));
    const auto channel = MakeChannel(options);
    EXPECT_EQ(Show(StartPlain(*channel, "a").Wait()), "OK: hello a") << from;
    if (from == "all" || (from == "written" && GetParam())) continue;
    EXPECT_THAT(log_.text(), HasSubstr("an observer threw: at the " + from));
  }
  EXPECT_EQ(notes_.all().size(), 20u) << "the other is told of four steps of each call";
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
