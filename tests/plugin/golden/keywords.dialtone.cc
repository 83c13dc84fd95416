// Written by protoc-gen-dialtone from keywords.proto: change that file, not this one.
// clang-format off
#include "keywords.dialtone.h"

#include <utility>

// Whoever links the services links their descriptors, which the reflection service tells.
namespace dialtone::internal {
namespace {
[[gnu::used]] constexpr const void* kDescriptorsOf_keywords_2eproto = &::descriptor_table_keywords_2eproto;
}  // namespace
}  // namespace dialtone::internal

// Comments of .proto files, for the reflection service: of each file a serialised
// google.protobuf.SourceCodeInfo.
namespace dialtone::internal {
inline constexpr char kCommentsOf_keywords_2eproto_87f31154f9360b8e[] =
    "\nF\n\004\006\000\002\002\022\003\025\002 \0329 Keeps its name beside the one above it in "
    "the alphabet.\n\nN\n\002\006\002\022\004!\000#\001\032B A macro unless C++ is asked for wi"
    "thout extensions (-std=c++20).\n";
namespace {
constexpr FileComments kCommentsFor_keywords_2eproto[] = {
    {"keywords.proto", {kCommentsOf_keywords_2eproto_87f31154f9360b8e, sizeof(kCommentsOf_keywords_2eproto_87f31154f9360b8e) - 1}},
};
}  // namespace
}  // namespace dialtone::internal

