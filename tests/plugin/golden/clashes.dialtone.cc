// Written by protoc-gen-dialtone from clashes.proto: change that file, not this one.
// clang-format off
#include "clashes.dialtone.h"

#include <utility>

// Whoever links the services links their descriptors, which the reflection service tells.
namespace dialtone::internal {
namespace {
[[gnu::used]] constexpr const void* kDescriptorsOf_clashes_2eproto = &::descriptor_table_clashes_2eproto;
}  // namespace
}  // namespace dialtone::internal

// Comments of .proto files, for the reflection service: of each file a serialised
// google.protobuf.SourceCodeInfo.
namespace dialtone::internal {
inline constexpr char kCommentsOf_clashes_2eproto_450d4c878d82596a[] =
    "\n)\n\002\006\000\022\004\026\0002\001\032\035 A method may have any name.\n"
    "\n&\n\004\006\000\002\006\022\003\036\002\036\032\031 The service's own name.\n"
    "\n \n\004\006\000\002\015\022\003&\002-\032\023 A message's name.\n"
    "\nE\n\004\006\000\002\017\022\003)\002!\0328 Namespaces and variables that the generated c"
    "ode uses.\n\nJ\n\004\006\000\002\025\022\0030\002\036\032= One constant's name for two met"
    "hods, but for an underscore.\n"
    "\n;\n\002\006\006\022\004I\000K\001\032/ What protoc calls the message In.Deep in C++.\n"
    "\n!\n\002\006\007\022\003N\000\022\032\026 Nothing to call yet.\n";
namespace {
constexpr FileComments kCommentsFor_clashes_2eproto[] = {
    {"clashes.proto", {kCommentsOf_clashes_2eproto_450d4c878d82596a, sizeof(kCommentsOf_clashes_2eproto_450d4c878d82596a) - 1}},
};
}  // namespace
}  // namespace dialtone::internal

