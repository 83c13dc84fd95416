// Written by protoc-gen-dialtone from across/shop/shop.proto: change that file, not this one.
// clang-format off
#include "across/shop/shop.dialtone.h"

#include <utility>

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

Shop::Service::Service() : ::dialtone::Service(Shop::kServiceName) {
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

Shop::PlainService::PlainService() : ::dialtone::Service(Shop::kServiceName) {
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
