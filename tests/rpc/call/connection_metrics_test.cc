// What a channel counts of its connections, and what it can say of those that are there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "call_fixture.h"
#include "sim_fleet.h"

namespace dialtone::connection_metrics_test {
namespace {

constexpr char kFirst[] = "10.0.0.1:7000";
constexpr char kSecond[] = "10.0.0.2:7000";

class ConnectionCounts : public FleetTest {
 protected:
  // "connects 2, failed 1, made 1, now 1, lost 0, drained 0, closed 0"
  static std::string Counts(const Channel& channel) {
    const ChannelMetrics metrics = channel.Metrics();
    return absl::StrCat("connects ", metrics.connects, ", failed ", metrics.connects_failed,
                        ", made ", metrics.connections_made, ", now ", metrics.connections,
                        ", lost ", metrics.closed_by(ConnectionEnd::kLost), ", drained ",
                        metrics.closed_by(ConnectionEnd::kDrained), ", closed ",
                        metrics.closed_by(ConnectionEnd::kClosed));
  }
};

TEST_F(ConnectionCounts, BeginWithTheFirstCall) {
  Serve(kFirst);
  auto channel = MakeChannel(kFirst);
  EXPECT_EQ(Counts(*channel), "connects 0, failed 0, made 0, now 0, lost 0, drained 0, closed 0");
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Ask(*channel), kFirst);
  EXPECT_EQ(Counts(*channel), "connects 1, failed 0, made 1, now 1, lost 0, drained 0, closed 0");
}

TEST_F(ConnectionCounts, AttemptsThatFailAreCounted) {
  auto channel = MakeChannel(kFirst);
  EXPECT_NE(Ask(*channel), kFirst);
  EXPECT_EQ(Counts(*channel), "connects 1, failed 1, made 0, now 0, lost 0, drained 0, closed 0");
}

TEST_F(ConnectionCounts, TellLostDrainedAndClosedApart) {
  Serve(kFirst);
  ChannelOptions options;
  options.idle_timeout = absl::Seconds(10);
  auto channel = MakeChannel(kFirst, options);
  ASSERT_EQ(Ask(*channel), kFirst);
  world_.network.ResetConnections();
  RunFor(absl::Milliseconds(10));
  EXPECT_EQ(Counts(*channel), "connects 1, failed 0, made 1, now 0, lost 1, drained 0, closed 0");
  ASSERT_EQ(Ask(*channel), kFirst);
  Stop(kFirst);
  EXPECT_EQ(Counts(*channel), "connects 2, failed 0, made 2, now 0, lost 1, drained 1, closed 0");
  Serve(kFirst);
  ASSERT_EQ(Ask(*channel), kFirst);
  RunFor(absl::Seconds(30));
  EXPECT_EQ(Counts(*channel), "connects 3, failed 0, made 3, now 0, lost 1, drained 1, closed 1");
}

TEST_F(ConnectionCounts, AnAttemptThatLosesTheRaceHasNotFailed) {
  ServeUnreachably(kFirst);
  Serve(kSecond);
  ChannelOptions options;
  options.pick_policy = PickPolicy::kFirstThatWorks;
  auto channel = MakeChannel(absl::StrCat("list:", kFirst, ",", kSecond), options);
  ASSERT_EQ(Ask(*channel), kSecond);
  RunFor(absl::Seconds(1));
  EXPECT_EQ(Counts(*channel), "connects 2, failed 0, made 1, now 1, lost 0, drained 0, closed 0");
}

TEST_F(ConnectionCounts, OfTwoChannelsAreAddedUp) {
  Serve(kFirst);
  auto one = MakeChannel(kFirst);
  auto other = MakeChannel(kSecond);
  ASSERT_EQ(Ask(*one), kFirst);
  EXPECT_NE(Ask(*other), kSecond);
  ChannelMetrics both = one->Metrics();
  both.Merge(other->Metrics());
  EXPECT_EQ(both.connects, 2u);
  EXPECT_EQ(both.connects_failed, 1u);
  EXPECT_EQ(both.connections_made, 1u);
  EXPECT_EQ(both.connections, 1u);
}

// --- Channel::Connections ---

TEST_F(ConnectionCounts, ConnectionsAreListedWhileTheyAreThere) {
  for (const char* address : {kFirst, kSecond}) Serve(address);
  auto channel = MakeChannel(absl::StrCat("list:", kFirst, ",", kSecond));
  EXPECT_TRUE(channel->Connections().empty());
  ASSERT_TRUE(channel->WaitUntilReady(absl::Seconds(1)));
  RunFor(absl::Milliseconds(10));
  const std::vector<ConnectionMetrics> two = channel->Connections();
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].id, 1u);
  EXPECT_EQ(two[0].peer.ToString(), kFirst);
  EXPECT_EQ(two[1].id, 2u);
  EXPECT_EQ(two[1].peer.ToString(), kSecond);
  EXPECT_GT(two[0].bytes_out, 0u);
  EXPECT_EQ(two[0].protocol, "dialtone/1");
  Stop(kFirst);
  const std::vector<ConnectionMetrics> one = channel->Connections();
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].id, 2u);
}

class ConnectionsBothWays : public BothWays {};

TEST_P(ConnectionsBothWays, HaveTheKernelsViewWhereThereIsOne) {
  Serve();
  const auto channel = MakeChannel();
  ASSERT_TRUE(StartCoroutine(*channel, "x").Wait().ok());
  const std::vector<ConnectionMetrics> connections = channel->Connections();
  ASSERT_EQ(connections.size(), 1u);
  EXPECT_EQ(connections[0].tcp.has_value(), !GetParam());
  if (!connections[0].tcp.has_value()) return;
  EXPECT_EQ(connections[0].tcp->state, "established");
  EXPECT_GT(connections[0].tcp->congestion_window, 0u);
  EXPECT_EQ(connections[0].peer.ToString(), real().target);
  EXPECT_EQ(channel->Metrics().connections, 1u);
}

TEST_P(ConnectionsBothWays, OfReactorsAreListedToo) {
  Channel* calling = nullptr;
  Serve([&calling](ServerCall&, const Text& request, Text& reply) -> Task<absl::Status> {
    if (request.value() == "inner") co_return absl::OkStatus();
    const absl::StatusOr<Text> inner = co_await StartCoroutine(*calling, "inner");
    reply.set_value(calling->Connections().empty() ? "none from a reactor" : "some");
    co_return inner.status();
  });
  const auto channel = MakeChannel();
  calling = channel.get();
  const absl::StatusOr<Text> reply = StartCoroutine(*channel, "outer").Wait();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->value(), "none from a reactor");
  EXPECT_EQ(channel->Connections().size(), 2u) << "the caller loop's, and a reactor's";
}

INSTANTIATE_TEST_SUITE_P(Networks, ConnectionsBothWays, testing::Bool(), NetworkName);

}  // namespace
}  // namespace dialtone::connection_metrics_test
