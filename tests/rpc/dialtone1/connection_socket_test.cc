// Dialtone/1 over this machine's sockets: what the simulation shows holds there, too.
#include <memory>
#include <string>
#include <thread>

#include "connection_test_support.h"
#include "dialtone/transport/socket_network.h"

namespace dialtone::dialtone1 {
namespace {

// Runs `function` under the lead of a reactor and waits for it.
void RunOnLoop(Network& network, Loop& loop, absl::FunctionRef<void()> function) {
  Event done;
  loop.Post([&] {
    function();
    done.Set();
  });
  ASSERT_TRUE(network.Wait(done, network.Now() + absl::Seconds(60)));
}

TEST(ConnectionSocketTest, CallsLargeAndSmallThenADrain) {
  const std::unique_ptr<Network> network = NewSocketNetwork();
  const std::unique_ptr<Loop> server_loop = network->NewReactor("server");
  const std::unique_ptr<Loop> client_loop = network->NewReactor("client");
  std::unique_ptr<TestServer> server;
  std::unique_ptr<TestClient> client;
  RunOnLoop(*network, *server_loop, [&] {
    server = std::make_unique<TestServer>(*network, *server_loop, *Address::Parse("127.0.0.1:0"),
                                          ConnectionLimits());
  });
  constexpr int kCalls = 2000;
  Event all_ended;
  int ended = 0;
  RunOnLoop(*network, *client_loop, [&] {
    client = std::make_unique<TestClient>(*client_loop, server->address(), ConnectionLimits(),
                                          ClientOptions());
    for (int i = 0; i < kCalls; ++i) {
      TestCall& call = client->Call(kEcho, Pattern(i % 100 == 7 ? 1'000'000 : i % 50, i));
      call.on_end = [&] {
        if (++ended == kCalls) all_ended.Set();
      };
    }
  });
  ASSERT_TRUE(network->Wait(all_ended, network->Now() + absl::Seconds(120)));
  RunOnLoop(*network, *client_loop, [&] {
    for (int i = 0; i < kCalls; ++i) {
      ASSERT_TRUE(client->calls[i]->end.status.ok()) << client->calls[i]->end.status;
      ASSERT_TRUE(client->calls[i]->messages.at(0) ==
                  Pattern(i % 100 == 7 ? 1'000'000 : i % 50, i));
    }
  });
  RunOnLoop(*network, *server_loop, [&] { server->connection().Drain(); });
  bool closed = false;
  for (int i = 0; i < 10'000 && !closed; ++i) {
    RunOnLoop(*network, *client_loop, [&] { closed = client->closed(); });
  }
  RunOnLoop(*network, *client_loop, [&] {
    EXPECT_TRUE(client->closed());
    EXPECT_EQ(client->draining, 1);
    EXPECT_TRUE(client->closed_status.ok()) << client->closed_status;
    client.reset();
  });
  RunOnLoop(*network, *server_loop, [&] {
    server->StopListening();
    server->AbortAll();
  });
  RunOnLoop(*network, *server_loop, [&] {
    EXPECT_EQ(server->connections(), 0u);
    server.reset();
  });
}

// A client that has sent a call which is still unread when the server closes, and would be reset for that.
TEST(ConnectionSocketTest, WhatAServerThatClosesAtOnceHasNotReadHasNeverRun) {
  const std::unique_ptr<Network> network = NewSocketNetwork();
  const std::unique_ptr<Loop> server_loop = network->NewReactor("server");
  const std::unique_ptr<Loop> client_loop = network->NewReactor("client");
  std::unique_ptr<TestServer> server;
  std::unique_ptr<TestClient> client;
  RunOnLoop(*network, *server_loop, [&] {
    server = std::make_unique<TestServer>(*network, *server_loop, *Address::Parse("127.0.0.1:0"),
                                          ConnectionLimits());
  });
  Event begun, taken_ended, unread_ended;
  TestCall* taken = nullptr;
  TestCall* unread = nullptr;
  server->dispatcher.on_begin = [&](TestHandler&) { begun.Set(); };
  RunOnLoop(*network, *client_loop, [&] {
    client = std::make_unique<TestClient>(*client_loop, server->address(), ConnectionLimits(),
                                          ClientOptions());
    taken = &client->Call(kHold, "taken");
    taken->on_end = [&] { taken_ended.Set(); };
  });
  ASSERT_TRUE(network->Wait(begun, network->Now() + absl::Seconds(60)));
  RunOnLoop(*network, *server_loop, [&] {
    // Not on this thread, which would block its loop.
    std::thread sends([&] {
      RunOnLoop(*network, *client_loop, [&] {
        unread = &client->Call(kHold, "unread");
        unread->on_end = [&] { unread_ended.Set(); };
      });
      RunOnLoop(*network, *client_loop, [] {});  // behind the batch's end, where it was written
    });
    sends.join();
    server->connection().Abort();
    server->dispatcher.last().Finish(absl::CancelledError(""));
  });
  ASSERT_TRUE(network->Wait(taken_ended, network->Now() + absl::Seconds(60)));
  ASSERT_TRUE(network->Wait(unread_ended, network->Now() + absl::Seconds(60)));
  RunOnLoop(*network, *client_loop, [&] {
    EXPECT_FALSE(taken->end.never_ran);
    EXPECT_TRUE(unread->end.never_ran) << unread->end.status;
    client.reset();
  });
  RunOnLoop(*network, *server_loop, [&] {
    EXPECT_EQ(server->dispatcher.handlers.size(), 1u);
    EXPECT_EQ(server->connections(), 0u);
    server.reset();
  });
}

}  // namespace
}  // namespace dialtone::dialtone1
