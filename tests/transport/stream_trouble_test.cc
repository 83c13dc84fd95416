// Streams where the kernel refuses what they ask for, or has told them what does not hold any more.
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>

#include "dialtone/transport/log.h"
#include "dialtone/transport/socket.h"
#include "loop_support.h"
#include "refused_calls.h"

namespace dialtone {
namespace {

// What epoll told of it belongs to before.
TEST(Stream, PausedByAnotherOfTheSameBatchItStillHearsOfRoom) {
  const std::unique_ptr<Network> network = NewSocketNetwork();
  const std::unique_ptr<Loop> reactor = network->NewReactor("reactor");
  const auto on = [&](std::function<void()> function) {
    RunOn(*network, *reactor, std::move(function));
  };
  const auto wait = [&](Event& event) { return network->Wait(event, Patience(*network)); };
  RecordingServer server(*network, *reactor, Loopback4());
  server.wanted_count = 2;
  Recorder clients[2];
  Event room[2];
  on([&] {
    for (Recorder& client : clients)
      client.stream = reactor->Connect(server.address(), ConnectOptions(), client);
  });
  for (Recorder& client : clients) ASSERT_TRUE(wait(client.connected));
  ASSERT_TRUE(wait(server.enough));
  on([&] {
    for (auto& connection : server.connections) connection->stream->SetReading(false);
    const std::string block(1 << 20, 'x');
    for (size_t i = 0; i < 2; ++i) {
      while (clients[i].Write(block).state == IoResult::State::kDone) {
      }
      clients[i].on_writable = [&, i] { room[i].Set(); };
      clients[i].on_readable = [&, i] {
        clients[1 - i].stream->SetReading(false);
        clients[i].ReadAll();
      };
    }
    for (auto& connection : server.connections) connection->Write("x");
  });
  on([&] {
    for (auto& connection : server.connections) connection->stream->SetReading(true);
  });
  for (size_t i = 0; i < 2; ++i) EXPECT_TRUE(wait(room[i])) << i;
  on([&] { EXPECT_EQ(clients[0].readable_calls + clients[1].readable_calls, 1); });
  on([&] {
    for (Recorder& client : clients) client.stream.reset();
  });
}

// What came in time is looked at first, however late that is.
TEST(Stream, IsConnectedThoughItsLoopWasHeldUpForLongerThanItsTimeout) {
  const std::unique_ptr<Network> network = NewSocketNetwork();
  const std::unique_ptr<Loop> servers = network->NewReactor("servers");
  const std::unique_ptr<Loop> clients = network->NewReactor("clients");
  RecordingServer server(*network, *servers, Loopback4());
  Recorder client;
  RunOn(*network, *clients, [&] {
    ConnectOptions options;
    options.timeout = absl::Milliseconds(10);
    client.stream = clients->Connect(server.address(), options, client);
    const Instant end = network->Now() + absl::Milliseconds(30);
    while (network->Now() < end) {
    }
  });
  ASSERT_TRUE(network->Wait(client.connected, Patience(*network)));
  RunOn(*network, *clients, [&] {
    EXPECT_TRUE(client.connect_status.ok()) << client.connect_status;
    client.stream.reset();
  });
}

TEST(Stream, OfAFamilyThatThisHostLacksCannotReachItsServer) {
  WithRefusedCalls([] {
    ASSERT_TRUE(RefuseSystemCall(SYS_socket, EAFNOSUPPORT, CallArgument{0, AF_INET6}));
    const std::unique_ptr<Network> network = NewSocketNetwork();
    const std::unique_ptr<Loop> loop = network->NewCallerLoop("caller");
    Recorder client;
    loop->Post([&] {
      client.stream = loop->Connect(Loopback6().WithPort(7000), ConnectOptions(), client);
    });
    EXPECT_TRUE(loop->Drive(client.connected, Patience(*network)));
    EXPECT_EQ(client.connect_status,
              absl::UnavailableError(
                  "create a socket for [::1]:7000: socket(family 10, type 1, protocol 6): "
                  "address family not supported by protocol"));
    RunOn(*network, *loop, [&] { client.stream.reset(); });
  });
}

TEST(Stream, ThatWasAcceptedAndCannotBeWatchedSaysSo) {
  WithRefusedCalls([] {
    const std::unique_ptr<Network> network = NewSocketNetwork();
    const std::unique_ptr<Loop> loop = network->NewCallerLoop("caller");
    struct Adopting final : Listener::Handler {
      explicit Adopting(Loop& l) : loop(l) {}
      void OnAccept(std::unique_ptr<AcceptedStream> accepted) override {
        server.stream = std::move(*accepted).Adopt(loop, server);
      }
      Loop& loop;
      Recorder server;
    } adopting(*loop);
    Recorder& server = adopting.server;
    std::unique_ptr<Listener> listener;
    Socket client;
    std::string logged;
    SetLogSink([&](const LogEvent& event) { logged = event.text; });
    {
      LeadScope lead(*loop);
      ASSERT_TRUE(lead.leading());
      listener = *network->Listen(*loop, Loopback4(), ListenOptions(), adopting);
      client = *Socket::CreateStream(listener->address());
      ASSERT_TRUE(client.Connect(listener->address()).ok());
      // As /proc/sys/fs/epoll/max_user_watches has it.
      ASSERT_TRUE(RefuseSystemCall(SYS_epoll_ctl, ENOSPC, CallArgument{1, EPOLL_CTL_ADD}));
      listener->AcceptPending();
      EXPECT_NE(server.stream, nullptr);
      EXPECT_EQ(server.readable_calls, 0) << "from within Adopt()";
    }
    SetLogSink(nullptr);
    EXPECT_EQ(logged, "watch " + client.LocalAddress()->ToString() + ": no space left on device");
    EXPECT_TRUE(loop->Drive(server.ended, Patience(*network)));
    RunOn(*network, *loop, [&] {
      EXPECT_EQ(server.end, IoResult::State::kFailed);
      EXPECT_EQ(server.stream->status(),
                absl::ResourceExhaustedError("watch " + client.LocalAddress()->ToString() +
                                             ": no space left on device"));
      EXPECT_EQ(server.connected_calls, 0);
      server.stream.reset();
      listener.reset();
    });
  });
}

}  // namespace
}  // namespace dialtone
