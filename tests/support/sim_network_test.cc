// The simulated network as a whole: nothing is lost, everything repeats, waits end or say why they
// cannot.
#include "support/sim_network.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "support/sim_world_fixture.h"

namespace dialtone {
namespace {

SimOptions ChoppyOptions(uint64_t seed) {
  SimOptions options(seed);
  options.slice_probability = 0.1 * static_cast<double>(seed % 10);
  options.loss_probability = seed % 3 == 0 ? 0.1 : 0;
  options.buffer_bytes = 1 + seed * 37 % 2000;
  return options;
}

TEST(SimNetworkTest, EchoesUnderEverySeedHoweverTheBytesAreSliced) {
  uint64_t events = 0;
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    EchoWorld world(ChoppyOptions(seed), seed * 3);
    EXPECT_TRUE(world.Run().ok()) << "seed " << seed << ": " << world.client.result();
    EXPECT_EQ(world.client.received(), seed * 3) << "seed " << seed;
    events += world.network.events();
  }
  EXPECT_GT(events, 100'000u);
}

TEST(SimNetworkTest, SameSeedTakesTheSameCourse) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    std::vector<std::string> traces[2];
    uint64_t hash[2];
    for (int run = 0; run < 2; ++run) {
      EchoWorld world(ChoppyOptions(seed));
      // Other addresses on the heap than in the first run.
      const std::vector<char> ballast(static_cast<size_t>(run) * 100'000);
      world.network.SetTrace([&](std::string_view line) { traces[run].emplace_back(line); });
      EXPECT_TRUE(world.Run().ok());
      hash[run] = world.network.trace_hash();
    }
    EXPECT_EQ(hash[0], hash[1]) << "seed " << seed;
    EXPECT_EQ(traces[0], traces[1]) << "seed " << seed;
    hashes.insert(hash[0]);
  }
  EXPECT_EQ(hashes.size(), 50u) << "different seeds took the same course";
}

TEST(SimNetworkTest, RandomResetsAndRefusalsEndEveryConnectionOneWayOrAnother) {
  int failed = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SimOptions options = ChoppyOptions(seed);
    options.reset_probability = 0.02;
    options.refuse_probability = 0.1;
    EchoWorld world(options);
    if (!world.Run().ok()) ++failed;
  }
  EXPECT_GT(failed, 30);
  EXPECT_LT(failed, 290);
}

