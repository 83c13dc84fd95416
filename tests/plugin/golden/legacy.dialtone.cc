// Written by protoc-gen-dialtone from legacy.proto: change that file, not this one.
// clang-format off
#include "legacy.dialtone.h"

#include <utility>

namespace legacy {

::dialtone::Call<::legacy::Old> Legacy::Client::Kept(
    const ::legacy::Old& request) const {
  return {*channel_, Legacy::kKeptMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::legacy::Old> Legacy::Client::Kept(
    const ::legacy::Old& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Legacy::kKeptMethod, request, options};
}

::dialtone::Call<::legacy::Old> Legacy::Client::Kept(
    ::legacy::Old&& request) const {
  return {*channel_, Legacy::kKeptMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::legacy::Old> Legacy::Client::Kept(
    ::legacy::Old&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Legacy::kKeptMethod, ::std::move(request), options};
}

::dialtone::Call<::legacy::Old> Legacy::Client::Dropped(
    const ::legacy::Old& request) const {
  return {*channel_, Legacy::kDroppedMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::legacy::Old> Legacy::Client::Dropped(
    const ::legacy::Old& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Legacy::kDroppedMethod, request, options};
}

::dialtone::Call<::legacy::Old> Legacy::Client::Dropped(
    ::legacy::Old&& request) const {
  return {*channel_, Legacy::kDroppedMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::legacy::Old> Legacy::Client::Dropped(
    ::legacy::Old&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Legacy::kDroppedMethod, ::std::move(request), options};
}

Legacy::Service::Service() : ::dialtone::Service(Legacy::kServiceName) {
  AddMethod<&Legacy::Service::Kept>(Legacy::kKeptMethod);
  AddMethod<&Legacy::Service::Dropped>(Legacy::kDroppedMethod);
}

Legacy::Service::~Service() = default;

::dialtone::Task<::absl::Status> Legacy::Service::Kept(
    ::dialtone::ServerCall&, const ::legacy::Old&,
    ::legacy::Old&) {
  co_return ::dialtone::internal::UnimplementedMethod(Legacy::kKeptMethod);
}

::dialtone::Task<::absl::Status> Legacy::Service::Dropped(
    ::dialtone::ServerCall&, const ::legacy::Old&,
    ::legacy::Old&) {
  co_return ::dialtone::internal::UnimplementedMethod(Legacy::kDroppedMethod);
}

Legacy::PlainService::PlainService() : ::dialtone::Service(Legacy::kServiceName) {
  AddMethod<&Legacy::PlainService::Kept>(Legacy::kKeptMethod);
  AddMethod<&Legacy::PlainService::Dropped>(Legacy::kDroppedMethod);
}

Legacy::PlainService::~PlainService() = default;

::absl::Status Legacy::PlainService::Kept(
    ::dialtone::ServerCall&, const ::legacy::Old&,
    ::legacy::Old&) {
  return ::dialtone::internal::UnimplementedMethod(Legacy::kKeptMethod);
}

::absl::Status Legacy::PlainService::Dropped(
    ::dialtone::ServerCall&, const ::legacy::Old&,
    ::legacy::Old&) {
  return ::dialtone::internal::UnimplementedMethod(Legacy::kDroppedMethod);
}

::dialtone::Call<::legacy::Old_Extra> Gone::Client::Ask(
    const ::legacy::Old& request) const {
  return {*channel_, Gone::kAskMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::legacy::Old_Extra> Gone::Client::Ask(
    const ::legacy::Old& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Gone::kAskMethod, request, options};
}

::dialtone::Call<::legacy::Old_Extra> Gone::Client::Ask(
    ::legacy::Old&& request) const {
  return {*channel_, Gone::kAskMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::legacy::Old_Extra> Gone::Client::Ask(
    ::legacy::Old&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Gone::kAskMethod, ::std::move(request), options};
}

Gone::Service::Service() : ::dialtone::Service(Gone::kServiceName) {
  AddMethod<&Gone::Service::Ask>(Gone::kAskMethod);
}

Gone::Service::~Service() = default;

::dialtone::Task<::absl::Status> Gone::Service::Ask(
    ::dialtone::ServerCall&, const ::legacy::Old&,
    ::legacy::Old_Extra&) {
  co_return ::dialtone::internal::UnimplementedMethod(Gone::kAskMethod);
}

Gone::PlainService::PlainService() : ::dialtone::Service(Gone::kServiceName) {
  AddMethod<&Gone::PlainService::Ask>(Gone::kAskMethod);
}

Gone::PlainService::~PlainService() = default;

::absl::Status Gone::PlainService::Ask(
    ::dialtone::ServerCall&, const ::legacy::Old&,
    ::legacy::Old_Extra&) {
  return ::dialtone::internal::UnimplementedMethod(Gone::kAskMethod);
}

}  // namespace legacy
