// The life of a server in its process: addresses, starting, shutting down, strange clients, counts.
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>

#include "call_fixture.h"
#include "dialtone/transport/socket.h"

namespace dialtone {
namespace {

int OpenDescriptors() {
  int count = 0;
  DIR* const all = opendir("/proc/self/fd");
  while (readdir(all) != nullptr) ++count;
  closedir(all);
  return count;
}

// A client that knows no protocol: plain blocking use of a socket.
class RawClient {
 public:
  explicit RawClient(const std::string& target) : socket_(Connected(*Address::Parse(target))) {}
  void Send(std::string_view bytes) {
    int error = 0;
    const iovec block{const_cast<char*>(bytes.data()), bytes.size()};
    EXPECT_EQ(socket_.Write(std::span<const iovec>(&block, 1), error).bytes, bytes.size());
  }
  // True once the server has closed, or reset, the connection.
  bool Closed() {
    char buffer[4096];
    int error = 0;
    const IoResult read = socket_.Read(buffer, error);
    return read.state == IoResult::State::kEnd || read.state == IoResult::State::kFailed;
  }

 private:
  static Socket Connected(const Address& address) {
    Socket socket = *Socket::CreateStream(address);
    EXPECT_TRUE(Eventually([&] {
      return connect(socket.descriptor(), Sockaddr(address), sizeof(sockaddr_in)) == 0 ||
             errno == EISCONN;
    }));
    return socket;
  }
  static const sockaddr* Sockaddr(const Address& address) {
    static sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port());
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return reinterpret_cast<const sockaddr*>(&v4);
  }
  Socket socket_;
};

TEST(ServerLife, ServesSeveralAddressesOfSeveralFamiliesAtOnce) {
  RealServer real;  // one address of its own
  Server server(RealServer::With(ServerOptions(), real.runtime));
  server.Add(std::make_unique<CoroutineService>(Hello));
  server.Add(std::make_unique<PlainService>(PlainHello));
  const std::string path = "unix:/tmp/dialtone_server_life_" + std::to_string(getpid());
  std::vector<std::string> targets;
  for (const std::string& address :
       {std::string("127.0.0.1:0"), std::string("[::1]:0"), std::string("127.0.0.1:0"), path}) {
    auto bound = server.Listen(address);
    ASSERT_TRUE(bound.ok()) << bound.status();
    targets.push_back(bound->ToString());
  }
  ASSERT_TRUE(server.Start().ok());
  for (const std::string& target : targets) {
    Channel channel(target, real.ClientOptions());
    EXPECT_EQ(Show(StartCoroutine(channel, "a").Wait()), "OK: hello a") << target;
    EXPECT_EQ(Show(StartPlain(channel, "b").Wait()), "OK: hello b") << target;
  }
  EXPECT_TRUE(server.Shutdown(absl::Seconds(30)).ok());
  EXPECT_NE(access(path.c_str() + 5, F_OK), 0);
}

TEST(ServerLife, AnAddressThatCannotBeListenedOnSaysWhy) {
  RealServer real;
  Server server(RealServer::With(ServerOptions(), real.runtime));
  const absl::Status in_use = server.Listen(real.target).status();
  EXPECT_NE(in_use.message().find(real.target), absl::string_view::npos) << in_use;
  EXPECT_NE(in_use.message().find("in use"), absl::string_view::npos) << in_use;
  EXPECT_TRUE(absl::IsInvalidArgument(server.Listen("nonsense").status()));
  // The server is none the worse.
  EXPECT_TRUE(server.Listen("127.0.0.1:0").ok());
  EXPECT_TRUE(server.Start().ok());
}

TEST(ServerLife, EndsWithoutHavingBeenStartedOrShutDown) {
  Runtime runtime;
  {
    Server never_used(RealServer::With(ServerOptions(), runtime));
  }
  {
    Server listening(RealServer::With(ServerOptions(), runtime));
    auto bound = listening.Listen("127.0.0.1:0");
    ASSERT_TRUE(bound.ok());
    RawClient early(bound->ToString());
    Network& network = runtime.network();
    Event pause;
    network.Wait(pause, network.Now() + absl::Milliseconds(20));
  }
  Server started(RealServer::With(ServerOptions(), runtime));
  ASSERT_TRUE(started.Listen("127.0.0.1:0").ok());
  ASSERT_TRUE(started.Start().ok());
}

struct Noting final : Service {
  explicit Noting(std::atomic<bool>& the_gone) : Service("test.Noting"), gone(the_gone) {}
  ~Noting() override { gone = true; }
  std::atomic<bool>& gone;
};

TEST(ServerLife, ServicesGoWithTheirServerNotLater) {
  Runtime runtime;
  for (int i = 0; i < 50; ++i) {
    std::atomic<bool> gone{false};
    {
      Server server(RealServer::With(ServerOptions(), runtime));
      server.Add(std::make_unique<Noting>(gone));
      ASSERT_TRUE(server.Listen("127.0.0.1:0").ok());
      ASSERT_TRUE(server.Start().ok());
    }
    ASSERT_TRUE(gone);
  }
}

absl::Duration Took(Network& network, Instant since) { return network.Now() - since; }

TEST(ServerLife, ShutdownReturnsThoughAHandlerHoldsItsReactorAndNamesIt) {
  std::atomic<bool> entered{false};
  std::atomic<bool> release{false};
  RealServer real(Hello, [&](ServerCall&, const Text&, Text&) {
    entered = true;
    Eventually([&] { return release.load(); });
    return absl::OkStatus();
  });
  Channel channel(real.target, real.ClientOptions());
  Call<Text> held = StartPlain(channel, "x");
  ASSERT_TRUE(Eventually([&] { return entered.load(); }));
  const Instant before = real.runtime.network().Now();
  const absl::Status stopped = real.server.Shutdown(absl::Milliseconds(100));
  EXPECT_LT(Took(real.runtime.network(), before), absl::Seconds(5));
  EXPECT_TRUE(absl::IsDeadlineExceeded(stopped)) << stopped;
  EXPECT_NE(stopped.message().find("/test.Plain/Plain"), absl::string_view::npos) << stopped;
  EXPECT_EQ(real.server.Shutdown(absl::Seconds(100)), stopped);  // the second knows the first's
  release = true;
  held.Wait().status().IgnoreError();
}

TEST(ServerLife, ShutdownReturnsThoughAHandlerHoldsAWorkerAndNamesIt) {
  std::atomic<int> entered{0};
  std::atomic<bool> release{false};
  RealServer real(
      Hello,
      [&](ServerCall&, const Text&, Text&) {
        ++entered;
        Eventually([&] { return release.load(); });
        return absl::OkStatus();
      },
      /*plain_on_workers=*/true);
  auto channel = std::make_unique<Channel>(real.target, real.ClientOptions());
  Call<Text> first = StartPlain(*channel, "x");
  Call<Text> second = StartPlain(*channel, "x");
  // Workers block, reactors do not.
  EXPECT_EQ(Show(StartCoroutine(*channel, "a").Wait()), "OK: hello a");
  ASSERT_TRUE(Eventually([&] { return entered == 2; }));
  const Instant before = real.runtime.network().Now();
  const absl::Status stopped = real.server.Shutdown(absl::Milliseconds(100));
  EXPECT_LT(Took(real.runtime.network(), before), absl::Seconds(5));
  EXPECT_NE(stopped.message().find("/test.Plain/Plain (2 calls)"), absl::string_view::npos)
      << stopped;
  EXPECT_TRUE(absl::IsUnavailable(first.Wait().status()));
  EXPECT_TRUE(absl::IsUnavailable(second.Wait().status()));
  channel.reset();
  release = true;  // they end after the shutdown, and use what they used
}

TEST(ServerLife, ShutdownDrainsAndClosesIdleConnections) {
  Gate gate;
  RealServer real(gate.Handler());
  Channel busy(real.target, real.ClientOptions());
  Channel idle(real.target, real.ClientOptions());
  EXPECT_TRUE(StartPlain(idle, "x").Wait().ok());
  Call<Text> held = StartCoroutine(busy, "x");
  ASSERT_TRUE(Eventually([&] { return gate.entered == 1; }));
  EXPECT_EQ(real.server.connections(), 2u);
  std::thread shutdown([&] { EXPECT_TRUE(real.server.Shutdown(absl::Seconds(60)).ok()); });
  std::thread again([&] { EXPECT_TRUE(real.server.Shutdown(absl::Seconds(60)).ok()); });
  EXPECT_TRUE(Eventually([&] { return real.server.connections() == 1; }));
  Channel late(real.target, real.ClientOptions());
  EXPECT_TRUE(absl::IsUnavailable(StartPlain(late, "x").Wait().status()));
  gate.open = true;
  EXPECT_EQ(Show(held.Wait()), "OK: let go");
  shutdown.join();
  again.join();
  EXPECT_EQ(real.server.connections(), 0u);
}

// Connections come while it drains: each is served, or refused; nothing is left behind.
TEST(ServerLife, ConnectionsThatComeDuringTheDrain) {
  for (int i = 0; i < 20; ++i) {
    RealServer real;
    std::atomic<bool> stop{false};
    std::vector<std::thread> clients;
    for (int t = 0; t < 3; ++t) {
      clients.emplace_back([&] {
        while (!stop) {
          Channel channel(real.target, real.ClientOptions());
          const absl::Status status = StartPlain(channel, "x").Wait().status();
          EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
        }
      });
    }
    // tidy-allow sleep: threads and processes run on real time here, and the wait is bounded.
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_TRUE(real.server.Shutdown(absl::Seconds(60)).ok());
    EXPECT_EQ(real.server.connections(), 0u);
    stop = true;
    for (std::thread& client : clients) client.join();
  }
}

TEST(ServerLife, ConnectionsGoToTheReactorWithTheFewest) {
  Mutex mutex;
  std::map<std::thread::id, int> threads;
  RealServer real(Hello, [&](ServerCall&, const Text&, Text&) {
    MutexLock lock(mutex);
    ++threads[std::this_thread::get_id()];
    return absl::OkStatus();
  });
  std::vector<std::unique_ptr<Channel>> channels;
  for (int i = 0; i < 10; ++i) {
    channels.push_back(std::make_unique<Channel>(real.target, real.ClientOptions()));
    ASSERT_TRUE(StartPlain(*channels.back(), "x").Wait().ok());
  }
  MutexLock lock(mutex);
  ASSERT_EQ(threads.size(), 2u);
  for (const auto& [thread, calls] : threads) EXPECT_EQ(calls, 5);
}

TEST(ServerLife, AProbeOfThePortLeavesNoTrace) {
  LogLines log;
  RealServer real;
  for (int i = 0; i < 20; ++i) RawClient probe(real.target);
  EXPECT_TRUE(
      StartPlain(*std::make_unique<Channel>(real.target, real.ClientOptions()), "x").Wait().ok());
  EXPECT_TRUE(Eventually([&] { return real.server.connections() == 0; }));
  EXPECT_EQ(log.text(), "");
}

TEST(ServerLife, GarbageIsLoggedWithItsFirstBytesAndTheServerServesOn) {
  LogLines log;
  RealServer real;
  RawClient garbage(real.target);
  garbage.Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return garbage.Closed(); }));
  EXPECT_TRUE(Eventually([&] {
    return log.text().find("begins with \"GET / HTTP/1.1\\r\\n") != std::string::npos;
  })) << log.text();
  Channel channel(real.target, real.ClientOptions());
  EXPECT_TRUE(StartPlain(channel, "x").Wait().ok());
  EXPECT_TRUE(Eventually([&] { return real.server.connections() == 1; }));
  EXPECT_GE(real.server.Metrics().reached(ServerLimit::kUnknownProtocol), 1u);
}

