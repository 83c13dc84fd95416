// Worlds of two hosts, "server" and "client", for the simulated network's own tests.
#pragma once

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "support/echo_peers.h"
#include "support/sim_network.h"
#include "support/stream_probe.h"

namespace dialtone {

inline Address SimServerAddress() { return Address::Ipv4({127, 0, 0, 1}, 7000); }

// An echo server and a client that has its bytes echoed.
class EchoWorld {
 public:
  explicit EchoWorld(const SimOptions& options, size_t bytes = 1000)
      : network(options),
        server_loop(network.NewReactor("server/0")),
        client_loop(network.NewCallerLoop("client/0")),
        server(*server_loop),
        client(*client_loop, bytes) {
    network.RunOn(*server_loop,
                  [&] { EXPECT_TRUE(server.Listen(network, SimServerAddress()).ok()); });
  }
  ~EchoWorld() {
    network.RunOn(*client_loop, [&] { client.Close(); });
    network.RunOn(*server_loop, [&] { server.Close(); });
  }
  void Start(const ConnectOptions& options = ConnectOptions()) {
    network.RunOn(*client_loop, [&] { client.Start(SimServerAddress(), options); });
  }
  absl::Status Run() {
    Start();
    EXPECT_TRUE(client_loop->Drive(client.done(), Instant::Infinite()));
    return client.result();
  }

  SimNetwork network;
  std::unique_ptr<Loop> server_loop;
  std::unique_ptr<Loop> client_loop;
  EchoServer server;
  EchoClient client;
};

// One connection whose two ends the test plays itself.
class PairWorld {
 public:
  explicit PairWorld(const SimOptions& options)
      : network(options),
        server_loop(network.NewReactor("server/0")),
        client_loop(network.NewReactor("client/0")),
        listen(*server_loop),
        client(*client_loop) {
    network.RunOn(*server_loop,
                  [&] { EXPECT_TRUE(listen.Listen(network, SimServerAddress()).ok()); });
  }
  ~PairWorld() {
    OnClient([&] { client.stream.reset(); });
    OnServer([&] {
      server().stream.reset();
      listen.listener.reset();
    });
  }
  void Connect(const ConnectOptions& options = ConnectOptions()) {
    OnClient([&] { client.Connect(SimServerAddress(), options); });
    EXPECT_TRUE(network.Wait(client.connected, Instant::Infinite()));
    EXPECT_TRUE(client.status.ok()) << client.status;
    EXPECT_TRUE(network.Wait(listen.accepted, Instant::Infinite()));
  }
  void OnClient(absl::FunctionRef<void()> function) { network.RunOn(*client_loop, function); }
  void OnServer(absl::FunctionRef<void()> function) { network.RunOn(*server_loop, function); }
  StreamProbe& server() { return listen.peer; }

  SimNetwork network;
  std::unique_ptr<Loop> server_loop;
  std::unique_ptr<Loop> client_loop;
  ListenProbe listen;
  StreamProbe client;
};

// Each piece of bytes whole and at once, so that a test can say exactly what happens.
inline SimOptions PlainOptions(uint64_t seed = 1) {
  SimOptions options(seed);
  options.slice_probability = 0;
  options.lead_busy_probability = 0;
  return options;
}

}  // namespace dialtone
