// A server of streams, reached over sockets or in process. Parameter: in process?
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "call_fixture.h"
#include "dialtone/rpc/block_on.h"
#include "stream_service.h"

namespace dialtone {

class StreamsBothWays : public testing::TestWithParam<bool> {
 protected:
  ~StreamsBothWays() override { channel_.reset(); }

  Channel& Serve(std::unique_ptr<Service> service = MakeStreamService(),
                 ServerOptions options = ServerOptions(),
                 ChannelOptions channel_options = ChannelOptions()) {
    options.runtime = &runtime_;
    server_ = std::make_unique<Server>(options);
    server_->Add(std::move(service));
    auto bound = server_->Listen("127.0.0.1:0");
    EXPECT_TRUE(bound.ok()) << bound.status();
    EXPECT_TRUE(server_->Start().ok());
    channel_options.runtime = &runtime_;
    channel_ = GetParam() ? std::make_unique<Channel>(*server_, channel_options)
                          : std::make_unique<Channel>(bound->ToString(), channel_options);
    return *channel_;
  }
  absl::Status Run(Task<absl::Status> task) { return BlockOn(std::move(task), runtime_); }
  void ExpectNoCallLeft() {
    EXPECT_TRUE(Eventually([&] { return server_->calls_in_flight() == 0; }));
  }

  Runtime runtime_{RealServer::TwoReactors()};
  std::unique_ptr<Server> server_;
  std::unique_ptr<Channel> channel_;
};

}  // namespace dialtone