TEST(ServerLife, AClientThatSaysNothingIsClosedAfterTheHandshakeTimeout) {
  LogLines log;
  ServerOptions options;
  options.handshake_timeout = absl::Milliseconds(50);
  RealServer real(Hello, PlainHello, false, RealServer::TwoReactors(), options);
  RawClient silent(real.target);
  RawClient slow(real.target);
  slow.Send(
      "\xD1"
      "DT");
  EXPECT_TRUE(Eventually([&] { return silent.Closed() && slow.Closed(); }));
  EXPECT_NE(log.text().find("closed after 0 bytes, the handshake timeout"), std::string::npos);
  EXPECT_NE(log.text().find("closed after 3 bytes, the handshake timeout"), std::string::npos);
  EXPECT_TRUE(Eventually([&] { return real.server.connections() == 0; }));
  EXPECT_EQ(real.server.Metrics().reached(ServerLimit::kHandshakeTimeout), 2u);
}

TEST(ServerLife, CountsOfCallsConnectionsAndDescriptorsComeBack) {
  LogLines log;
  RealServer real;
  {
    Channel warm(real.target, real.ClientOptions());
    ASSERT_TRUE(StartPlain(warm, "x").Wait().ok());
  }
  ASSERT_TRUE(Eventually([&] { return real.server.connections() == 0; }));
  const int before = OpenDescriptors();
  for (int i = 0; i < 30; ++i) {
    Channel channel(real.target, real.ClientOptions());
    for (int j = 0; j < 5; ++j) EXPECT_TRUE(StartCoroutine(channel, "x").Wait().ok());
    RawClient garbage(real.target);
    garbage.Send("????????????????");
    RawClient probe(real.target);
    Call<Text> dropped = StartPlain(channel, "x");
  }
  EXPECT_TRUE(Eventually([&] { return real.server.connections() == 0; }));
  EXPECT_TRUE(Eventually([&] { return real.server.calls_in_flight() == 0; }));
  EXPECT_TRUE(Eventually([&] { return OpenDescriptors() == before; }))
      << OpenDescriptors() << " v " << before;
}

