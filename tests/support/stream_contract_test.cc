// What streams and listeners promise: the same tests over the machine's sockets and over the
// simulation. A test that holds on one and not on the other shows a lie in one of them.
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "support/echo_peers.h"
#include "support/network_contract.h"

namespace dialtone {
namespace {

using StreamContractTest = NetworkContractTest;

TEST_P(StreamContractTest, BytesComeBackInOrderOnACallerLoop) {
  EchoServer echo(*server_);
  On(*server_, [&] { ASSERT_TRUE(echo.Listen(*network_, AnyPort()).ok()); });
  const auto loop = network_->NewCallerLoop("caller");
  EchoClient client(*loop, 3'000'000);
  loop->Post([&] { client.Start(echo.address()); });
  EXPECT_TRUE(loop->Drive(client.done(), Limit()));
  EXPECT_TRUE(client.result().ok()) << client.result();
  Event closed;
  loop->Post([&] {
    client.Close();
    closed.Set();
  });
  EXPECT_TRUE(loop->Drive(closed, Limit()));
  On(*server_, [&] { echo.Close(); });
}

TEST_P(StreamContractTest, UnixSocketsEcho) {
  const std::string path = absl::StrCat(testing::TempDir(), "/contract-", getpid(), ".sock");
  unlink(path.c_str());
  EchoServer echo(*server_);
  On(*server_, [&] { ASSERT_TRUE(echo.Listen(*network_, Address::Unix(path)).ok()); });
  EXPECT_EQ(echo.address().unix_path(), path);
  EchoClient client(*client_, 100'000);
  On(*client_, [&] { client.Start(echo.address()); });
  Await(client.done());
  EXPECT_TRUE(client.result().ok()) << client.result();
  On(*client_, [&] { client.Close(); });
  On(*server_, [&] { echo.Close(); });
  unlink(path.c_str());
}

TEST_P(StreamContractTest, BothSidesKnowWhoTheyTalkTo) {
  ConnectPair();
  Address client_local, client_peer, server_local, server_peer;
  On(*client_, [&] {
    client_local = probe_.stream->local();
    client_peer = probe_.stream->peer();
  });
  On(*server_, [&] {
    server_local = peer().stream->local();
    server_peer = peer().stream->peer();
  });
  EXPECT_EQ(client_local, server_peer);
  EXPECT_EQ(client_peer, server_local);
  EXPECT_NE(client_local.port(), 0);
  EXPECT_NE(client_peer.port(), 0);
}

TEST_P(StreamContractTest, ListenerOnABusyAddressIsAnErrorThatNamesIt) {
  const Address address = Listen();
  On(*client_, [&] {
    ListenProbe second(*client_);
    const absl::Status status = second.Listen(*network_, address);
    EXPECT_EQ(std::string(status.message()),
              absl::StrCat("listen ", address.ToString(), ": address already in use"));
    EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  });
}

TEST_P(StreamContractTest, ConnectToNobodyIsRefusedAndToldOnce) {
  const Address address = Listen();
  On(*server_, [&] { listen_.listener.reset(); });
  On(*client_, [&] {
    probe_.Connect(address);
    EXPECT_EQ(probe_.connected_calls, 0) << "told from within Connect";
  });
  Await(probe_.connected);
  EXPECT_EQ(probe_.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::string(probe_.status.message()),
            absl::StrCat("connect ", address.ToString(), ": connection refused"));
  On(*client_, [&] {
    EXPECT_EQ(probe_.connected_calls, 1);
    EXPECT_EQ(probe_.readable_calls, 0);
  });
}

TEST_P(StreamContractTest, HalfClosedStreamStillReads) {
  ConnectPair();
  On(*client_, [&] {
    EXPECT_EQ(probe_.WriteUntilBlocked("q", 1), 1u);
    probe_.stream->ShutdownWrite();
  });
  Await(peer().ended);
  On(*server_, [&] {
    EXPECT_EQ(peer().received, "q");
    EXPECT_EQ(peer().WriteUntilBlocked("a", 1), 1u);
    peer().stream->ShutdownWrite();
  });
  Await(probe_.ended);
  On(*client_, [&] { EXPECT_EQ(probe_.received, "a"); });
}

TEST_P(StreamContractTest, DestroyedStreamEndsItsPeer) {
  ConnectPair();
  On(*client_, [&] {
    EXPECT_EQ(probe_.WriteUntilBlocked("x", 1), 1u);
    probe_.stream.reset();
  });
  Await(peer().ended);
  On(*server_, [&] { EXPECT_EQ(peer().received, "x"); });
}

TEST_P(StreamContractTest, DestroyingAStreamWithUnreadInputResetsItsPeer) {
  ConnectPair();
  Event arrived;
  On(*server_, [&] {
    peer().on_readable = [&] {
      peer().stream.reset();
      arrived.Set();
    };
  });
  On(*client_, [&] { EXPECT_EQ(probe_.WriteUntilBlocked("unread", 6) > 0, true); });
  Await(arrived);
  Await(probe_.failed);
  EXPECT_EQ(probe_.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(absl::StrContains(probe_.status.message(), "connection reset by peer"))
      << probe_.status;
}

TEST_P(StreamContractTest, ReadinessIsToldAgainUntilAllIsRead) {
  ConnectPair();
  Event all;
  On(*server_, [&] {
    peer().on_readable = [&] {
      peer().ReadOnce(1);
      if (peer().received.size() == 100) all.Set();
    };
  });
  On(*client_, [&] { EXPECT_EQ(probe_.WriteUntilBlocked("b", 100), 100u); });
  Await(all);
  On(*server_, [&] { EXPECT_GE(peer().readable_calls, 100); });
  Close();
}

TEST_P(StreamContractTest, PausedReadingStopsTheWriterAndResumedReadingTellsOfRoom) {
  ConnectPair();
  On(*server_, [&] { peer().stream->SetReading(false); });
  const std::string piece(64 * 1024, 'p');
  size_t written = 0;
  On(*client_, [&] {
    written = probe_.WriteUntilBlocked(piece, 256 * 1024 * 1024);
    EXPECT_LT(written, 256u * 1024 * 1024) << "a writer whom nobody reads was never stopped";
  });
  On(*server_, [&] {
    EXPECT_EQ(peer().readable_calls, 0);
    peer().stream->SetReading(true);
  });
  Await(probe_.writable);
  On(*client_, [&] { probe_.stream->ShutdownWrite(); });
  Await(peer().ended);
  On(*server_, [&] { EXPECT_EQ(peer().received.size(), written); });
}

TEST_P(StreamContractTest, StreamMayBeDestroyedInAnyHandler) {
  const Address address = Listen();
  Event connected;
  probe_.on_connected = [&] {
    probe_.stream.reset();
    connected.Set();
  };
  On(*client_, [&] { probe_.Connect(address); });
  Await(connected);
  Await(listen_.accepted);
  Await(peer().ended);
  On(*server_, [&] { peer().stream.reset(); });
  On(*client_, [&] {
    EXPECT_EQ(probe_.connected_calls, 1);
    EXPECT_EQ(probe_.readable_calls, 0);
  });
}

TEST_P(StreamContractTest, ReplacedHandlerIsToldInstead) {
  ConnectPair();
  StreamProbe other(*server_);
  Event moved;
  Event got;
  other.on_received = [&] {
    if (absl::StrContains(other.received, "2")) got.Set();
  };
  On(*server_, [&] {
    peer().on_received = [&] {
      other.stream = std::move(peer().stream);
      other.stream->SetHandler(other);
      moved.Set();
    };
  });
  On(*client_, [&] { EXPECT_EQ(probe_.WriteUntilBlocked("1", 1), 1u); });
  Await(moved);
  On(*client_, [&] { EXPECT_EQ(probe_.WriteUntilBlocked("2", 1), 1u); });
  Await(got);
  On(*server_, [&] {
    EXPECT_EQ(peer().received, "1");
    EXPECT_EQ(other.received, "2");
    other.stream.reset();
  });
}

TEST_P(StreamContractTest, AcceptedConnectionMayGoToAnotherLoop) {
  StreamProbe adopted(*client_);
  Event adopted_event;
  On(*server_, [&] {
    listen_.on_accept = [&](std::unique_ptr<AcceptedStream> stream) {
      client_->Post([&, moved = std::move(stream)]() mutable {
        adopted.stream = std::move(*moved).Adopt(*client_, adopted);
        adopted_event.Set();
      });
    };
  });
  const Address address = Listen();
  On(*client_, [&] { probe_.Connect(address); });
  Await(adopted_event);
  Await(probe_.connected);
  On(*client_, [&] { EXPECT_EQ(probe_.WriteUntilBlocked("m", 1), 1u); });
  On(*client_, [&] { probe_.stream->ShutdownWrite(); });
  Await(adopted.ended);
  On(*client_, [&] {
    EXPECT_EQ(adopted.received, "m");
    adopted.stream.reset();
  });
}

TEST_P(StreamContractTest, AcceptedConnectionThatNobodyTakesIsClosed) {
  On(*server_, [&] { listen_.on_accept = [](std::unique_ptr<AcceptedStream>) {}; });
  const Address address = Listen();
  On(*client_, [&] { probe_.Connect(address); });
  Await(probe_.ended);
}

DIALTONE_FOR_EVERY_NETWORK(StreamContractTest);

}  // namespace
}  // namespace dialtone
