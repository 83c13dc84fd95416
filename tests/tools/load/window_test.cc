#include "dialtone/load/window.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "dialtone/load/result.h"

namespace dialtone::load {
namespace {

constexpr int64_t kMicrosecond = 1000;

TEST(WindowTest, CountsWhatEndsBetweenItsEdges) {
  Window window(10, 1);
  Recorder recorder(window);
  const int64_t opens = window.opens();
  EXPECT_TRUE(recorder.OnReply(opens - 200, opens - 100));
  // The first one after the warm-up opens it, and does not count.
  EXPECT_TRUE(recorder.OnReply(opens - 100, opens + 5));
  EXPECT_TRUE(recorder.OnReply(opens + 5, opens + 105));
  EXPECT_TRUE(recorder.OnReply(opens + 105, opens + 305));
  // The first one after its time closes it, and counts.
  EXPECT_TRUE(recorder.OnReply(opens + 305, window.closes() + 7));
  EXPECT_FALSE(recorder.OnReply(window.closes() + 7, window.closes() + 9));

  const Result result = window.Finish({&recorder});
  EXPECT_EQ(result.calls, 3u);
  EXPECT_EQ(result.calls_in_all, 6u);
  EXPECT_EQ(result.latency_ns.count(), 3u);
  EXPECT_EQ(result.latency_ns.Percentile(0.1), 100);
  EXPECT_NEAR(result.seconds, 1 + 2e-9, 1e-12);
}

TEST(WindowTest, ClosedBeforeItsTimeItHasMeasuredWhatItHas) {
  Window window(0, 1000);
  Recorder recorder(window);
  const int64_t opens = window.opens();
  EXPECT_TRUE(recorder.OnReply(opens, opens));
  EXPECT_TRUE(recorder.OnReply(opens, opens + 100));
  window.Close(opens + 500);
  EXPECT_FALSE(recorder.OnReply(opens, opens + 600));
  const Result result = window.Finish({&recorder});
  EXPECT_EQ(result.calls, 1u);
  EXPECT_NEAR(result.seconds, 500e-9, 1e-12);
}

TEST(WindowTest, ClosedBeforeItHasOpenedItHasMeasuredNothing) {
  Window window(1000, 1000);
  Recorder recorder(window);
  window.Close(window.opens() - 5);
  EXPECT_FALSE(recorder.OnReply(window.opens(), window.opens() + 1));
  const Result result = window.Finish({&recorder});
  EXPECT_EQ(result.calls, 0u);
  EXPECT_EQ(result.seconds, 0);
}

TEST(WindowTest, ARecorderTellsItsProgressOfTheWarmUpToo) {
  Window window(10, 1);
  Recorder recorder(window);
  recorder.OnReply(100, 130);
  recorder.OnReply(100, 150);
  recorder.OnError("UNAVAILABLE", 200);
  const Progress progress = recorder.progress();
  EXPECT_EQ(progress.answered, 2u);
  EXPECT_EQ(progress.failed, 1u);
  EXPECT_EQ(progress.latency_sum_ns, 80);
}

TEST(WindowTest, CountsErrorsByTheirStatus) {
  Window window(0, 1);
  Recorder recorder(window);
  const int64_t opens = window.opens();
  recorder.OnReply(opens, opens);
  EXPECT_TRUE(recorder.OnError("UNAVAILABLE", opens + 1));
  EXPECT_TRUE(recorder.OnError("UNAVAILABLE", opens + 2));
  EXPECT_TRUE(recorder.OnError("WRONG_REPLY", opens + 3));
  EXPECT_TRUE(recorder.OnMessages(64, opens + 4));
  EXPECT_TRUE(recorder.OnError("UNAVAILABLE", window.closes()));
  EXPECT_FALSE(recorder.OnError("UNAVAILABLE", window.closes() + 1));
  const Result result = window.Finish({&recorder});
  EXPECT_EQ(result.calls, 64u);
  EXPECT_EQ(result.errors.at("UNAVAILABLE"), 3u);
  EXPECT_EQ(result.errors.at("WRONG_REPLY"), 1u);
}

TEST(WindowTest, ThreadsShareItsEdges) {
  Window window(0, 0.000'200);
  std::deque<Recorder> recorders;
  for (int i = 0; i < 4; ++i) recorders.emplace_back(window);
  std::vector<std::thread> threads;
  for (Recorder& recorder : recorders) {
    threads.emplace_back([&recorder, &window] {
      // Each is a microsecond further each time, so all come to the end.
      int64_t now = window.opens();
      while (recorder.OnReply(now - kMicrosecond, now)) now += kMicrosecond;
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<const Recorder*> counted;
  for (const Recorder& recorder : recorders) counted.push_back(&recorder);
  const Result result = window.Finish(counted);
  EXPECT_NEAR(result.seconds, 0.000'200, 0.000'002);
  // Each counts about one a microsecond, from when somebody opened it until somebody closed it.
  EXPECT_LE(result.calls, 4 * 202u);
  EXPECT_GE(result.calls, 199u);
}

TEST(WindowTest, TellsProcessorsOfBothSides) {
  Window window(0, 1, {getpid(), getpid()});
  Recorder recorder(window);
  recorder.OnReply(0, window.opens());
  const int64_t busy_until = ProcessorNanoseconds(0) + 5'000'000;
  while (ProcessorNanoseconds(0) < busy_until) {
  }
  const Result result = window.Finish({&recorder});
  EXPECT_GE(result.client_cpu_seconds, 0.004);
  EXPECT_NEAR(result.server_cpu_seconds, 2 * result.client_cpu_seconds,
              result.client_cpu_seconds / 2);
}

TEST(WindowTest, OneThatNothingOpenedIsEmpty) {
  Window window(100, 1);
  const Recorder recorder(window);
  const Result result = window.Finish({&recorder});
  EXPECT_EQ(result.calls, 0u);
  EXPECT_EQ(result.seconds, 0);
}

TEST(ResultTest, SaysEverythingAsJson) {
  Result result;
  result.calls = 4;
  result.calls_in_all = 9;
  for (const int64_t value : {100, 100, 200, 250}) result.latency_ns.Record(value);
  result.errors["A \"quoted\" one"] = 2;
  result.errors["UNAVAILABLE"] = 1;
  result.seconds = 0.5;
  result.client_cpu_seconds = 0.25;
  result.server_cpu_seconds = 0.125;
  EXPECT_EQ(result.ToJson(),
            R"({"calls":4,"calls_in_all":9,"errors":{"A \"quoted\" one":2,"UNAVAILABLE":1},)"
            R"("seconds":0.5,"calls_per_second":8,"client_cpu_seconds":0.25,)"
            R"("server_cpu_seconds":0.125,"latency_ns":{"mean":162.5,"p50":100,"p90":250,)"
            R"("p99":250,"p99.9":250,"p99.99":250,"max":250}})");
}

}  // namespace
}  // namespace dialtone::load
