// Written by protoc-gen-dialtone from streams.proto: change that file, not this one.
// clang-format off
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "dialtone/rpc/call.h"
#include "dialtone/rpc/call_options.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/method.h"
#include "dialtone/rpc/server_call.h"
#include "dialtone/rpc/service.h"
#include "dialtone/rpc/stream.h"
#include "dialtone/rpc/task.h"
#include "streams.pb.h"

namespace odd {
namespace streams {

// Every kind.
class Kinds final {
 public:
  Kinds() = delete;

  static constexpr ::std::string_view kServiceName = "odd.streams.Kinds";
  static constexpr ::dialtone::Method kAskMethod{
      "/odd.streams.Kinds/Ask", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kFollowMethod{
      "/odd.streams.Kinds/Follow", ::dialtone::MethodKind::kServerStreaming};
  static constexpr ::dialtone::Method kCollectMethod{
      "/odd.streams.Kinds/Collect", ::dialtone::MethodKind::kClientStreaming};
  static constexpr ::dialtone::Method kChatMethod{
      "/odd.streams.Kinds/Chat", ::dialtone::MethodKind::kBidirectionalStreaming};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::odd::streams::Out> Ask(
        const ::odd::streams::In& request) const;
    ::dialtone::Call<::odd::streams::Out> Ask(
        const ::odd::streams::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::streams::Out> Ask(
        ::odd::streams::In&& request) const;
    ::dialtone::Call<::odd::streams::Out> Ask(
        ::odd::streams::In&& request,
        const ::dialtone::CallOptions& options) const;

    // One request, many replies.
    ::dialtone::ClientReader<::odd::streams::Out> Follow(
        const ::odd::streams::In& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> Follow(
        const ::odd::streams::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::ClientReader<::odd::streams::Out> Follow(
        ::odd::streams::In&& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> Follow(
        ::odd::streams::In&& request,
        const ::dialtone::CallOptions& options) const;

    // Many requests, one reply.
    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> Collect() const;
    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> Collect(
        const ::dialtone::CallOptions& options) const;

    // Many of both.
    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> Chat() const;
    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> Chat(
        const ::dialtone::CallOptions& options) const;

   private:
    ::dialtone::Channel* channel_;
  };

  // Derive from it and override the methods: handlers are coroutines. What is not overridden answers
  // UNIMPLEMENTED. Handlers run on several threads at a time. A reader or a writer lives until its handler
  // has ended.
  class Service : public ::dialtone::Service {
   public:
    Service();
    ~Service() override;

    virtual ::dialtone::Task<::absl::Status> Ask(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::odd::streams::Out& reply);

    // One request, many replies.
    virtual ::dialtone::Task<::absl::Status> Follow(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    // Many requests, one reply.
    virtual ::dialtone::Task<::absl::Status> Collect(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    // Many of both.
    virtual ::dialtone::Task<::absl::Status> Chat(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);
  };

  // Derive from it and override the methods: handlers are plain functions. Those that stream always run on
  // workers, where reader.Read().Wait() and writer.Write(message).Wait() may block; the others must not block
  // unless the service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run
  // on several threads at a time. A reader or a writer lives until its handler has ended.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    virtual ::absl::Status Ask(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::odd::streams::Out& reply);

    // One request, many replies.
    virtual ::absl::Status Follow(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    // Many requests, one reply.
    virtual ::absl::Status Collect(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    // Many of both.
    virtual ::absl::Status Chat(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);
  };
};

// A file, and a service, may hold nothing else.
class OnlyDown final {
 public:
  OnlyDown() = delete;

  static constexpr ::std::string_view kServiceName = "odd.streams.OnlyDown";
  static constexpr ::dialtone::Method kFollowMethod{
      "/odd.streams.OnlyDown/Follow", ::dialtone::MethodKind::kServerStreaming,
      ::dialtone::Idempotency::kNoSideEffects};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::ClientReader<::odd::streams::Out> Follow(
        const ::odd::streams::In& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> Follow(
        const ::odd::streams::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::ClientReader<::odd::streams::Out> Follow(
        ::odd::streams::In&& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> Follow(
        ::odd::streams::In&& request,
        const ::dialtone::CallOptions& options) const;

   private:
    ::dialtone::Channel* channel_;
  };

  // Derive from it and override the methods: handlers are coroutines. What is not overridden answers
  // UNIMPLEMENTED. Handlers run on several threads at a time. A reader or a writer lives until its handler
  // has ended.
  class Service : public ::dialtone::Service {
   public:
    Service();
    ~Service() override;

    virtual ::dialtone::Task<::absl::Status> Follow(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);
  };

  // Derive from it and override the methods: handlers are plain functions. Those that stream always run on
  // workers, where reader.Read().Wait() and writer.Write(message).Wait() may block; the others must not block
  // unless the service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run
  // on several threads at a time. A reader or a writer lives until its handler has ended.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    virtual ::absl::Status Follow(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);
  };
};

class Fading final {
 public:
  Fading() = delete;

  static constexpr ::std::string_view kServiceName = "odd.streams.Fading";
  static constexpr ::dialtone::Method kFollowMethod{
      "/odd.streams.Fading/Follow", ::dialtone::MethodKind::kServerStreaming};
  static constexpr ::dialtone::Method kCollectMethod{
      "/odd.streams.Fading/Collect", ::dialtone::MethodKind::kClientStreaming};
  static constexpr ::dialtone::Method kChatMethod{
      "/odd.streams.Fading/Chat", ::dialtone::MethodKind::kBidirectionalStreaming};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    // Do not call it.
    [[deprecated]] ::dialtone::ClientReader<::odd::streams::Out> Follow(
        const ::odd::streams::In& request) const;
    [[deprecated]] ::dialtone::ClientReader<::odd::streams::Out> Follow(
        const ::odd::streams::In& request,
        const ::dialtone::CallOptions& options) const;
    [[deprecated]] ::dialtone::ClientReader<::odd::streams::Out> Follow(
        ::odd::streams::In&& request) const;
    [[deprecated]] ::dialtone::ClientReader<::odd::streams::Out> Follow(
        ::odd::streams::In&& request,
        const ::dialtone::CallOptions& options) const;

    [[deprecated]] ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> Collect() const;
    [[deprecated]] ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> Collect(
        const ::dialtone::CallOptions& options) const;

    [[deprecated]] ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> Chat() const;
    [[deprecated]] ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> Chat(
        const ::dialtone::CallOptions& options) const;

   private:
    ::dialtone::Channel* channel_;
  };

  // Derive from it and override the methods: handlers are coroutines. What is not overridden answers
  // UNIMPLEMENTED. Handlers run on several threads at a time. A reader or a writer lives until its handler
  // has ended.
  class Service : public ::dialtone::Service {
   public:
    Service();
    ~Service() override;

    // Do not call it.
    virtual ::dialtone::Task<::absl::Status> Follow(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::dialtone::Task<::absl::Status> Collect(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    virtual ::dialtone::Task<::absl::Status> Chat(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);
  };

  // Derive from it and override the methods: handlers are plain functions. Those that stream always run on
  // workers, where reader.Read().Wait() and writer.Write(message).Wait() may block; the others must not block
  // unless the service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run
  // on several threads at a time. A reader or a writer lives until its handler has ended.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    // Do not call it.
    virtual ::absl::Status Follow(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::absl::Status Collect(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    virtual ::absl::Status Chat(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);
  };
};

// Names that streams bring with them, and names that the generated classes have anyway.
class ClientReader final {
 public:
  ClientReader() = delete;

  static constexpr ::std::string_view kServiceName = "odd.streams.ClientReader";
  static constexpr ::dialtone::Method kReaderMethod{
      "/odd.streams.ClientReader/Reader", ::dialtone::MethodKind::kServerStreaming};
  static constexpr ::dialtone::Method kWriterMethod{
      "/odd.streams.ClientReader/Writer", ::dialtone::MethodKind::kClientStreaming};
  static constexpr ::dialtone::Method kClientReaderMethod{
      "/odd.streams.ClientReader/ClientReader", ::dialtone::MethodKind::kBidirectionalStreaming};
  static constexpr ::dialtone::Method kClientReaderWriterMethod{
      "/odd.streams.ClientReader/ClientReaderWriter", ::dialtone::MethodKind::kBidirectionalStreaming};
  static constexpr ::dialtone::Method kClientWriterMethod{
      "/odd.streams.ClientReader/ClientWriter", ::dialtone::MethodKind::kClientStreaming};
  static constexpr ::dialtone::Method kReadMethod{
      "/odd.streams.ClientReader/Read", ::dialtone::MethodKind::kServerStreaming};
  static constexpr ::dialtone::Method kWriteMethod{
      "/odd.streams.ClientReader/Write", ::dialtone::MethodKind::kClientStreaming};
  static constexpr ::dialtone::Method kHalfCloseMethod{
      "/odd.streams.ClientReader/HalfClose", ::dialtone::MethodKind::kBidirectionalStreaming};
  static constexpr ::dialtone::Method kFinishMethod{
      "/odd.streams.ClientReader/Finish", ::dialtone::MethodKind::kServerStreaming};
  static constexpr ::dialtone::Method kReaderMethod_{
      "/odd.streams.ClientReader/reader", ::dialtone::MethodKind::kBidirectionalStreaming};
  static constexpr ::dialtone::Method kWriterMethod_{
      "/odd.streams.ClientReader/writer", ::dialtone::MethodKind::kServerStreaming};
  static constexpr ::dialtone::Method kReplyMethod{
      "/odd.streams.ClientReader/reply", ::dialtone::MethodKind::kClientStreaming};
  static constexpr ::dialtone::Method kOptionsMethod{
      "/odd.streams.ClientReader/options", ::dialtone::MethodKind::kClientStreaming};
  static constexpr ::dialtone::Method kCallMethod{
      "/odd.streams.ClientReader/call", ::dialtone::MethodKind::kBidirectionalStreaming};
  static constexpr ::dialtone::Method kClientMethod{
      "/odd.streams.ClientReader/Client", ::dialtone::MethodKind::kBidirectionalStreaming};
  static constexpr ::dialtone::Method kServiceMethod{
      "/odd.streams.ClientReader/Service", ::dialtone::MethodKind::kServerStreaming};
  static constexpr ::dialtone::Method kAddMethodMethod{
      "/odd.streams.ClientReader/AddMethod", ::dialtone::MethodKind::kClientStreaming};
  static constexpr ::dialtone::Method kChannelMethod{
      "/odd.streams.ClientReader/channel_", ::dialtone::MethodKind::kBidirectionalStreaming};
  static constexpr ::dialtone::Method kForMethod{
      "/odd.streams.ClientReader/for", ::dialtone::MethodKind::kBidirectionalStreaming};
  static constexpr ::dialtone::Method kCoYieldMethod{
      "/odd.streams.ClientReader/co_yield", ::dialtone::MethodKind::kServerStreaming};
  static constexpr ::dialtone::Method kWhileMethod{
      "/odd.streams.ClientReader/while", ::dialtone::MethodKind::kClientStreaming};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::ClientReader<::odd::streams::Writer> Reader(
        const ::odd::streams::Reader& request) const;
    ::dialtone::ClientReader<::odd::streams::Writer> Reader(
        const ::odd::streams::Reader& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::ClientReader<::odd::streams::Writer> Reader(
        ::odd::streams::Reader&& request) const;
    ::dialtone::ClientReader<::odd::streams::Writer> Reader(
        ::odd::streams::Reader&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientWriter<::odd::streams::Writer, ::odd::streams::Reader> Writer() const;
    ::dialtone::ClientWriter<::odd::streams::Writer, ::odd::streams::Reader> Writer(
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader() const;
    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReader(
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReaderWriter() const;
    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> ClientReaderWriter(
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientWriter() const;
    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> ClientWriter(
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientReader<::odd::streams::Out> Read(
        const ::odd::streams::In& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> Read(
        const ::odd::streams::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::ClientReader<::odd::streams::Out> Read(
        ::odd::streams::In&& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> Read(
        ::odd::streams::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> Write() const;
    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> Write(
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> HalfClose() const;
    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> HalfClose(
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientReader<::odd::streams::Out> Finish(
        const ::odd::streams::In& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> Finish(
        const ::odd::streams::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::ClientReader<::odd::streams::Out> Finish(
        ::odd::streams::In&& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> Finish(
        ::odd::streams::In&& request,
        const ::dialtone::CallOptions& options) const;

    // Parameters of the generated functions.
    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> reader() const;
    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> reader(
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientReader<::odd::streams::Out> writer(
        const ::odd::streams::In& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> writer(
        const ::odd::streams::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::ClientReader<::odd::streams::Out> writer(
        ::odd::streams::In&& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> writer(
        ::odd::streams::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> reply() const;
    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> reply(
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> options() const;
    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> options(
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> call() const;
    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> call(
        const ::dialtone::CallOptions& options) const;

    // Classes and members of the generated class.
    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> Client_() const;
    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> Client_(
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientReader<::odd::streams::Out> Service_(
        const ::odd::streams::In& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> Service_(
        const ::odd::streams::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::ClientReader<::odd::streams::Out> Service_(
        ::odd::streams::In&& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> Service_(
        ::odd::streams::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> AddMethod_() const;
    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> AddMethod_(
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> channel__() const;
    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> channel__(
        const ::dialtone::CallOptions& options) const;

    // Keywords.
    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> for_() const;
    ::dialtone::ClientReaderWriter<::odd::streams::In, ::odd::streams::Out> for_(
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientReader<::odd::streams::Out> co_yield_(
        const ::odd::streams::In& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> co_yield_(
        const ::odd::streams::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::ClientReader<::odd::streams::Out> co_yield_(
        ::odd::streams::In&& request) const;
    ::dialtone::ClientReader<::odd::streams::Out> co_yield_(
        ::odd::streams::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> while_() const;
    ::dialtone::ClientWriter<::odd::streams::In, ::odd::streams::Out> while_(
        const ::dialtone::CallOptions& options) const;

   private:
    ::dialtone::Channel* channel_;
  };

  // Derive from it and override the methods: handlers are coroutines. What is not overridden answers
  // UNIMPLEMENTED. Handlers run on several threads at a time. A reader or a writer lives until its handler
  // has ended.
  class Service : public ::dialtone::Service {
   public:
    Service();
    ~Service() override;

    virtual ::dialtone::Task<::absl::Status> Reader(
        ::dialtone::ServerCall& call,
        const ::odd::streams::Reader& request,
        ::dialtone::Writer<::odd::streams::Writer>& writer);

    virtual ::dialtone::Task<::absl::Status> Writer(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::Writer>& reader,
        ::odd::streams::Reader& reply);

    virtual ::dialtone::Task<::absl::Status> ClientReader(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::dialtone::Task<::absl::Status> ClientReaderWriter(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::dialtone::Task<::absl::Status> ClientWriter(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    virtual ::dialtone::Task<::absl::Status> Read(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::dialtone::Task<::absl::Status> Write(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    virtual ::dialtone::Task<::absl::Status> HalfClose(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::dialtone::Task<::absl::Status> Finish(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    // Parameters of the generated functions.
    virtual ::dialtone::Task<::absl::Status> reader(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::dialtone::Task<::absl::Status> writer(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::dialtone::Task<::absl::Status> reply(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    virtual ::dialtone::Task<::absl::Status> options(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    virtual ::dialtone::Task<::absl::Status> call(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    // Classes and members of the generated class.
    virtual ::dialtone::Task<::absl::Status> Client_(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::dialtone::Task<::absl::Status> Service_(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::dialtone::Task<::absl::Status> AddMethod_(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    virtual ::dialtone::Task<::absl::Status> channel__(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    // Keywords.
    virtual ::dialtone::Task<::absl::Status> for_(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::dialtone::Task<::absl::Status> co_yield_(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::dialtone::Task<::absl::Status> while_(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);
  };

  // Derive from it and override the methods: handlers are plain functions. Those that stream always run on
  // workers, where reader.Read().Wait() and writer.Write(message).Wait() may block; the others must not block
  // unless the service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run
  // on several threads at a time. A reader or a writer lives until its handler has ended.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    virtual ::absl::Status Reader(
        ::dialtone::ServerCall& call,
        const ::odd::streams::Reader& request,
        ::dialtone::Writer<::odd::streams::Writer>& writer);

    virtual ::absl::Status Writer(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::Writer>& reader,
        ::odd::streams::Reader& reply);

    virtual ::absl::Status ClientReader(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::absl::Status ClientReaderWriter(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::absl::Status ClientWriter(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    virtual ::absl::Status Read(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::absl::Status Write(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    virtual ::absl::Status HalfClose(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::absl::Status Finish(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    // Parameters of the generated functions.
    virtual ::absl::Status reader(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::absl::Status writer(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::absl::Status reply(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    virtual ::absl::Status options(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    virtual ::absl::Status call(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    // Classes and members of the generated class.
    virtual ::absl::Status Client_(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::absl::Status Service_(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::absl::Status AddMethod_(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);

    virtual ::absl::Status channel__(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    // Keywords.
    virtual ::absl::Status for_(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::absl::Status co_yield_(
        ::dialtone::ServerCall& call,
        const ::odd::streams::In& request,
        ::dialtone::Writer<::odd::streams::Out>& writer);

    virtual ::absl::Status while_(
        ::dialtone::ServerCall& call,
        ::dialtone::Reader<::odd::streams::In>& reader,
        ::odd::streams::Out& reply);
  };
};

}  // namespace streams
}  // namespace odd
