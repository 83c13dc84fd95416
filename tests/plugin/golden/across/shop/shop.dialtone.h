// Written by protoc-gen-dialtone from across/shop/shop.proto: change that file, not this one.
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
#include "across/shop/shop.pb.h"

namespace across {
namespace shop {

// Takes and gives messages of other packages only.
class Shop final {
 public:
  Shop() = delete;

  static constexpr ::std::string_view kServiceName = "across.shop.Shop";
  static constexpr ::dialtone::Method kFindMethod{
      "/across.shop.Shop/Find", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kTakeMethod{
      "/across.shop.Shop/Take", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kOpenSinceMethod{
      "/across.shop.Shop/OpenSince", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    ::dialtone::Call<::across::store::Item> Find(
        const ::google::protobuf::StringValue& request) const;
    ::dialtone::Call<::across::store::Item> Find(
        const ::google::protobuf::StringValue& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::across::store::Item> Find(
        ::google::protobuf::StringValue&& request) const;
    ::dialtone::Call<::across::store::Item> Find(
        ::google::protobuf::StringValue&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::across::store::Item_Part_Screw> Take(
        const ::across::store::Item_Part& request) const;
    ::dialtone::Call<::across::store::Item_Part_Screw> Take(
        const ::across::store::Item_Part& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::across::store::Item_Part_Screw> Take(
        ::across::store::Item_Part&& request) const;
    ::dialtone::Call<::across::store::Item_Part_Screw> Take(
        ::across::store::Item_Part&& request,
        const ::dialtone::CallOptions& options) const;

    ::dialtone::Call<::google::protobuf::Timestamp> OpenSince(
        const ::google::protobuf::Empty& request) const;
    ::dialtone::Call<::google::protobuf::Timestamp> OpenSince(
        const ::google::protobuf::Empty& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::google::protobuf::Timestamp> OpenSince(
        ::google::protobuf::Empty&& request) const;
    ::dialtone::Call<::google::protobuf::Timestamp> OpenSince(
        ::google::protobuf::Empty&& request,
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

    virtual ::dialtone::Task<::absl::Status> Find(
        ::dialtone::ServerCall& call,
        const ::google::protobuf::StringValue& request,
        ::across::store::Item& reply);

    virtual ::dialtone::Task<::absl::Status> Take(
        ::dialtone::ServerCall& call,
        const ::across::store::Item_Part& request,
        ::across::store::Item_Part_Screw& reply);

    virtual ::dialtone::Task<::absl::Status> OpenSince(
        ::dialtone::ServerCall& call,
        const ::google::protobuf::Empty& request,
        ::google::protobuf::Timestamp& reply);
  };

  // Derive from it and override the methods: handlers are plain functions, which must not block unless the
  // service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run on several
  // threads at a time.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    virtual ::absl::Status Find(
        ::dialtone::ServerCall& call,
        const ::google::protobuf::StringValue& request,
        ::across::store::Item& reply);

    virtual ::absl::Status Take(
        ::dialtone::ServerCall& call,
        const ::across::store::Item_Part& request,
        ::across::store::Item_Part_Screw& reply);

    virtual ::absl::Status OpenSince(
        ::dialtone::ServerCall& call,
        const ::google::protobuf::Empty& request,
        ::google::protobuf::Timestamp& reply);
  };
};

}  // namespace shop
}  // namespace across
