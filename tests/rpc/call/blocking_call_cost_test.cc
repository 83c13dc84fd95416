// What a blocking call costs its process: no thread switch but the network's, no wake-up written.
#include <dirent.h>

#include <algorithm>
#include <fstream>

#include "call_fixture.h"
#include "server_process.h"
#include "wakeup.h"

namespace dialtone {
namespace {

// Of all threads of this process, one by one, as the kernel counts them.
long VoluntarySwitches() {
  long sum = 0;
  DIR* const tasks = opendir("/proc/self/task");
  while (const dirent* task = readdir(tasks)) {
    if (task->d_name[0] == '.')
      continue;  // "..", the process itself, would count its main thread again
    std::ifstream status("/proc/self/task/" + std::string(task->d_name) + "/status");
    std::string word;
    long count = 0;
    while (status >> word) {
      if (word == "voluntary_ctxt_switches:" && status >> count) sum += count;
    }
  }
  closedir(tasks);
  return sum;
}

TEST(BlockingCallCost, NoSwitchButTheNetworksAndNoWakeUp) {
  constexpr int kCalls = 2000;
  constexpr int kRounds = 5;
  ServerProcess server;
  Channel channel(server.target());
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(StartCoroutine(channel, "warm").Wait().ok());
  double best_switches = 1e9;
  uint64_t fewest_writes = ~uint64_t{0};
  // A loaded machine may hold a round up long enough for the background thread to look after the
  // connection: the best round counts.
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t writes_before = Wakeup::writes();
    const long switches_before = VoluntarySwitches();
    for (int i = 0; i < kCalls; ++i) ASSERT_TRUE(StartCoroutine(channel, "x").Wait().ok());
    const long switches = VoluntarySwitches() - switches_before;
    best_switches = std::min(best_switches, static_cast<double>(switches) / kCalls);
    fewest_writes = std::min(fewest_writes, Wakeup::writes() - writes_before);
  }
  EXPECT_LE(best_switches, 1.1);
  EXPECT_EQ(fewest_writes, 0u);
  std::printf("voluntary switches a blocking call: %.4f\n", best_switches);
  server.Signal(SIGTERM);
  EXPECT_EQ(server.Exit(), kExitOk);
}

}  // namespace
}  // namespace dialtone

int main(int argc, char** argv) { return dialtone::MainOfServerProcessTest(argc, argv); }
