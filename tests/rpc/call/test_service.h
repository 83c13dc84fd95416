// A service for tests whose handlers are functions that each test writes; its messages are
// StringValue, so that tests of calls depend on no generated code of this project.
#pragma once

#include <google/protobuf/wrappers.pb.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "dialtone/rpc/call.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/server.h"
#include "dialtone/rpc/service.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone {

using Text = google::protobuf::StringValue;

inline Text MakeText(std::string text) {
  Text message;
  message.set_value(std::move(text));
  return message;
}

inline constexpr Method kCoroutineMethod{"/test.Service/Coroutine", MethodKind::kUnary};
inline constexpr Method kPlainMethod{"/test.Plain/Plain", MethodKind::kUnary};
inline constexpr Method kMissingMethod{"/test.Service/Missing", MethodKind::kUnary};

using CoroutineHandler =
    std::function<Task<absl::Status>(ServerCall& call, const Text& request, Text& reply)>;
using PlainHandler =
    std::function<absl::Status(ServerCall& call, const Text& request, Text& reply)>;

class CoroutineService final : public Service {
 public:
  explicit CoroutineService(CoroutineHandler handler)
      : Service("test.Service"), handler_(std::move(handler)) {
    AddMethod<&CoroutineService::Handle>(kCoroutineMethod);
  }

 private:
  Task<absl::Status> Handle(ServerCall& call, const Text& request, Text& reply) {
    return handler_(call, request, reply);
  }
  CoroutineHandler handler_;
};

class PlainService final : public Service {
 public:
  explicit PlainService(PlainHandler handler)
      : Service("test.Plain"), handler_(std::move(handler)) {
    AddMethod<&PlainService::Handle>(kPlainMethod);
  }

 private:
  absl::Status Handle(ServerCall& call, const Text& request, Text& reply) {
    return handler_(call, request, reply);
  }
  PlainHandler handler_;
};

// Answers "hello <request>".
inline Task<absl::Status> Hello(ServerCall&, const Text& request, Text& reply) {
  reply.set_value("hello " + request.value());
  co_return absl::OkStatus();
}
inline absl::Status PlainHello(ServerCall&, const Text& request, Text& reply) {
  reply.set_value("hello " + request.value());
  return absl::OkStatus();
}

// Adds more initial metadata than clients take to every call, before its request is looked at.
class LongAnswers final : public ServerObserver {
  absl::Status OnStart(ServerCall& call) override {
    return call.initial_metadata().Add("k", std::string(20'000, 'v'));
  }
};

inline Call<Text> StartCoroutine(Channel& channel, const std::string& text,
                                 const CallOptions& options = CallOptions()) {
  return Call<Text>(channel, kCoroutineMethod, MakeText(text), options);
}
inline Call<Text> StartPlain(Channel& channel, const std::string& text,
                             const CallOptions& options = CallOptions()) {
  return Call<Text>(channel, kPlainMethod, MakeText(text), options);
}

// "OK: text", or "CODE: message": for readable expectations.
inline std::string Show(const absl::StatusOr<Text>& reply) {
  if (reply.ok()) return "OK: " + reply->value();
  return absl::StatusCodeToString(reply.status().code()) + ": " +
         std::string(ToStd(reply.status().message()));
}

}  // namespace dialtone
