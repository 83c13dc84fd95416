// Written by protoc-gen-dialtone from streams.proto: change that file, not this one.
// clang-format off
#include "streams.dialtone.h"

#include <utility>

// Whoever links the services links their descriptors, which the reflection service tells.
namespace dialtone::internal {
namespace {
[[gnu::used]] constexpr const void* kDescriptorsOf_streams_2eproto = &::descriptor_table_streams_2eproto;
}  // namespace
}  // namespace dialtone::internal

// Comments of .proto files, for the reflection service: of each file a serialised
// google.protobuf.SourceCodeInfo.
namespace dialtone::internal {
inline constexpr char kCommentsOf_streams_2eproto_f08d740745f2bbd9[] =
    "\n\031\n\002\006\000\022\004\016\000\025\001\032\015 Every kind.\n"
    "\n)\n\004\006\000\002\001\022\003\021\002&\032\034 One request, many replies.\n"
    "\n(\n\004\006\000\002\002\022\003\023\002'\032\033 Many requests, one reply.\n"
    "\n\034\n\004\006\000\002\003\022\003\024\002+\042\017 Many of both.\n"
    "\n;\n\002\006\001\022\004\030\000\034\001\032/ A file, and a service, may hold nothing els"
    "e.\n\n\037\n\004\006\002\002\000\022\004 \002\042\003\032\021 Do not call it.\n"
    "\nc\n\002\006\003\022\0044\000M\001\032W Names that streams bring with them, and names tha"
    "t the generated classes have anyway.\n"
    "\n5\n\004\006\003\002\011\022\003\077\002-\032( Parameters of the generated functions.\n"
    "\n:\n\004\006\003\002\016\022\003E\002-\032- Classes and members of the generated class.\n"
    "\n\030\n\004\006\003\002\022\022\003J\002*\032\013 Keywords.\n";
namespace {
constexpr FileComments kCommentsFor_streams_2eproto[] = {
    {"streams.proto", {kCommentsOf_streams_2eproto_f08d740745f2bbd9, sizeof(kCommentsOf_streams_2eproto_f08d740745f2bbd9) - 1}},
};
}  // namespace
}  // namespace dialtone::internal

