// The adaptive limit of calls at a time against a modelled server, in virtual time.
#include "gradient_limit.h"

#include <gtest/gtest.h>

#include <deque>
#include <queue>
#include <random>
#include <utility>
#include <vector>

#include "concurrency_limit.h"

namespace dialtone::internal {
namespace {

// Runs so many calls at a time, each for about its service time, and lets the others wait in the
// order in which they came. Calls arrive at random, whatever becomes of them.
class ModelServer {
 public:
  explicit ModelServer(const ConcurrencyOptions& options, int workers)
      : limit_(options, "the model", "ConcurrencyOptions"), workers_(workers) {}

  struct Result {
    double throughput = 0;  // calls a second that ended
    double refused = 0;     // calls a second
    absl::Duration latency;
  };

  Result Run(absl::Duration length, double arrivals_a_second) {
    Result result;
    const Instant until = now_ + length;
    std::exponential_distribution<double> gap(arrivals_a_second);
    Instant arrival = now_ + absl::Seconds(gap(random_));
    while (true) {
      const bool ends_first = !running_.empty() && running_.top().first < arrival;
      now_ = ends_first ? running_.top().first : arrival;
      if (now_ >= until) break;
      if (ends_first) {
        const Instant admitted = running_.top().second;
        running_.pop();
        limit_.Release(admitted, now_);
        result.throughput += 1;
        result.latency += now_ - admitted;
      } else {
        arrival = now_ + absl::Seconds(gap(random_));
        if (limit_.Admit()) {
          waiting_.push_back(now_);
        } else {
          result.refused += 1;
        }
      }
      BeginWaiting();
    }
    result.latency /= result.throughput;
    result.throughput /= absl::ToDoubleSeconds(length);
    result.refused /= absl::ToDoubleSeconds(length);
    return result;
  }
  double Capacity() const { return workers_ / absl::ToDoubleSeconds(service); }
  uint32_t limit() const { return limit_.limit(); }

  absl::Duration service = absl::Milliseconds(10);

 private:
  void BeginWaiting() {
    std::uniform_real_distribution<double> spread(0.7, 1.3);
    while (!waiting_.empty() && running_.size() < static_cast<size_t>(workers_)) {
      running_.emplace(now_ + service * spread(random_), waiting_.front());
      waiting_.pop_front();
    }
  }

  using Running = std::pair<Instant, Instant>;  // when it ends, when it was admitted
  ConcurrencyLimit limit_;
  const int workers_;
  std::mt19937 random_{42};
  Instant now_ = Instant::FromNanoseconds(1);
  std::deque<Instant> waiting_;
  std::priority_queue<Running, std::vector<Running>, std::greater<>> running_;
};

TEST(GradientLimit, FindsTheKnee) {
  for (const int workers : {8, 16, 100}) {
    SCOPED_TRACE(workers);
    ModelServer server(ConcurrencyOptions::Adaptive(), workers);
    server.Run(absl::Seconds(20), 3 * server.Capacity());
    const ModelServer::Result result = server.Run(absl::Seconds(20), 3 * server.Capacity());
    EXPECT_GT(result.throughput, 0.9 * server.Capacity());
    EXPECT_LT(result.latency, 3 * server.service);
    EXPECT_GE(server.limit(), static_cast<uint32_t>(workers));
    EXPECT_LE(server.limit(), static_cast<uint32_t>(3 * workers));
    EXPECT_GT(result.refused, 1.5 * server.Capacity());
  }
}

TEST(GradientLimit, WithoutOneTheSameLoadMakesCallsWaitForEver) {
  ModelServer server(ConcurrencyOptions::Fixed(1'000'000), 16);
  server.Run(absl::Seconds(20), 3 * server.Capacity());
  EXPECT_GT(server.Run(absl::Seconds(1), 3 * server.Capacity()).latency, absl::Seconds(10));
}

TEST(GradientLimit, RefusesNobodyBelowTheKnee) {
  ModelServer server(ConcurrencyOptions::Adaptive(), 100);
  server.Run(absl::Seconds(10), 0.6 * server.Capacity());
  const ModelServer::Result result = server.Run(absl::Seconds(30), 0.6 * server.Capacity());
  EXPECT_LT(result.refused, 0.02 * result.throughput);
  EXPECT_NEAR(result.throughput, 0.6 * server.Capacity(), 0.05 * server.Capacity());
}

TEST(GradientLimit, FollowsAServerThatSlowsDownAndRecovers) {
  ModelServer server(ConcurrencyOptions::Adaptive(), 16);
  server.Run(absl::Seconds(10), 3 * server.Capacity());
  for (const absl::Duration service :
       {absl::Milliseconds(50), absl::Milliseconds(10), absl::Milliseconds(2)}) {
    SCOPED_TRACE(absl::FormatDuration(service));
    server.service = service;
    server.Run(absl::Seconds(25), 3 * server.Capacity());
    const ModelServer::Result result = server.Run(absl::Seconds(10), 3 * server.Capacity());
    EXPECT_GT(result.throughput, 0.85 * server.Capacity());
    EXPECT_LT(result.latency, 4 * service);
  }
}

TEST(GradientLimit, StaysWithinItsBounds) {
  ConcurrencyOptions options = ConcurrencyOptions::Adaptive();
  options.calls_max = 10;
  ModelServer bounded_above(options, 100);
  EXPECT_EQ(bounded_above.limit(), 10u);
  bounded_above.Run(absl::Seconds(10), bounded_above.Capacity());
  EXPECT_LE(bounded_above.limit(), 10u);
  options.calls_max = 1000;
  options.calls_min = 40;
  ModelServer bounded_below(options, 2);
  EXPECT_EQ(bounded_below.limit(), 40u);
  bounded_below.Run(absl::Seconds(10), 3 * bounded_below.Capacity());
  EXPECT_GE(bounded_below.limit(), 40u);
}

TEST(ConcurrencyLimit, AFixedOneIsExact) {
  ConcurrencyLimit limit(ConcurrencyOptions::Fixed(2), "the server", "ServerOptions::concurrency");
  EXPECT_TRUE(limit.Admit());
  EXPECT_TRUE(limit.Admit());
  EXPECT_FALSE(limit.Admit());
  EXPECT_EQ(limit.under_way(), 2u);
  limit.Release();
  EXPECT_TRUE(limit.Admit());
  EXPECT_TRUE(absl::IsResourceExhausted(limit.refusal())) << limit.refusal();
  EXPECT_EQ(ConcurrencyLimit::Make(ConcurrencyOptions(), "", ""), nullptr) << "off by default";
}

}  // namespace
}  // namespace dialtone::internal