namespace odd {
namespace keywords {

::dialtone::Call<::odd::keywords::int_> delete__::Client::switch_(
    const ::odd::keywords::class_& request) const {
  return {*channel_, delete__::kSwitchMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::switch_(
    const ::odd::keywords::class_& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kSwitchMethod, request, options};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::switch_(
    ::odd::keywords::class_&& request) const {
  return {*channel_, delete__::kSwitchMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::switch_(
    ::odd::keywords::class_&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kSwitchMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::keywords::class_> delete__::Client::co_await_(
    const ::odd::keywords::class__new& request) const {
  return {*channel_, delete__::kCoAwaitMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::class_> delete__::Client::co_await_(
    const ::odd::keywords::class__new& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kCoAwaitMethod, request, options};
}

::dialtone::Call<::odd::keywords::class_> delete__::Client::co_await_(
    ::odd::keywords::class__new&& request) const {
  return {*channel_, delete__::kCoAwaitMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::class_> delete__::Client::co_await_(
    ::odd::keywords::class__new&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kCoAwaitMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::new_(
    const ::odd::keywords::class_& request) const {
  return {*channel_, delete__::kNewMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::new_(
    const ::odd::keywords::class_& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kNewMethod, request, options};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::new_(
    ::odd::keywords::class_&& request) const {
  return {*channel_, delete__::kNewMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::new_(
    ::odd::keywords::class_&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kNewMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::new__(
    const ::odd::keywords::class_& request) const {
  return {*channel_, delete__::kNewMethod_, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::new__(
    const ::odd::keywords::class_& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kNewMethod_, request, options};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::new__(
    ::odd::keywords::class_&& request) const {
  return {*channel_, delete__::kNewMethod_, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::new__(
    ::odd::keywords::class_&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kNewMethod_, ::std::move(request), options};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::NULL_(
    const ::odd::keywords::class_& request) const {
  return {*channel_, delete__::kNULLMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::NULL_(
    const ::odd::keywords::class_& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kNULLMethod, request, options};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::NULL_(
    ::odd::keywords::class_&& request) const {
  return {*channel_, delete__::kNULLMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::NULL_(
    ::odd::keywords::class_&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kNULLMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::assert_(
    const ::odd::keywords::class_& request) const {
  return {*channel_, delete__::kAssertMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::assert_(
    const ::odd::keywords::class_& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kAssertMethod, request, options};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::assert_(
    ::odd::keywords::class_&& request) const {
  return {*channel_, delete__::kAssertMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::assert_(
    ::odd::keywords::class_&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kAssertMethod, ::std::move(request), options};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::EOF_(
    const ::odd::keywords::class_& request) const {
  return {*channel_, delete__::kEOFMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::EOF_(
    const ::odd::keywords::class_& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kEOFMethod, request, options};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::EOF_(
    ::odd::keywords::class_&& request) const {
  return {*channel_, delete__::kEOFMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete__::Client::EOF_(
    ::odd::keywords::class_&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete__::kEOFMethod, ::std::move(request), options};
}

delete__::Service::Service()
    : ::dialtone::Service(delete__::kServiceName,
                          ::dialtone::internal::kCommentsFor_keywords_2eproto) {
  AddMethod<&delete__::Service::switch_>(delete__::kSwitchMethod);
  AddMethod<&delete__::Service::co_await_>(delete__::kCoAwaitMethod);
  AddMethod<&delete__::Service::new_>(delete__::kNewMethod);
  AddMethod<&delete__::Service::new__>(delete__::kNewMethod_);
  AddMethod<&delete__::Service::NULL_>(delete__::kNULLMethod);
  AddMethod<&delete__::Service::assert_>(delete__::kAssertMethod);
  AddMethod<&delete__::Service::EOF_>(delete__::kEOFMethod);
}

delete__::Service::~Service() = default;

::dialtone::Task<::absl::Status> delete__::Service::switch_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  co_return ::dialtone::internal::UnimplementedMethod(delete__::kSwitchMethod);
}

::dialtone::Task<::absl::Status> delete__::Service::co_await_(
    ::dialtone::ServerCall&, const ::odd::keywords::class__new&,
    ::odd::keywords::class_&) {
  co_return ::dialtone::internal::UnimplementedMethod(delete__::kCoAwaitMethod);
}

::dialtone::Task<::absl::Status> delete__::Service::new_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  co_return ::dialtone::internal::UnimplementedMethod(delete__::kNewMethod);
}

::dialtone::Task<::absl::Status> delete__::Service::new__(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  co_return ::dialtone::internal::UnimplementedMethod(delete__::kNewMethod_);
}

::dialtone::Task<::absl::Status> delete__::Service::NULL_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  co_return ::dialtone::internal::UnimplementedMethod(delete__::kNULLMethod);
}

::dialtone::Task<::absl::Status> delete__::Service::assert_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  co_return ::dialtone::internal::UnimplementedMethod(delete__::kAssertMethod);
}

::dialtone::Task<::absl::Status> delete__::Service::EOF_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  co_return ::dialtone::internal::UnimplementedMethod(delete__::kEOFMethod);
}

delete__::PlainService::PlainService()
    : ::dialtone::Service(delete__::kServiceName,
                          ::dialtone::internal::kCommentsFor_keywords_2eproto) {
  AddMethod<&delete__::PlainService::switch_>(delete__::kSwitchMethod);
  AddMethod<&delete__::PlainService::co_await_>(delete__::kCoAwaitMethod);
  AddMethod<&delete__::PlainService::new_>(delete__::kNewMethod);
  AddMethod<&delete__::PlainService::new__>(delete__::kNewMethod_);
  AddMethod<&delete__::PlainService::NULL_>(delete__::kNULLMethod);
  AddMethod<&delete__::PlainService::assert_>(delete__::kAssertMethod);
  AddMethod<&delete__::PlainService::EOF_>(delete__::kEOFMethod);
}

delete__::PlainService::~PlainService() = default;

::absl::Status delete__::PlainService::switch_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  return ::dialtone::internal::UnimplementedMethod(delete__::kSwitchMethod);
}

::absl::Status delete__::PlainService::co_await_(
    ::dialtone::ServerCall&, const ::odd::keywords::class__new&,
    ::odd::keywords::class_&) {
  return ::dialtone::internal::UnimplementedMethod(delete__::kCoAwaitMethod);
}

::absl::Status delete__::PlainService::new_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  return ::dialtone::internal::UnimplementedMethod(delete__::kNewMethod);
}

::absl::Status delete__::PlainService::new__(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  return ::dialtone::internal::UnimplementedMethod(delete__::kNewMethod_);
}

::absl::Status delete__::PlainService::NULL_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  return ::dialtone::internal::UnimplementedMethod(delete__::kNULLMethod);
}

::absl::Status delete__::PlainService::assert_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  return ::dialtone::internal::UnimplementedMethod(delete__::kAssertMethod);
}

::absl::Status delete__::PlainService::EOF_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  return ::dialtone::internal::UnimplementedMethod(delete__::kEOFMethod);
}

::dialtone::Call<::odd::keywords::int_> delete_::Client::union_(
    const ::odd::keywords::class_& request) const {
  return {*channel_, delete_::kUnionMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete_::Client::union_(
    const ::odd::keywords::class_& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete_::kUnionMethod, request, options};
}

::dialtone::Call<::odd::keywords::int_> delete_::Client::union_(
    ::odd::keywords::class_&& request) const {
  return {*channel_, delete_::kUnionMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> delete_::Client::union_(
    ::odd::keywords::class_&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, delete_::kUnionMethod, ::std::move(request), options};
}

delete_::Service::Service()
    : ::dialtone::Service(delete_::kServiceName,
                          ::dialtone::internal::kCommentsFor_keywords_2eproto) {
  AddMethod<&delete_::Service::union_>(delete_::kUnionMethod);
}

delete_::Service::~Service() = default;

::dialtone::Task<::absl::Status> delete_::Service::union_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  co_return ::dialtone::internal::UnimplementedMethod(delete_::kUnionMethod);
}

delete_::PlainService::PlainService()
    : ::dialtone::Service(delete_::kServiceName,
                          ::dialtone::internal::kCommentsFor_keywords_2eproto) {
  AddMethod<&delete_::PlainService::union_>(delete_::kUnionMethod);
}

delete_::PlainService::~PlainService() = default;

::absl::Status delete_::PlainService::union_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  return ::dialtone::internal::UnimplementedMethod(delete_::kUnionMethod);
}

::dialtone::Call<::odd::keywords::int_> linux_::Client::unix_(
    const ::odd::keywords::class_& request) const {
  return {*channel_, linux_::kUnixMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> linux_::Client::unix_(
    const ::odd::keywords::class_& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, linux_::kUnixMethod, request, options};
}

::dialtone::Call<::odd::keywords::int_> linux_::Client::unix_(
    ::odd::keywords::class_&& request) const {
  return {*channel_, linux_::kUnixMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::keywords::int_> linux_::Client::unix_(
    ::odd::keywords::class_&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, linux_::kUnixMethod, ::std::move(request), options};
}

linux_::Service::Service()
    : ::dialtone::Service(linux_::kServiceName,
                          ::dialtone::internal::kCommentsFor_keywords_2eproto) {
  AddMethod<&linux_::Service::unix_>(linux_::kUnixMethod);
}

linux_::Service::~Service() = default;

::dialtone::Task<::absl::Status> linux_::Service::unix_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  co_return ::dialtone::internal::UnimplementedMethod(linux_::kUnixMethod);
}

linux_::PlainService::PlainService()
    : ::dialtone::Service(linux_::kServiceName,
                          ::dialtone::internal::kCommentsFor_keywords_2eproto) {
  AddMethod<&linux_::PlainService::unix_>(linux_::kUnixMethod);
}

linux_::PlainService::~PlainService() = default;

::absl::Status linux_::PlainService::unix_(
    ::dialtone::ServerCall&, const ::odd::keywords::class_&,
    ::odd::keywords::int_&) {
  return ::dialtone::internal::UnimplementedMethod(linux_::kUnixMethod);
}

}  // namespace keywords
}  // namespace odd
