// Written by protoc-gen-dialtone from across/shop/shop.proto: change that file, not this one.
// clang-format off
#include "across/shop/shop.dialtone.h"

#include <utility>

// Whoever links the services links their descriptors, which the reflection service tells.
namespace dialtone::internal {
namespace {
[[gnu::used]] constexpr const void* kDescriptorsOf_across_2fshop_2fshop_2eproto = &::descriptor_table_across_2fshop_2fshop_2eproto;
}  // namespace
}  // namespace dialtone::internal

// Comments of .proto files, for the reflection service: of each file a serialised
// google.protobuf.SourceCodeInfo.
namespace dialtone::internal {
inline constexpr char kCommentsOf_across_2fshop_2fshop_2eproto_29a7df51e8f3482f[] =
    "\n>\n\002\006\000\022\004\n"
    "\000\016\001\0322 Takes and gives messages of other packages only.\n";
inline constexpr char kCommentsOf_across_2fstore_2fitems_2eproto_8bff35847cf55679[] =
    "\n\134\n\002\004\000\022\004\006\000\020\001\032P Found in a store: a comment that comes a"
    "long with the services of other files.\n";
namespace {
constexpr FileComments kCommentsFor_across_2fshop_2fshop_2eproto[] = {
    {"across/shop/shop.proto", {kCommentsOf_across_2fshop_2fshop_2eproto_29a7df51e8f3482f, sizeof(kCommentsOf_across_2fshop_2fshop_2eproto_29a7df51e8f3482f) - 1}},
    {"across/store/items.proto", {kCommentsOf_across_2fstore_2fitems_2eproto_8bff35847cf55679, sizeof(kCommentsOf_across_2fstore_2fitems_2eproto_8bff35847cf55679) - 1}},
};
}  // namespace
}  // namespace dialtone::internal

namespace across {
namespace shop {

::dialtone::Call<::across::store::Item> Shop::Client::Find(
    const ::google::protobuf::StringValue& request) const {
  return {*channel_, Shop::kFindMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::across::store::Item> Shop::Client::Find(
    const ::google::protobuf::StringValue& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Shop::kFindMethod, request, options};
}

::dialtone::Call<::across::store::Item> Shop::Client::Find(
    ::google::protobuf::StringValue&& request) const {
  return {*channel_, Shop::kFindMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::across::store::Item> Shop::Client::Find(
    ::google::protobuf::StringValue&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Shop::kFindMethod, ::std::move(request), options};
}

::dialtone::Call<::across::store::Item_Part_Screw> Shop::Client::Take(
    const ::across::store::Item_Part& request) const {
  return {*channel_, Shop::kTakeMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::across::store::Item_Part_Screw> Shop::Client::Take(
    const ::across::store::Item_Part& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Shop::kTakeMethod, request, options};
}

::dialtone::Call<::across::store::Item_Part_Screw> Shop::Client::Take(
    ::across::store::Item_Part&& request) const {
  return {*channel_, Shop::kTakeMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::across::store::Item_Part_Screw> Shop::Client::Take(
    ::across::store::Item_Part&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Shop::kTakeMethod, ::std::move(request), options};
}

::dialtone::Call<::google::protobuf::Timestamp> Shop::Client::OpenSince(
    const ::google::protobuf::Empty& request) const {
  return {*channel_, Shop::kOpenSinceMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::google::protobuf::Timestamp> Shop::Client::OpenSince(
    const ::google::protobuf::Empty& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Shop::kOpenSinceMethod, request, options};
}

::dialtone::Call<::google::protobuf::Timestamp> Shop::Client::OpenSince(
    ::google::protobuf::Empty&& request) const {
  return {*channel_, Shop::kOpenSinceMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::google::protobuf::Timestamp> Shop::Client::OpenSince(
    ::google::protobuf::Empty&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Shop::kOpenSinceMethod, ::std::move(request), options};
}

Shop::Service::Service()
    : ::dialtone::Service(Shop::kServiceName,
                          ::dialtone::internal::kCommentsFor_across_2fshop_2fshop_2eproto) {
  AddMethod<&Shop::Service::Find>(Shop::kFindMethod);
  AddMethod<&Shop::Service::Take>(Shop::kTakeMethod);
  AddMethod<&Shop::Service::OpenSince>(Shop::kOpenSinceMethod);
}

Shop::Service::~Service() = default;

::dialtone::Task<::absl::Status> Shop::Service::Find(
    ::dialtone::ServerCall&, const ::google::protobuf::StringValue&,
    ::across::store::Item&) {
  co_return ::dialtone::internal::UnimplementedMethod(Shop::kFindMethod);
}

::dialtone::Task<::absl::Status> Shop::Service::Take(
    ::dialtone::ServerCall&, const ::across::store::Item_Part&,
    ::across::store::Item_Part_Screw&) {
  co_return ::dialtone::internal::UnimplementedMethod(Shop::kTakeMethod);
}

::dialtone::Task<::absl::Status> Shop::Service::OpenSince(
    ::dialtone::ServerCall&, const ::google::protobuf::Empty&,
    ::google::protobuf::Timestamp&) {
  co_return ::dialtone::internal::UnimplementedMethod(Shop::kOpenSinceMethod);
}

Shop::PlainService::PlainService()
    : ::dialtone::Service(Shop::kServiceName,
                          ::dialtone::internal::kCommentsFor_across_2fshop_2fshop_2eproto) {
  AddMethod<&Shop::PlainService::Find>(Shop::kFindMethod);
  AddMethod<&Shop::PlainService::Take>(Shop::kTakeMethod);
  AddMethod<&Shop::PlainService::OpenSince>(Shop::kOpenSinceMethod);
}

Shop::PlainService::~PlainService() = default;

::absl::Status Shop::PlainService::Find(
    ::dialtone::ServerCall&, const ::google::protobuf::StringValue&,
    ::across::store::Item&) {
  return ::dialtone::internal::UnimplementedMethod(Shop::kFindMethod);
}

::absl::Status Shop::PlainService::Take(
    ::dialtone::ServerCall&, const ::across::store::Item_Part&,
    ::across::store::Item_Part_Screw&) {
  return ::dialtone::internal::UnimplementedMethod(Shop::kTakeMethod);
}

::absl::Status Shop::PlainService::OpenSince(
    ::dialtone::ServerCall&, const ::google::protobuf::Empty&,
    ::google::protobuf::Timestamp&) {
  return ::dialtone::internal::UnimplementedMethod(Shop::kOpenSinceMethod);
}

}  // namespace shop
}  // namespace across
