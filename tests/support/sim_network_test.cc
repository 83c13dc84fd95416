#include "support/sim_network.h"

#include <cstdint>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "support/echo_peers.h"

namespace dialtone {
namespace {

Address Echo() { return Address::Ipv4({127, 0, 0, 1}, 7000); }

// A server on the host "server" and a client on the host "client".
class EchoWorld {
 public:
  explicit EchoWorld(const SimOptions& options, size_t bytes = 1000)
      : network(options),
        server_loop(network.NewReactor("server/0")),
        client_loop(network.NewCallerLoop("client/0")),
        server(*server_loop),
        client(*client_loop, bytes) {
    network.RunOn(*server_loop, [&] { EXPECT_TRUE(server.Listen(network, Echo()).ok()); });
  }
  ~EchoWorld() {
    network.RunOn(*client_loop, [&] { client.Close(); });
    network.RunOn(*server_loop, [&] { server.Close(); });
  }
  void Start(const ConnectOptions& options = ConnectOptions()) {
    network.RunOn(*client_loop, [&] { client.Start(Echo(), options); });
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

TEST(SimNetworkTest, EchoesUnderEverySeedHoweverTheBytesAreSliced) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SimOptions options(seed);
    options.slice_probability = 0.1 * static_cast<double>(seed % 10);
    options.loss_probability = seed % 3 == 0 ? 0.1 : 0;
    options.buffer_bytes = 1 + seed % 2000;
    EchoWorld world(options, seed * 7);
    EXPECT_TRUE(world.Run().ok()) << "seed " << seed << ": " << world.client.result();
  }
}

}  // namespace
}  // namespace dialtone
