// What a simulated connection does when things go wrong, and what TCP does at its ends.
#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "support/sim_world_fixture.h"

namespace dialtone {
namespace {

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(SimConnectionTest, HalfClosedConnectionCarriesTheOtherDirection) {
  PairWorld world(SimOptions(1));
  world.Connect();
  world.OnClient([&] { world.client.stream->ShutdownWrite(); });
  EXPECT_TRUE(world.network.Wait(world.server().ended, Instant::Infinite()));
  EXPECT_FALSE(world.client.ended.is_set());
  world.OnServer([&] {
    EXPECT_EQ(world.server().WriteUntilBlocked("z", 1), 1u);
    world.server().stream->ShutdownWrite();
  });
  EXPECT_TRUE(world.network.Wait(world.client.ended, Instant::Infinite()));
  EXPECT_EQ(world.client.received, "z");
}

TEST(SimConnectionTest, ClosedStreamGivesItsBytesAndThenTheEnd) {
  PairWorld world(PlainOptions());
  world.Connect();
  world.OnClient([&] {
    world.client.Write("last words");
    world.client.stream.reset();
  });
  EXPECT_TRUE(world.network.Wait(world.server().ended, Instant::Infinite()));
  EXPECT_EQ(world.server().received, "last words");
}

TEST(SimConnectionTest, WritingToAClosedPeerIsAnsweredWithAReset) {
  PairWorld world(PlainOptions());
  world.Connect();
  world.OnServer([&] { world.server().stream.reset(); });
  EXPECT_TRUE(world.network.Wait(world.client.ended, Instant::Infinite()));
  world.OnClient([&] { EXPECT_EQ(world.client.Write("anyone?").state, IoResult::State::kDone); });
  EXPECT_TRUE(world.network.Wait(world.client.failed, Instant::Infinite()));
  EXPECT_EQ(Message(world.client.status), "read 127.0.0.1:7000: connection reset by peer");
  world.OnClient([&] {
    EXPECT_EQ(world.client.Write("anyone?").state, IoResult::State::kFailed);
    EXPECT_EQ(Message(world.client.stream->status()),
              "write 127.0.0.1:7000: connection reset by peer");
  });
}

TEST(SimConnectionTest, ClosingWithUnreadInputDestroysWhatIsOnItsWayToThePeer) {
  int destroyed = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    PairWorld world(PlainOptions(seed));
    world.Connect();
    world.OnServer([&] { world.server().stream->SetReading(false); });
    world.OnClient([&] { world.client.Write("unread"); });
    world.network.RunFor(absl::Milliseconds(1));
    world.OnServer([&] {
      world.server().Write("the reply");
      world.server().stream.reset();
    });
    EXPECT_TRUE(world.network.Wait(world.client.failed, Instant::Infinite()));
    EXPECT_TRUE(world.client.received.empty() || world.client.received == "the reply");
    if (world.client.received.empty()) ++destroyed;
  }
  EXPECT_GT(destroyed, 20);
  EXPECT_LT(destroyed, 100) << "a reset may also come too late to destroy";
}

TEST(SimConnectionTest, BufferBoundsWhatIsWrittenAndRoomIsTold) {
  SimOptions options = PlainOptions();
  options.buffer_bytes = 1000;
  PairWorld world(options);
  world.Connect();
  world.OnServer([&] { world.server().stream->SetReading(false); });
  world.OnClient([&] {
    EXPECT_EQ(world.client.WriteUntilBlocked(std::string(300, 'x'), 1'000'000), 1000u);
    EXPECT_EQ(world.client.Write("y").state, IoResult::State::kWouldBlock);
  });
  world.network.RunFor(absl::Seconds(60));
  EXPECT_EQ(world.client.writable_calls, 0);
  EXPECT_EQ(world.server().readable_calls, 0);
  world.OnServer([&] { world.server().stream->SetReading(true); });
  EXPECT_TRUE(world.network.Wait(world.client.writable, Instant::Infinite()));
  EXPECT_EQ(world.server().received, std::string(1000, 'x'));
}

TEST(SimConnectionTest, ConnectToNobodyIsRefused) {
  PairWorld world(SimOptions(1));
  world.OnClient([&] { world.client.Connect(Address::Ipv4({10, 0, 0, 7}, 7001)); });
  EXPECT_TRUE(world.network.Wait(world.client.connected, Instant::Infinite()));
  EXPECT_EQ(world.client.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Message(world.client.status), "connect 10.0.0.7:7001: connection refused");
  EXPECT_EQ(world.client.connected_calls, 1);
}

TEST(SimConnectionTest, ConnectAcrossAPartitionTimesOut) {
  PairWorld world(SimOptions(1));
  world.network.Partition("client", "server");
  ConnectOptions options;
  options.timeout = absl::Seconds(3);
  world.OnClient([&] { world.client.Connect(SimServerAddress(), options); });
  EXPECT_TRUE(world.network.Wait(world.client.connected, Instant::Infinite()));
  EXPECT_EQ(Message(world.client.status), "connect 127.0.0.1:7000: timed out after 3s");
  EXPECT_GE(world.network.Now(), Instant() + absl::Seconds(3));
  EXPECT_LE(world.network.Now(), Instant() + absl::Seconds(3) + absl::Milliseconds(1));
}

TEST(SimConnectionTest, ConnectSucceedsWhenThePartitionHealsInTime) {
  PairWorld world(SimOptions(1));
  world.network.Partition("client", "server");
  world.OnClient([&] { world.client.Connect(SimServerAddress()); });
  world.network.RunFor(absl::Seconds(2));
  EXPECT_FALSE(world.client.connected.is_set());
  world.network.Heal("client", "server");
  EXPECT_TRUE(world.network.Wait(world.client.connected, Instant::Infinite()));
  EXPECT_TRUE(world.client.status.ok()) << world.client.status;
}

TEST(SimConnectionTest, BytesWaitOutAPartition) {
  PairWorld world(SimOptions(1));
  world.Connect();
  world.network.Partition("server", "client");
  world.OnClient([&] { EXPECT_EQ(world.client.WriteUntilBlocked("a", 1), 1u); });
  world.network.RunFor(absl::Seconds(20));
  EXPECT_EQ(world.server().received, "");
  world.network.Heal("client", "server");
  world.network.RunFor(absl::Seconds(1));
  EXPECT_EQ(world.server().received, "a");
  EXPECT_FALSE(world.client.failed.is_set());
}

TEST(SimConnectionTest, UnacknowledgedBytesFailTheStreamAfterTheirTimeout) {
  PairWorld world(PlainOptions());
  ConnectOptions options;
  options.stream.unacknowledged_timeout = absl::Seconds(12);
  world.Connect(options);
  world.network.Partition("client", "server");
  const Instant start = world.network.Now();
  world.OnClient([&] { world.client.Write("into the void"); });
  EXPECT_TRUE(world.network.Wait(world.client.failed, Instant::Infinite()));
  EXPECT_EQ(Message(world.client.status), "read 127.0.0.1:7000: timed out");
  EXPECT_GE(world.network.Now() - start, absl::Seconds(12));
  EXPECT_LE(world.network.Now() - start, absl::Seconds(13));
}

TEST(SimConnectionTest, KeepaliveFindsASilentPeer) {
  PairWorld world(PlainOptions());
  world.Connect();
  EXPECT_EQ(world.network.BlackHole(SimServerAddress()), 1u);
  const Instant start = world.network.Now();
  EXPECT_TRUE(world.network.Wait(world.client.failed, Instant::Infinite()));
  // 30 s idle, then three probes 10 s apart.
  EXPECT_LE(world.network.Now() - start, absl::Seconds(60));
  EXPECT_GE(world.network.Now() - start, absl::Seconds(59));
}

TEST(SimConnectionTest, SideThatGaveUpInAPartitionResetsTheOtherWhenItHeals) {
  PairWorld world(PlainOptions());
  ConnectOptions options;
  options.stream.unacknowledged_timeout = absl::Seconds(1);
  world.Connect(options);
  world.network.Partition("client", "server");
  world.OnClient([&] { world.client.Write("x"); });
  EXPECT_TRUE(world.network.Wait(world.client.failed, Instant::Infinite()));
  world.OnClient([&] { world.client.stream.reset(); });
  world.network.RunFor(absl::Seconds(1));
  EXPECT_FALSE(world.server().failed.is_set());
  world.network.Heal("client", "server");
  EXPECT_TRUE(world.network.Wait(world.server().failed, Instant::Infinite()));
}

TEST(SimConnectionTest, InjectedResetReachesBothSides) {
  PairWorld world(SimOptions(1));
  world.Connect();
  EXPECT_TRUE(world.network.ResetRandomConnection());
  EXPECT_TRUE(world.network.Wait(world.client.failed, Instant::Infinite()));
  EXPECT_TRUE(world.network.Wait(world.server().failed, Instant::Infinite()));
  world.OnClient([&] { world.client.stream.reset(); });
  world.OnServer([&] { world.server().stream.reset(); });
  EXPECT_EQ(world.network.live_connections(), 0u);
  EXPECT_FALSE(world.network.ResetRandomConnection());
}

TEST(SimConnectionTest, ListenerThatGoesResetsWhatItDidNotAccept) {
  SimOptions options = PlainOptions();
  options.accept_delay_max = absl::Seconds(100);
  PairWorld world(options);
  world.OnClient([&] { world.client.Connect(SimServerAddress()); });
  EXPECT_TRUE(world.network.Wait(world.client.connected, Instant::Infinite()));
  EXPECT_EQ(world.listen.accepted_count, 0);
  world.OnServer([&] { world.listen.listener.reset(); });
  EXPECT_TRUE(world.network.Wait(world.client.failed, Instant::Infinite()));
}

TEST(SimConnectionTest, AcceptPendingTakesTheWholeBacklogAtOnce) {
  SimOptions options = PlainOptions();
  options.accept_delay_max = absl::Seconds(100);
  PairWorld world(options);
  world.OnClient([&] { world.client.Connect(SimServerAddress()); });
  EXPECT_TRUE(world.network.Wait(world.client.connected, Instant::Infinite()));
  world.OnServer([&] {
    world.listen.listener->AcceptPending();
    EXPECT_EQ(world.listen.accepted_count, 1);
    world.listen.listener.reset();
  });
  world.OnClient([&] { world.client.Write("hi"); });
  world.network.RunFor(absl::Seconds(1));
  EXPECT_EQ(world.server().received, "hi");
}

TEST(SimConnectionTest, FullBacklogDropsHandshakesUntilThereIsRoom) {
  SimOptions options = PlainOptions();
  options.accept_delay_max = absl::ZeroDuration();
  PairWorld world(options);
  const Address narrow = SimServerAddress().WithPort(7001);
  ListenProbe listen(*world.server_loop);
  ListenOptions listen_options;
  listen_options.backlog = 1;
  world.OnServer([&] { EXPECT_TRUE(listen.Listen(world.network, narrow, listen_options).ok()); });
  world.network.Pause(*world.server_loop);
  StreamProbe second(*world.client_loop);
  world.OnClient([&] {
    world.client.Connect(narrow);
    second.Connect(narrow);
  });
  world.network.RunFor(absl::Seconds(2));
  EXPECT_NE(world.client.connected.is_set(), second.connected.is_set());
  world.network.Resume(*world.server_loop);
  world.network.RunFor(absl::Seconds(2));
  EXPECT_TRUE(world.client.connected.is_set() && second.connected.is_set());
  world.OnClient([&] { second.stream.reset(); });
  world.OnServer([&] {
    listen.peer.stream.reset();
    listen.listener.reset();
  });
}

}  // namespace
}  // namespace dialtone