namespace odd {
namespace clashes {

::dialtone::Call<::odd::clashes::Out> Names::Client::Service_(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kServiceMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Service_(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kServiceMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Service_(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kServiceMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Service_(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kServiceMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::PlainService_(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kPlainServiceMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::PlainService_(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kPlainServiceMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::PlainService_(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kPlainServiceMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::PlainService_(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kPlainServiceMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Client__(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kClientMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Client__(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kClientMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Client__(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kClientMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Client__(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kClientMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Client_(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kClientMethod_, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Client_(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kClientMethod_, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Client_(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kClientMethod_, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Client_(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kClientMethod_, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Wait(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kWaitMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Wait(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kWaitMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Wait(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kWaitMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Wait(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kWaitMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Then(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kThenMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Then(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kThenMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Then(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kThenMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Then(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kThenMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Names(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kNamesMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Names(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kNamesMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Names(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kNamesMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Names(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kNamesMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::kServiceName_(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kKServiceNameMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::kServiceName_(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kKServiceNameMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::kServiceName_(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kKServiceNameMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::kServiceName_(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kKServiceNameMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::kNamesMethod(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kKNamesMethodMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::kNamesMethod(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kKNamesMethodMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::kNamesMethod(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kKNamesMethodMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::kNamesMethod(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kKNamesMethodMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::AddMethod_(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kAddMethodMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::AddMethod_(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kAddMethodMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::AddMethod_(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kAddMethodMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::AddMethod_(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kAddMethodMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::service_name__(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kServiceNameMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::service_name__(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kServiceNameMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::service_name__(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kServiceNameMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::service_name__(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kServiceNameMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::method_handlers__(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kMethodHandlersMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::method_handlers__(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kMethodHandlersMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::method_handlers__(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kMethodHandlersMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::method_handlers__(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kMethodHandlersMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::channel__(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kChannelMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::channel__(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kChannelMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::channel__(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kChannelMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::channel__(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kChannelMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Third(
    const ::odd::clashes::Third& request) const {
  return {*channel_, Names::kThirdMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Third(
    const ::odd::clashes::Third& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kThirdMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Third(
    ::odd::clashes::Third&& request) const {
  return {*channel_, Names::kThirdMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::Third(
    ::odd::clashes::Third&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kThirdMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::In_Deep> Names::Client::In_Deep(
    const ::odd::clashes::In_Deep& request) const {
  return {*channel_, Names::kInDeepMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::In_Deep> Names::Client::In_Deep(
    const ::odd::clashes::In_Deep& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kInDeepMethod, request, options};
}

::dialtone::Call<::odd::clashes::In_Deep> Names::Client::In_Deep(
    ::odd::clashes::In_Deep&& request) const {
  return {*channel_, Names::kInDeepMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::In_Deep> Names::Client::In_Deep(
    ::odd::clashes::In_Deep&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kInDeepMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::dialtone(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kDialtoneMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::dialtone(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kDialtoneMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::dialtone(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kDialtoneMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::dialtone(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kDialtoneMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::absl(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kAbslMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::absl(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kAbslMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::absl(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kAbslMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::absl(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kAbslMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::std(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kStdMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::std(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kStdMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::std(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kStdMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::std(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kStdMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::request(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kRequestMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::request(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kRequestMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::request(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kRequestMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::request(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kRequestMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::options(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kOptionsMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::options(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kOptionsMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::options(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kOptionsMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::options(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kOptionsMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::call(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kCallMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::call(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kCallMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::call(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kCallMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::call(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kCallMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::do_it(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kDoItMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::do_it(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kDoItMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::do_it(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kDoItMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::do_it(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kDoItMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::doIt(
    const ::odd::clashes::In& request) const {
  return {*channel_, Names::kDoItMethod_, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::doIt(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kDoItMethod_, request, options};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::doIt(
    ::odd::clashes::In&& request) const {
  return {*channel_, Names::kDoItMethod_, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Names::Client::doIt(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Names::kDoItMethod_, ::std::move(request), options};
}

Names::Service::Service()
    : ::dialtone::Service(Names::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&Names::Service::Service_>(Names::kServiceMethod);
  AddMethod<&Names::Service::PlainService_>(Names::kPlainServiceMethod);
  AddMethod<&Names::Service::Client__>(Names::kClientMethod);
  AddMethod<&Names::Service::Client_>(Names::kClientMethod_);
  AddMethod<&Names::Service::Wait>(Names::kWaitMethod);
  AddMethod<&Names::Service::Then>(Names::kThenMethod);
  AddMethod<&Names::Service::Names>(Names::kNamesMethod);
  AddMethod<&Names::Service::kServiceName_>(Names::kKServiceNameMethod);
  AddMethod<&Names::Service::kNamesMethod>(Names::kKNamesMethodMethod);
  AddMethod<&Names::Service::AddMethod_>(Names::kAddMethodMethod);
  AddMethod<&Names::Service::service_name__>(Names::kServiceNameMethod);
  AddMethod<&Names::Service::method_handlers__>(Names::kMethodHandlersMethod);
  AddMethod<&Names::Service::channel__>(Names::kChannelMethod);
  AddMethod<&Names::Service::Third>(Names::kThirdMethod);
  AddMethod<&Names::Service::In_Deep>(Names::kInDeepMethod);
  AddMethod<&Names::Service::dialtone>(Names::kDialtoneMethod);
  AddMethod<&Names::Service::absl>(Names::kAbslMethod);
  AddMethod<&Names::Service::std>(Names::kStdMethod);
  AddMethod<&Names::Service::request>(Names::kRequestMethod);
  AddMethod<&Names::Service::options>(Names::kOptionsMethod);
  AddMethod<&Names::Service::call>(Names::kCallMethod);
  AddMethod<&Names::Service::do_it>(Names::kDoItMethod);
  AddMethod<&Names::Service::doIt>(Names::kDoItMethod_);
}

Names::Service::~Service() = default;

::dialtone::Task<::absl::Status> Names::Service::Service_(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kServiceMethod);
}

::dialtone::Task<::absl::Status> Names::Service::PlainService_(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kPlainServiceMethod);
}

::dialtone::Task<::absl::Status> Names::Service::Client__(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kClientMethod);
}

::dialtone::Task<::absl::Status> Names::Service::Client_(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kClientMethod_);
}

::dialtone::Task<::absl::Status> Names::Service::Wait(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kWaitMethod);
}

::dialtone::Task<::absl::Status> Names::Service::Then(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kThenMethod);
}

::dialtone::Task<::absl::Status> Names::Service::Names(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kNamesMethod);
}

::dialtone::Task<::absl::Status> Names::Service::kServiceName_(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kKServiceNameMethod);
}

::dialtone::Task<::absl::Status> Names::Service::kNamesMethod(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kKNamesMethodMethod);
}

::dialtone::Task<::absl::Status> Names::Service::AddMethod_(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kAddMethodMethod);
}

::dialtone::Task<::absl::Status> Names::Service::service_name__(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kServiceNameMethod);
}

::dialtone::Task<::absl::Status> Names::Service::method_handlers__(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kMethodHandlersMethod);
}

::dialtone::Task<::absl::Status> Names::Service::channel__(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kChannelMethod);
}

::dialtone::Task<::absl::Status> Names::Service::Third(
    ::dialtone::ServerCall&, const ::odd::clashes::Third&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kThirdMethod);
}

::dialtone::Task<::absl::Status> Names::Service::In_Deep(
    ::dialtone::ServerCall&, const ::odd::clashes::In_Deep&,
    ::odd::clashes::In_Deep&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kInDeepMethod);
}

::dialtone::Task<::absl::Status> Names::Service::dialtone(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kDialtoneMethod);
}

::dialtone::Task<::absl::Status> Names::Service::absl(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kAbslMethod);
}

::dialtone::Task<::absl::Status> Names::Service::std(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kStdMethod);
}

::dialtone::Task<::absl::Status> Names::Service::request(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kRequestMethod);
}

::dialtone::Task<::absl::Status> Names::Service::options(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kOptionsMethod);
}

::dialtone::Task<::absl::Status> Names::Service::call(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kCallMethod);
}

::dialtone::Task<::absl::Status> Names::Service::do_it(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kDoItMethod);
}

::dialtone::Task<::absl::Status> Names::Service::doIt(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Names::kDoItMethod_);
}

Names::PlainService::PlainService()
    : ::dialtone::Service(Names::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&Names::PlainService::Service_>(Names::kServiceMethod);
  AddMethod<&Names::PlainService::PlainService_>(Names::kPlainServiceMethod);
  AddMethod<&Names::PlainService::Client__>(Names::kClientMethod);
  AddMethod<&Names::PlainService::Client_>(Names::kClientMethod_);
  AddMethod<&Names::PlainService::Wait>(Names::kWaitMethod);
  AddMethod<&Names::PlainService::Then>(Names::kThenMethod);
  AddMethod<&Names::PlainService::Names>(Names::kNamesMethod);
  AddMethod<&Names::PlainService::kServiceName_>(Names::kKServiceNameMethod);
  AddMethod<&Names::PlainService::kNamesMethod>(Names::kKNamesMethodMethod);
  AddMethod<&Names::PlainService::AddMethod_>(Names::kAddMethodMethod);
  AddMethod<&Names::PlainService::service_name__>(Names::kServiceNameMethod);
  AddMethod<&Names::PlainService::method_handlers__>(Names::kMethodHandlersMethod);
  AddMethod<&Names::PlainService::channel__>(Names::kChannelMethod);
  AddMethod<&Names::PlainService::Third>(Names::kThirdMethod);
  AddMethod<&Names::PlainService::In_Deep>(Names::kInDeepMethod);
  AddMethod<&Names::PlainService::dialtone>(Names::kDialtoneMethod);
  AddMethod<&Names::PlainService::absl>(Names::kAbslMethod);
  AddMethod<&Names::PlainService::std>(Names::kStdMethod);
  AddMethod<&Names::PlainService::request>(Names::kRequestMethod);
  AddMethod<&Names::PlainService::options>(Names::kOptionsMethod);
  AddMethod<&Names::PlainService::call>(Names::kCallMethod);
  AddMethod<&Names::PlainService::do_it>(Names::kDoItMethod);
  AddMethod<&Names::PlainService::doIt>(Names::kDoItMethod_);
}

Names::PlainService::~PlainService() = default;

::absl::Status Names::PlainService::Service_(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kServiceMethod);
}

::absl::Status Names::PlainService::PlainService_(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kPlainServiceMethod);
}

::absl::Status Names::PlainService::Client__(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kClientMethod);
}

::absl::Status Names::PlainService::Client_(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kClientMethod_);
}

::absl::Status Names::PlainService::Wait(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kWaitMethod);
}

::absl::Status Names::PlainService::Then(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kThenMethod);
}

::absl::Status Names::PlainService::Names(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kNamesMethod);
}

::absl::Status Names::PlainService::kServiceName_(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kKServiceNameMethod);
}

::absl::Status Names::PlainService::kNamesMethod(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kKNamesMethodMethod);
}

::absl::Status Names::PlainService::AddMethod_(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kAddMethodMethod);
}

::absl::Status Names::PlainService::service_name__(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kServiceNameMethod);
}

::absl::Status Names::PlainService::method_handlers__(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kMethodHandlersMethod);
}

::absl::Status Names::PlainService::channel__(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kChannelMethod);
}

::absl::Status Names::PlainService::Third(
    ::dialtone::ServerCall&, const ::odd::clashes::Third&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kThirdMethod);
}

::absl::Status Names::PlainService::In_Deep(
    ::dialtone::ServerCall&, const ::odd::clashes::In_Deep&,
    ::odd::clashes::In_Deep&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kInDeepMethod);
}

::absl::Status Names::PlainService::dialtone(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kDialtoneMethod);
}

::absl::Status Names::PlainService::absl(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kAbslMethod);
}

::absl::Status Names::PlainService::std(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kStdMethod);
}

::absl::Status Names::PlainService::request(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kRequestMethod);
}

::absl::Status Names::PlainService::options(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kOptionsMethod);
}

::absl::Status Names::PlainService::call(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kCallMethod);
}

::absl::Status Names::PlainService::do_it(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kDoItMethod);
}

::absl::Status Names::PlainService::doIt(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Names::kDoItMethod_);
}

::dialtone::Call<::odd::clashes::Out> Service_::Client::Ask(
    const ::odd::clashes::In& request) const {
  return {*channel_, Service_::kAskMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Service_::Client::Ask(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Service_::kAskMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Service_::Client::Ask(
    ::odd::clashes::In&& request) const {
  return {*channel_, Service_::kAskMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Service_::Client::Ask(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Service_::kAskMethod, ::std::move(request), options};
}

Service_::Service::Service()
    : ::dialtone::Service(Service_::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&Service_::Service::Ask>(Service_::kAskMethod);
}

Service_::Service::~Service() = default;

::dialtone::Task<::absl::Status> Service_::Service::Ask(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Service_::kAskMethod);
}

Service_::PlainService::PlainService()
    : ::dialtone::Service(Service_::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&Service_::PlainService::Ask>(Service_::kAskMethod);
}

Service_::PlainService::~PlainService() = default;

::absl::Status Service_::PlainService::Ask(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Service_::kAskMethod);
}

::dialtone::Call<::odd::clashes::Out> Client_::Client::Ask(
    const ::odd::clashes::In& request) const {
  return {*channel_, Client_::kAskMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Client_::Client::Ask(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Client_::kAskMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> Client_::Client::Ask(
    ::odd::clashes::In&& request) const {
  return {*channel_, Client_::kAskMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> Client_::Client::Ask(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Client_::kAskMethod, ::std::move(request), options};
}

Client_::Service::Service()
    : ::dialtone::Service(Client_::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&Client_::Service::Ask>(Client_::kAskMethod);
}

Client_::Service::~Service() = default;

::dialtone::Task<::absl::Status> Client_::Service::Ask(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Client_::kAskMethod);
}

Client_::PlainService::PlainService()
    : ::dialtone::Service(Client_::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&Client_::PlainService::Ask>(Client_::kAskMethod);
}

Client_::PlainService::~PlainService() = default;

::absl::Status Client_::PlainService::Ask(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Client_::kAskMethod);
}

::dialtone::Call<::odd::clashes::Out> PlainService_::Client::Ask(
    const ::odd::clashes::In& request) const {
  return {*channel_, PlainService_::kAskMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> PlainService_::Client::Ask(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, PlainService_::kAskMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> PlainService_::Client::Ask(
    ::odd::clashes::In&& request) const {
  return {*channel_, PlainService_::kAskMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> PlainService_::Client::Ask(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, PlainService_::kAskMethod, ::std::move(request), options};
}

PlainService_::Service::Service()
    : ::dialtone::Service(PlainService_::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&PlainService_::Service::Ask>(PlainService_::kAskMethod);
}

PlainService_::Service::~Service() = default;

::dialtone::Task<::absl::Status> PlainService_::Service::Ask(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(PlainService_::kAskMethod);
}

PlainService_::PlainService::PlainService()
    : ::dialtone::Service(PlainService_::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&PlainService_::PlainService::Ask>(PlainService_::kAskMethod);
}

PlainService_::PlainService::~PlainService() = default;

::absl::Status PlainService_::PlainService::Ask(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(PlainService_::kAskMethod);
}

::dialtone::Call<::odd::clashes::Out> kServiceName_::Client::Ask(
    const ::odd::clashes::In& request) const {
  return {*channel_, kServiceName_::kAskMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> kServiceName_::Client::Ask(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, kServiceName_::kAskMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> kServiceName_::Client::Ask(
    ::odd::clashes::In&& request) const {
  return {*channel_, kServiceName_::kAskMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> kServiceName_::Client::Ask(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, kServiceName_::kAskMethod, ::std::move(request), options};
}

kServiceName_::Service::Service()
    : ::dialtone::Service(kServiceName_::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&kServiceName_::Service::Ask>(kServiceName_::kAskMethod);
}

kServiceName_::Service::~Service() = default;

::dialtone::Task<::absl::Status> kServiceName_::Service::Ask(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(kServiceName_::kAskMethod);
}

kServiceName_::PlainService::PlainService()
    : ::dialtone::Service(kServiceName_::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&kServiceName_::PlainService::Ask>(kServiceName_::kAskMethod);
}

kServiceName_::PlainService::~PlainService() = default;

::absl::Status kServiceName_::PlainService::Ask(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(kServiceName_::kAskMethod);
}

::dialtone::Call<::odd::clashes::Out> kAskMethod_::Client::Ask(
    const ::odd::clashes::In& request) const {
  return {*channel_, kAskMethod_::kAskMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> kAskMethod_::Client::Ask(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, kAskMethod_::kAskMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> kAskMethod_::Client::Ask(
    ::odd::clashes::In&& request) const {
  return {*channel_, kAskMethod_::kAskMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> kAskMethod_::Client::Ask(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, kAskMethod_::kAskMethod, ::std::move(request), options};
}

kAskMethod_::Service::Service()
    : ::dialtone::Service(kAskMethod_::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&kAskMethod_::Service::Ask>(kAskMethod_::kAskMethod);
}

kAskMethod_::Service::~Service() = default;

::dialtone::Task<::absl::Status> kAskMethod_::Service::Ask(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(kAskMethod_::kAskMethod);
}

kAskMethod_::PlainService::PlainService()
    : ::dialtone::Service(kAskMethod_::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&kAskMethod_::PlainService::Ask>(kAskMethod_::kAskMethod);
}

kAskMethod_::PlainService::~PlainService() = default;

::absl::Status kAskMethod_::PlainService::Ask(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(kAskMethod_::kAskMethod);
}

::dialtone::Call<::odd::clashes::Out> In_Deep_::Client::Ask(
    const ::odd::clashes::In& request) const {
  return {*channel_, In_Deep_::kAskMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> In_Deep_::Client::Ask(
    const ::odd::clashes::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, In_Deep_::kAskMethod, request, options};
}

::dialtone::Call<::odd::clashes::Out> In_Deep_::Client::Ask(
    ::odd::clashes::In&& request) const {
  return {*channel_, In_Deep_::kAskMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::clashes::Out> In_Deep_::Client::Ask(
    ::odd::clashes::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, In_Deep_::kAskMethod, ::std::move(request), options};
}

In_Deep_::Service::Service()
    : ::dialtone::Service(In_Deep_::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&In_Deep_::Service::Ask>(In_Deep_::kAskMethod);
}

In_Deep_::Service::~Service() = default;

::dialtone::Task<::absl::Status> In_Deep_::Service::Ask(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(In_Deep_::kAskMethod);
}

In_Deep_::PlainService::PlainService()
    : ::dialtone::Service(In_Deep_::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
  AddMethod<&In_Deep_::PlainService::Ask>(In_Deep_::kAskMethod);
}

In_Deep_::PlainService::~PlainService() = default;

::absl::Status In_Deep_::PlainService::Ask(
    ::dialtone::ServerCall&, const ::odd::clashes::In&,
    ::odd::clashes::Out&) {
  return ::dialtone::internal::UnimplementedMethod(In_Deep_::kAskMethod);
}

Nothing::Service::Service()
    : ::dialtone::Service(Nothing::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
}

Nothing::Service::~Service() = default;

Nothing::PlainService::PlainService()
    : ::dialtone::Service(Nothing::kServiceName,
                          ::dialtone::internal::kCommentsFor_clashes_2eproto) {
}

Nothing::PlainService::~PlainService() = default;

}  // namespace clashes
}  // namespace odd
