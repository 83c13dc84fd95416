// The base of generated services: which methods there are, and how each is called. Users derive
// from the generated classes, not from this one.
#pragma once

#include <google/protobuf/message_lite.h>

#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "dialtone/rpc/internal/file_comments.h"
#include "dialtone/rpc/internal/message_type.h"
#include "dialtone/rpc/method.h"
#include "dialtone/rpc/reader_writer.h"
#include "dialtone/rpc/server_call.h"
#include "dialtone/rpc/task.h"

namespace dialtone {

class Service;

namespace internal {

// What a streaming handler is called with.
struct StreamParts {
  MessagePort* port;
  google::protobuf::MessageLite* request;  // the request, or what is read
  google::protobuf::MessageLite* reply;    // the reply of a client-streaming method
  // Where the reader and the writer are made; they need no destruction.
  alignas(void*) unsigned char reader[2 * sizeof(void*)];
  alignas(void*) unsigned char writer[sizeof(void*)];
};

// A method and the function that runs its handler: exactly one of the four is set.
struct MethodHandler {
  const Method* method;
  MessageType request;
  MessageType reply;
  Task<absl::Status> (*coroutine)(Service& service, ServerCall& call,
                                  const google::protobuf::MessageLite& request,
                                  google::protobuf::MessageLite& reply) = nullptr;
  absl::Status (*plain)(Service& service, ServerCall& call,
                        const google::protobuf::MessageLite& request,
                        google::protobuf::MessageLite& reply) = nullptr;
  Task<absl::Status> (*stream_coroutine)(Service& service, ServerCall& call,
                                         StreamParts& parts) = nullptr;
  absl::Status (*stream_plain)(Service& service, ServerCall& call, StreamParts& parts) = nullptr;

  bool is_coroutine() const { return coroutine != nullptr || stream_coroutine != nullptr; }
};

// The MethodHandler of a function Run, whatever its kind.
template <class Request, class Reply, class Function>
MethodHandler HandlerFrom(const Method& method, Function* run) {
  MethodHandler handler{&method, kMessageType<Request>, kMessageType<Reply>};
  if constexpr (std::is_same_v<Function*, decltype(handler.coroutine)>) {
    handler.coroutine = run;
  } else if constexpr (std::is_same_v<Function*, decltype(handler.plain)>) {
    handler.plain = run;
  } else if constexpr (std::is_same_v<Function*, decltype(handler.stream_coroutine)>) {
    handler.stream_coroutine = run;
  } else {
    handler.stream_plain = run;
  }
  return handler;
}

template <class Request>
Reader<Request>& MakeReader(StreamParts& parts) {
  static_assert(sizeof(Reader<Request>) <= sizeof(parts.reader) &&
                std::is_trivially_destructible_v<Reader<Request>>);
  return *::new (parts.reader) Reader<Request>(*parts.port, *parts.request);
}

template <class Reply>
Writer<Reply>& MakeWriter(StreamParts& parts) {
  static_assert(sizeof(Writer<Reply>) <= sizeof(parts.writer) &&
                std::is_trivially_destructible_v<Writer<Reply>>);
  return *::new (parts.writer) Writer<Reply>(*parts.port);
}

// Makes a MethodHandler of a handler's member function, of any of the four kinds; Result is
// Task<absl::Status> or absl::Status.
template <auto kMember>
struct HandlerOf;

template <class Message>
inline constexpr bool kIsMessage = std::is_base_of_v<google::protobuf::MessageLite, Message>;

template <class S, class Result, class Request, class Reply,
          Result (S::*kMember)(ServerCall&, const Request&, Reply&)>
  requires kIsMessage<Reply>
struct HandlerOf<kMember> {
  static Result Run(Service& service, ServerCall& call,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& reply) {
    return (static_cast<S&>(service).*kMember)(call, static_cast<const Request&>(request),
                                               static_cast<Reply&>(reply));
  }
  static MethodHandler Make(const Method& method) {
    return HandlerFrom<Request, Reply>(method, &Run);
  }
};

template <class S, class Result, class Request, class Reply,
          Result (S::*kMember)(ServerCall&, const Request&, Writer<Reply>&)>
struct HandlerOf<kMember> {
  static Result Run(Service& service, ServerCall& call, StreamParts& parts) {
    return (static_cast<S&>(service).*kMember)(call, static_cast<const Request&>(*parts.request),
                                               MakeWriter<Reply>(parts));
  }
  static MethodHandler Make(const Method& method) {
    return HandlerFrom<Request, Reply>(method, &Run);
  }
};

template <class S, class Result, class Request, class Reply,
          Result (S::*kMember)(ServerCall&, Reader<Request>&, Reply&)>
  requires kIsMessage<Reply>
struct HandlerOf<kMember> {
  static Result Run(Service& service, ServerCall& call, StreamParts& parts) {
    return (static_cast<S&>(service).*kMember)(call, MakeReader<Request>(parts),
                                               static_cast<Reply&>(*parts.reply));
  }
  static MethodHandler Make(const Method& method) {
    return HandlerFrom<Request, Reply>(method, &Run);
  }
};

template <class S, class Result, class Request, class Reply,
          Result (S::*kMember)(ServerCall&, Reader<Request>&, Writer<Reply>&)>
struct HandlerOf<kMember> {
  static Result Run(Service& service, ServerCall& call, StreamParts& parts) {
    return (static_cast<S&>(service).*kMember)(call, MakeReader<Request>(parts),
                                               MakeWriter<Reply>(parts));
  }
  static MethodHandler Make(const Method& method) {
    return HandlerFrom<Request, Reply>(method, &Run);
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
  // Of its .proto file and of those of its messages, where they have any and they were not left out.
  std::span<const internal::FileComments> file_comments() const { return file_comments_; }

 protected:
  // Both have static storage.
  explicit Service(std::string_view service_name,
                   std::span<const internal::FileComments> file_comments = {})
      : service_name_(service_name), file_comments_(file_comments) {}

  template <auto kMember>
  void AddMethod(const Method& method) {
    method_handlers_.push_back(internal::HandlerOf<kMember>::Make(method));
  }

 private:
  std::string_view service_name_;
  std::span<const internal::FileComments> file_comments_;
  std::vector<internal::MethodHandler> method_handlers_;
};

}  // namespace dialtone
