// grpc.health.v1.Health, which every server answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "call_fixture.h"
#include "grpc/health/v1/health.dialtone.h"
#include "sim_servers.h"

namespace dialtone::health_test {
namespace {

namespace v1 = ::grpc::health::v1;

// "SERVING", "NOT_SERVING", or the error's code and text.
std::string Show(const absl::StatusOr<v1::HealthCheckResponse>& reply) {
  if (reply.ok()) return v1::HealthCheckResponse::ServingStatus_Name(reply->status());
  return absl::StatusCodeToString(reply.status().code()) + ": " +
         std::string(ToStd(reply.status().message()));
}

Call<v1::HealthCheckResponse> Ask(Channel& channel, const std::string& service) {
  v1::HealthCheckRequest request;
  request.set_service(service);
  return v1::Health::Client(channel).Check(request);
}
std::string Check(Channel& channel, const std::string& service) {
  return Show(Ask(channel, service).Wait());
}

class HealthTest : public BothWays {};

TEST_P(HealthTest, AStartedServerServesAsAWholeAndEachOfItsServices) {
  Serve();
  const auto channel = MakeChannel();
  for (const char* service : {"", "test.Service", "test.Plain", "grpc.health.v1.Health"})
    EXPECT_EQ(Check(*channel, service), "SERVING") << service;
  EXPECT_EQ(Check(*channel, "test.Nothing"),
            "NOT_FOUND: health: no service \"test.Nothing\" on this server");
}

TEST_P(HealthTest, AnswersWhatTheProgramSays) {
  Server& server = Serve().server;
  const auto channel = MakeChannel();
  server.SetServing("test.Plain", false);
  EXPECT_EQ(Check(*channel, "test.Plain"), "NOT_SERVING");
  EXPECT_EQ(Check(*channel, "test.Service"), "SERVING");
  EXPECT_EQ(Check(*channel, ""), "SERVING");
  server.SetServing("", false);
  server.SetServing("test.Plain", true);
  EXPECT_EQ(Check(*channel, ""), "NOT_SERVING");
  EXPECT_EQ(Check(*channel, "test.Plain"), "SERVING");
  // Of something that is no service here, too: a database behind it, say.
  server.SetServing("database", true);
  EXPECT_EQ(Check(*channel, "database"), "SERVING");
}

TEST_P(HealthTest, CanBeTurnedOff) {
  ServerOptions options;
  options.health = false;
  Serve(Hello, PlainHello, false, RealServer::TwoReactors(), options);
  EXPECT_EQ(Check(*MakeChannel(), ""),
            "UNIMPLEMENTED: no method /grpc.health.v1.Health/Check on this server");
}

std::string Next(ClientReader<v1::HealthCheckResponse>& watch) {
  auto reply = watch.Read().Wait();
  return reply == nullptr ? "end" : v1::HealthCheckResponse::ServingStatus_Name(reply->status());
}
ClientReader<v1::HealthCheckResponse> Watch(Channel& channel, const std::string& service) {
  v1::HealthCheckRequest request;
  request.set_service(service);
  return v1::Health::Client(channel).Watch(request);
}

TEST_P(HealthTest, AWatcherIsToldOfEachChange) {
  Server& server = Serve().server;
  const auto channel = MakeChannel();
  auto watch = Watch(*channel, "test.Plain");
  EXPECT_EQ(Next(watch), "SERVING");
  server.SetServing("test.Plain", false);
  EXPECT_EQ(Next(watch), "NOT_SERVING");
  server.SetServing("test.Service", false);  // not what is watched
  server.SetServing("test.Plain", true);
  EXPECT_EQ(Next(watch), "SERVING");
  watch.Cancel();
  EXPECT_EQ(watch.Finish().Wait().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(Eventually([&] { return server.calls_in_flight() == 0; }));
}

TEST_P(HealthTest, AWatcherOfNothingWaitsForItToAppear) {
  Server& server = Serve().server;
  const auto channel = MakeChannel();
  auto watch = Watch(*channel, "database");
  EXPECT_EQ(Next(watch), "SERVICE_UNKNOWN");
  server.SetServing("database", true);
  EXPECT_EQ(Next(watch), "SERVING");
}

TEST_P(HealthTest, AShutdownTellsWatchersAndIsNotHeldUpByThem) {
  Server& server = Serve().server;
  const auto channel = MakeChannel();
  auto watch = Watch(*channel, "");
  EXPECT_EQ(Next(watch), "SERVING");
  EXPECT_EQ(server.Shutdown(absl::Seconds(30)), absl::OkStatus());
  EXPECT_EQ(Next(watch), "NOT_SERVING");
  EXPECT_EQ(Next(watch), "end");
  EXPECT_EQ(watch.Finish().Wait(), absl::UnavailableError("health: the server shuts down"));
}

TEST_P(HealthTest, ManyWatchersComeAndGoWhileItChanges) {
  Server& server = Serve().server;
  const auto channel = MakeChannel();
  std::atomic<bool> stop{false};
  std::thread changer([&] {
    for (bool serving = false; !stop; serving = !serving) server.SetServing("test.Plain", serving);
  });
  for (int i = 0; i < 300; ++i) {
    auto watch = Watch(*channel, "test.Plain");
    const std::string first = Next(watch);
    EXPECT_NE(Next(watch), first);
  }
  stop = true;
  changer.join();
  EXPECT_TRUE(Eventually([&] { return server.calls_in_flight() == 0; }));
}

// A watcher's request is held for as long as it watches, which no budget counts.
TEST_P(HealthTest, ARequestThatIsNoNameIsRefused) {
  Serve();
  const auto channel = MakeChannel();
  constexpr size_t kLarge = (4 << 20) - 100;
  v1::HealthCheckRequest long_name;
  long_name.set_service(std::string(kLarge, 'x'));
  v1::HealthCheckRequest unknown_fields;
  std::string fields;
  while (fields.size() < kLarge) fields += "\x10\x01";
  ASSERT_TRUE(unknown_fields.ParseFromString(fields));
  const absl::Status too_large =
      absl::InvalidArgumentError("health: a request of more than 4096 bytes");
  const v1::Health::Client client(*channel);
  for (const v1::HealthCheckRequest& request : {long_name, unknown_fields}) {
    auto watch = client.Watch(request);
    EXPECT_EQ(Next(watch), "end");
    EXPECT_EQ(watch.Finish().Wait(), too_large);
    EXPECT_EQ(client.Check(request).Wait().status(), too_large);
  }
  auto watch = Watch(*channel, std::string(4000, 'x'));
  EXPECT_EQ(Next(watch), "SERVICE_UNKNOWN");
}

TEST_P(HealthTest, NorIsOneTakenThatHasAnAttachment) {
  Serve();
  const auto channel = MakeChannel();
  const CallOptions options = CallOptions().set_attachment(Attachment(std::string(1 << 20, 'x')));
  const absl::Status attached = absl::InvalidArgumentError("health: a request with an attachment");
  const v1::Health::Client client(*channel);
  auto watch = client.Watch(v1::HealthCheckRequest(), options);
  EXPECT_EQ(Next(watch), "end");
  EXPECT_EQ(watch.Finish().Wait(), attached);
  EXPECT_EQ(client.Check(v1::HealthCheckRequest(), options).Wait().status(), attached);
}

INSTANTIATE_TEST_SUITE_P(Health, HealthTest, testing::Bool(), NetworkName);

// As a user's own: it answers whatever it likes.
class OwnHealth final : public v1::Health::PlainService {
  absl::Status Check(ServerCall&, const v1::HealthCheckRequest& request,
                     v1::HealthCheckResponse& reply) override {
    if (request.service() != "mine") return absl::DataLossError("not mine");
    reply.set_status(v1::HealthCheckResponse::SERVICE_UNKNOWN);
    return absl::OkStatus();
  }
};

TEST(Health, AServiceOfTheUsersWins) {
  SimProcess process;
  Server server(SimServer::With(process.runtime));
  server.Add(std::make_unique<OwnHealth>());
  ASSERT_TRUE(server.Start().ok());
  Channel channel(server, process.ClientOptions());
  EXPECT_EQ(Check(channel, "mine"), "SERVICE_UNKNOWN");
  EXPECT_EQ(Check(channel, ""), "DATA_LOSS: not mine");
}

// What is set before the start holds from the start on.
TEST(Health, AServerMayStartUnfit) {
  SimProcess process;
  Server server(SimServer::With(process.runtime));
  server.SetServing("", false);
  ASSERT_TRUE(server.Start().ok());
  Channel channel(server, process.ClientOptions());
  EXPECT_EQ(Check(channel, ""), "NOT_SERVING");
}

// A check that is under way when the drain begins, or that leaves before the client hears of it,
// is answered, and says that it is over.
TEST(Health, ServesNoMoreFromTheMomentADrainBegins) {
  SimOptions sim = InstantOptions();
  sim.latency_min = sim.latency_max = absl::Milliseconds(10);
  SimProcess process(sim);
  SimServer sim_server(process, [](ServerCall&, const Text&, Text&) -> Task<absl::Status> {
    const absl::Status slept = co_await Sleep(absl::Seconds(2));
    co_return slept;
  });
  EXPECT_EQ(Check(*sim_server.channel, ""), "SERVING");
  // Keeps the drain going.
  Call<Text> slow = StartCoroutine(*sim_server.channel, "");
  process.network.RunFor(absl::Milliseconds(100));
  // These arrive when the drain has begun, and in the middle of it.
  Call<v1::HealthCheckResponse> overall = Ask(*sim_server.channel, "");
  Call<v1::HealthCheckResponse> service = Ask(*sim_server.channel, "test.Service");
  EXPECT_TRUE(sim_server.server.Shutdown(absl::Seconds(10)).ok());
  EXPECT_EQ(Show(std::move(overall).Wait()), "NOT_SERVING");
  EXPECT_EQ(Show(std::move(service).Wait()), "NOT_SERVING");
  EXPECT_TRUE(std::move(slow).Wait().ok());
}

}  // namespace
}  // namespace dialtone::health_test