namespace odd {
namespace streams {

::dialtone::Call<::odd::streams::Out> Kinds::Client::Ask(
    const ::odd::streams::In& request) const {
  return {*channel_, Kinds::kAskMethod, request, ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::streams::Out> Kinds::Client::Ask(
    const ::odd::streams::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Kinds::kAskMethod, request, options};
}

::dialtone::Call<::odd::streams::Out> Kinds::Client::Ask(
    ::odd::streams::In&& request) const {
  return {*channel_, Kinds::kAskMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::Call<::odd::streams::Out> Kinds::Client::Ask(
    ::odd::streams::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Kinds::kAskMethod, ::std::move(request), options};
}

::dialtone::ClientReader<::odd::streams::Out> Kinds::Client::Follow(
    const ::odd::streams::In& request) const {
  return {*channel_, Kinds::kFollowMethod, request, ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> Kinds::Client::Follow(
    const ::odd::streams::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Kinds::kFollowMethod, request, options};
}

::dialtone::ClientReader<::odd::streams::Out> Kinds::Client::Follow(
    ::odd::streams::In&& request) const {
  return {*channel_, Kinds::kFollowMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> Kinds::Client::Follow(
    ::odd::streams::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Kinds::kFollowMethod, ::std::move(request), options};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> Kinds::Client::Collect() const {
  return {*channel_, Kinds::kCollectMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> Kinds::Client::Collect(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Kinds::kCollectMethod, options};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> Kinds::Client::Chat() const {
  return {*channel_, Kinds::kChatMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> Kinds::Client::Chat(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Kinds::kChatMethod, options};
}

Kinds::Service::Service()
    : ::dialtone::Service(Kinds::kServiceName,
                          ::dialtone::internal::kCommentsFor_streams_2eproto) {
  AddMethod<&Kinds::Service::Ask>(Kinds::kAskMethod);
  AddMethod<&Kinds::Service::Follow>(Kinds::kFollowMethod);
  AddMethod<&Kinds::Service::Collect>(Kinds::kCollectMethod);
  AddMethod<&Kinds::Service::Chat>(Kinds::kChatMethod);
}

Kinds::Service::~Service() = default;

::dialtone::Task<::absl::Status> Kinds::Service::Ask(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::odd::streams::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Kinds::kAskMethod);
}

::dialtone::Task<::absl::Status> Kinds::Service::Follow(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(Kinds::kFollowMethod);
}

::dialtone::Task<::absl::Status> Kinds::Service::Collect(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Kinds::kCollectMethod);
}

::dialtone::Task<::absl::Status> Kinds::Service::Chat(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(Kinds::kChatMethod);
}

Kinds::PlainService::PlainService()
    : ::dialtone::Service(Kinds::kServiceName,
                          ::dialtone::internal::kCommentsFor_streams_2eproto) {
  AddMethod<&Kinds::PlainService::Ask>(Kinds::kAskMethod);
  AddMethod<&Kinds::PlainService::Follow>(Kinds::kFollowMethod);
  AddMethod<&Kinds::PlainService::Collect>(Kinds::kCollectMethod);
  AddMethod<&Kinds::PlainService::Chat>(Kinds::kChatMethod);
}

Kinds::PlainService::~PlainService() = default;

::absl::Status Kinds::PlainService::Ask(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::odd::streams::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Kinds::kAskMethod);
}

::absl::Status Kinds::PlainService::Follow(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(Kinds::kFollowMethod);
}

::absl::Status Kinds::PlainService::Collect(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Kinds::kCollectMethod);
}

::absl::Status Kinds::PlainService::Chat(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(Kinds::kChatMethod);
}

::dialtone::ClientReader<::odd::streams::Out> OnlyDown::Client::Follow(
    const ::odd::streams::In& request) const {
  return {*channel_, OnlyDown::kFollowMethod, request, ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> OnlyDown::Client::Follow(
    const ::odd::streams::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, OnlyDown::kFollowMethod, request, options};
}

::dialtone::ClientReader<::odd::streams::Out> OnlyDown::Client::Follow(
    ::odd::streams::In&& request) const {
  return {*channel_, OnlyDown::kFollowMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> OnlyDown::Client::Follow(
    ::odd::streams::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, OnlyDown::kFollowMethod, ::std::move(request), options};
}

OnlyDown::Service::Service()
    : ::dialtone::Service(OnlyDown::kServiceName,
                          ::dialtone::internal::kCommentsFor_streams_2eproto) {
  AddMethod<&OnlyDown::Service::Follow>(OnlyDown::kFollowMethod);
}

OnlyDown::Service::~Service() = default;

::dialtone::Task<::absl::Status> OnlyDown::Service::Follow(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(OnlyDown::kFollowMethod);
}

OnlyDown::PlainService::PlainService()
    : ::dialtone::Service(OnlyDown::kServiceName,
                          ::dialtone::internal::kCommentsFor_streams_2eproto) {
  AddMethod<&OnlyDown::PlainService::Follow>(OnlyDown::kFollowMethod);
}

OnlyDown::PlainService::~PlainService() = default;

::absl::Status OnlyDown::PlainService::Follow(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(OnlyDown::kFollowMethod);
}

::dialtone::ClientReader<::odd::streams::Out> Fading::Client::Follow(
    const ::odd::streams::In& request) const {
  return {*channel_, Fading::kFollowMethod, request, ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> Fading::Client::Follow(
    const ::odd::streams::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Fading::kFollowMethod, request, options};
}

::dialtone::ClientReader<::odd::streams::Out> Fading::Client::Follow(
    ::odd::streams::In&& request) const {
  return {*channel_, Fading::kFollowMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> Fading::Client::Follow(
    ::odd::streams::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Fading::kFollowMethod, ::std::move(request), options};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> Fading::Client::Collect() const {
  return {*channel_, Fading::kCollectMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> Fading::Client::Collect(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Fading::kCollectMethod, options};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> Fading::Client::Chat() const {
  return {*channel_, Fading::kChatMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> Fading::Client::Chat(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, Fading::kChatMethod, options};
}

Fading::Service::Service()
    : ::dialtone::Service(Fading::kServiceName,
                          ::dialtone::internal::kCommentsFor_streams_2eproto) {
  AddMethod<&Fading::Service::Follow>(Fading::kFollowMethod);
  AddMethod<&Fading::Service::Collect>(Fading::kCollectMethod);
  AddMethod<&Fading::Service::Chat>(Fading::kChatMethod);
}

Fading::Service::~Service() = default;

::dialtone::Task<::absl::Status> Fading::Service::Follow(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(Fading::kFollowMethod);
}

::dialtone::Task<::absl::Status> Fading::Service::Collect(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(Fading::kCollectMethod);
}

::dialtone::Task<::absl::Status> Fading::Service::Chat(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(Fading::kChatMethod);
}

Fading::PlainService::PlainService()
    : ::dialtone::Service(Fading::kServiceName,
                          ::dialtone::internal::kCommentsFor_streams_2eproto) {
  AddMethod<&Fading::PlainService::Follow>(Fading::kFollowMethod);
  AddMethod<&Fading::PlainService::Collect>(Fading::kCollectMethod);
  AddMethod<&Fading::PlainService::Chat>(Fading::kChatMethod);
}

Fading::PlainService::~PlainService() = default;

::absl::Status Fading::PlainService::Follow(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(Fading::kFollowMethod);
}

::absl::Status Fading::PlainService::Collect(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  return ::dialtone::internal::UnimplementedMethod(Fading::kCollectMethod);
}

::absl::Status Fading::PlainService::Chat(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(Fading::kChatMethod);
}

::dialtone::ClientReader<::odd::streams::Writer> ClientReader::Client::Reader(
    const ::odd::streams::Reader& request) const {
  return {*channel_, ClientReader::kReaderMethod, request, ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Writer> ClientReader::Client::Reader(
    const ::odd::streams::Reader& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kReaderMethod, request, options};
}

::dialtone::ClientReader<::odd::streams::Writer> ClientReader::Client::Reader(
    ::odd::streams::Reader&& request) const {
  return {*channel_, ClientReader::kReaderMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Writer> ClientReader::Client::Reader(
    ::odd::streams::Reader&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kReaderMethod, ::std::move(request), options};
}

::dialtone::ClientWriter<::odd::streams::Writer, ::odd::streams::Reader> ClientReader::Client::Writer() const {
  return {*channel_, ClientReader::kWriterMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientWriter<::odd::streams::Writer, ::odd::streams::Reader> ClientReader::Client::Writer(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kWriterMethod, options};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::ClientReader() const {
  return {*channel_, ClientReader::kClientReaderMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::ClientReader(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kClientReaderMethod, options};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::ClientReaderWriter() const {
  return {*channel_, ClientReader::kClientReaderWriterMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::ClientReaderWriter(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kClientReaderWriterMethod, options};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::ClientWriter() const {
  return {*channel_, ClientReader::kClientWriterMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::ClientWriter(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kClientWriterMethod, options};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::Read(
    const ::odd::streams::In& request) const {
  return {*channel_, ClientReader::kReadMethod, request, ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::Read(
    const ::odd::streams::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kReadMethod, request, options};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::Read(
    ::odd::streams::In&& request) const {
  return {*channel_, ClientReader::kReadMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::Read(
    ::odd::streams::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kReadMethod, ::std::move(request), options};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::Write() const {
  return {*channel_, ClientReader::kWriteMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::Write(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kWriteMethod, options};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::HalfClose() const {
  return {*channel_, ClientReader::kHalfCloseMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::HalfClose(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kHalfCloseMethod, options};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::Finish(
    const ::odd::streams::In& request) const {
  return {*channel_, ClientReader::kFinishMethod, request, ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::Finish(
    const ::odd::streams::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kFinishMethod, request, options};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::Finish(
    ::odd::streams::In&& request) const {
  return {*channel_, ClientReader::kFinishMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::Finish(
    ::odd::streams::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kFinishMethod, ::std::move(request), options};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::reader() const {
  return {*channel_, ClientReader::kReaderMethod_, ::dialtone::CallOptions()};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::reader(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kReaderMethod_, options};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::writer(
    const ::odd::streams::In& request) const {
  return {*channel_, ClientReader::kWriterMethod_, request, ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::writer(
    const ::odd::streams::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kWriterMethod_, request, options};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::writer(
    ::odd::streams::In&& request) const {
  return {*channel_, ClientReader::kWriterMethod_, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::writer(
    ::odd::streams::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kWriterMethod_, ::std::move(request), options};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::reply() const {
  return {*channel_, ClientReader::kReplyMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::reply(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kReplyMethod, options};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::options() const {
  return {*channel_, ClientReader::kOptionsMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::options(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kOptionsMethod, options};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::call() const {
  return {*channel_, ClientReader::kCallMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::call(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kCallMethod, options};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::Client_() const {
  return {*channel_, ClientReader::kClientMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::Client_(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kClientMethod, options};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::Service_(
    const ::odd::streams::In& request) const {
  return {*channel_, ClientReader::kServiceMethod, request, ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::Service_(
    const ::odd::streams::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kServiceMethod, request, options};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::Service_(
    ::odd::streams::In&& request) const {
  return {*channel_, ClientReader::kServiceMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::Service_(
    ::odd::streams::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kServiceMethod, ::std::move(request), options};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::AddMethod_() const {
  return {*channel_, ClientReader::kAddMethodMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::AddMethod_(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kAddMethodMethod, options};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::channel__() const {
  return {*channel_, ClientReader::kChannelMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::channel__(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kChannelMethod, options};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::for_() const {
  return {*channel_, ClientReader::kForMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::for_(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kForMethod, options};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::co_yield_(
    const ::odd::streams::In& request) const {
  return {*channel_, ClientReader::kCoYieldMethod, request, ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::co_yield_(
    const ::odd::streams::In& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kCoYieldMethod, request, options};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::co_yield_(
    ::odd::streams::In&& request) const {
  return {*channel_, ClientReader::kCoYieldMethod, ::std::move(request),
          ::dialtone::CallOptions()};
}

::dialtone::ClientReader<::odd::streams::Out> ClientReader::Client::co_yield_(
    ::odd::streams::In&& request,
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kCoYieldMethod, ::std::move(request), options};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::while_() const {
  return {*channel_, ClientReader::kWhileMethod, ::dialtone::CallOptions()};
}

::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientReader::Client::while_(
    const ::dialtone::CallOptions& options) const {
  return {*channel_, ClientReader::kWhileMethod, options};
}

ClientReader::Service::Service()
    : ::dialtone::Service(ClientReader::kServiceName,
                          ::dialtone::internal::kCommentsFor_streams_2eproto) {
  AddMethod<&ClientReader::Service::Reader>(ClientReader::kReaderMethod);
  AddMethod<&ClientReader::Service::Writer>(ClientReader::kWriterMethod);
  AddMethod<&ClientReader::Service::ClientReader>(ClientReader::kClientReaderMethod);
  AddMethod<&ClientReader::Service::ClientReaderWriter>(ClientReader::kClientReaderWriterMethod);
  AddMethod<&ClientReader::Service::ClientWriter>(ClientReader::kClientWriterMethod);
  AddMethod<&ClientReader::Service::Read>(ClientReader::kReadMethod);
  AddMethod<&ClientReader::Service::Write>(ClientReader::kWriteMethod);
  AddMethod<&ClientReader::Service::HalfClose>(ClientReader::kHalfCloseMethod);
  AddMethod<&ClientReader::Service::Finish>(ClientReader::kFinishMethod);
  AddMethod<&ClientReader::Service::reader>(ClientReader::kReaderMethod_);
  AddMethod<&ClientReader::Service::writer>(ClientReader::kWriterMethod_);
  AddMethod<&ClientReader::Service::reply>(ClientReader::kReplyMethod);
  AddMethod<&ClientReader::Service::options>(ClientReader::kOptionsMethod);
  AddMethod<&ClientReader::Service::call>(ClientReader::kCallMethod);
  AddMethod<&ClientReader::Service::Client_>(ClientReader::kClientMethod);
  AddMethod<&ClientReader::Service::Service_>(ClientReader::kServiceMethod);
  AddMethod<&ClientReader::Service::AddMethod_>(ClientReader::kAddMethodMethod);
  AddMethod<&ClientReader::Service::channel__>(ClientReader::kChannelMethod);
  AddMethod<&ClientReader::Service::for_>(ClientReader::kForMethod);
  AddMethod<&ClientReader::Service::co_yield_>(ClientReader::kCoYieldMethod);
  AddMethod<&ClientReader::Service::while_>(ClientReader::kWhileMethod);
}

ClientReader::Service::~Service() = default;

::dialtone::Task<::absl::Status> ClientReader::Service::Reader(
    ::dialtone::ServerCall&, const ::odd::streams::Reader&,
    ::dialtone::Writer<::odd::streams::Writer>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kReaderMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::Writer(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::Writer>&,
    ::odd::streams::Reader&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kWriterMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::ClientReader(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kClientReaderMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::ClientReaderWriter(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kClientReaderWriterMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::ClientWriter(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kClientWriterMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::Read(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kReadMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::Write(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kWriteMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::HalfClose(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kHalfCloseMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::Finish(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kFinishMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::reader(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kReaderMethod_);
}

::dialtone::Task<::absl::Status> ClientReader::Service::writer(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kWriterMethod_);
}

::dialtone::Task<::absl::Status> ClientReader::Service::reply(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kReplyMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::options(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kOptionsMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::call(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kCallMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::Client_(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kClientMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::Service_(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kServiceMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::AddMethod_(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kAddMethodMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::channel__(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kChannelMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::for_(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kForMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::co_yield_(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kCoYieldMethod);
}

::dialtone::Task<::absl::Status> ClientReader::Service::while_(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  co_return ::dialtone::internal::UnimplementedMethod(ClientReader::kWhileMethod);
}

ClientReader::PlainService::PlainService()
    : ::dialtone::Service(ClientReader::kServiceName,
                          ::dialtone::internal::kCommentsFor_streams_2eproto) {
  AddMethod<&ClientReader::PlainService::Reader>(ClientReader::kReaderMethod);
  AddMethod<&ClientReader::PlainService::Writer>(ClientReader::kWriterMethod);
  AddMethod<&ClientReader::PlainService::ClientReader>(ClientReader::kClientReaderMethod);
  AddMethod<&ClientReader::PlainService::ClientReaderWriter>(ClientReader::kClientReaderWriterMethod);
  AddMethod<&ClientReader::PlainService::ClientWriter>(ClientReader::kClientWriterMethod);
  AddMethod<&ClientReader::PlainService::Read>(ClientReader::kReadMethod);
  AddMethod<&ClientReader::PlainService::Write>(ClientReader::kWriteMethod);
  AddMethod<&ClientReader::PlainService::HalfClose>(ClientReader::kHalfCloseMethod);
  AddMethod<&ClientReader::PlainService::Finish>(ClientReader::kFinishMethod);
  AddMethod<&ClientReader::PlainService::reader>(ClientReader::kReaderMethod_);
  AddMethod<&ClientReader::PlainService::writer>(ClientReader::kWriterMethod_);
  AddMethod<&ClientReader::PlainService::reply>(ClientReader::kReplyMethod);
  AddMethod<&ClientReader::PlainService::options>(ClientReader::kOptionsMethod);
  AddMethod<&ClientReader::PlainService::call>(ClientReader::kCallMethod);
  AddMethod<&ClientReader::PlainService::Client_>(ClientReader::kClientMethod);
  AddMethod<&ClientReader::PlainService::Service_>(ClientReader::kServiceMethod);
  AddMethod<&ClientReader::PlainService::AddMethod_>(ClientReader::kAddMethodMethod);
  AddMethod<&ClientReader::PlainService::channel__>(ClientReader::kChannelMethod);
  AddMethod<&ClientReader::PlainService::for_>(ClientReader::kForMethod);
  AddMethod<&ClientReader::PlainService::co_yield_>(ClientReader::kCoYieldMethod);
  AddMethod<&ClientReader::PlainService::while_>(ClientReader::kWhileMethod);
}

ClientReader::PlainService::~PlainService() = default;

::absl::Status ClientReader::PlainService::Reader(
    ::dialtone::ServerCall&, const ::odd::streams::Reader&,
    ::dialtone::Writer<::odd::streams::Writer>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kReaderMethod);
}

::absl::Status ClientReader::PlainService::Writer(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::Writer>&,
    ::odd::streams::Reader&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kWriterMethod);
}

::absl::Status ClientReader::PlainService::ClientReader(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kClientReaderMethod);
}

::absl::Status ClientReader::PlainService::ClientReaderWriter(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kClientReaderWriterMethod);
}

::absl::Status ClientReader::PlainService::ClientWriter(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kClientWriterMethod);
}

::absl::Status ClientReader::PlainService::Read(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kReadMethod);
}

::absl::Status ClientReader::PlainService::Write(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kWriteMethod);
}

::absl::Status ClientReader::PlainService::HalfClose(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kHalfCloseMethod);
}

::absl::Status ClientReader::PlainService::Finish(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kFinishMethod);
}

::absl::Status ClientReader::PlainService::reader(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kReaderMethod_);
}

::absl::Status ClientReader::PlainService::writer(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kWriterMethod_);
}

::absl::Status ClientReader::PlainService::reply(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kReplyMethod);
}

::absl::Status ClientReader::PlainService::options(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kOptionsMethod);
}

::absl::Status ClientReader::PlainService::call(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kCallMethod);
}

::absl::Status ClientReader::PlainService::Client_(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kClientMethod);
}

::absl::Status ClientReader::PlainService::Service_(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kServiceMethod);
}

::absl::Status ClientReader::PlainService::AddMethod_(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kAddMethodMethod);
}

::absl::Status ClientReader::PlainService::channel__(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kChannelMethod);
}

::absl::Status ClientReader::PlainService::for_(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kForMethod);
}

::absl::Status ClientReader::PlainService::co_yield_(
    ::dialtone::ServerCall&, const ::odd::streams::In&,
    ::dialtone::Writer<::odd::streams::Out>&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kCoYieldMethod);
}

::absl::Status ClientReader::PlainService::while_(
    ::dialtone::ServerCall&, ::dialtone::Reader<::odd::streams::In>&,
    ::odd::streams::Out&) {
  return ::dialtone::internal::UnimplementedMethod(ClientReader::kWhileMethod);
}

}  // namespace streams
}  // namespace odd
