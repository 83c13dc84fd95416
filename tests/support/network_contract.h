// The frame of tests that hold over every network: a server's loop, a client's loop, and a probe on
// each.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "dialtone/transport/socket_network.h"
#include "gtest/gtest.h"
#include "support/sim_network.h"
#include "support/stream_probe.h"

namespace dialtone {

struct NetworkKind {
  const char* name;
  std::unique_ptr<Network> (*make)();
};

inline std::unique_ptr<Network> MakeSocketsForContract() { return NewSocketNetwork(); }
inline std::unique_ptr<Network> MakeSimulationForContract() {
  return std::make_unique<SimNetwork>(SimOptions(20));
}

class NetworkContractTest : public testing::TestWithParam<NetworkKind> {
 protected:
  NetworkContractTest()
      : network_(GetParam().make()),
        server_(network_->NewReactor("server")),
        client_(network_->NewReactor("client")),
        listen_(*server_),
        probe_(*client_) {}

  ~NetworkContractTest() override { Close(); }

  // To be called, too, by tests whose handlers use what lives in the test's own scope.
  void Close() {
    On(*client_, [&] { probe_.stream.reset(); });
    On(*server_, [&] {
      listen_.peer.stream.reset();
      listen_.listener.reset();
    });
  }

  static Address AnyPort() { return Address::Ipv4({127, 0, 0, 1}, 0); }
  Instant Limit() const { return network_->Now() + absl::Seconds(60); }
  void Await(Event& event) { ASSERT_TRUE(network_->Wait(event, Limit())) << "waited too long"; }

  // Runs `function` under the lead of `loop` and waits for it.
  void On(Loop& loop, const std::function<void()>& function) {
    Event done;
    loop.Post([&] {
      function();
      done.Set();
    });
    Await(done);
  }

  Address Listen(const Address& at = AnyPort()) {
    Address address;
    On(*server_, [&] {
      const absl::Status status = listen_.Listen(*network_, at);
      ASSERT_TRUE(status.ok()) << status;
      address = listen_.listener->address();
    });
    return address;
  }

  // A connection between probe_ and listen_.peer.
  void ConnectPair() {
    const Address address = Listen();
    On(*client_, [&] { probe_.Connect(address); });
    Await(probe_.connected);
    ASSERT_TRUE(probe_.status.ok()) << probe_.status;
    Await(listen_.accepted);
  }

  StreamProbe& peer() { return listen_.peer; }

  const std::unique_ptr<Network> network_;
  const std::unique_ptr<Loop> server_;
  const std::unique_ptr<Loop> client_;
  ListenProbe listen_;
  StreamProbe probe_;
};

// Instantiates the tests of a suite, derived from NetworkContractTest, for both networks.
#define DIALTONE_FOR_EVERY_NETWORK(suite)                                                         \
  INSTANTIATE_TEST_SUITE_P(Networks, suite,                                                       \
                           testing::Values(NetworkKind{"Sockets", MakeSocketsForContract},        \
                                           NetworkKind{"Simulation", MakeSimulationForContract}), \
                           [](const auto& kind) { return std::string(kind.param.name); })

}  // namespace dialtone
