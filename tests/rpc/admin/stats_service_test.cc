// dialtone.stats.v1.Stats: what it tells, by pages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "call_fixture.h"
#include "dialtone/rpc/admin.h"
#include "dialtone/stats/v1/stats.dialtone.h"
#include "sim_servers.h"

namespace dialtone {
namespace {

namespace v1 = ::dialtone::stats::v1;

class StatsServiceTest : public testing::Test {
 protected:
  StatsServiceTest() : real_(Hello, PlainHello, false, RealServer::TwoReactors(), WithStats()) {}

  static ServerOptions WithStats() {
    ServerOptions options;
    options.extensions.push_back(StatsService());
    return options;
  }
  v1::ListConnectionsResponse List(uint32_t page_size, uint64_t after = 0) {
    v1::ListConnectionsRequest request;
    request.set_page_size(page_size);
    request.set_after_id(after);
    const auto reply = client_.ListConnections(request).Wait();
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.ok() ? *reply : v1::ListConnectionsResponse();
  }

  RealServer real_;
  Channel channel_{real_.target, real_.ClientOptions()};
  v1::Stats::Client client_{channel_};
};

TEST_F(StatsServiceTest, TellsWhatTheServerHasCounted) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(StartPlain(channel_, "x").Wait().ok());
  const auto reply = client_.GetMetrics(v1::GetMetricsRequest()).Wait();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_TRUE(reply->serving());
  EXPECT_GT(reply->age_ns(), 0);
  EXPECT_EQ(reply->connections(), 1u);
  EXPECT_EQ(reply->connections_accepted(), 1u);
  EXPECT_EQ(reply->loops_size(), 2);
  ASSERT_EQ(reply->methods_size(), 2) << "its own calls, too";
  const v1::Method& own = reply->methods(0);
  EXPECT_EQ(own.path(), "/dialtone.stats.v1.Stats/GetMetrics");
  const v1::Method& plain = reply->methods(1);
  EXPECT_EQ(plain.path(), "/test.Plain/Plain");
  EXPECT_EQ(plain.started(), 3u);
  ASSERT_EQ(plain.ended_size(), 1);
  EXPECT_EQ(plain.ended(0).code(), 0u);
  EXPECT_EQ(plain.ended(0).count(), 3u);
  EXPECT_EQ(plain.messages_in(), 3u);
  EXPECT_EQ(plain.bytes_in(), 3 * MakeText("x").ByteSizeLong());
  uint64_t measured = 0;
  for (const uint64_t count : plain.total().count()) measured += count;
  EXPECT_EQ(measured, 3u);
  EXPECT_EQ(plain.total().bucket_size(), plain.total().count_size());
  EXPECT_EQ(plain.total().sum_ns(), plain.queue().sum_ns() + plain.handler().sum_ns());
}

TEST_F(StatsServiceTest, TellsOfLimitsThatWereReached) {
  const auto missing = Call<Text>(channel_, kMissingMethod, MakeText("x"), CallOptions()).Wait();
  ASSERT_FALSE(missing.ok());
  const auto reply = client_.GetMetrics(v1::GetMetricsRequest()).Wait();
  ASSERT_TRUE(reply.ok()) << reply.status();
  ASSERT_EQ(reply->limits_size(), 1);
  EXPECT_EQ(reply->limits(0).name(), "unknown_method");
  EXPECT_EQ(reply->limits(0).kind(), "call");
  EXPECT_EQ(reply->limits(0).count(), 1u);
}

TEST_F(StatsServiceTest, ListsConnectionsWithTheKernelsView) {
  const v1::ListConnectionsResponse reply = List(0);
  ASSERT_EQ(reply.connections_size(), 1);
  const v1::Connection& own = reply.connections(0);
  EXPECT_EQ(own.local(), real_.target);
  EXPECT_THAT(own.peer(), testing::StartsWith("127.0.0.1:"));
  EXPECT_EQ(own.protocol(), "dialtone/1");
  EXPECT_EQ(own.calls_in_flight(), 1u) << "this one";
  EXPECT_GT(own.age_ns(), 0);
  EXPECT_GT(own.bytes_in(), 8u);
  EXPECT_GT(own.bytes_out(), 8u);
  EXPECT_EQ(own.tcp().state(), "established");
  EXPECT_GT(own.tcp().round_trip_ns(), 0);
  EXPECT_GT(own.tcp().congestion_window(), 0u);
}

TEST_F(StatsServiceTest, ListsConnectionsByPages) {
  std::vector<std::unique_ptr<Channel>> channels;
  for (int i = 0; i < 6; ++i) {
    channels.push_back(std::make_unique<Channel>(real_.target, real_.ClientOptions()));
    ASSERT_TRUE(StartPlain(*channels.back(), "x").Wait().ok());
  }
  std::vector<uint64_t> ids;
  uint64_t after = 0;
  for (int page = 0; page < 4; ++page) {
    const v1::ListConnectionsResponse reply = List(2, after);
    for (const v1::Connection& connection : reply.connections()) ids.push_back(connection.id());
    EXPECT_EQ(reply.more(), page < 3);
    EXPECT_EQ(reply.connections_size(), page < 3 ? 2 : 1);
    after = reply.last_id();
  }
  EXPECT_EQ(ids.size(), 7u) << "this channel's, too";
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(std::set<uint64_t>(ids.begin(), ids.end()).size(), 7u);
  EXPECT_EQ(List(2, after).connections_size(), 0);
}

// Each has a worker wait until all reactors have told of their connections.
TEST(StatsService, ListsConnectionsForOneAtATime) {
  RuntimeOptions few_workers = SimProcess::TwoReactors();
  few_workers.worker_threads = 1;
  few_workers.worker_queue_max = 1;
  SimProcess process(InstantOptions(), few_workers);
  ServerOptions options;
  options.runtime = &process.runtime;
  options.extensions.push_back(StatsService());
  Server server(options);
  const auto bound = server.Listen("127.0.0.1:0");
  ASSERT_TRUE(bound.ok()) << bound.status();
  ASSERT_TRUE(server.Start().ok());
  Channel channel(bound->ToString(), process.ClientOptions());
  const v1::Stats::Client client(channel);
  const v1::ListConnectionsRequest request;
  std::vector<decltype(client.ListConnections(request))> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(client.ListConnections(request));
  for (auto& call : calls) {
    const auto reply = call.Wait();
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->connections_size(), 1);
  }
}

