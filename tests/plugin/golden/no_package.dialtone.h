// Written by protoc-gen-dialtone from no_package.proto: change that file, not this one.
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
#include "no_package.pb.h"


// Called by its bare name.
class Oracle final {
 public:
  Oracle() = delete;

  static constexpr ::std::string_view kServiceName = "Oracle";
  static constexpr ::dialtone::Method kAskMethod{
      "/Oracle/Ask", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::Answer> Ask(
        const ::Question& request) const;
    ::dialtone::Call<::Answer> Ask(
        const ::Question& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::Answer> Ask(
        ::Question&& request) const;
    ::dialtone::Call<::Answer> Ask(
        ::Question&& request,
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

    virtual ::dialtone::Task<::absl::Status> Ask(
        ::dialtone::ServerCall& call,
        const ::Question& request,
        ::Answer& reply);
  };

  // Derive from it and override the methods: handlers are plain functions, which must not block unless the
  // service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run on several
  // threads at a time.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    virtual ::absl::Status Ask(
        ::dialtone::ServerCall& call,
        const ::Question& request,
        ::Answer& reply);
  };
};

// The generated code names the namespace ::dialtone itself.
class dialtone_ final {
 public:
  dialtone_() = delete;

  static constexpr ::std::string_view kServiceName = "dialtone";
  static constexpr ::dialtone::Method kAskMethod{
      "/dialtone/Ask", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::Answer> Ask(
        const ::Question& request) const;
    ::dialtone::Call<::Answer> Ask(
        const ::Question& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::Answer> Ask(
        ::Question&& request) const;
    ::dialtone::Call<::Answer> Ask(
        ::Question&& request,
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

    virtual ::dialtone::Task<::absl::Status> Ask(
        ::dialtone::ServerCall& call,
        const ::Question& request,
        ::Answer& reply);
  };

  // Derive from it and override the methods: handlers are plain functions, which must not block unless the
  // service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run on several
  // threads at a time.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    virtual ::absl::Status Ask(
        ::dialtone::ServerCall& call,
        const ::Question& request,
        ::Answer& reply);
  };
};
