// Dialtone/1 over this machine's sockets: what the simulation shows holds there, too.
#include <memory>
#include <string>
#include <thread>

#include "connection_test_support.h"
#include "dialtone/transport/socket_network.h"

namespace dialtone::dialtone1 {
namespace {

// A server and a client, each on a reactor of its own. Each test ends them there.
class ConnectionSocketTest : public testing::Test {
 protected:
  ConnectionSocketTest() {
    OnServer([this] {
      server_ = std::make_unique<TestServer>(*network_, *server_loop_,
                                             *Address::Parse("127.0.0.1:0"), ConnectionLimits());
    });
  }
  void OnServer(absl::FunctionRef<void()> function) { RunOn(*server_loop_, function); }
  void OnClient(absl::FunctionRef<void()> function) { RunOn(*client_loop_, function); }
  // Of the client's thread.
  void Connect() {
    client_ = std::make_unique<TestClient>(*client_loop_, server_->address(), ConnectionLimits(),
                                           ClientOptions());
  }
  bool Wait(Event& event, absl::Duration time = absl::Seconds(60)) {
    return network_->Wait(event, network_->Now() + time);
  }

  const std::unique_ptr<Network> network_ = NewSocketNetwork();
  const std::unique_ptr<Loop> server_loop_ = network_->NewReactor("server");
  const std::unique_ptr<Loop> client_loop_ = network_->NewReactor("client");
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<TestClient> client_;

 private:
  // Under the lead of the loop; waits for its end.
  void RunOn(Loop& loop, absl::FunctionRef<void()> function) {
    Event done;
    loop.Post([&] {
      function();
      done.Set();
    });
    ASSERT_TRUE(Wait(done));
  }
};

TEST_F(ConnectionSocketTest, CallsLargeAndSmallThenADrain) {
  constexpr int kCalls = 2000;
  Event all_ended;
  int ended = 0;
  OnClient([&] {
    Connect();
    for (int i = 0; i < kCalls; ++i) {
      TestCall& call = client_->Call(kEcho, Pattern(i % 100 == 7 ? 1'000'000 : i % 50, i));
      call.on_end = [&] {
        if (++ended == kCalls) all_ended.Set();
      };
    }
  });
  ASSERT_TRUE(Wait(all_ended, absl::Seconds(120)));
  OnClient([&] {
    for (int i = 0; i < kCalls; ++i) {
      ASSERT_TRUE(client_->calls[i]->end.status.ok()) << client_->calls[i]->end.status;
      ASSERT_TRUE(client_->calls[i]->messages.at(0) ==
                  Pattern(i % 100 == 7 ? 1'000'000 : i % 50, i));
    }
  });
  OnServer([&] { server_->connection().Drain(); });
  bool closed = false;
  for (int i = 0; i < 10'000 && !closed; ++i) {
    OnClient([&] { closed = client_->closed(); });
  }
  OnClient([&] {
    EXPECT_TRUE(client_->closed());
    EXPECT_EQ(client_->draining, 1);
    EXPECT_TRUE(client_->closed_status.ok()) << client_->closed_status;
    client_.reset();
  });
  OnServer([&] {
    server_->StopListening();
    server_->AbortAll();
  });
  OnServer([&] {
    EXPECT_EQ(server_->connections(), 0u);
    server_.reset();
  });
}

// A client that has sent a call which is still unread when the server closes, and would be reset for that.
TEST_F(ConnectionSocketTest, WhatAServerThatClosesAtOnceHasNotReadHasNeverRun) {
  Event begun, taken_ended, unread_ended;
  TestCall* taken = nullptr;
  TestCall* unread = nullptr;
  server_->dispatcher.on_begin = [&](TestHandler&) { begun.Set(); };
  OnClient([&] {
    Connect();
    taken = &client_->Call(kHold, "taken");
    taken->on_end = [&] { taken_ended.Set(); };
  });
  ASSERT_TRUE(Wait(begun));
  OnServer([&] {
    // Not on this thread, which would block its loop.
    std::thread sends([&] {
      OnClient([&] {
        unread = &client_->Call(kHold, "unread");
        unread->on_end = [&] { unread_ended.Set(); };
      });
      OnClient([] {});  // behind the batch's end, where it was written
    });
    sends.join();
    server_->connection().Abort();
    server_->dispatcher.last().Finish(absl::CancelledError(""));
  });
  ASSERT_TRUE(Wait(taken_ended));
  ASSERT_TRUE(Wait(unread_ended));
  OnClient([&] {
    EXPECT_FALSE(taken->end.never_ran);
    EXPECT_TRUE(unread->end.never_ran) << unread->end.status;
    client_.reset();
  });
  OnServer([&] {
    EXPECT_EQ(server_->dispatcher.handlers.size(), 1u);
    EXPECT_EQ(server_->connections(), 0u);
    server_.reset();
  });
}

}  // namespace
}  // namespace dialtone::dialtone1
