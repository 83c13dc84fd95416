// Written by protoc-gen-dialtone from services_only.proto: change that file, not this one.
// clang-format off
#include "services_only.dialtone.h"

#include <utility>

// Whoever links the services links their descriptors, which the reflection service tells.
namespace dialtone::internal {
namespace {
[[gnu::used]] constexpr const void* kDescriptorsOf_services_5fonly_2eproto = &::descriptor_table_services_5fonly_2eproto;
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
constexpr FileComments kCommentsFor_services_5fonly_2eproto[] = {
    {"greeter.proto", {kCommentsOf_greeter_2eproto_5760a0d99a3ace97, sizeof(kCommentsOf_greeter_2eproto_5760a0d99a3ace97) - 1}},
};
}  // namespace
}  // namespace dialtone::internal

namespace services_only {

::dialtone::Call<::greeter::GreetReply> Desk::Client::Greet(
    const ::greeter::GreetRequest& request) const {
  return {*channel_, Desk::kGreetMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::greeter::GreetReply> Desk::Client::Greet(
    const ::greeter::GreetRequest& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Desk::kGreetMethod, request, options};
}

::dialtone::Call<::greeter::GreetReply> Desk::Client::Greet(
    ::greeter::GreetRequest&& request) const {
  return {*channel_, Desk::kGreetMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::greeter::GreetReply> Desk::Client::Greet(
    ::greeter::GreetRequest&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Desk::kGreetMethod, ::std::move(request), options};
}

Desk::Service::Service()
    : ::dialtone::Service(Desk::kServiceName,
                          ::dialtone::internal::kCommentsFor_services_5fonly_2eproto) {
  AddMethod<&Desk::Service::Greet>(Desk::kGreetMethod);
}

Desk::Service::~Service() = default;

::dialtone::Task<::absl::Status> Desk::Service::Greet(
    ::dialtone::ServerCall&, const ::greeter::GreetRequest&,
    ::greeter::GreetReply&) {
  co_return ::dialtone::internal::UnimplementedMethod(Desk::kGreetMethod);
}

Desk::PlainService::PlainService()
    : ::dialtone::Service(Desk::kServiceName,
                          ::dialtone::internal::kCommentsFor_services_5fonly_2eproto) {
  AddMethod<&Desk::PlainService::Greet>(Desk::kGreetMethod);
}

Desk::PlainService::~PlainService() = default;

::absl::Status Desk::PlainService::Greet(
    ::dialtone::ServerCall&, const ::greeter::GreetRequest&,
    ::greeter::GreetReply&) {
  return ::dialtone::internal::UnimplementedMethod(Desk::kGreetMethod);
}

}  // namespace services_only
