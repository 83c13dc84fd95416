// The base of generated services: which methods there are, and how each is called. Users derive
// from the generated classes, not from this one.
#pragma once

#include <google/protobuf/message_lite.h>

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "dialtone/rpc/internal/message_type.h"
#include "dialtone/rpc/method.h"
#include "dialtone/rpc/server_call.h"
#include "dialtone/rpc/task.h"

namespace dialtone {

class Service;

namespace internal {

// A method and the function that runs its handler: exactly one of `coroutine` and `plain` is set.
struct MethodHandler {
  const Method* method;
  MessageType request;
  MessageType reply;
  Task<absl::Status> (*coroutine)(Service& service, ServerCall& call,
                                  const google::protobuf::MessageLite& request,
                                  google::protobuf::MessageLite& reply);
  absl::Status (*plain)(Service& service, ServerCall& call,
                        const google::protobuf::MessageLite& request,
                        google::protobuf::MessageLite& reply);
};

// Makes a MethodHandler of a handler's member function.
template <auto kMember>
struct HandlerOf;

template <class S, class Request, class Reply,
          Task<absl::Status> (S::*kMember)(ServerCall&, const Request&, Reply&)>
struct HandlerOf<kMember> {
  static Task<absl::Status> Run(Service& service, ServerCall& call,
                                const google::protobuf::MessageLite& request,
                                google::protobuf::MessageLite& reply) {
    return (static_cast<S&>(service).*kMember)(call, static_cast<const Request&>(request),
                                               static_cast<Reply&>(reply));
  }
  static MethodHandler Make(const Method& method) {
    return {&method, kMessageType<Request>, kMessageType<Reply>, &Run, nullptr};
  }
};

template <class S, class Request, class Reply,
          absl::Status (S::*kMember)(ServerCall&, const Request&, Reply&)>
struct HandlerOf<kMember> {
  static absl::Status Run(Service& service, ServerCall& call,
                          const google::protobuf::MessageLite& request,
                          google::protobuf::MessageLite& reply) {
    return (static_cast<S&>(service).*kMember)(call, static_cast<const Request&>(request),
                                               static_cast<Reply&>(reply));
  }
  static MethodHandler Make(const Method& method) {
    return {&method, kMessageType<Request>, kMessageType<Reply>, nullptr, &Run};
  }
};

// What a handler that was not overridden answers.
absl::Status UnimplementedMethod(const Method& method);

}  // namespace internal

// Owned by the server it is added to. Its handlers are called by several reactors at a time.
class Service {
 public:
  virtual ~Service() = default;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // "package.Service"
  std::string_view service_name() const { return service_name_; }
  const std::vector<internal::MethodHandler>& method_handlers() const { return method_handlers_; }

 protected:
  // `service_name` has static storage.
  explicit Service(std::string_view service_name) : service_name_(service_name) {}

  template <auto kMember>
  void AddMethod(const Method& method) {
    method_handlers_.push_back(internal::HandlerOf<kMember>::Make(method));
  }

 private:
  std::string_view service_name_;
  std::vector<internal::MethodHandler> method_handlers_;
};

}  // namespace dialtone
