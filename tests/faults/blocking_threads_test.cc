// Threads that block on one channel, whose server is killed and restarted: each wait ends in its time, whether the thread is
// alone, and sleeps in a read of the connection, or one of several that take turns at leading.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "dialtone/transport/event.h"
#include "server_process.h"

namespace dialtone::faults {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

#ifdef DIALTONE_SANITIZED
constexpr auto kLateMax = std::chrono::seconds(5);
#else
constexpr auto kLateMax = std::chrono::seconds(1);
#endif
constexpr int kLives = 8;          // of the server, one after the other
constexpr int kAnswersALife = 30;  // of each thread
constexpr milliseconds kStopped(350);
constexpr milliseconds kPatience(10'000);

class BlockingThreads : public testing::TestWithParam<int> {
 protected:
  ~BlockingThreads() override { Stop(); }

  void Start() {
    for (int t = 0; t < GetParam(); ++t) {
      threads_.emplace_back([this, t] {
        std::mt19937 random(static_cast<unsigned>(t));
        while (!stop_) DoSomething(random);
      });
    }
  }
  void Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  // So many more for each thread.
  bool AwaitAnswers() {
    enough_.Reset();
    wanted_ = answered_ + kAnswersALife * GetParam();
    for (const auto until = Clock::now() + std::chrono::seconds(60);
         !enough_.is_set() && Clock::now() < until;) {
      enough_.Park(std::chrono::nanoseconds(until - Clock::now()).count());
    }
    return enough_.is_set();
  }

  ServerProcess first_;
  const std::string target_ = first_.target();
  std::unique_ptr<Channel> channel_ = std::make_unique<Channel>(target_);
  std::atomic<int> callbacks_{0};
  std::atomic<int> called_back_{0};

 private:
  void DoSomething(std::mt19937& random) {
    switch (random() % 6) {
      case 0:
      case 1:
        return Echo("x");
      case 2:
        return Echo(std::string(random() % 2 == 0 ? 6'000 : 200'000, 'y'));
      case 3:
        return WaitForDeadline(milliseconds(1 + random() % 45));
      case 4:
        return WaitForCancel(microseconds(random() % 9'000));
      default:
        return CallBack();
    }
  }

  void Echo(const std::string& text) {
    CallOptions options;
    options.set_timeout(absl::FromChrono(kPatience));
    const auto begin = Clock::now();
    const absl::StatusOr<Text> reply = StartCoroutine(*channel_, text, options).Wait();
    ExpectInTime(begin + kPatience, reply.status());
    if (!reply.ok()) return ExpectLost(reply.status());
    EXPECT_EQ(reply->value(), "hello " + text);
    if (++answered_ >= wanted_) enough_.Set();
  }
  void WaitForDeadline(milliseconds timeout) {
    CallOptions options;
    options.set_timeout(absl::FromChrono(timeout));
    const auto begin = Clock::now();
    const absl::Status status = StartCoroutine(*channel_, "sleep", options).Wait().status();
    ExpectInTime(begin + timeout, status);
    if (!absl::IsDeadlineExceeded(status)) ExpectLost(status);
  }
  void WaitForCancel(microseconds after) {
    Call<Text> call = StartCoroutine(*channel_, "sleep");
    Clock::time_point cancelled;
    std::thread canceller([&] {
      // tidy-allow sleep: cancellations shall come at any time of a wait, which nothing tells of.
      std::this_thread::sleep_for(after);
      cancelled = Clock::now();
      call.Cancel();
    });
    const absl::Status status = call.Wait().status();
    const auto end = Clock::now();
    canceller.join();
    EXPECT_LT(end - cancelled, kLateMax) << status;
    if (!absl::IsCancelled(status)) ExpectLost(status);
  }
  void CallBack() {
    ++callbacks_;
    StartCoroutine(*channel_, "x").Then([this](const absl::StatusOr<Text>&) { ++called_back_; });
  }

  static void ExpectInTime(Clock::time_point due, const absl::Status& status) {
    EXPECT_LT(Clock::now() - due, kLateMax) << status;
  }
  static void ExpectLost(const absl::Status& status) {
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  }

  std::atomic<bool> stop_{false};
  std::atomic<int> answered_{0};
  std::atomic<int> wanted_{std::numeric_limits<int>::max()};
  Event enough_;
  std::vector<std::thread> threads_;
};

TEST_P(BlockingThreads, EveryWaitEndsInTimeWhateverBecomesOfTheServer) {
  Start();
  for (int life = 0; life < kLives; ++life) {
    std::unique_ptr<ServerProcess> again;
    ServerProcess* server = &first_;
    if (life > 0) {
      again = std::make_unique<ServerProcess>(target_);
      EXPECT_EQ(again->target(), target_);
      server = again.get();
    }
    EXPECT_TRUE(AwaitAnswers());
    if (life % 3 == 2) {
      server->Signal(SIGSTOP);
      // tidy-allow sleep: calls begin meanwhile, and end by their deadlines and by being cancelled: nothing tells of that.
      std::this_thread::sleep_for(kStopped);
      server->Signal(SIGCONT);
    }
    server->Signal(life % 2 == 0 ? SIGKILL : SIGTERM);
    server->Exit();
  }
  Stop();
  channel_.reset();  // when all callbacks have run
  EXPECT_EQ(called_back_, callbacks_);
}

INSTANTIATE_TEST_SUITE_P(Number, BlockingThreads, testing::Values(1, 2, 5));

}  // namespace
}  // namespace dialtone::faults

int main(int argc, char** argv) { return dialtone::MainOfServerProcessTest(argc, argv); }
