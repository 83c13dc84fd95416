#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dialtone/transport/log.h"
#include "dialtone/transport/mutex.h"
#include "dialtone/transport/socket.h"
#include "exhaustion.h"
#include "loop_support.h"

namespace dialtone {
namespace {

class ListenerTest : public ::testing::Test {
 protected:
  ~ListenerTest() override { unlink(path_.c_str()); }
  void On(std::function<void()> function) { RunOn(*network_, *reactor_, std::move(function)); }
  bool Wait(Event& event) { return network_->Wait(event, Patience(*network_)); }
  bool PathExists() {
    struct stat file{};
    return stat(path_.c_str(), &file) == 0;
  }

  const std::string path_ = "/tmp/dialtone-listener-test-" + std::to_string(getpid());
  const std::unique_ptr<Network> network_ = NewSocketNetwork();
  const std::unique_ptr<Loop> reactor_ = network_->NewReactor("reactor");
};

TEST_F(ListenerTest, PicksAPortEach) {
  RecordingServer a(*network_, *reactor_, Loopback4());
  RecordingServer b(*network_, *reactor_, Loopback4());
  EXPECT_NE(a.address().port(), 0);
  EXPECT_NE(a.address().port(), b.address().port());
}

// How many of this process's sockets have such a TCP_USER_TIMEOUT.
int SocketsWithTimeout(int milliseconds) {
  int found = 0;
  for (int descriptor = 0; descriptor < 256; ++descriptor) {
    int value = 0;
    socklen_t length = sizeof value;
    found += getsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &length) == 0 &&
             value == milliseconds;
  }
  return found;
}

TEST_F(ListenerTest, WhatItAcceptsHasTheOptionsOfItsStreams) {
  constexpr int kOdd = 12'347;
  ListenOptions options;
  options.stream.unacknowledged_timeout = absl::Milliseconds(kOdd);
  RecordingServer server(*network_, *reactor_, Loopback4(), options);
  EXPECT_EQ(SocketsWithTimeout(kOdd), 1);  // the listener's
  Socket client = *Socket::CreateStream(server.address());
  ASSERT_TRUE(client.Connect(server.address()).ok());
  ASSERT_TRUE(Wait(server.first));
  EXPECT_EQ(SocketsWithTimeout(kOdd), 2);
}

TEST_F(ListenerTest, SamePortInBothFamilies) {
  RecordingServer v4(*network_, *reactor_, Loopback4());
  RecordingServer v6(*network_, *reactor_, Loopback6().WithPort(v4.address().port()));
  EXPECT_EQ(v4.address().port(), v6.address().port());
}

TEST_F(ListenerTest, TakenAddressIsAnError) {
  RecordingServer server(*network_, *reactor_, Loopback4());
  On([&] {
    const auto second = network_->Listen(*reactor_, server.address(), ListenOptions(), server);
    EXPECT_EQ(second.status().code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(second.status().message(),
              "listen " + server.address().ToString() + ": address already in use");
    EXPECT_EQ(network_->Listen(*reactor_, Address(), ListenOptions(), server).status().code(),
              absl::StatusCode::kInvalidArgument);
  });
}

TEST_F(ListenerTest, UnixPathGoesWithItsListener) {
  {
    RecordingServer server(*network_, *reactor_, Address::Unix(path_));
    EXPECT_TRUE(PathExists());
    // A second one does not steal it from a living server.
    On([&] {
      EXPECT_EQ(network_->Listen(*reactor_, Address::Unix(path_), ListenOptions(), server)
                    .status()
                    .code(),
                absl::StatusCode::kAlreadyExists);
    });
    EXPECT_TRUE(PathExists());
  }
  EXPECT_FALSE(PathExists());
}

TEST_F(ListenerTest, StaleUnixPathIsTakenOver) {
  {
    Socket dead = *Socket::CreateStream(Address::Unix(path_));
    ASSERT_TRUE(dead.Bind(Address::Unix(path_)).ok());
  }
  ASSERT_TRUE(PathExists());
  RecordingServer server(*network_, *reactor_, Address::Unix(path_));
  EXPECT_NE(server.listener, nullptr);
}

TEST_F(ListenerTest, FileThatIsNoSocketIsLeftAlone) {
  close(open(path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  RecordingServer other(*network_, *reactor_, Loopback4());
  On([&] {
    EXPECT_FALSE(network_->Listen(*reactor_, Address::Unix(path_), ListenOptions(), other).ok());
  });
  EXPECT_TRUE(PathExists());
}

TEST_F(ListenerTest, LeavesAPathAloneThatAnotherServerTookOver) {
  auto first = std::make_unique<RecordingServer>(*network_, *reactor_, Address::Unix(path_));
  unlink(path_.c_str());
  RecordingServer second(*network_, *reactor_, Address::Unix(path_));
  first.reset();
  EXPECT_TRUE(PathExists());
}

TEST_F(ListenerTest, AcceptPendingTakesWhatTheBacklogHolds) {
  RecordingServer server(*network_, *reactor_, Loopback4());
  constexpr int kClients = 100;  // more than one turn accepts
  std::vector<Socket> clients;
  On([&] {
    for (int i = 0; i < kClients; ++i) {
      clients.push_back(*Socket::CreateStream(server.address()));
      ASSERT_TRUE(clients.back().Connect(server.address()).ok());
    }
    server.listener->AcceptPending();
    EXPECT_EQ(server.accepted_count, kClients);
  });
}

TEST_F(ListenerTest, MayBeDestroyedWhileItAccepts) {
  struct Closing final : Listener::Handler {
    void OnAccept(std::unique_ptr<AcceptedStream>) override {
      listener.reset();
      closed.Set();
    }
    std::unique_ptr<Listener> listener;
    Event closed;
  } closing;
  Address address;
  On([&] {
    closing.listener = *network_->Listen(*reactor_, Loopback4(), ListenOptions(), closing);
    address = closing.listener->address();
  });
  Socket client = *Socket::CreateStream(address);
  Socket second = *Socket::CreateStream(address);
  On([&] {
    ASSERT_TRUE(client.Connect(address).ok());
    ASSERT_TRUE(second.Connect(address).ok());
  });
  EXPECT_TRUE(Wait(closing.closed));
}

TEST_F(ListenerTest, SurvivesRunningOutOfDescriptors) {
  Mutex mutex;
  std::vector<std::string> lines;
  SetLogSink([&](const LogEvent& event) {
    MutexLock lock(mutex);
    lines.emplace_back(event.text);
  });
  ListenOptions options;
  options.accept_rest = absl::Milliseconds(5);
  RecordingServer server(*network_, *reactor_, Loopback4(), options, MakeEcho);
  Recorder early;
  early.wanted_bytes = 5;
  On([&] { early.stream = reactor_->Connect(server.address(), ConnectOptions(), early); });
  ASSERT_TRUE(Wait(server.first));
  Recorder late;
  {
    Exhaustion exhaustion(1);
    // Its handshake is the kernel's business: it takes the last descriptor and waits in the
    // backlog.
    On([&] { late.stream = reactor_->Connect(server.address(), ConnectOptions(), late); });
    ASSERT_TRUE(Wait(late.connected));
    EXPECT_TRUE(late.connect_status.ok()) << late.connect_status;
    // Other connections are served meanwhile, over several rests.
    for (int i = 0; i < 4; ++i) {
      Event rested;
      struct Rest final : Timer {
        explicit Rest(Event& event) : event_(event) {}
        void OnTimer() override { event_.Set(); }
        Event& event_;
      } rest(rested);
      On([&] { reactor_->Arm(rest, reactor_->Now() + absl::Milliseconds(6)); });
      ASSERT_TRUE(Wait(rested));
    }
    On([&] { early.Write("alive"); });
    EXPECT_TRUE(Wait(early.enough));
    EXPECT_EQ(server.accepted_count, 1);
    MutexLock lock(mutex);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0], "accept " + server.address().ToString() +
                            ": too many open files; accepting again every 5ms until it works");
  }
  late.wanted_bytes = 4;
  On([&] { late.Write("late"); });
  EXPECT_TRUE(Wait(late.enough));
  On([&] {
    EXPECT_EQ(server.accepted_count, 2);
    early.stream.reset();
    late.stream.reset();
  });
  SetLogSink(nullptr);
}

// A flood of connections takes turns with those that are there.
TEST_F(ListenerTest, AcceptingStarvesNobody) {
  RecordingServer server(*network_, *reactor_, Loopback4(), ListenOptions(), MakeEcho);
  Recorder client;
  On([&] { client.stream = reactor_->Connect(server.address(), ConnectOptions(), client); });
  ASSERT_TRUE(Wait(server.first));
  constexpr int kFlood = 300;
  std::vector<Socket> flood;
  int accepted_when_answered = -1;
  On([&] {
    client.on_readable = [&] {
      if (accepted_when_answered < 0) accepted_when_answered = server.accepted_count;
      client.ReadAll();
      client.enough.Set();
    };
    for (int i = 0; i < kFlood; ++i) {
      flood.push_back(*Socket::CreateStream(server.address()));
      ASSERT_TRUE(flood.back().Connect(server.address()).ok());
    }
    server.wanted_count = kFlood + 1;
    client.Write("x");
  });
  EXPECT_TRUE(Wait(client.enough));
  EXPECT_TRUE(Wait(server.enough));
  // The echo takes two turns, each of which accepts at most 64.
  EXPECT_LE(accepted_when_answered, 1 + 3 * 64);
  On([&] { client.stream.reset(); });
}

}  // namespace
}  // namespace dialtone
