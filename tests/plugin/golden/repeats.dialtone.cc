// Written by protoc-gen-dialtone from repeats.proto: change that file, not this one.
// clang-format off
#include "repeats.dialtone.h"

#include <utility>

// Whoever links the services links their descriptors, which the reflection service tells.
namespace dialtone::internal {
namespace {
[[gnu::used]] constexpr const void* kDescriptorsOf_repeats_2eproto = &::descriptor_table_repeats_2eproto;
}  // namespace
}  // namespace dialtone::internal

namespace repeats {

::dialtone::Call<::repeats::Note> Notes::Client::Unsaid(
    const ::repeats::Note& request) const {
  return {*channel_, Notes::kUnsaidMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::repeats::Note> Notes::Client::Unsaid(
    const ::repeats::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kUnsaidMethod, request, options};
}

::dialtone::Call<::repeats::Note> Notes::Client::Unsaid(
    ::repeats::Note&& request) const {
  return {*channel_, Notes::kUnsaidMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::repeats::Note> Notes::Client::Unsaid(
    ::repeats::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kUnsaidMethod, ::std::move(request), options};
}

::dialtone::Call<::repeats::Note> Notes::Client::Unknown(
    const ::repeats::Note& request) const {
  return {*channel_, Notes::kUnknownMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::repeats::Note> Notes::Client::Unknown(
    const ::repeats::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kUnknownMethod, request, options};
}

::dialtone::Call<::repeats::Note> Notes::Client::Unknown(
    ::repeats::Note&& request) const {
  return {*channel_, Notes::kUnknownMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::repeats::Note> Notes::Client::Unknown(
    ::repeats::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kUnknownMethod, ::std::move(request), options};
}

::dialtone::Call<::repeats::Note> Notes::Client::Read(
    const ::repeats::Note& request) const {
  return {*channel_, Notes::kReadMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::repeats::Note> Notes::Client::Read(
    const ::repeats::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kReadMethod, request, options};
}

::dialtone::Call<::repeats::Note> Notes::Client::Read(
    ::repeats::Note&& request) const {
  return {*channel_, Notes::kReadMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::repeats::Note> Notes::Client::Read(
    ::repeats::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kReadMethod, ::std::move(request), options};
}

::dialtone::Call<::repeats::Note> Notes::Client::Put(
    const ::repeats::Note& request) const {
  return {*channel_, Notes::kPutMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::repeats::Note> Notes::Client::Put(
    const ::repeats::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kPutMethod, request, options};
}

::dialtone::Call<::repeats::Note> Notes::Client::Put(
    ::repeats::Note&& request) const {
  return {*channel_, Notes::kPutMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::repeats::Note> Notes::Client::Put(
    ::repeats::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kPutMethod, ::std::move(request), options};
}

Notes::Service::Service() : ::dialtone::Service(Notes::kServiceName) {
  AddMethod<&Notes::Service::Unsaid>(Notes::kUnsaidMethod);
  AddMethod<&Notes::Service::Unknown>(Notes::kUnknownMethod);
  AddMethod<&Notes::Service::Read>(Notes::kReadMethod);
  AddMethod<&Notes::Service::Put>(Notes::kPutMethod);
}

Notes::Service::~Service() = default;

::dialtone::Task<::absl::Status> Notes::Service::Unsaid(
    ::dialtone::ServerCall&, const ::repeats::Note&,
    ::repeats::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kUnsaidMethod);
}

::dialtone::Task<::absl::Status> Notes::Service::Unknown(
    ::dialtone::ServerCall&, const ::repeats::Note&,
    ::repeats::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kUnknownMethod);
}

::dialtone::Task<::absl::Status> Notes::Service::Read(
    ::dialtone::ServerCall&, const ::repeats::Note&,
    ::repeats::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kReadMethod);
}

::dialtone::Task<::absl::Status> Notes::Service::Put(
    ::dialtone::ServerCall&, const ::repeats::Note&,
    ::repeats::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kPutMethod);
}

Notes::PlainService::PlainService() : ::dialtone::Service(Notes::kServiceName) {
  AddMethod<&Notes::PlainService::Unsaid>(Notes::kUnsaidMethod);
  AddMethod<&Notes::PlainService::Unknown>(Notes::kUnknownMethod);
  AddMethod<&Notes::PlainService::Read>(Notes::kReadMethod);
  AddMethod<&Notes::PlainService::Put>(Notes::kPutMethod);
}

Notes::PlainService::~PlainService() = default;

::absl::Status Notes::PlainService::Unsaid(
    ::dialtone::ServerCall&, const ::repeats::Note&,
    ::repeats::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kUnsaidMethod);
}

::absl::Status Notes::PlainService::Unknown(
    ::dialtone::ServerCall&, const ::repeats::Note&,
    ::repeats::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kUnknownMethod);
}

::absl::Status Notes::PlainService::Read(
    ::dialtone::ServerCall&, const ::repeats::Note&,
    ::repeats::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kReadMethod);
}

::absl::Status Notes::PlainService::Put(
    ::dialtone::ServerCall&, const ::repeats::Note&,
    ::repeats::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kPutMethod);
}

}  // namespace repeats
