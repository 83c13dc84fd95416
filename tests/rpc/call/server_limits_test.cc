// What a server lets its clients have: connections in all and for each address, metadata of replies
// within the process; and where defaults come from.
#include <errno.h>
#include <gmock/gmock.h>

#include <limits>

#include "call_fixture.h"
#include "connection_gate.h"
#include "default_limits.h"
#include "dialtone/transport/socket.h"

namespace dialtone {
namespace {

using internal::ConnectionGate;
using testing::HasSubstr;

constexpr uint64_t kMib = 1024 * 1024;

constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

TEST(DefaultLimits, FollowTheMemoryThatMayBeUsed) {
  EXPECT_EQ(internal::DefaultBytesInFlight(64 * 1024 * kMib), 1024 * kMib);
  EXPECT_EQ(internal::DefaultBytesInFlight(512 * kMib), 128 * kMib);
  EXPECT_EQ(internal::DefaultConnections(64 * 1024 * kMib, kUnlimited), 16'384u);
  EXPECT_EQ(internal::DefaultConnections(256 * kMib, kUnlimited), 1024u);
  EXPECT_EQ(internal::DefaultConnections(1, kUnlimited), 64u) << "enough to be of use";
  EXPECT_EQ(internal::DefaultConnectionsPerPeer(16'384), 12'288u);
  EXPECT_EQ(internal::DefaultConnectionsPerPeer(1), 1u);
}

TEST(DefaultLimits, LeaveDescriptorsForWhatElseTheProgramDoes) {
  const auto connections = [](uint64_t descriptors) {
    return internal::DefaultConnections(kUnlimited, descriptors);
  };
  EXPECT_EQ(connections(1 << 20), 16'384u);
  EXPECT_EQ(connections(1024), 896u);
  EXPECT_EQ(connections(2048), 1792u);
  EXPECT_EQ(connections(300), 172u);
  EXPECT_EQ(connections(64), 32u) << "enough to be of use";
  EXPECT_EQ(connections(0), 1u);
}

TEST(DefaultLimits, ARuntimeHasThem) {
  Runtime runtime;
  EXPECT_GT(runtime.bytes_in_flight().max(), 0u);
  EXPECT_LE(runtime.bytes_in_flight().max(), 1024 * kMib);
  RuntimeOptions options;
  options.bytes_in_flight_max = 12'345;
  Runtime other(options);
  EXPECT_EQ(other.bytes_in_flight().max(), 12'345u);
}

class ConnectionGateTest : public testing::Test {
 protected:
  // "": it has entered, else why not.
  std::string Enter(const std::string& address) {
    std::string why;
    auto place = gate_.Enter(*Address::Parse(address), why);
    if (place.has_value()) places_.push_back(*std::move(place));
    return why;
  }
  ConnectionGate gate_{6, 2};
  std::vector<ConnectionGate::Place> places_;
};

TEST_F(ConnectionGateTest, CountsByAddressWhateverThePort) {
  EXPECT_EQ(Enter("10.0.0.1:1000"), "");
  EXPECT_EQ(Enter("10.0.0.1:1001"), "");
  EXPECT_THAT(Enter("10.0.0.1:1002"), HasSubstr("ServerOptions::connections_per_peer_max"));
  EXPECT_EQ(Enter("10.0.0.2:1000"), "");
  EXPECT_EQ(gate_.refused(), 1u);
  places_.erase(places_.begin());
  EXPECT_EQ(Enter("10.0.0.1:1003"), "") << "one has gone";
}

TEST_F(ConnectionGateTest, TakesANetworkOfVersion6ForOnePeer) {
  EXPECT_EQ(Enter("[2001:db8::1]:1"), "");
  EXPECT_EQ(Enter("[2001:db8::2:3]:1"), "");
  EXPECT_THAT(Enter("[2001:db8:0:0:ffff::9]:1"), HasSubstr("this address"));
  EXPECT_EQ(Enter("[2001:db8:0:1::1]:1"), "");
}

TEST_F(ConnectionGateTest, UnixSocketsCountInAllOnly) {
  for (int i = 0; i < 6; ++i) EXPECT_EQ(Enter("unix:/run/x"), "");
  EXPECT_THAT(Enter("unix:/run/x"), HasSubstr("ServerOptions::connections_max"));
  EXPECT_THAT(Enter("10.0.0.1:1"), HasSubstr("6 connections already"));
  places_.clear();
  EXPECT_EQ(Enter("10.0.0.1:1"), "");
}

struct LimitedServer : RealServer {
  explicit LimitedServer(const ServerOptions& options)
      : RealServer(Hello, PlainHello, false, TwoReactors(), options) {}
};

// The first refusal is the end.
ChannelOptions NoResends(RealServer& real) {
  ChannelOptions options = real.ClientOptions();
  options.resends.max = 0;
  return options;
}

TEST(ServerLimits, ConnectionsAboveTheLimitAreTurnedAwayWithTheReason) {
  LogLines log;
  ServerOptions options;
  options.connections_max = 2;
  LimitedServer real(options);
  auto first = std::make_unique<Channel>(real.target, real.ClientOptions());
  Channel second(real.target, real.ClientOptions());
  Channel third(real.target, NoResends(real));
  EXPECT_EQ(Show(StartCoroutine(*first, "a").Wait()), "OK: hello a");
  EXPECT_EQ(Show(StartCoroutine(second, "b").Wait()), "OK: hello b");
  const std::string shown = Show(StartCoroutine(third, "c").Wait());
  EXPECT_THAT(shown, HasSubstr("UNAVAILABLE"));
  EXPECT_THAT(shown, HasSubstr("ServerOptions::connections_max"));
  EXPECT_GE(real.server.connections_refused(), 1u);
  EXPECT_EQ(real.server.connections(), 2u);
  EXPECT_THAT(log.text(), HasSubstr("turned away: the server has 2 connections already"));
  // The server is none the worse, and has room again when one has gone.
  EXPECT_EQ(Show(StartCoroutine(second, "d").Wait()), "OK: hello d");
  first.reset();
  EXPECT_TRUE(Eventually([&] { return StartCoroutine(third, "e").Wait().ok(); }));
  EXPECT_GE(real.server.Metrics().reached(ServerLimit::kConnections), 1u);
  EXPECT_EQ(real.server.Metrics().reached(ServerLimit::kConnectionsPerPeer), 0u);
}

TEST(ServerLimits, AnAddressHasItsShareOfConnections) {
  ServerOptions options;
  options.connections_per_peer_max = 1;
  LimitedServer real(options);
  Channel first(real.target, real.ClientOptions());
  Channel second(real.target, NoResends(real));
  EXPECT_EQ(Show(StartCoroutine(first, "a").Wait()), "OK: hello a");
  EXPECT_THAT(Show(StartCoroutine(second, "b").Wait()),
              HasSubstr("ServerOptions::connections_per_peer_max"));
  EXPECT_EQ(Show(StartCoroutine(first, "c").Wait()), "OK: hello c");
  EXPECT_GE(real.server.Metrics().reached(ServerLimit::kConnectionsPerPeer), 1u);
  EXPECT_EQ(real.server.Metrics().reached(ServerLimit::kConnections), 0u);
}

TEST(ServerLimits, AClientThatIsTurnedAwayTriesAgainWithRests) {
  ServerOptions options;
  options.connections_max = 1;
  LimitedServer real(options);
  auto first = std::make_unique<Channel>(real.target, real.ClientOptions());
  Channel second(real.target, real.ClientOptions());
  EXPECT_EQ(Show(StartCoroutine(*first, "a").Wait()), "OK: hello a");
  // One that does not wait for ready ends with the reason, as when a connection cannot be made.
  EXPECT_THAT(Show(StartCoroutine(second, "fails fast").Wait()),
              HasSubstr("ServerOptions::connections_max"));
  Call<Text> call = StartCoroutine(second, "b", WaitForReady());
  EXPECT_TRUE(Eventually([&] { return real.server.connections_refused() >= 4; }));
  first.reset();
  EXPECT_EQ(Show(std::move(call).Wait()), "OK: hello b");
  EXPECT_LT(real.server.connections_refused(), 50u);
}

TEST(ServerLimits, WhoIsTurnedAwayAndSaysNothingIsClosed) {
  ServerOptions options;
  options.connections_max = 1;
  options.limits.goodbye_timeout = absl::Milliseconds(20);
  LimitedServer real(options);
  Channel first(real.target, real.ClientOptions());
  EXPECT_EQ(Show(StartCoroutine(first, "a").Wait()), "OK: hello a");
  const Address address = *Address::Parse(real.target);
  std::vector<Socket> silent;
  for (int i = 0; i < 100; ++i) {  // more than are told why
    silent.push_back(*Socket::CreateStream(address));
    ASSERT_TRUE(silent.back().Connect(address).ok());
  }
  for (Socket& socket : silent) {
    EXPECT_TRUE(Eventually([&] {
      char byte;
      int error = 0;
      const IoResult read = socket.Read(std::span<char>(&byte, 1), error);
      return read.state == IoResult::State::kEnd ||
             (read.state == IoResult::State::kFailed && error != ENOTCONN);
    }));
  }
  EXPECT_EQ(real.server.connections_refused(), 100u);
  EXPECT_EQ(Show(StartCoroutine(first, "b").Wait()), "OK: hello b");
}

TEST(ServerLimits, AClientThatWasIdleConnectsAgainUnnoticed) {
  ServerOptions options;
  options.limits.idle_timeout = absl::Milliseconds(50);
  LimitedServer real(options);
  Channel channel(real.target, real.ClientOptions());
  for (const char* text : {"a", "b", "c"}) {
    EXPECT_EQ(Show(StartCoroutine(channel, text).Wait()), std::string("OK: hello ") + text);
    EXPECT_TRUE(Eventually([&] { return real.server.connections() == 0; }));
  }
}

class ReplyMetadata : public BothWays {};

TEST_P(ReplyMetadata, InitialOnesAboveTheClientsLimitEndTheCall) {
  Serve([](ServerCall& call, const Text&, Text&) -> Task<absl::Status> {
    EXPECT_TRUE(call.initial_metadata().Add("k", std::string(20'000, 'v')).ok());
    co_return absl::OkStatus();
  });
  auto channel = MakeChannel();
  const std::string shown = Show(StartCoroutine(*channel, "a").Wait());
  EXPECT_THAT(shown, HasSubstr("RESOURCE_EXHAUSTED"));
  EXPECT_THAT(shown, HasSubstr("16384"));
  EXPECT_EQ(Show(StartPlain(*channel, "b").Wait()), "OK: hello b");
}

TEST_P(ReplyMetadata, InitialOnesAboveTheClientsLimitEndACallThatNeverRan) {
  ServerOptions options;
  options.observers.push_back(std::make_shared<LongAnswers>());
  Serve(Hello, PlainHello, false, RealServer::TwoReactors(), options);
  auto channel = MakeChannel();
  google::protobuf::BytesValue broken;  // no Text: a string must be UTF-8
  broken.set_value("\xFF\xFE");
  const absl::Status status =
      Call<Text>(*channel, kPlainMethod, broken, CallOptions()).Wait().status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(Show(StartPlain(*channel, "b").Wait()), HasSubstr("16384"));
}

TEST_P(ReplyMetadata, TrailingOnesAboveTheClientsLimitAreLeftOut) {
  Serve([](ServerCall& call, const Text&, Text& reply) -> Task<absl::Status> {
    EXPECT_TRUE(call.trailing_metadata().Add("k", std::string(20'000, 'v')).ok());
    reply.set_value("all the same");
    co_return absl::OkStatus();
  });
  auto channel = MakeChannel();
  LogLines log;
  EXPECT_EQ(Show(StartCoroutine(*channel, "a").Wait()), "OK: all the same");
  if (GetParam()) return;
  EXPECT_THAT(log.text(), HasSubstr("bytes are above the client's limit of 16384"));
}

INSTANTIATE_TEST_SUITE_P(, ReplyMetadata, testing::Bool(), NetworkName);

}  // namespace
}  // namespace dialtone
