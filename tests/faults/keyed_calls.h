// Calls that carry keys, servers in processes of their own that count how often each key was
// executed, and a load of such calls at a steady rate: to show that no call is lost and none runs
// twice.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/mutex.h"
#include "server_process.h"

namespace dialtone::faults {

using Clock = std::chrono::steady_clock;

// How often each key was executed: in memory that server processes share, so that what a killed one
// has counted is not lost.
class KeyCounts {
 public:
  // Made by the test; its servers inherit the descriptor and find it by the environment.
  explicit KeyCounts(size_t keys) : keys_(keys), file_(memfd_create("keys", 0)) {
    DIALTONE_CHECK(file_ >= 0 && ftruncate(file_, static_cast<off_t>(keys)) == 0, "no memory file");
    setenv(kVariable, absl::StrCat(file_, ":", keys).c_str(), 1);
    Map();
  }
  // In a server process.
  KeyCounts() {
    const std::string said = std::getenv(kVariable);
    const size_t colon = said.find(':');
    DIALTONE_CHECK(absl::SimpleAtoi(said.substr(0, colon), &file_) &&
                       absl::SimpleAtoi(said.substr(colon + 1), &keys_),
                   "no memory file was inherited");
    Map();
  }
  ~KeyCounts() {
    munmap(counts_, keys_);
    close(file_);
  }
  KeyCounts(const KeyCounts&) = delete;
  KeyCounts& operator=(const KeyCounts&) = delete;

  void Count(size_t key) { counts_[key].fetch_add(1, std::memory_order_relaxed); }
  int count(size_t key) const { return counts_[key].load(std::memory_order_relaxed); }

 private:
  static constexpr char kVariable[] = "DIALTONE_TEST_KEYS";

  void Map() {
    void* at = mmap(nullptr, keys_, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
    DIALTONE_CHECK(at != MAP_FAILED, "the memory file cannot be mapped");
    counts_ = static_cast<std::atomic<uint8_t>*>(at);
  }

  size_t keys_ = 0;
  int file_ = -1;
  std::atomic<uint8_t>* counts_ = nullptr;
};

// What main() runs in a server process: argv is {program, "--serve", address, milliseconds to drain}.
// Every key is counted when its call begins; every tenth call takes 20 ms.
inline int ServeKeys(char** argv) {
  KeyCounts keys;
  ServerOptions options;
  options.drain_timeout = absl::Milliseconds(std::atoi(argv[3]));
  Server server(options);
  server.Add(std::make_unique<CoroutineService>(
      [&keys](ServerCall&, const Text& request, Text& reply) -> Task<absl::Status> {
        size_t key = 0;
        if (!absl::SimpleAtoi(request.value(), &key))
          co_return absl::InvalidArgumentError("no key");
        keys.Count(key);
        if (key % 10 == 0) {
          const absl::Status slept = co_await Sleep(absl::Milliseconds(20));
          if (!slept.ok()) co_return slept;
        }
        reply.set_value(request.value());
        co_return absl::OkStatus();
      }));
  const int code = server.Run(argv[2]);
  _exit(code);
}

inline int MainOfKeyedTest(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == "--serve") return ServeKeys(argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

// One call that did not end well.
struct FailedCall {
  size_t key = 0;
  absl::Status status;
  std::string peer;
  Clock::time_point began;
  Clock::time_point ended;
};

// Calls at a steady rate from a thread of its own, with the keys from 0 on.
class SteadyLoad {
 public:
  SteadyLoad(Channel& channel, size_t calls_per_second, size_t calls)
      : channel_(channel), rate_(calls_per_second), calls_(calls), thread_([this] { Run(); }) {}
  ~SteadyLoad() {
    if (thread_.joinable()) thread_.join();
  }

  // Waits until all calls have ended. Their failures.
  std::vector<FailedCall> Finish() {
    thread_.join();
    const auto patience = Clock::now() + std::chrono::seconds(60);
    while (ended_.load() < calls_ && Clock::now() < patience) {
      // tidy-allow sleep: threads and processes run on real time here, and the wait is bounded.
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(ended_.load(), calls_) << "calls that have not ended";
    MutexLock lock(mutex_);
    return failed_;
  }
  size_t begun() const { return begun_.load(); }
  // What it came to.
  double calls_per_second() const { return static_cast<double>(calls_) / seconds_; }

 private:
  void Run() {
    const auto start = Clock::now();
    for (size_t key = 0; key < calls_; ++key) {
      const auto due = start + std::chrono::nanoseconds(key * 1'000'000'000 / rate_);
      // Some at a time, as timers are not finer.
      // tidy-allow sleep: the rate of the load is real time.
      if (due > Clock::now() + std::chrono::milliseconds(1)) std::this_thread::sleep_until(due);
      Begin(key);
    }
    seconds_ = std::chrono::duration<double>(Clock::now() - start).count();
  }

  void Begin(size_t key) {
    auto info = std::make_shared<CallInfo>();
    begun_.fetch_add(1);
    StartCoroutine(channel_, absl::StrCat(key))
        .Capture(*info)
        .Then([this, key, info, began = Clock::now()](const absl::StatusOr<Text>& reply) {
          const bool right = reply.ok() && reply->value() == absl::StrCat(key);
          if (!right) {
            MutexLock lock(mutex_);
            failed_.push_back(FailedCall{
                key, reply.ok() ? absl::DataLossError("another call's reply") : reply.status(),
                info->peer.ToString(), began, Clock::now()});
          }
          ended_.fetch_add(1);
        });
  }

  Channel& channel_;
  const size_t rate_;
  const size_t calls_;
  double seconds_ = 0;  // the thread's until it is joined
  std::atomic<size_t> begun_{0};
  std::atomic<size_t> ended_{0};
  Mutex mutex_;
  std::vector<FailedCall> failed_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace dialtone::faults