TEST(SimNetworkTest, SlowReaderStopsTheWriterAndBoundsItsMemory) {
  SimOptions options(7);
  options.buffer_bytes = 5000;
  EchoWorld world(options, 300'000);
  world.network.SetBandwidth("client", "server", 1'000'000);
  EXPECT_TRUE(world.Run().ok()) << world.client.result();
  // 300 kB at 1 MB a second, there and back at the same time.
  EXPECT_GT(world.network.Now(), Instant::FromNanoseconds(300'000'000));
  EXPECT_LT(world.network.Now(), Instant::FromNanoseconds(2'000'000'000));
  EXPECT_LE(world.server.queued_bytes_max(), 5000u);
}

struct RecordingTimer final : Timer {
  RecordingTimer(Loop& the_loop, std::vector<Instant>& the_times)
      : loop(the_loop), times(the_times) {}
  void OnTimer() override { times.push_back(loop.Now()); }
  Loop& loop;
  std::vector<Instant>& times;
};

TEST(SimNetworkTest, TimersAreExactInVirtualTime) {
  SimNetwork network(SimOptions(3));
  const auto loop = network.NewReactor("local/0");
  std::vector<Instant> times;
  RecordingTimer later(*loop, times);
  RecordingTimer sooner(*loop, times);
  network.RunOn(*loop, [&] {
    loop->Arm(later, Instant() + absl::Hours(1));
    loop->Arm(sooner, Instant() + absl::Nanoseconds(1234567));
  });
  EXPECT_TRUE(network.RunUntilIdle(absl::InfiniteDuration()));
  EXPECT_EQ(times, (std::vector<Instant>{Instant() + absl::Nanoseconds(1234567),
                                         Instant() + absl::Hours(1)}));
}

TEST(SimNetworkTest, TimeMovesOnlyWhileSomebodyWaits) {
  SimNetwork network;
  EXPECT_EQ(network.Now(), Instant());
  network.RunFor(absl::Seconds(2));
  EXPECT_EQ(network.Now(), Instant() + absl::Seconds(2));
  Event event;
  EXPECT_FALSE(network.Wait(event, network.Now() + absl::Seconds(1)));
  EXPECT_EQ(network.Now(), Instant() + absl::Seconds(3));
}

TEST(SimNetworkTest, DeferredWorkRunsWithoutTheLeadAndMayBlock) {
  SimNetwork network(SimOptions(5));
  const auto loop = network.NewCallerLoop("client/0");
  Event inner;
  Event outer;
  bool led = true;
  loop->Defer([&] {
    led = Loop::Current() != nullptr;
    loop->Post([&] { inner.Set(); });
    EXPECT_TRUE(loop->Drive(inner, Instant::Infinite()));
    outer.Set();
  });
  EXPECT_TRUE(network.Wait(outer, Instant::Infinite()));
  EXPECT_FALSE(led);
}

TEST(SimNetworkTest, ReactorsLeadIsNotToBeHadAndACallerLoopsMostly) {
  SimNetwork network;
  const auto reactor = network.NewReactor("server/0");
  const auto caller = network.NewCallerLoop("client/0");
  EXPECT_FALSE(reactor->TryLead());
  int led = 0;
  for (int i = 0; i < 1000; ++i) {
    if (LeadScope lead(*caller); lead.leading()) ++led;
  }
  EXPECT_GT(led, 800);
  EXPECT_LT(led, 1000);
}

TEST(SimNetworkTest, PausedProcessTakesNoTurnWhileItsKernelGoesOnReceiving) {
  PairWorld world(PlainOptions());
  world.Connect();
  world.network.Pause(*world.server_loop);
  world.OnClient([&] { world.client.Write("hello"); });
  world.network.RunFor(absl::Seconds(10));
  EXPECT_EQ(world.server().received, "");
  world.network.Resume(*world.server_loop);
  world.network.RunFor(absl::Seconds(1));
  EXPECT_EQ(world.server().received, "hello");
}

TEST(SimNetworkTest, WorkersBoundTheirQueueAndRunEverythingBeforeTheyGo) {
  SimNetwork network;
  struct Count final : Work {
    void Run() override {
      EXPECT_EQ(Loop::Current(), nullptr);
      ++runs;
    }
    int runs = 0;
  };
  Count works[3];
  auto workers = network.NewWorkers(1, 2);
  EXPECT_TRUE(workers->Post(works[0]));
  EXPECT_TRUE(workers->Post(works[1]));
  EXPECT_FALSE(workers->Post(works[2]));
  EXPECT_EQ(works[0].runs, 0);
  network.RunFor(absl::Seconds(1));
  EXPECT_EQ(works[0].runs + works[1].runs, 2);
  EXPECT_TRUE(workers->Post(works[2]));
  workers.reset();
  EXPECT_EQ(works[2].runs, 1);
}

TEST(SimNetworkDeathTest, WaitThatCannotEndNamesTheSeed) {
  SimNetwork network(SimOptions(4711));
  Event event;
  EXPECT_DEATH(network.Wait(event, Instant::Infinite()),
               "seed 4711.*deadlock: nothing is left to happen");
}

struct EndlessTimer final : Timer {
  explicit EndlessTimer(Loop& the_loop) : loop(the_loop) {}
  void OnTimer() override { loop.Arm(*this, loop.Now() + absl::Milliseconds(1)); }
  Loop& loop;
};

TEST(SimNetworkDeathTest, RunThatNeverEndsNamesTheSeed) {
  SimOptions options(4712);
  options.events_max = 1000;
  SimNetwork network(options);
  const auto loop = network.NewReactor("local/0");
  EndlessTimer timer(*loop);
  network.RunOn(*loop, [&] { loop->Arm(timer, Instant()); });
  EXPECT_DEATH(network.RunUntilIdle(absl::InfiniteDuration()), "seed 4712.*SimOptions::events_max");
  network.RunOn(*loop, [&] { loop->Disarm(timer); });
}

TEST(SimNetworkDeathTest, WhatOutlivesTheNetworkIsFound) {
  EXPECT_DEATH(
      {
        auto network = std::make_unique<SimNetwork>(SimOptions(4713));
        const auto loop = network->NewReactor("local/0");
        network.reset();
      },
      "seed 4713.*destroyed before what was made by it");
}

}  // namespace
}  // namespace dialtone
