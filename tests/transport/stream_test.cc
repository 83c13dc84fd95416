// Byte streams of sockets on a reactor.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dialtone/transport/socket.h"
#include "dialtone/transport/write_queue.h"
#include "loop_support.h"

namespace dialtone {
namespace {

class StreamTest : public ::testing::Test {
 protected:
  void On(std::function<void()> function) { RunOn(*network_, *reactor_, std::move(function)); }
  void Connect(Recorder& client, const Address& to,
               const ConnectOptions& options = ConnectOptions()) {
    On([&] { client.stream = reactor_->Connect(to, options, client); });
    ASSERT_TRUE(network_->Wait(client.connected, Patience(*network_)));
  }
  void Close(Recorder& client) {
    On([&] { client.stream.reset(); });
  }
  bool Wait(Event& event) { return network_->Wait(event, Patience(*network_)); }

  const std::unique_ptr<Network> network_ = NewSocketNetwork();
  const std::unique_ptr<Loop> reactor_ = network_->NewReactor("reactor");
};

TEST_F(StreamTest, EchoesOverEveryFamilyAtOnce) {
  const std::string path = "/tmp/dialtone-stream-test-" + std::to_string(getpid());
  RecordingServer v4(*network_, *reactor_, Loopback4(), ListenOptions(), MakeEcho);
  RecordingServer v6(*network_, *reactor_, Loopback6(), ListenOptions(), MakeEcho);
  RecordingServer local(*network_, *reactor_, Address::Unix(path), ListenOptions(), MakeEcho);
  for (const RecordingServer* server : {&v4, &v6, &local}) {
    Recorder client;
    client.wanted_bytes = 5;
    Connect(client, server->address());
    ASSERT_TRUE(client.connect_status.ok()) << client.connect_status;
    On([&] {
      EXPECT_EQ(client.stream->peer(), server->address());
      EXPECT_EQ(client.stream->local().family(), server->address().family());
      EXPECT_EQ(server->connections.back()->stream->local(), server->address());
      if (server->address().is_ip()) {
        EXPECT_EQ(server->connections.back()->stream->peer(), client.stream->local());
        EXPECT_NE(client.stream->local().port(), 0);
      }
    });
    On([&] { EXPECT_EQ(client.Write("hello").bytes, 5u); });
    EXPECT_TRUE(Wait(client.enough));
    On([&] { EXPECT_EQ(client.received, "hello"); });
    Close(client);
  }
}

TEST_F(StreamTest, HalfCloseEndsOneDirectionOnly) {
  RecordingServer server(*network_, *reactor_, Loopback4());
  Recorder client;
  client.wanted_bytes = 6;
  Connect(client, server.address());
  ASSERT_TRUE(Wait(server.first));
  Recorder& peer = *server.connections[0];
  On([&] {
    client.Write("question");
    client.stream->ShutdownWrite();
  });
  ASSERT_TRUE(Wait(peer.ended));
  On([&] {
    EXPECT_EQ(peer.end, IoResult::State::kEnd);
    EXPECT_EQ(peer.received, "question");
    peer.Write("answer");
  });
  EXPECT_TRUE(Wait(client.enough));
  On([&] {
    EXPECT_EQ(client.received, "answer");
    peer.stream->ShutdownWrite();
  });
  ASSERT_TRUE(Wait(client.ended));
  // Both directions have ended; a level-triggered hang-up must not call for ever.
  int calls = 0;
  On([&] { calls = client.readable_calls; });
  On([&] { EXPECT_EQ(client.readable_calls, calls); });
  On([&] { EXPECT_TRUE(client.stream->status().ok()); });
  Close(client);
}

TEST_F(StreamTest, RefusedConnectSaysSo) {
  Address nobody;
  {
    RecordingServer server(*network_, *reactor_, Loopback4());
    nobody = server.address();
  }
  Recorder client;
  bool told_inside_connect = false;
  On([&] {
    client.stream = reactor_->Connect(nobody, ConnectOptions(), client);
    told_inside_connect = client.connected_calls != 0;
  });
  ASSERT_TRUE(Wait(client.connected));
  EXPECT_FALSE(told_inside_connect);
  EXPECT_EQ(client.connect_status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(client.connect_status.message(),
            "connect " + nobody.ToString() + ": connection refused");
  Close(client);
}

TEST_F(StreamTest, ConnectThatFailsAtOnceIsStillToldLater) {
  Recorder client;
  On([&] {
    client.stream =
        reactor_->Connect(Address::Unix("/tmp/dialtone-nobody-here"), ConnectOptions(), client);
    EXPECT_EQ(client.connected_calls, 0);
  });
  ASSERT_TRUE(Wait(client.connected));
  EXPECT_EQ(client.connect_status.message(),
            "connect unix:/tmp/dialtone-nobody-here: no such file or directory");
  Close(client);
  // Destroyed before it could be told: no call follows.
  Recorder early;
  On([&] {
    early.stream = reactor_->Connect(Address(), ConnectOptions(), early);
    early.stream.reset();
  });
  On([&] { EXPECT_EQ(early.connected_calls, 0); });
}

TEST_F(StreamTest, ConnectTimesOutByItself) {
  // A listener that accepts nobody and whose backlog is full answers no more handshakes.
  Socket listener = *Socket::CreateStream(Loopback4());
  ASSERT_TRUE(listener.Bind(Loopback4()).ok());
  ASSERT_TRUE(listener.Listen(0).ok());
  const Address address = *listener.LocalAddress();
  std::vector<Socket> filling;
  for (int i = 0; i < 4; ++i) {
    filling.push_back(*Socket::CreateStream(address));
    ASSERT_TRUE(filling.back().Connect(address).ok());
  }
  ConnectOptions options;
  options.timeout = absl::Milliseconds(60);
  Recorder client;
  const Instant start = network_->Now();
  Connect(client, address, options);
  EXPECT_GE(network_->Now(), start + absl::Milliseconds(60));
  EXPECT_EQ(client.connect_status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(client.connect_status.message(),
            "connect " + address.ToString() + ": timed out after 60ms");
  On([&] { EXPECT_EQ(client.Write("x").state, IoResult::State::kFailed); });
  Close(client);
}

TEST_F(StreamTest, WritingWhileConnectingWaits) {
  RecordingServer server(*network_, *reactor_, Loopback4());
  Recorder client;
  On([&] {
    client.on_writable = [&] { client.enough.Set(); };
    client.stream = reactor_->Connect(server.address(), ConnectOptions(), client);
    EXPECT_EQ(client.Write("x").state, IoResult::State::kWouldBlock);
  });
  EXPECT_TRUE(Wait(client.enough));
  On([&] { EXPECT_EQ(client.connected_calls, 1); });
  Close(client);
}

TEST_F(StreamTest, ResetNamesThePeer) {
  RecordingServer server(*network_, *reactor_, Loopback4());
  Recorder client;
  Connect(client, server.address());
  ASSERT_TRUE(Wait(server.first));
  On([&] {
    // Closing with unread bytes makes TCP reset.
    server.connections[0]->stream->SetReading(false);
    client.Write("unread");
  });
  On([&] { server.connections[0]->stream.reset(); });
  ASSERT_TRUE(Wait(client.ended));
  On([&] {
    EXPECT_EQ(client.end, IoResult::State::kFailed);
    EXPECT_EQ(client.stream->status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(client.stream->status().message(),
              "read " + server.address().ToString() + ": connection reset by peer");
    char byte;
    EXPECT_EQ(client.stream->Read(std::span(&byte, 1)).state, IoResult::State::kFailed);
    EXPECT_EQ(client.Write("x").state, IoResult::State::kFailed);
  });
  Close(client);
}

TEST_F(StreamTest, PausedReaderStopsItsPeer) {
  RecordingServer server(*network_, *reactor_, Loopback4());
  Recorder client;
  Connect(client, server.address());
  ASSERT_TRUE(Wait(server.first));
  Recorder& peer = *server.connections[0];
  constexpr size_t kBlock = 1 << 20;
  size_t written = 0;
  bool stopped = false;
  const std::string block(kBlock, 'x');
  Event room_again;
  client.on_writable = [&] { room_again.Set(); };
  On([&] {
    peer.stream->SetReading(false);
    // What the kernel holds is bounded, so this ends; many times that bound would be a bug.
    while (!stopped && written < 256 * kBlock) {
      const IoResult result = client.Write(block);
      stopped = result.state == IoResult::State::kWouldBlock;
      written += result.bytes;
    }
  });
  EXPECT_TRUE(stopped);
  int calls = 0;
  On([&] { calls = peer.readable_calls; });
  On([&] {
    EXPECT_EQ(peer.readable_calls, calls);
    EXPECT_EQ(peer.received.size(), 0u);
    peer.wanted_bytes = written;
    peer.stream->SetReading(true);
  });
  EXPECT_TRUE(Wait(peer.enough));
  EXPECT_TRUE(Wait(room_again));
  On([&] { EXPECT_EQ(peer.received.size(), written); });
  Close(client);
}

TEST_F(StreamTest, PausedStreamWhosePeerIsGoneCallsNobodyUntilItReadsAgain) {
  RecordingServer server(*network_, *reactor_, Loopback4());
  Recorder client;
  Connect(client, server.address());
  ASSERT_TRUE(Wait(server.first));
  On([&] { client.stream->SetReading(false); });
  On([&] {
    server.connections[0]->Write("last words");
    server.connections[0]->stream.reset();
    client.stream->ShutdownWrite();
  });
  On([&] { EXPECT_EQ(client.readable_calls, 0); });
  On([&] { client.stream->SetReading(true); });
  ASSERT_TRUE(Wait(client.ended));
  On([&] { EXPECT_EQ(client.received, "last words"); });
  Close(client);
}

TEST_F(StreamTest, UnreadBytesAreToldAgain) {
  RecordingServer server(*network_, *reactor_, Loopback4());
  Recorder client;
  Connect(client, server.address());
  ASSERT_TRUE(Wait(server.first));
  std::string read;
  Recorder& peer = *server.connections[0];
  Event all;
  On([&] {
    peer.on_readable = [&] {
      char byte;
      if (peer.stream->Read(std::span(&byte, 1)).state != IoResult::State::kDone) return;
      read += byte;
      if (read.size() == 10) all.Set();
    };
    client.Write("0123456789");
  });
  EXPECT_TRUE(Wait(all));
  EXPECT_EQ(read, "0123456789");
  Close(client);
}

TEST_F(StreamTest, MegabytesGoThroughAWriteQueue) {
  RecordingServer server(*network_, *reactor_, Loopback4());
  Recorder client;
  Connect(client, server.address());
  ASSERT_TRUE(Wait(server.first));
  constexpr size_t kBytes = 20'000'000;
  WriteQueue queue;
  On([&] {
    server.connections[0]->wanted_bytes = kBytes;
    client.on_writable = [&] { queue.Flush(*client.stream); };
    for (size_t i = 0; i < kBytes / 1000; ++i) {
      queue.Append(std::string(1000, static_cast<char>('a' + i % 26)));
    }
    EXPECT_TRUE(queue.full());
    queue.Flush(*client.stream);
  });
  ASSERT_TRUE(Wait(server.connections[0]->enough));
  On([&] {
    const std::string& received = server.connections[0]->received;
    ASSERT_EQ(received.size(), kBytes);
    for (size_t i = 0; i < kBytes; i += 999) {
      ASSERT_EQ(received[i], static_cast<char>('a' + i / 1000 % 26));
    }
    EXPECT_TRUE(queue.empty());
  });
  Close(client);
}

TEST_F(StreamTest, MayBeDestroyedInEveryHandlerCall) {
  RecordingServer server(*network_, *reactor_, Loopback4());
  for (int round = 0; round < 3; ++round) {
    Recorder client;
    Event destroyed;
    const auto destroy = [&] {
      client.stream.reset();
      destroyed.Set();
    };
    On([&] {
      if (round == 0) client.on_connected = destroy;
      if (round == 1) client.on_readable = destroy;
      if (round == 2) client.on_writable = destroy;
      client.stream = reactor_->Connect(server.address(), ConnectOptions(), client);
      if (round == 2) client.Write("x");
    });
    if (round == 1) {
      ASSERT_TRUE(Wait(client.connected));
      On([&] {});
      On([&] {
        for (auto& connection : server.connections) connection->Write("x");
      });
    }
    EXPECT_TRUE(Wait(destroyed)) << round;
    On([&] { EXPECT_EQ(client.stream, nullptr); });
  }
}

TEST_F(StreamTest, MayDestroyOthersOfTheSameBatch) {
  RecordingServer server(*network_, *reactor_, Loopback4());
  constexpr size_t kClients = 20;
  std::vector<std::unique_ptr<Recorder>> clients;
  for (size_t i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<Recorder>());
    Connect(*clients.back(), server.address());
  }
  On([&] { EXPECT_EQ(server.connections.size(), kClients); });
  // All of them become readable in one turn, and the first that is told destroys all.
  int told = 0;
  Event first;
  On([&] {
    for (auto& client : clients) {
      client->on_readable = [&] {
        ++told;
        for (auto& other : clients) other->stream.reset();
        first.Set();
      };
    }
    for (auto& connection : server.connections) connection->Write("x");
  });
  ASSERT_TRUE(Wait(first));
  On([&] { EXPECT_EQ(told, 1); });
}

TEST_F(StreamTest, HandlerMayBeChanged) {
  RecordingServer server(*network_, *reactor_, Loopback4());
  Recorder client;
  Connect(client, server.address());
  ASSERT_TRUE(Wait(server.first));
  Recorder second;
  second.wanted_bytes = 1;
  On([&] {
    Recorder& first = *server.connections[0];
    second.stream = std::move(first.stream);
    second.stream->SetHandler(second);
    client.Write("x");
  });
  EXPECT_TRUE(Wait(second.enough));
  Close(second);
  Close(client);
}

TEST_F(StreamTest, StreamsOfOneListenerMayLiveOnOtherLoops) {
  const std::unique_ptr<Loop> other = network_->NewReactor("other");
  struct Handover final : Listener::Handler {
    void OnAccept(std::unique_ptr<AcceptedStream> stream) override {
      accepted = std::move(stream);
      got.Set();
    }
    std::unique_ptr<AcceptedStream> accepted;
    Event got;
  } handover;
  std::unique_ptr<Listener> listener;
  On([&] { listener = *network_->Listen(*reactor_, Loopback4(), ListenOptions(), handover); });
  Recorder client;
  Connect(client, listener->address());
  ASSERT_TRUE(Wait(handover.got));
  Recorder server;
  server.wanted_bytes = 1;
  RunOn(*network_, *other,
        [&] { server.stream = std::move(*handover.accepted).Adopt(*other, server); });
  On([&] { client.Write("x"); });
  EXPECT_TRUE(Wait(server.enough));
  RunOn(*network_, *other, [&] { server.stream.reset(); });
  Close(client);
  On([&] { listener.reset(); });
}

}  // namespace
}  // namespace dialtone
