// The admin port, over the simulated network: what it answers, whom it waits for how long, and when it goes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialtone/rpc/admin.h"
#include "dialtone/rpc/sleep.h"
#include "dialtone/transport/absl_strings.h"
#include "sim_servers.h"
#include "support/sim_random.h"
#include "support/stream_probe.h"

namespace dialtone {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class AdminPortTest : public testing::Test {
 protected:
  void Serve(AdminOptions options = AdminOptions("127.0.0.1:9464")) {
    options.on_listening = [this](const Address& address) { bound_ = address; };
    ServerOptions server_options;
    server_options.runtime = &process_.runtime;
    server_options.extensions.push_back(AdminPort(options));
    server_ = std::make_unique<Server>(server_options);
    server_->Add(std::make_unique<CoroutineService>(Hello));
    const auto listening = server_->Listen("127.0.0.1:7000");
    ASSERT_TRUE(listening.ok());
    ASSERT_TRUE(server_->Start().ok());
  }

  // A client of the port, on a reactor of its own process.
  struct Client {
    Client(AdminPortTest& test, std::string_view bytes, bool now = true, bool half_close = false)
        : network(test.process_.network), loop(test.process_.network.NewReactor("client/0")) {
      probe = std::make_unique<StreamProbe>(*loop);
      probe->on_connected = [this, half_close, bytes = std::string(bytes)] {
        if (!bytes.empty()) probe->Write(bytes);
        if (half_close) probe->stream->ShutdownWrite();
      };
      if (now) network.RunOn(*loop, [&] { probe->Connect(test.bound_); });
    }
    // From another loop's lead.
    void ConnectSoon(const Address& address) {
      loop->Post([this, address] { probe->Connect(address); });
    }
    ~Client() {
      network.RunOn(*loop, [&] { probe->stream.reset(); });
    }
    void Send(std::string_view bytes) {
      network.RunOn(*loop, [&] { probe->Write(bytes); });
    }
    // What has come until the port has closed; "(open)" behind it if it has not by then.
    std::string Read(absl::Duration patience = absl::Minutes(1)) {
      const Instant until = network.Now() + patience;
      const auto closed = [this] { return probe->ended.is_set() || probe->failed.is_set(); };
      while (!closed() && network.Now() < until)
        network.Wait(probe->ended, network.Now() + absl::Milliseconds(1));
      return probe->received + (closed() ? "" : "(open)");
    }

    SimNetwork& network;
    std::unique_ptr<Loop> loop;
    std::unique_ptr<StreamProbe> probe;
  };

  std::string Ask(std::string_view request) { return Client(*this, request).Read(); }
  std::string Get(std::string_view path) {
    return Ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }

  SimProcess process_;
  Address bound_;
  std::unique_ptr<Server> server_;
};

TEST_F(AdminPortTest, TellsTheMetrics) {
  Serve();
  Channel channel("127.0.0.1:7000", process_.ClientOptions());
  ASSERT_TRUE(StartCoroutine(channel, "x").Wait().ok());
  const std::string answer = Get("/metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("rpc_method=\"Coroutine\",rpc_response_status_code=\"OK\"} 1\n"));
}

TEST_F(AdminPortTest, EndsWithWhatTheProgramAdds) {
  AdminOptions options("127.0.0.1:9464");
  options.more_text = [] { return "# TYPE mine gauge\nmine 1\n"; };
  Serve(options);
  EXPECT_THAT(Get("/metrics"), EndsWith("mine 1\n"));
}

