// Written by protoc-gen-dialtone from services_only.proto: change that file, not this one.
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
#include "services_only.pb.h"

namespace services_only {

class Desk final {
 public:
  Desk() = delete;

  static constexpr ::std::string_view kServiceName = "services_only.Desk";
  static constexpr ::dialtone::Method kGreetMethod{
      "/services_only.Desk/Greet", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::greeter::GreetReply> Greet(
        const ::greeter::GreetRequest& request) const;
    ::dialtone::Call<::greeter::GreetReply> Greet(
        const ::greeter::GreetRequest& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::greeter::GreetReply> Greet(
        ::greeter::GreetRequest&& request) const;
    ::dialtone::Call<::greeter::GreetReply> Greet(
        ::greeter::GreetRequest&& request,
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

    virtual ::dialtone::Task<::absl::Status> Greet(
        ::dialtone::ServerCall& call,
        const ::greeter::GreetRequest& request,
        ::greeter::GreetReply& reply);
  };

  // Derive from it and override the methods: handlers are plain functions, which must not block unless the
  // service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run on several
  // threads at a time.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    virtual ::absl::Status Greet(
        ::dialtone::ServerCall& call,
        const ::greeter::GreetRequest& request,
        ::greeter::GreetReply& reply);
  };
};

}  // namespace services_only