TEST(ServerLifeDeathTest, TwoServicesOfOneNameAbort) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Server server;
        server.Add(std::make_unique<PlainService>(PlainHello));
        server.Add(std::make_unique<PlainService>(PlainHello));
      },
      "two services of one name");
}

// A client that does nothing between calls reads what its old server has said last when it makes the next one.
TEST(ServerLife, TheFirstCallAfterARestartGoesToTheNewServer) {
  Runtime runtime;
  ChannelOptions options;
  options.runtime = &runtime;
  std::string address = "127.0.0.1:0";
  std::unique_ptr<Server> server;
  std::unique_ptr<Channel> channel;
  for (int i = 0; i < 10; ++i) {
    server = nullptr;  // shuts down at once
    server = std::make_unique<Server>(RealServer::With(ServerOptions(), runtime));
    server->Add(std::make_unique<PlainService>(PlainHello));
    const auto bound = server->Listen(address);
    ASSERT_TRUE(bound.ok()) << bound.status();
    ASSERT_TRUE(server->Start().ok());
    address = bound->ToString();
    if (channel == nullptr) channel = std::make_unique<Channel>(address, options);
    EXPECT_EQ(Show(StartPlain(*channel, "x").Wait()), "OK: hello x") << i;
  }
}

}  // namespace
}  // namespace dialtone