TEST_F(AdminPortTest, LeavesOutWhatTheProgramThrows) {
  AdminOptions options("127.0.0.1:9464");
  options.more_text = []() -> std::string { throw std::runtime_error("no text today"); };
  Serve(options);
  EXPECT_THAT(Get("/metrics"), HasSubstr("dialtone_server_serving 1\n"));
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(AdminPortTest, TellsWhetherTheServerServes) {
  Serve();
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 OK\r\n"));
  server_->SetServing("", false);
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
}

TEST_F(AdminPortTest, SaysWhileTheServerDrainsThatItDoesAndGoesThen) {
  ServerOptions server_options;
  AdminOptions options("127.0.0.1:9464");
  options.on_listening = [this](const Address& address) { bound_ = address; };
  server_options.runtime = &process_.runtime;
  server_options.extensions.push_back(AdminPort(options));
  server_ = std::make_unique<Server>(server_options);
  server_->Add(
      std::make_unique<CoroutineService>([](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
        const absl::Status slept = co_await Sleep(absl::Seconds(5));
        co_return slept;
      }));
  ASSERT_TRUE(server_->Listen("127.0.0.1:7000").ok());
  ASSERT_TRUE(server_->Start().ok());
  Channel channel("127.0.0.1:7000", process_.ClientOptions());
  auto call = StartCoroutine(channel, "x");
  Client during(*this, "GET /healthz HTTP/1.1\r\n\r\n", /*now=*/false);
  const After ask(process_, absl::Seconds(1), [&] { during.ConnectSoon(bound_); });
  ASSERT_TRUE(server_->Shutdown(absl::Seconds(20)).ok());
  ASSERT_TRUE(std::move(call).Wait().ok());
  EXPECT_THAT(during.Read(), StartsWith("HTTP/1.1 503 "));
  Client after(*this, "GET /healthz HTTP/1.1\r\n\r\n");
  process_.network.Wait(after.probe->connected, Instant::Infinite());
  EXPECT_FALSE(after.probe->status.ok()) << "nobody listens any more";
}

TEST_F(AdminPortTest, AnswersHeadWithoutABody) {
  Serve();
  const std::string answer = Ask("HEAD /healthz HTTP/1.1\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 8\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(AdminPortTest, SaysWhatIsWrongWithARequest) {
  Serve();
  EXPECT_THAT(Get("/"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Get("/metrics/"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Ask("POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"),
              StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Ask("\x16\x03\x01\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask("\xD1"
                  "DT\r\n\x01\n"),
              StartsWith("HTTP/1.1 400 "))
      << "Dialtone/1 belongs elsewhere";
}

TEST_F(AdminPortTest, BoundsTheRequestsHead) {
  Serve();
  const std::string first = "GET /healthz HTTP/1.1\r\n";
  const size_t room =
      AdminOptions().request_bytes_max - first.size() - std::string("a: \r\n\r\n").size();
  EXPECT_THAT(Ask(first + "a: " + std::string(room, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Ask(first + "a: " + std::string(room + 1, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(Ask(std::string(100'000, 'x')), StartsWith("HTTP/1.1 431 "));
}

TEST_F(AdminPortTest, DoesNotWaitForASlowRequestForLongerThanTheTimeout) {
  Serve();
  const absl::Duration began = process_.Time();
  Client slow(*this, "GET /metrics HTT");
  EXPECT_THAT(slow.Read(), StartsWith("HTTP/1.1 408 "));
  EXPECT_LE(process_.Time() - began, AdminOptions().timeout + absl::Milliseconds(1));
  const absl::Duration then = process_.Time();
  EXPECT_EQ(Client(*this, "").Read(), "") << "one that says nothing is just closed";
  EXPECT_LE(process_.Time() - then, AdminOptions().timeout + absl::Milliseconds(1));
}

TEST_F(AdminPortTest, DoesNotWaitForAClientThatDoesNotCloseOrRead) {
  AdminOptions options("127.0.0.1:9464");
  options.connections_max = 1;
  options.more_text = [] { return std::string(8 << 20, '#'); };
  Serve(options);
  Client reads_nothing(*this, "");
  process_.network.Wait(reads_nothing.probe->connected, Instant::Infinite());
  process_.network.RunOn(*reads_nothing.loop,
                         [&] { reads_nothing.probe->stream->SetReading(false); });
  reads_nothing.Send("GET /metrics HTTP/1.1\r\n\r\n");
  Event soon;
  process_.network.Wait(soon, process_.network.Now() + absl::Seconds(1));
  EXPECT_EQ(Get("/healthz"), "") << "its place is taken";
  process_.network.Wait(soon, process_.network.Now() + 2 * options.timeout);
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 "));
}

// As HTTP/1.0 clients may, and `nc -N` does.
TEST_F(AdminPortTest, AClientThatHasHalfClosedGivesItsPlaceBackWithTheAnswer) {
  AdminOptions options("127.0.0.1:9464");
  options.connections_max = 1;
  Serve(options);
  for (const char* path : {"/metrics", "/healthz", "/"}) {
    SCOPED_TRACE(path);
    Client client(*this, "GET " + std::string(path) + " HTTP/1.1\r\n\r\n", /*now=*/true,
                  /*half_close=*/true);
    EXPECT_THAT(client.Read(), StartsWith("HTTP/1.1 "));
    EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 "));
  }
}

TEST_F(AdminPortTest, AClientThatHasHalfClosedGetsAllOfALargeAnswer) {
  AdminOptions options("127.0.0.1:9464");
  options.more_text = [] { return std::string(8 << 20, '#') + "end\n"; };
  Serve(options);
  Client client(*this, "GET /metrics HTTP/1.1\r\n\r\n", /*now=*/true, /*half_close=*/true);
  EXPECT_THAT(client.Read(), EndsWith("#end\n"));
}

TEST_F(AdminPortTest, HasSoManyConnectionsAtATime) {
  Serve();
  std::vector<std::unique_ptr<Client>> clients;
  for (size_t i = 0; i < AdminOptions().connections_max; ++i) {
    clients.push_back(std::make_unique<Client>(*this, ""));
    process_.network.Wait(clients.back()->probe->connected, Instant::Infinite());
  }
  EXPECT_EQ(Get("/healthz"), "") << "one too many is closed at once";
  clients.front()->Send("GET /healthz HTTP/1.1\r\n\r\n");
  EXPECT_THAT(clients.front()->Read(), StartsWith("HTTP/1.1 200 "));
  clients.erase(clients.begin());
  Event soon;
  process_.network.Wait(soon, process_.network.Now() + absl::Milliseconds(1));
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 ")) << "there is room again";
}

TEST_F(AdminPortTest, AnswersOneRequestAConnection) {
  Serve();
  const std::string twice = "GET /healthz HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n";
  const std::string answer = Ask(twice);
  EXPECT_EQ(answer.find("HTTP/1.1 200"), answer.rfind("HTTP/1.1 200"));
}

TEST_F(AdminPortTest, SurvivesAnyBytes) {
  Serve();
  SimRandom random(7);
  for (int i = 0; i < 300; ++i) {
    std::string bytes = i % 3 == 0 ? "GET /metrics HTTP/1.1\r\n" : "";
    const size_t size = random.Below(400);
    for (size_t k = 0; k < size; ++k)
      bytes += static_cast<char>(random.Below(i % 2 == 0 ? 256 : 128));
    Client client(*this, bytes);
    client.Read(absl::Milliseconds(10));
  }
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminPortTest, AnAddressThatCannotBeHadKeepsTheServerFromStarting) {
  Serve();
  for (const char* address : {"127.0.0.1:9464", "nonsense"}) {
    ServerOptions options;
    options.runtime = &process_.runtime;
    options.extensions.push_back(AdminPort(address));
    Server second(options);
    const absl::Status started = second.Start();
    EXPECT_FALSE(started.ok());
    EXPECT_THAT(std::string(ToStd(started.message())), HasSubstr("admin port: "));
  }
}

}  // namespace
}  // namespace dialtone
