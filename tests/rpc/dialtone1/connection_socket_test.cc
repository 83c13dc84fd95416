// Dialtone/1 over this machine's sockets: what the simulation shows holds there, too.
#include <memory>
#include <string>

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

}  // namespace
}  // namespace dialtone::dialtone1
