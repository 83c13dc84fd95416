// Written by protoc-gen-dialtone from greeter.proto: change that file, not this one.
// clang-format off
#include "greeter.dialtone.h"

#include <utility>

// Whoever links the services links their descriptors, which the reflection service tells.
namespace dialtone::internal {
namespace {
[[gnu::used]] constexpr const void* kDescriptorsOf_greeter_2eproto = &::descriptor_table_greeter_2eproto;
}  // namespace
}  // namespace dialtone::internal

// Comments of .proto files, for the reflection service: of each file a serialised
// google.protobuf.SourceCodeInfo.
namespace dialtone::internal {
inline constexpr char kCommentsOf_greeter_2eproto_5760a0d99a3ace97[] =
    "\nH\n\002\006\000\022\004\021\000\025\001\032< Greets people by their names.\n"
    "\n Two paragraphs of comment.\n"
    "\n,\n\004\006\000\002\000\022\003\023\002/\032\037 Answers \042hello\042 and the name.\n"
    "\n.\n\004\006\000\002\001\022\003\024\002.\042! Answers \042goodbye\042 and the name.\n";
namespace {
constexpr FileComments kCommentsFor_greeter_2eproto[] = {
    {"greeter.proto", {kCommentsOf_greeter_2eproto_5760a0d99a3ace97, sizeof(kCommentsOf_greeter_2eproto_5760a0d99a3ace97) - 1}},
};
}  // namespace
}  // namespace dialtone::internal

namespace greeter {

::dialtone::Call<::greeter::GreetReply> Greeter::Client::Greet(
    const ::greeter::GreetRequest& request) const {
  return {*channel_, Greeter::kGreetMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::greeter::GreetReply> Greeter::Client::Greet(
    const ::greeter::GreetRequest& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Greeter::kGreetMethod, request, options};
}

::dialtone::Call<::greeter::GreetReply> Greeter::Client::Greet(
    ::greeter::GreetRequest&& request) const {
  return {*channel_, Greeter::kGreetMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::greeter::GreetReply> Greeter::Client::Greet(
    ::greeter::GreetRequest&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Greeter::kGreetMethod, ::std::move(request), options};
}

::dialtone::Call<::greeter::GreetReply> Greeter::Client::Part(
    const ::greeter::GreetRequest& request) const {
  return {*channel_, Greeter::kPartMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::greeter::GreetReply> Greeter::Client::Part(
    const ::greeter::GreetRequest& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Greeter::kPartMethod, request, options};
}

::dialtone::Call<::greeter::GreetReply> Greeter::Client::Part(
    ::greeter::GreetRequest&& request) const {
  return {*channel_, Greeter::kPartMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::greeter::GreetReply> Greeter::Client::Part(
    ::greeter::GreetRequest&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Greeter::kPartMethod, ::std::move(request), options};
}

Greeter::Service::Service()
    : ::dialtone::Service(Greeter::kServiceName,
                          ::dialtone::internal::kCommentsFor_greeter_2eproto) {
  AddMethod<&Greeter::Service::Greet>(Greeter::kGreetMethod);
  AddMethod<&Greeter::Service::Part>(Greeter::kPartMethod);
}

Greeter::Service::~Service() = default;

::dialtone::Task<::absl::Status> Greeter::Service::Greet(
    ::dialtone::ServerCall&, const ::greeter::GreetRequest&,
    ::greeter::GreetReply&) {
  co_return ::dialtone::internal::UnimplementedMethod(Greeter::kGreetMethod);
}

::dialtone::Task<::absl::Status> Greeter::Service::Part(
    ::dialtone::ServerCall&, const ::greeter::GreetRequest&,
    ::greeter::GreetReply&) {
  co_return ::dialtone::internal::UnimplementedMethod(Greeter::kPartMethod);
}

Greeter::PlainService::PlainService()
    : ::dialtone::Service(Greeter::kServiceName,
                          ::dialtone::internal::kCommentsFor_greeter_2eproto) {
  AddMethod<&Greeter::PlainService::Greet>(Greeter::kGreetMethod);
  AddMethod<&Greeter::PlainService::Part>(Greeter::kPartMethod);
}

Greeter::PlainService::~PlainService() = default;

::absl::Status Greeter::PlainService::Greet(
    ::dialtone::ServerCall&, const ::greeter::GreetRequest&,
    ::greeter::GreetReply&) {
  return ::dialtone::internal::UnimplementedMethod(Greeter::kGreetMethod);
}

::absl::Status Greeter::PlainService::Part(
    ::dialtone::ServerCall&, const ::greeter::GreetRequest&,
    ::greeter::GreetReply&) {
  return ::dialtone::internal::UnimplementedMethod(Greeter::kPartMethod);
}

}  // namespace greeter
