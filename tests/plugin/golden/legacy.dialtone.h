// Written by protoc-gen-dialtone from legacy.proto: change that file, not this one.
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
#include "legacy.pb.h"

namespace legacy {

// Still there.
class Legacy final {
 public:
  Legacy() = delete;

  static constexpr ::std::string_view kServiceName = "legacy.Legacy";
  static constexpr ::dialtone::Method kKeptMethod{
      "/legacy.Legacy/Kept", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kDroppedMethod{
      "/legacy.Legacy/Dropped", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::legacy::Old> Kept(
        const ::legacy::Old& request) const;
    ::dialtone::Call<::legacy::Old> Kept(
        const ::legacy::Old& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::legacy::Old> Kept(
        ::legacy::Old&& request) const;
    ::dialtone::Call<::legacy::Old> Kept(
        ::legacy::Old&& request,
        const ::dialtone::CallOptions& options) const;

    // Do not call it.
    [[deprecated]] ::dialtone::Call<::legacy::Old> Dropped(
        const ::legacy::Old& request) const;
    [[deprecated]] ::dialtone::Call<::legacy::Old> Dropped(
        const ::legacy::Old& request,
        const ::dialtone::CallOptions& options) const;
    [[deprecated]] ::dialtone::Call<::legacy::Old> Dropped(
        ::legacy::Old&& request) const;
    [[deprecated]] ::dialtone::Call<::legacy::Old> Dropped(
        ::legacy::Old&& request,
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

    virtual ::dialtone::Task<::absl::Status> Kept(
        ::dialtone::ServerCall& call,
        const ::legacy::Old& request,
        ::legacy::Old& reply);

    // Do not call it.
    virtual ::dialtone::Task<::absl::Status> Dropped(
        ::dialtone::ServerCall& call,
        const ::legacy::Old& request,
        ::legacy::Old& reply);
  };

  // Derive from it and override the methods: handlers are plain functions, which must not block unless the
  // service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run on several
  // threads at a time.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    virtual ::absl::Status Kept(
        ::dialtone::ServerCall& call,
        const ::legacy::Old& request,
        ::legacy::Old& reply);

    // Do not call it.
    virtual ::absl::Status Dropped(
        ::dialtone::ServerCall& call,
        const ::legacy::Old& request,
        ::legacy::Old& reply);
  };
};

class Gone final {
 public:
  Gone() = delete;

  static constexpr ::std::string_view kServiceName = "legacy.Gone";
  static constexpr ::dialtone::Method kAskMethod{
      "/legacy.Gone/Ask", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class [[deprecated]] Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::legacy::Old_Extra> Ask(
        const ::legacy::Old& request) const;
    ::dialtone::Call<::legacy::Old_Extra> Ask(
        const ::legacy::Old& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::legacy::Old_Extra> Ask(
        ::legacy::Old&& request) const;
    ::dialtone::Call<::legacy::Old_Extra> Ask(
        ::legacy::Old&& request,
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
        const ::legacy::Old& request,
        ::legacy::Old_Extra& reply);
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
        const ::legacy::Old& request,
        ::legacy::Old_Extra& reply);
  };
};

}  // namespace legacy
