// Written by protoc-gen-dialtone from no_package.proto: change that file, not this one.
// clang-format off
#include "no_package.dialtone.h"

#include <utility>

// Whoever links the services links their descriptors, which the reflection service tells.
namespace dialtone::internal {
namespace {
[[gnu::used]] constexpr const void* kDescriptorsOf_no_5fpackage_2eproto = &::descriptor_table_no_5fpackage_2eproto;
}  // namespace
}  // namespace dialtone::internal

// Comments of .proto files, for the reflection service: of each file a serialised
// google.protobuf.SourceCodeInfo.
namespace dialtone::internal {
inline constexpr char kCommentsOf_no_5fpackage_2eproto_d4705138aa0ed409[] =
    "\n&\n\002\006\000\022\004\013\000\015\001\032\032 Called by its bare name.\n"
    "\nG\n\002\006\001\022\004\020\000\022\001\032; The generated code names the namespace ::di"
    "altone itself.\n";
namespace {
constexpr FileComments kCommentsFor_no_5fpackage_2eproto[] = {
    {"no_package.proto", {kCommentsOf_no_5fpackage_2eproto_d4705138aa0ed409, sizeof(kCommentsOf_no_5fpackage_2eproto_d4705138aa0ed409) - 1}},
};
}  // namespace
}  // namespace dialtone::internal


::dialtone::Call<::Answer> Oracle::Client::Ask(
    const ::Question& request) const {
  return {*channel_, Oracle::kAskMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::Answer> Oracle::Client::Ask(
    const ::Question& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Oracle::kAskMethod, request, options};
}

::dialtone::Call<::Answer> Oracle::Client::Ask(
    ::Question&& request) const {
  return {*channel_, Oracle::kAskMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::Answer> Oracle::Client::Ask(
    ::Question&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Oracle::kAskMethod, ::std::move(request), options};
}

Oracle::Service::Service()
    : ::dialtone::Service(Oracle::kServiceName,
                          ::dialtone::internal::kCommentsFor_no_5fpackage_2eproto) {
  AddMethod<&Oracle::Service::Ask>(Oracle::kAskMethod);
}

Oracle::Service::~Service() = default;

::dialtone::Task<::absl::Status> Oracle::Service::Ask(
    ::dialtone::ServerCall&, const ::Question&,
    ::Answer&) {
  co_return ::dialtone::internal::UnimplementedMethod(Oracle::kAskMethod);
}

Oracle::PlainService::PlainService()
    : ::dialtone::Service(Oracle::kServiceName,
                          ::dialtone::internal::kCommentsFor_no_5fpackage_2eproto) {
  AddMethod<&Oracle::PlainService::Ask>(Oracle::kAskMethod);
}

Oracle::PlainService::~PlainService() = default;

::absl::Status Oracle::PlainService::Ask(
    ::dialtone::ServerCall&, const ::Question&,
    ::Answer&) {
  return ::dialtone::internal::UnimplementedMethod(Oracle::kAskMethod);
}

::dialtone::Call<::Answer> dialtone_::Client::Ask(
    const ::Question& request) const {
  return {*channel_, dialtone_::kAskMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::Answer> dialtone_::Client::Ask(
    const ::Question& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, dialtone_::kAskMethod, request, options};
}

::dialtone::Call<::Answer> dialtone_::Client::Ask(
    ::Question&& request) const {
  return {*channel_, dialtone_::kAskMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::Answer> dialtone_::Client::Ask(
    ::Question&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, dialtone_::kAskMethod, ::std::move(request), options};
}

dialtone_::Service::Service()
    : ::dialtone::Service(dialtone_::kServiceName,
                          ::dialtone::internal::kCommentsFor_no_5fpackage_2eproto) {
  AddMethod<&dialtone_::Service::Ask>(dialtone_::kAskMethod);
}

dialtone_::Service::~Service() = default;

::dialtone::Task<::absl::Status> dialtone_::Service::Ask(
    ::dialtone::ServerCall&, const ::Question&,
    ::Answer&) {
  co_return ::dialtone::internal::UnimplementedMethod(dialtone_::kAskMethod);
}

dialtone_::PlainService::PlainService()
    : ::dialtone::Service(dialtone_::kServiceName,
                          ::dialtone::internal::kCommentsFor_no_5fpackage_2eproto) {
  AddMethod<&dialtone_::PlainService::Ask>(dialtone_::kAskMethod);
}

dialtone_::PlainService::~PlainService() = default;

::absl::Status dialtone_::PlainService::Ask(
    ::dialtone::ServerCall&, const ::Question&,
    ::Answer&) {
  return ::dialtone::internal::UnimplementedMethod(dialtone_::kAskMethod);
}
