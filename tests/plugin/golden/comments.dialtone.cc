// Written by protoc-gen-dialtone from comments.proto: change that file, not this one.
// clang-format off
#include "comments.dialtone.h"

#include <utility>

// Whoever links the services links their descriptors, which the reflection service tells.
namespace dialtone::internal {
namespace {
[[gnu::used]] constexpr const void* kDescriptorsOf_comments_2eproto = &::descriptor_table_comments_2eproto;
}  // namespace
}  // namespace dialtone::internal

// Comments of .proto files, for the reflection service: of each file a serialised
// google.protobuf.SourceCodeInfo.
namespace dialtone::internal {
inline constexpr char kCommentsOf_comments_2eproto_39ade97ca682be05[] =
    "\n#\n\002\004\000\022\004\005\000\024\001\032\027 Whose note is \042free\042\077\n"
    "\n\036\n\004\004\000\002\000\022\003\011\002\022\042\021 Behind a field.\n"
    "\n\042\n\006\004\000\003\000\002\000\022\003\015\004\024\032\023 Within a message.\n"
    "\n\035\n\004\004\000\010\000\022\004\020\002\023\003\032\017 Or the other.\n"
    "\n!\n\002\005\000\022\004\027\000\032\001\032\025 How long a note is.\n"
    "\n \n\004\005\000\002\001\022\003\031\002\020\042\023 Of several pages.\n"
    "\nc\n\002\006\000\022\004\037\0008\001\032W A block that speaks of \042//\042 and of \134n"
    " escapes.\n Its second line ends in a backslash \134\n"
    "\n'\n\004\006\000\002\000\022\003!\002%\032\032 Ends in a backslash: C:\134\n"
    "\n5\n\004\006\000\002\001\022\003#\002.\032( Ends in a backslash and spaces: C:\134   \n"
    "\n%\n\004\006\000\002\002\022\003%\002$\032\030 Ends in a trigraph \077\077/\n"
    "\nR\n\004\006\000\002\003\022\003'\002!\032E Closes */ what was never opened, and opens /*"
    " what is never closed.\n"
    "\n<\n\004\006\000\002\004\022\003)\002!\032/ #error \042not a directive\042 $file$ %s {{br"
    "aces}}\n\n\036\n\004\006\000\002\005\022\003+\002#\032\021/ Three slashes.\n"
    "\n\025\n\004\006\000\002\006\022\003-\002!\032\010No gap.\n"
    "\nA\n\004\006\000\002\007\022\003/\002*\0324 A bare carriage return\015#error is no new li"
    "ne here.\n\n\036\n\004\006\000\002\010\022\0031\002#\032\021 Gr\303\274\303\237e, \344\270"
    "\226\347\225\214\n\n!\n"
    "\004\006\000\002\011\022\0036\002!\032\011 Before.\n"
    "\042\011 Behind.\n";
namespace {
constexpr FileComments kCommentsFor_comments_2eproto[] = {
    {"comments.proto", {kCommentsOf_comments_2eproto_39ade97ca682be05, sizeof(kCommentsOf_comments_2eproto_39ade97ca682be05) - 1}},
};
}  // namespace
}  // namespace dialtone::internal

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

Notes::Service::Service()
    : ::dialtone::Service(Notes::kServiceName,
                          ::dialtone::internal::kCommentsFor_comments_2eproto) {
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

Notes::PlainService::PlainService()
    : ::dialtone::Service(Notes::kServiceName,
                          ::dialtone::internal::kCommentsFor_comments_2eproto) {
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
