// Two servers in processes of their own, restarted one after the other, or killed, under a steady
// load of calls that must not run twice.
#include <algorithm>
#include <array>
#include <cstdio>

#include "keyed_calls.h"

namespace dialtone::faults {
namespace {

#ifdef DIALTONE_SANITIZED
constexpr size_t kCallsPerSecond = 500;
constexpr int kSeconds = 8;
// How soon a killed server's calls must have ended.
constexpr auto kAtOnce = std::chrono::seconds(3);
#else
constexpr size_t kCallsPerSecond = 10'000;
constexpr int kSeconds = 20;
constexpr auto kAtOnce = std::chrono::milliseconds(500);
#endif
constexpr int kRestartsOfEach = 5;

class RollingRestart : public testing::Test {
 protected:
  RollingRestart() {
    for (auto& server : servers_) server = std::make_unique<ServerProcess>();
    for (size_t i = 0; i < servers_.size(); ++i) addresses_[i] = servers_[i]->target();
    channel_ = std::make_unique<Channel>(absl::StrCat("list:", addresses_[0], ",", addresses_[1]));
    EXPECT_TRUE(channel_->WaitUntilReady(absl::Seconds(30)));
  }

  void Restart(size_t which) {
    servers_[which]->Signal(SIGTERM);
    EXPECT_EQ(servers_[which]->Exit(), 0) << servers_[which]->log();
    Start(which);
  }
  // On the port that it had before.
  void Start(size_t which) {
    servers_[which] = std::make_unique<ServerProcess>(addresses_[which]);
    EXPECT_EQ(servers_[which]->target(), addresses_[which]);
  }
  // Restarts one server after the other while `load` runs, one every `period`.
  void RestartInTurn(std::chrono::milliseconds period) {
    auto next = Clock::now() + period / 2;
    for (int i = 0; i < 2 * kRestartsOfEach; ++i, next += period) {
      // tidy-allow sleep: restarts are spread over the time that the load takes.
      std::this_thread::sleep_until(next);
      Restart(static_cast<size_t>(i % 2));
    }
  }
  void ExpectEachOnce(const KeyCounts& keys, const std::vector<FailedCall>& failed) {
    EXPECT_EQ(failed.size(), 0u);
    for (size_t i = 0; i < std::min<size_t>(failed.size(), 5); ++i)
      ADD_FAILURE() << "key " << failed[i].key << ": " << failed[i].status;
    size_t wrong = 0;
    for (size_t key = 0; key < kCalls; ++key) wrong += keys.count(key) != 1;
    EXPECT_EQ(wrong, 0u) << "keys that were not executed exactly once";
  }

  static constexpr size_t kCalls = kCallsPerSecond * kSeconds;
  KeyCounts keys_{kCalls};
  std::array<std::unique_ptr<ServerProcess>, 2> servers_;
  std::array<std::string, 2> addresses_;
  std::unique_ptr<Channel> channel_;
};

TEST_F(RollingRestart, LosesNoCallAndRunsNoneTwice) {
  SteadyLoad load(*channel_, kCallsPerSecond, kCalls);
  RestartInTurn(std::chrono::milliseconds(kSeconds * 1000 / (2 * kRestartsOfEach)));
  ExpectEachOnce(keys_, load.Finish());
  std::printf("%zu calls at %.0f a second, %d restarts\n", kCalls, load.calls_per_second(),
              2 * kRestartsOfEach);
}

// The one that was restarted has only just begun to listen when the other one goes.
TEST_F(RollingRestart, LosesNoCallWhenTheRestartsFollowEachOther) {
  SteadyLoad load(*channel_, kCallsPerSecond, kCalls / 4);
  int restarts = 0;
  for (; load.begun() < kCalls / 4 && restarts < 100; ++restarts)
    Restart(static_cast<size_t>(restarts % 2));
  const std::vector<FailedCall> failed = load.Finish();
  for (size_t i = 0; i < std::min<size_t>(failed.size(), 5); ++i)
    ADD_FAILURE() << "key " << failed[i].key << ": " << failed[i].status;
  EXPECT_EQ(failed.size(), 0u);
  for (size_t key = 0; key < kCalls / 4; ++key) ASSERT_EQ(keys_.count(key), 1) << key;
  EXPECT_GT(restarts, 1);
  std::printf("%d restarts\n", restarts);
}

TEST_F(RollingRestart, AKilledServersCallsEndAtOnceAndNoOthersFail) {
  SteadyLoad load(*channel_, kCallsPerSecond, kCalls / 4);
  std::vector<std::pair<std::string, Clock::time_point>> kills;
  for (int i = 0; i < 4; ++i) {
    // tidy-allow sleep: kills are spread over the time that the load takes.
    std::this_thread::sleep_for(std::chrono::milliseconds(kSeconds * 1000 / 4 / 5));
    const size_t which = static_cast<size_t>(i % 2);
    kills.emplace_back(addresses_[which], Clock::now());
    servers_[which]->Signal(SIGKILL);
    servers_[which]->Exit();
    Start(which);
  }
  const std::vector<FailedCall> failed = load.Finish();
  auto slowest = Clock::duration::zero();
  for (const FailedCall& call : failed) {
    EXPECT_TRUE(absl::IsUnavailable(call.status)) << call.status;
    const auto kill = std::find_if(kills.rbegin(), kills.rend(), [&](const auto& candidate) {
      return candidate.first == call.peer && candidate.second <= call.ended;
    });
    ASSERT_NE(kill, kills.rend()) << "nobody had killed its server: " << call.status;
    const auto took = call.ended - kill->second;
    slowest = std::max(slowest, took);
    EXPECT_LT(took, kAtOnce) << call.status;
    EXPECT_LE(keys_.count(call.key), 1) << "key " << call.key;
  }
  std::vector<bool> is_failed(kCalls / 4);
  for (const FailedCall& call : failed) is_failed[call.key] = true;
  for (size_t key = 0; key < kCalls / 4; ++key) {
    if (!is_failed[key]) {
      ASSERT_EQ(keys_.count(key), 1) << "key " << key;
    }
  }
  EXPECT_LT(failed.size(), kCalls / 40);
  std::printf("%zu of %zu calls failed, the last %.1f ms after a kill\n", failed.size(), kCalls / 4,
              std::chrono::duration<double, std::milli>(slowest).count());
}

}  // namespace
}  // namespace dialtone::faults

int main(int argc, char** argv) { return dialtone::faults::MainOfKeyedTest(argc, argv); }