TEST(StatsService, InProcessConnectionsHaveNoKernelsView) {
  ServerOptions options;
  options.extensions.push_back(StatsService());
  RealServer real(Hello, PlainHello, false, RealServer::TwoReactors(), options);
  Channel channel(real.server, real.ClientOptions());
  const auto reply =
      v1::Stats::Client(channel).ListConnections(v1::ListConnectionsRequest()).Wait();
  ASSERT_TRUE(reply.ok()) << reply.status();
  ASSERT_EQ(reply->connections_size(), 1);
  EXPECT_EQ(reply->connections(0).protocol(), "in-process");
  EXPECT_FALSE(reply->connections(0).has_tcp());
}

TEST(StatsService, ConnectionsAreNotWaitedForOnAReactor) {
  RealServer* server = nullptr;
  RealServer real([&](ServerCall&, const Text&, Text& reply) -> Task<absl::Status> {
    reply.set_value(std::to_string(server->server.Connections(0, 10).size()));
    co_return absl::OkStatus();
  });
  server = &real;
  Channel channel(real.target, real.ClientOptions());
  EXPECT_EQ(Show(StartCoroutine(channel, "x").Wait()), "OK: 0");
  EXPECT_EQ(real.server.Connections(0, 10).size(), 1u);
}

}  // namespace
}  // namespace dialtone
