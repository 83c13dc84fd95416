// Written by protoc-gen-dialtone from clashes.proto: change that file, not this one.
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
#include "clashes.pb.h"

namespace odd {
namespace clashes {

// A method may have any name.
class Names final {
 public:
  Names() = delete;

  static constexpr ::std::string_view kServiceName = "odd.clashes.Names";
  static constexpr ::dialtone::Method kServiceMethod{
      "/odd.clashes.Names/Service", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kPlainServiceMethod{
      "/odd.clashes.Names/PlainService", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kClientMethod{
      "/odd.clashes.Names/Client", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kClientMethod_{
      "/odd.clashes.Names/Client_", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kWaitMethod{
      "/odd.clashes.Names/Wait", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kThenMethod{
      "/odd.clashes.Names/Then", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kNamesMethod{
      "/odd.clashes.Names/Names", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kKServiceNameMethod{
      "/odd.clashes.Names/kServiceName", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kKNamesMethodMethod{
      "/odd.clashes.Names/kNamesMethod", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kAddMethodMethod{
      "/odd.clashes.Names/AddMethod", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kServiceNameMethod{
      "/odd.clashes.Names/service_name", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kMethodHandlersMethod{
      "/odd.clashes.Names/method_handlers", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kChannelMethod{
      "/odd.clashes.Names/channel_", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kThirdMethod{
      "/odd.clashes.Names/Third", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kInDeepMethod{
      "/odd.clashes.Names/In_Deep", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kDialtoneMethod{
      "/odd.clashes.Names/dialtone", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kAbslMethod{
      "/odd.clashes.Names/absl", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kStdMethod{
      "/odd.clashes.Names/std", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kRequestMethod{
      "/odd.clashes.Names/request", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kOptionsMethod{
      "/odd.clashes.Names/options", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kCallMethod{
      "/odd.clashes.Names/call", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kDoItMethod{
      "/odd.clashes.Names/do_it", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kDoItMethod_{
      "/odd.clashes.Names/doIt", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::odd::clashes::Out> Service_(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> Service_(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> Service_(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> Service_(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> PlainService_(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> PlainService_(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> PlainService_(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> PlainService_(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> Client__(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> Client__(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> Client__(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> Client__(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> Client_(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> Client_(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> Client_(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> Client_(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> Wait(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> Wait(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> Wait(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> Wait(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> Then(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> Then(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> Then(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> Then(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    // The service's own name.
    ::dialtone::Call<::odd::clashes::Out> Names(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> Names(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> Names(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> Names(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> kServiceName_(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> kServiceName_(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> kServiceName_(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> kServiceName_(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> kNamesMethod(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> kNamesMethod(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> kNamesMethod(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> kNamesMethod(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> AddMethod_(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> AddMethod_(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> AddMethod_(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> AddMethod_(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> service_name__(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> service_name__(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> service_name__(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> service_name__(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> method_handlers__(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> method_handlers__(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> method_handlers__(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> method_handlers__(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> channel__(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> channel__(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> channel__(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> channel__(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    // A message's name.
    ::dialtone::Call<::odd::clashes::Out> Third(
        const ::odd::clashes::Third& request) const;
    ::dialtone::Call<::odd::clashes::Out> Third(
        const ::odd::clashes::Third& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> Third(
        ::odd::clashes::Third&& request) const;
    ::dialtone::Call<::odd::clashes::Out> Third(
        ::odd::clashes::Third&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::In_Deep> In_Deep(
        const ::odd::clashes::In_Deep& request) const;
    ::dialtone::Call<::odd::clashes::In_Deep> In_Deep(
        const ::odd::clashes::In_Deep& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::In_Deep> In_Deep(
        ::odd::clashes::In_Deep&& request) const;
    ::dialtone::Call<::odd::clashes::In_Deep> In_Deep(
        ::odd::clashes::In_Deep&& request,
        const ::dialtone::CallOptions& options) const;

    // Namespaces and variables that the generated code uses.
    ::dialtone::Call<::odd::clashes::Out> dialtone(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> dialtone(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> dialtone(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> dialtone(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> absl(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> absl(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> absl(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> absl(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> std(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> std(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> std(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> std(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> request(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> request(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> request(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> request(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> options(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> options(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> options(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> options(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> call(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> call(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> call(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> call(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    // One constant's name for two methods, but for an underscore.
    ::dialtone::Call<::odd::clashes::Out> do_it(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> do_it(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> do_it(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> do_it(
        ::odd::clashes::In&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::odd::clashes::Out> doIt(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> doIt(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> doIt(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> doIt(
        ::odd::clashes::In&& request,
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

    virtual ::dialtone::Task<::absl::Status> Service_(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> PlainService_(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> Client__(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> Client_(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> Wait(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> Then(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    // The service's own name.
    virtual ::dialtone::Task<::absl::Status> Names(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> kServiceName_(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> kNamesMethod(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> AddMethod_(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> service_name__(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> method_handlers__(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> channel__(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    // A message's name.
    virtual ::dialtone::Task<::absl::Status> Third(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::Third& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> In_Deep(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In_Deep& request,
        ::odd::clashes::In_Deep& reply);

    // Namespaces and variables that the generated code uses.
    virtual ::dialtone::Task<::absl::Status> dialtone(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> absl(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> std(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> request(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> options(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> call(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    // One constant's name for two methods, but for an underscore.
    virtual ::dialtone::Task<::absl::Status> do_it(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::dialtone::Task<::absl::Status> doIt(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
  };

  // Derive from it and override the methods: handlers are plain functions, which must not block unless the
  // service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run on several
  // threads at a time.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    virtual ::absl::Status Service_(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status PlainService_(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status Client__(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status Client_(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status Wait(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status Then(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    // The service's own name.
    virtual ::absl::Status Names(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status kServiceName_(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status kNamesMethod(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status AddMethod_(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status service_name__(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status method_handlers__(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status channel__(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    // A message's name.
    virtual ::absl::Status Third(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::Third& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status In_Deep(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In_Deep& request,
        ::odd::clashes::In_Deep& reply);

    // Namespaces and variables that the generated code uses.
    virtual ::absl::Status dialtone(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status absl(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status std(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status request(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status options(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status call(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    // One constant's name for two methods, but for an underscore.
    virtual ::absl::Status do_it(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);

    virtual ::absl::Status doIt(
        ::dialtone::ServerCall& call,
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
  };
};

class Service_ final {
 public:
  Service_() = delete;

  static constexpr ::std::string_view kServiceName = "odd.clashes.Service";
  static constexpr ::dialtone::Method kAskMethod{
      "/odd.clashes.Service/Ask", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::odd::clashes::Out> Ask(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        ::odd::clashes::In&& request,
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
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
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
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
  };
};

class Client_ final {
 public:
  Client_() = delete;

  static constexpr ::std::string_view kServiceName = "odd.clashes.Client";
  static constexpr ::dialtone::Method kAskMethod{
      "/odd.clashes.Client/Ask", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::odd::clashes::Out> Ask(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        ::odd::clashes::In&& request,
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
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
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
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
  };
};

class PlainService_ final {
 public:
  PlainService_() = delete;

  static constexpr ::std::string_view kServiceName = "odd.clashes.PlainService";
  static constexpr ::dialtone::Method kAskMethod{
      "/odd.clashes.PlainService/Ask", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::odd::clashes::Out> Ask(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        ::odd::clashes::In&& request,
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
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
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
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
  };
};

class kServiceName_ final {
 public:
  kServiceName_() = delete;

  static constexpr ::std::string_view kServiceName = "odd.clashes.kServiceName";
  static constexpr ::dialtone::Method kAskMethod{
      "/odd.clashes.kServiceName/Ask", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::odd::clashes::Out> Ask(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        ::odd::clashes::In&& request,
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
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
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
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
  };
};

class kAskMethod_ final {
 public:
  kAskMethod_() = delete;

  static constexpr ::std::string_view kServiceName = "odd.clashes.kAskMethod";
  static constexpr ::dialtone::Method kAskMethod{
      "/odd.clashes.kAskMethod/Ask", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::odd::clashes::Out> Ask(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        ::odd::clashes::In&& request,
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
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
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
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
  };
};

// What protoc calls the message In.Deep in C++.
class In_Deep_ final {
 public:
  In_Deep_() = delete;

  static constexpr ::std::string_view kServiceName = "odd.clashes.In_Deep";
  static constexpr ::dialtone::Method kAskMethod{
      "/odd.clashes.In_Deep/Ask", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::odd::clashes::Out> Ask(
        const ::odd::clashes::In& request) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        const ::odd::clashes::In& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        ::odd::clashes::In&& request) const;
    ::dialtone::Call<::odd::clashes::Out> Ask(
        ::odd::clashes::In&& request,
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
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
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
        const ::odd::clashes::In& request,
        ::odd::clashes::Out& reply);
  };
};

// Nothing to call yet.
class Nothing final {
 public:
  Nothing() = delete;

  static constexpr ::std::string_view kServiceName = "odd.clashes.Nothing";

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

   private:
    [[maybe_unused]] ::dialtone::Channel* channel_;
  };

  // Derive from it and override the methods: handlers are coroutines. What is not overridden answers
  // UNIMPLEMENTED. Handlers run on several threads at a time.
  class Service : public ::dialtone::Service {
   public:
    Service();
    ~Service() override;
  };

  // Derive from it and override the methods: handlers are plain functions, which must not block unless the
  // service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run on several
  // threads at a time.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;
  };
};

}  // namespace clashes
}  // namespace odd
