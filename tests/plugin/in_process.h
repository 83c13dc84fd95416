// A server of one service in this process, and a channel to it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/server.h"
#include "dialtone/rpc/service.h"

class InProcess {
 public:
  explicit InProcess(std::unique_ptr<dialtone::Service> service) {
    server_.Add(std::move(service));
    const absl::Status started = server_.Start();
    EXPECT_TRUE(started.ok()) << started;
    channel_ = std::make_unique<dialtone::Channel>(server_);
  }

  dialtone::Channel& channel() { return *channel_; }

 private:
  dialtone::Server server_;
  std::unique_ptr<dialtone::Channel> channel_;
};
