// Observers on both sides: what they are told, in which order, and that they can reject.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dialtone/transport/mutex.h"
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
  ClientNoter(Notes& notes, absl::Status verdict) : notes_(notes), verdict_(std::move(verdict)) {}
  absl::Status OnStart(ClientCallView& call) override {
    notes_.Add("client start " + std::string(call.method.name()));
    EXPECT_TRUE(call.metadata.Add("token", "abc").ok());
    return verdict_;
  }
  void OnMessageOut(const ClientCallView&, const google::protobuf::MessageLite& request) override {
    notes_.Add("client out " + static_cast<const Text&>(request).value());
  }
  void OnMessageIn(const ClientCallView&, const google::protobuf::MessageLite& reply) override {
    notes_.Add("client in " + static_cast<const Text&>(reply).value());
  }
  void OnEnd(const ClientCallView&, const absl::Status& status) override {
    notes_.Add("client end " + absl::StatusCodeToString(status.code()));
  }

 private:
  Notes& notes_;
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

}  // namespace
}  // namespace dialtone
