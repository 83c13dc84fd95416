// Everything that can go wrong in the simulated network, all at once: whatever happens, every
// connection ends on both sides, and nothing is left over.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "support/random_runs.h"
#include "support/sim_world_fixture.h"

namespace dialtone {
namespace {

class ChaosWorld {
 public:
  static constexpr int kClients = 5;

  explicit ChaosWorld(uint64_t seed)
      : network_(Options(seed)), server_loop_(network_.NewReactor("server/0")) {
    server_ = std::make_unique<EchoServer>(*server_loop_);
    network_.RunOn(*server_loop_,
                   [&] { EXPECT_TRUE(server_->Listen(network_, SimServerAddress()).ok()); });
    for (int i = 0; i < kClients; ++i) {
      loops_.push_back(network_.NewCallerLoop(absl::StrCat("client", i % 2, "/", i)));
      clients_.push_back(
          std::make_unique<EchoClient>(*loops_.back(), 1 + network_.random().Below(20'000)));
    }
  }
  ~ChaosWorld() {
    for (int i = 0; i < kClients; ++i) CloseClient(i);
    network_.RunOn(*server_loop_, [&] { server_->Close(); });
  }

  void StartClients() {
    for (int i = 0; i < kClients; ++i) {
      network_.RunOn(*loops_[i], [&] { clients_[i]->Start(SimServerAddress()); });
      network_.RunFor(absl::Microseconds(network_.random().Below(500)));
    }
  }

  void DoSomethingUnkind() {
    const std::string host = absl::StrCat("client", network_.random().Below(2));
    switch (network_.random().Below(12)) {
      case 0:
        return network_.Partition(host, "server");
      case 1:
      case 2:
        return network_.Heal(host, "server");
      case 3:
        network_.ResetRandomConnection();
        return;
      case 4:
        network_.BlackHole(SimServerAddress());
        return;
      case 5:
        return network_.Pause(*server_loop_);
      case 6:
      case 7:
        return network_.Resume(*server_loop_);
      case 8:
        return CloseClient(static_cast<int>(network_.random().Below(kClients)));
      default:
        return network_.RunFor(absl::Microseconds(network_.random().Below(20'000)));
    }
  }

  void MakePeace() {
    network_.Heal("client0", "server");
    network_.Heal("client1", "server");
    network_.Resume(*server_loop_);
  }

  // Returns how many clients got all of their bytes back.
  int AwaitTheEnd() {
    int complete = 0;
    for (int i = 0; i < kClients; ++i) {
      const Instant limit = network_.Now() + absl::Minutes(10);
      EXPECT_TRUE(closed_[i] || network_.Wait(clients_[i]->done(), limit))
          << "client " << i << " hangs";
      if (clients_[i]->result().ok()) ++complete;
      CloseClient(i);
    }
    EXPECT_TRUE(network_.RunUntil([&] { return server_->peers() == 0; }, absl::Minutes(10)))
        << "the server holds on to a peer";
    EXPECT_TRUE(network_.RunUntilIdle(absl::Minutes(10)));
    EXPECT_EQ(network_.live_connections(), 0u);
    EXPECT_EQ(network_.live_streams(), 0u);
    return complete;
  }

 private:
  static SimOptions Options(uint64_t seed) {
    SimOptions options(seed);
    options.buffer_bytes = 500 + seed % 5000;
    options.loss_probability = 0.01;
    options.reset_probability = 0.002;
    options.refuse_probability = 0.05;
    return options;
  }
  void CloseClient(int i) {
    network_.RunOn(*loops_[i], [&] { clients_[i]->Close(); });
    closed_[i] = true;
  }

  SimNetwork network_;
  const std::unique_ptr<Loop> server_loop_;
  std::unique_ptr<EchoServer> server_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::unique_ptr<EchoClient>> clients_;
  bool closed_[kClients] = {};
};

TEST(SimChaosTest, EveryConnectionEndsOnBothSidesWhateverHappens) {
  int complete = 0;
  constexpr int kSeeds = RandomRuns(1000);
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    ChaosWorld world(seed);
    world.StartClients();
    for (int i = 0; i < 20; ++i) world.DoSomethingUnkind();
    world.MakePeace();
    complete += world.AwaitTheEnd();
    if (testing::Test::HasFailure()) break;
  }
  // Some must survive and some must not, else this shows nothing.
  EXPECT_GT(complete, kSeeds / 10);
  EXPECT_LT(complete, kSeeds * ChaosWorld::kClients * 9 / 10);
}

}  // namespace
}  // namespace dialtone
