// Written by protoc-gen-dialtone from keywords.proto: change that file, not this one.
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
#include "dialtone/rpc/task.h"
#include "keywords.pb.h"

namespace odd {
namespace keywords {

class delete__ final {
 public:
  delete__() = delete;

  static constexpr ::std::string_view kServiceName = "odd.keywords.delete";
  static constexpr ::dialtone::Method kSwitchMethod{
      "/odd.keywords.delete/switch", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kCoAwaitMethod{
      "/odd.keywords.delete/co_await", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kNewMethod{
      "/odd.keywords.delete/new_", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kNewMethod_{
      "/odd.keywords.delete/new", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kNULLMethod{
      "/odd.keywords.delete/NULL", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kAssertMethod{
      "/odd.keywords.delete/assert", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kEOFMethod{
      "/odd.keywords.delete/EOF", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::odd::keywords::int_> switch_(
        const ::odd::keywords::class_& request) const;
    ::dialtone::Call<::odd::keywords::int_> switch_(
        const ::odd::keywords::class_& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::keywords::int_> switch_(
        ::odd::keywords::class_&& request) const;
    ::dialtone::Call<::odd::keywords::int_> switch_(
        ::odd::keywords::class_&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::keywords::class_> co_await_(
        const ::odd::keywords::class__new& request) const;
    ::dialtone::Call<::odd::keywords::class_> co_await_(
        const ::odd::keywords::class__new& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::keywords::class_> co_await_(
        ::odd::keywords::class__new&& request) const;
    ::dialtone::Call<::odd::keywords::class_> co_await_(
        ::odd::keywords::class__new&& request,
        const ::dialtone::CallOptions& options) const;

    // Keeps its name beside the one above it in the alphabet.
    ::dialtone::Call<::odd::keywords::int_> new_(
        const ::odd::keywords::class_& request) const;
    ::dialtone::Call<::odd::keywords::int_> new_(
        const ::odd::keywords::class_& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::keywords::int_> new_(
        ::odd::keywords::class_&& request) const;
    ::dialtone::Call<::odd::keywords::int_> new_(
        ::odd::keywords::class_&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::keywords::int_> new__(
        const ::odd::keywords::class_& request) const;
    ::dialtone::Call<::odd::keywords::int_> new__(
        const ::odd::keywords::class_& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::keywords::int_> new__(
        ::odd::keywords::class_&& request) const;
    ::dialtone::Call<::odd::keywords::int_> new__(
        ::odd::keywords::class_&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::keywords::int_> NULL_(
        const ::odd::keywords::class_& request) const;
    ::dialtone::Call<::odd::keywords::int_> NULL_(
        const ::odd::keywords::class_& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::keywords::int_> NULL_(
        ::odd::keywords::class_&& request) const;
    ::dialtone::Call<::odd::keywords::int_> NULL_(
        ::odd::keywords::class_&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::keywords::int_> assert_(
        const ::odd::keywords::class_& request) const;
    ::dialtone::Call<::odd::keywords::int_> assert_(
        const ::odd::keywords::class_& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::keywords::int_> assert_(
        ::odd::keywords::class_&& request) const;
    ::dialtone::Call<::odd::keywords::int_> assert_(
        ::odd::keywords::class_&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::keywords::int_> EOF_(
        const ::odd::keywords::class_& request) const;
    ::dialtone::Call<::odd::keywords::int_> EOF_(
        const ::odd::keywords::class_& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::keywords::int_> EOF_(
        ::odd::keywords::class_&& request) const;
    ::dialtone::Call<::odd::keywords::int_> EOF_(
        ::odd::keywords::class_&& request,
        const ::dialtone::CallOptions& options) const;

   private:
    ::dialtone::Channel* channel_;
  };

  // Derive from it and override the methods: handlers are coroutines. What is not overridden answers
  // UNIMPLEMENTED. Handlers run on several threads at a time.
  class Service : public ::dialtone::Service {
   public:
    Service();
    ~Service() override;

    virtual ::dialtone::Task<::absl::Status> switch_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);

    virtual ::dialtone::Task<::absl::Status> co_await_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class__new& request,
        ::odd::keywords::class_& reply);

    // Keeps its name beside the one above it in the alphabet.
    virtual ::dialtone::Task<::absl::Status> new_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);

    virtual ::dialtone::Task<::absl::Status> new__(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);

    virtual ::dialtone::Task<::absl::Status> NULL_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);

    virtual ::dialtone::Task<::absl::Status> assert_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);

    virtual ::dialtone::Task<::absl::Status> EOF_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);
  };

  // Derive from it and override the methods: handlers are plain functions, which must not block unless the
  // service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run on several
  // threads at a time.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    virtual ::absl::Status switch_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);

    virtual ::absl::Status co_await_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class__new& request,
        ::odd::keywords::class_& reply);

    // Keeps its name beside the one above it in the alphabet.
    virtual ::absl::Status new_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);

    virtual ::absl::Status new__(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);

    virtual ::absl::Status NULL_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);

    virtual ::absl::Status assert_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);

    virtual ::absl::Status EOF_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);
  };
};

class delete_ final {
 public:
  delete_() = delete;

  static constexpr ::std::string_view kServiceName = "odd.keywords.delete_";
  static constexpr ::dialtone::Method kUnionMethod{
      "/odd.keywords.delete_/union", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::odd::keywords::int_> union_(
        const ::odd::keywords::class_& request) const;
    ::dialtone::Call<::odd::keywords::int_> union_(
        const ::odd::keywords::class_& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::keywords::int_> union_(
        ::odd::keywords::class_&& request) const;
    ::dialtone::Call<::odd::keywords::int_> union_(
        ::odd::keywords::class_&& request,
        const ::dialtone::CallOptions& options) const;

   private:
    ::dialtone::Channel* channel_;
  };

  // Derive from it and override the methods: handlers are coroutines. What is not overridden answers
  // UNIMPLEMENTED. Handlers run on several threads at a time.
  class Service : public ::dialtone::Service {
   public:
    Service();
    ~Service() override;

    virtual ::dialtone::Task<::absl::Status> union_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);
  };

  // Derive from it and override the methods: handlers are plain functions, which must not block unless the
  // service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run on several
  // threads at a time.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    virtual ::absl::Status union_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);
  };
};

// A macro unless C++ is asked for without extensions (-std=c++20).
class linux_ final {
 public:
  linux_() = delete;

  static constexpr ::std::string_view kServiceName = "odd.keywords.linux";
  static constexpr ::dialtone::Method kUnixMethod{
      "/odd.keywords.linux/unix", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::odd::keywords::int_> unix_(
        const ::odd::keywords::class_& request) const;
    ::dialtone::Call<::odd::keywords::int_> unix_(
        const ::odd::keywords::class_& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::keywords::int_> unix_(
        ::odd::keywords::class_&& request) const;
    ::dialtone::Call<::odd::keywords::int_> unix_(
        ::odd::keywords::class_&& request,
        const ::dialtone::CallOptions& options) const;

   private:
    ::dialtone::Channel* channel_;
  };

  // Derive from it and override the methods: handlers are coroutines. What is not overridden answers
  // UNIMPLEMENTED. Handlers run on several threads at a time.
  class Service : public ::dialtone::Service {
   public:
    Service();
    ~Service() override;

    virtual ::dialtone::Task<::absl::Status> unix_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);
  };

  // Derive from it and override the methods: handlers are plain functions, which must not block unless the
  // service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run on several
  // threads at a time.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    virtual ::absl::Status unix_(
        ::dialtone::ServerCall& call,
        const ::odd::keywords::class_& request,
        ::odd::keywords::int_& reply);
  };
};

}  // namespace keywords
}  // namespace odd
