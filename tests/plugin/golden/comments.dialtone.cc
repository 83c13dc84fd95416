// Written by protoc-gen-dialtone from comments.proto: change that file, not this one.
// clang-format off
#include "comments.dialtone.h"

#include <utility>

namespace comments {

::dialtone::Call<::comments::Note> Notes::Client::Backslash(
    const ::comments::Note& request) const {
  return {*channel_, Notes::kBackslashMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Backslash(
    const ::comments::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kBackslashMethod, request, options};
}

::dialtone::Call<::comments::Note> Notes::Client::Backslash(
    ::comments::Note&& request) const {
  return {*channel_, Notes::kBackslashMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Backslash(
    ::comments::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kBackslashMethod, ::std::move(request), options};
}

::dialtone::Call<::comments::Note> Notes::Client::BackslashAndSpaces(
    const ::comments::Note& request) const {
  return {*channel_, Notes::kBackslashAndSpacesMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::BackslashAndSpaces(
    const ::comments::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kBackslashAndSpacesMethod, request, options};
}

::dialtone::Call<::comments::Note> Notes::Client::BackslashAndSpaces(
    ::comments::Note&& request) const {
  return {*channel_, Notes::kBackslashAndSpacesMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::BackslashAndSpaces(
    ::comments::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kBackslashAndSpacesMethod, ::std::move(request), options};
}

::dialtone::Call<::comments::Note> Notes::Client::Trigraph(
    const ::comments::Note& request) const {
  return {*channel_, Notes::kTrigraphMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Trigraph(
    const ::comments::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kTrigraphMethod, request, options};
}

::dialtone::Call<::comments::Note> Notes::Client::Trigraph(
    ::comments::Note&& request) const {
  return {*channel_, Notes::kTrigraphMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Trigraph(
    ::comments::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kTrigraphMethod, ::std::move(request), options};
}

::dialtone::Call<::comments::Note> Notes::Client::Stars(
    const ::comments::Note& request) const {
  return {*channel_, Notes::kStarsMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Stars(
    const ::comments::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kStarsMethod, request, options};
}

::dialtone::Call<::comments::Note> Notes::Client::Stars(
    ::comments::Note&& request) const {
  return {*channel_, Notes::kStarsMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Stars(
    ::comments::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kStarsMethod, ::std::move(request), options};
}

::dialtone::Call<::comments::Note> Notes::Client::Marks(
    const ::comments::Note& request) const {
  return {*channel_, Notes::kMarksMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Marks(
    const ::comments::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kMarksMethod, request, options};
}

::dialtone::Call<::comments::Note> Notes::Client::Marks(
    ::comments::Note&& request) const {
  return {*channel_, Notes::kMarksMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Marks(
    ::comments::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kMarksMethod, ::std::move(request), options};
}

::dialtone::Call<::comments::Note> Notes::Client::Slashes(
    const ::comments::Note& request) const {
  return {*channel_, Notes::kSlashesMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Slashes(
    const ::comments::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kSlashesMethod, request, options};
}

::dialtone::Call<::comments::Note> Notes::Client::Slashes(
    ::comments::Note&& request) const {
  return {*channel_, Notes::kSlashesMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Slashes(
    ::comments::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kSlashesMethod, ::std::move(request), options};
}

::dialtone::Call<::comments::Note> Notes::Client::NoGap(
    const ::comments::Note& request) const {
  return {*channel_, Notes::kNoGapMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::NoGap(
    const ::comments::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kNoGapMethod, request, options};
}

::dialtone::Call<::comments::Note> Notes::Client::NoGap(
    ::comments::Note&& request) const {
  return {*channel_, Notes::kNoGapMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::NoGap(
    ::comments::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kNoGapMethod, ::std::move(request), options};
}

::dialtone::Call<::comments::Note> Notes::Client::CarriageReturn(
    const ::comments::Note& request) const {
  return {*channel_, Notes::kCarriageReturnMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::CarriageReturn(
    const ::comments::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kCarriageReturnMethod, request, options};
}

::dialtone::Call<::comments::Note> Notes::Client::CarriageReturn(
    ::comments::Note&& request) const {
  return {*channel_, Notes::kCarriageReturnMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::CarriageReturn(
    ::comments::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kCarriageReturnMethod, ::std::move(request), options};
}

::dialtone::Call<::comments::Note> Notes::Client::Unicode(
    const ::comments::Note& request) const {
  return {*channel_, Notes::kUnicodeMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Unicode(
    const ::comments::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kUnicodeMethod, request, options};
}

::dialtone::Call<::comments::Note> Notes::Client::Unicode(
    ::comments::Note&& request) const {
  return {*channel_, Notes::kUnicodeMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Unicode(
    ::comments::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kUnicodeMethod, ::std::move(request), options};
}

::dialtone::Call<::comments::Note> Notes::Client::Sides(
    const ::comments::Note& request) const {
  return {*channel_, Notes::kSidesMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Sides(
    const ::comments::Note& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kSidesMethod, request, options};
}

::dialtone::Call<::comments::Note> Notes::Client::Sides(
    ::comments::Note&& request) const {
  return {*channel_, Notes::kSidesMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::comments::Note> Notes::Client::Sides(
    ::comments::Note&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Notes::kSidesMethod, ::std::move(request), options};
}

Notes::Service::Service() : ::dialtone::Service(Notes::kServiceName) {
  AddMethod<&Notes::Service::Backslash>(Notes::kBackslashMethod);
  AddMethod<&Notes::Service::BackslashAndSpaces>(Notes::kBackslashAndSpacesMethod);
  AddMethod<&Notes::Service::Trigraph>(Notes::kTrigraphMethod);
  AddMethod<&Notes::Service::Stars>(Notes::kStarsMethod);
  AddMethod<&Notes::Service::Marks>(Notes::kMarksMethod);
  AddMethod<&Notes::Service::Slashes>(Notes::kSlashesMethod);
  AddMethod<&Notes::Service::NoGap>(Notes::kNoGapMethod);
  AddMethod<&Notes::Service::CarriageReturn>(Notes::kCarriageReturnMethod);
  AddMethod<&Notes::Service::Unicode>(Notes::kUnicodeMethod);
  AddMethod<&Notes::Service::Sides>(Notes::kSidesMethod);
}

Notes::Service::~Service() = default;

::dialtone::Task<::absl::Status> Notes::Service::Backslash(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kBackslashMethod);
}

::dialtone::Task<::absl::Status> Notes::Service::BackslashAndSpaces(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kBackslashAndSpacesMethod);
}

::dialtone::Task<::absl::Status> Notes::Service::Trigraph(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kTrigraphMethod);
}

::dialtone::Task<::absl::Status> Notes::Service::Stars(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kStarsMethod);
}

::dialtone::Task<::absl::Status> Notes::Service::Marks(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kMarksMethod);
}

::dialtone::Task<::absl::Status> Notes::Service::Slashes(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kSlashesMethod);
}

::dialtone::Task<::absl::Status> Notes::Service::NoGap(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kNoGapMethod);
}

::dialtone::Task<::absl::Status> Notes::Service::CarriageReturn(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kCarriageReturnMethod);
}

::dialtone::Task<::absl::Status> Notes::Service::Unicode(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kUnicodeMethod);
}

::dialtone::Task<::absl::Status> Notes::Service::Sides(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  co_return ::dialtone::internal::UnimplementedMethod(Notes::kSidesMethod);
}

Notes::PlainService::PlainService() : ::dialtone::Service(Notes::kServiceName) {
  AddMethod<&Notes::PlainService::Backslash>(Notes::kBackslashMethod);
  AddMethod<&Notes::PlainService::BackslashAndSpaces>(Notes::kBackslashAndSpacesMethod);
  AddMethod<&Notes::PlainService::Trigraph>(Notes::kTrigraphMethod);
  AddMethod<&Notes::PlainService::Stars>(Notes::kStarsMethod);
  AddMethod<&Notes::PlainService::Marks>(Notes::kMarksMethod);
  AddMethod<&Notes::PlainService::Slashes>(Notes::kSlashesMethod);
  AddMethod<&Notes::PlainService::NoGap>(Notes::kNoGapMethod);
  AddMethod<&Notes::PlainService::CarriageReturn>(Notes::kCarriageReturnMethod);
  AddMethod<&Notes::PlainService::Unicode>(Notes::kUnicodeMethod);
  AddMethod<&Notes::PlainService::Sides>(Notes::kSidesMethod);
}

Notes::PlainService::~PlainService() = default;

::absl::Status Notes::PlainService::Backslash(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kBackslashMethod);
}

::absl::Status Notes::PlainService::BackslashAndSpaces(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kBackslashAndSpacesMethod);
}

::absl::Status Notes::PlainService::Trigraph(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kTrigraphMethod);
}

::absl::Status Notes::PlainService::Stars(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kStarsMethod);
}

::absl::Status Notes::PlainService::Marks(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kMarksMethod);
}

::absl::Status Notes::PlainService::Slashes(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kSlashesMethod);
}

::absl::Status Notes::PlainService::NoGap(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kNoGapMethod);
}

::absl::Status Notes::PlainService::CarriageReturn(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kCarriageReturnMethod);
}

::absl::Status Notes::PlainService::Unicode(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kUnicodeMethod);
}

::absl::Status Notes::PlainService::Sides(
    ::dialtone::ServerCall&, const ::comments::Note&,
    ::comments::Note&) {
  return ::dialtone::internal::UnimplementedMethod(Notes::kSidesMethod);
}

}  // namespace comments
