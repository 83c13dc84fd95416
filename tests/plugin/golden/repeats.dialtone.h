// Written by protoc-gen-dialtone from repeats.proto: change that file, not this one.
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
#include "repeats.pb.h"

namespace repeats {

class Notes final {
 public:
  Notes() = delete;

  static constexpr ::std::string_view kServiceName = "repeats.Notes";
  static constexpr ::dialtone::Method kUnsaidMethod{
      "/repeats.Notes/Unsaid", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kUnknownMethod{
      "/repeats.Notes/Unknown", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kReadMethod{
      "/repeats.Notes/Read", ::dialtone::MethodKind::kUnary,
      ::dialtone::Idempotency::kNoSideEffects};
  static constexpr ::dialtone::Method kPutMethod{
      "/repeats.Notes/Put", ::dialtone::MethodKind::kUnary,
      ::dialtone::Idempotency::kIdempotent};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::repeats::Note> Unsaid(
        const ::repeats::Note& request) const;
    ::dialtone::Call<::repeats::Note> Unsaid(
        const ::repeats::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::repeats::Note> Unsaid(
        ::repeats::Note&& request) const;
    ::dialtone::Call<::repeats::Note> Unsaid(
        ::repeats::Note&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::repeats::Note> Unknown(
        const ::repeats::Note& request) const;
    ::dialtone::Call<::repeats::Note> Unknown(
        const ::repeats::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::repeats::Note> Unknown(
        ::repeats::Note&& request) const;
    ::dialtone::Call<::repeats::Note> Unknown(
        ::repeats::Note&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::repeats::Note> Read(
        const ::repeats::Note& request) const;
    ::dialtone::Call<::repeats::Note> Read(
        const ::repeats::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::repeats::Note> Read(
        ::repeats::Note&& request) const;
    ::dialtone::Call<::repeats::Note> Read(
        ::repeats::Note&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::repeats::Note> Put(
        const ::repeats::Note& request) const;
    ::dialtone::Call<::repeats::Note> Put(
        const ::repeats::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::repeats::Note> Put(
        ::repeats::Note&& request) const;
    ::dialtone::Call<::repeats::Note> Put(
        ::repeats::Note&& request,
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

    virtual ::dialtone::Task<::absl::Status> Unsaid(
        ::dialtone::ServerCall& call,
        const ::repeats::Note& request,
        ::repeats::Note& reply);

    virtual ::dialtone::Task<::absl::Status> Unknown(
        ::dialtone::ServerCall& call,
        const ::repeats::Note& request,
        ::repeats::Note& reply);

    virtual ::dialtone::Task<::absl::Status> Read(
        ::dialtone::ServerCall& call,
        const ::repeats::Note& request,
        ::repeats::Note& reply);

    virtual ::dialtone::Task<::absl::Status> Put(
        ::dialtone::ServerCall& call,
        const ::repeats::Note& request,
        ::repeats::Note& reply);
  };

  // Derive from it and override the methods: handlers are plain functions, which must not block unless the
  // service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run on several
  // threads at a time.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    virtual ::absl::Status Unsaid(
        ::dialtone::ServerCall& call,
        const ::repeats::Note& request,
        ::repeats::Note& reply);

    virtual ::absl::Status Unknown(
        ::dialtone::ServerCall& call,
        const ::repeats::Note& request,
        ::repeats::Note& reply);

    virtual ::absl::Status Read(
        ::dialtone::ServerCall& call,
        const ::repeats::Note& request,
        ::repeats::Note& reply);

    virtual ::absl::Status Put(
        ::dialtone::ServerCall& call,
        const ::repeats::Note& request,
        ::repeats::Note& reply);
  };
};

}  // namespace repeats
