// The reflection service's stream: many requests on one, its end, who may ask, and that it can be turned off.
#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.dialtone.h"
#include "real_server.h"
#include "reflection_fixture.h"

namespace dialtone {
namespace {

int FilesIn(const std::optional<Response>& response) {
  return response.value_or(Response()).file_descriptor_response().file_descriptor_proto_size();
}

TEST(ReflectionStream, AFileThatOthersImportIsSentOnce) {
  SimShop shop;
  Asking asking(*shop.channel);
  EXPECT_EQ(FilesIn(asking.Ask(ForSymbol("shop.Part"))), 2);  // with timestamp.proto
  EXPECT_EQ(FilesIn(asking.Ask(ForSymbol("shop.Order"))),
            2);  // with quiet.proto, the one import that was not sent
  EXPECT_EQ(FilesIn(asking.Ask(ForSymbol("shop.Order"))), 1);  // what is asked for always comes
  EXPECT_EQ(FilesIn(asking.Ask(ForFile("google/protobuf/timestamp.proto"))), 1);
  EXPECT_EQ(asking.Finish(), absl::OkStatus());
  Asking anew(*shop.channel);
  EXPECT_EQ(FilesIn(anew.Ask(ForSymbol("shop.Order"))), 4);
}

TEST(ReflectionStream, AnswersManyRequestsAndGoesOnAfterErrors) {
  SimShop shop;
  Asking asking(*shop.channel);
  for (int i = 0; i < 1000; ++i) {
    const std::string name = absl::StrCat("shop.Nothing", i);
    const std::optional<Response> wrong = asking.Ask(ForSymbol(name));
    ASSERT_TRUE(wrong.has_value());
    EXPECT_EQ(wrong->error_response().error_code(), static_cast<int>(absl::StatusCode::kNotFound));
    EXPECT_EQ(wrong->original_request().file_containing_symbol(), name);
    EXPECT_EQ(FilesIn(asking.Ask(ForSymbol("shop.Shop"))), i == 0 ? 4 : 1);
  }
  EXPECT_EQ(asking.Finish(), absl::OkStatus());
}

TEST(ReflectionStream, ARequestThatIsNoNameEndsIt) {
  SimShop shop;
  Asking asking(*shop.channel);
  EXPECT_TRUE(asking.Ask(ForSymbol(std::string(4000, 'x'))).has_value());
  EXPECT_FALSE(asking.Ask(ForSymbol(std::string(5000, 'x'))).has_value());
  EXPECT_EQ(asking.Finish(),
            absl::InvalidArgumentError("reflection: a request of more than 4096 bytes"));
}

TEST(ReflectionStream, SoDoesOneWithAnAttachment) {
  SimShop shop;
  auto stream =
      v1::ServerReflection::Client(*shop.channel).ServerReflectionInfo(Timeout(absl::Minutes(1)));
  ASSERT_TRUE(stream.Write(ForServices(), Attachment(std::string(5000, 'x'))).Wait());
  EXPECT_EQ(stream.Read().Wait(), nullptr);
  EXPECT_EQ(stream.Finish().Wait(),
            absl::InvalidArgumentError("reflection: a request with an attachment"));
}

// Protobuf would take milliseconds to find none of them.
TEST(ReflectionStream, NamesThatNothingHasAreNotLookedFor) {
  SimShop shop;
  Asking asking(*shop.channel);
  const auto error = [&](const Request& request) {
    const std::optional<Response> response = asking.Ask(request);
    const auto told = response.value_or(Response()).error_response();
    EXPECT_EQ(told.error_code(), static_cast<int>(absl::StatusCode::kNotFound));
    return told.error_message();
  };
  const std::string long_name(513, 'x');
  for (const Request& request :
       {ForSymbol(long_name), ForExtension(long_name, 1), ForExtensionNumbers(long_name)})
    EXPECT_EQ(error(request), "reflection: nothing has a name of more than 512 bytes");
  for (const std::string name : {".shop.Shop", "shop..Shop", "shop.Shop.", "."}) {
    EXPECT_EQ(error(ForSymbol(name)), "reflection: nothing has a name with an empty part") << name;
  }
  const std::string name(512, 'x');
  EXPECT_EQ(error(ForSymbol(name)), "reflection: no symbol " + name + " in this program");
  EXPECT_EQ(asking.Finish(), absl::OkStatus());
}

TEST(ReflectionStream, ADrainIsNotHeldUpByOneThatWaits) {
  SimShop shop;
  Asking asking(*shop.channel);
  EXPECT_TRUE(asking.Ask(ForServices()).has_value());
  const Instant before = shop.process.network.Now();
  EXPECT_EQ(shop.server.Shutdown(absl::Seconds(30)), absl::OkStatus());
  EXPECT_LT(shop.process.network.Now() - before, absl::Seconds(5));
  EXPECT_EQ(asking.Finish(), absl::UnavailableError("reflection: the server shuts down"));
}

TEST(ReflectionStream, AClientThatLeavesLeavesNothingBehind) {
  SimShop shop;
  {
    Asking asking(*shop.channel);
    EXPECT_TRUE(asking.Ask(ForServices()).has_value());
    EXPECT_EQ(shop.server.calls_in_flight(), 1);
  }
  shop.process.network.RunFor(absl::Seconds(1));
  EXPECT_EQ(shop.server.calls_in_flight(), 0);
}

TEST(ReflectionStream, CanBeTurnedOff) {
  ServerOptions options;
  options.reflection = false;
  SimShop shop(options);
  Asking asking(*shop.channel);
  EXPECT_FALSE(asking.Ask(ForServices()).has_value());
  EXPECT_EQ(asking.Finish(),
            absl::UnimplementedError("no method "
                                     "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo on "
                                     "this server"));
}

TEST(ReflectionStream, HealthKnowsIt) {
  SimShop shop;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("grpc.reflection.v1.ServerReflection");
  const auto reply = grpc::health::v1::Health::Client(*shop.channel).Check(request).Wait();
  ASSERT_EQ(reply.status(), absl::OkStatus());
  EXPECT_EQ(reply->status(), grpc::health::v1::HealthCheckResponse::SERVING);
}

// Asks for a token, but not where a server tells what it is.
class TokenCheck final : public ServerObserver {
 public:
  explicit TokenCheck(bool lets_reflection_pass) : lets_reflection_pass_(lets_reflection_pass) {}

 private:
  absl::Status OnStart(ServerCall& call) override {
    if (lets_reflection_pass_ && call.method().starts_with("/grpc.reflection.v1.ServerReflection/"))
      return absl::OkStatus();
    return absl::UnauthenticatedError("no valid token");
  }
  const bool lets_reflection_pass_;
};

TEST(ReflectionStream, AnObserverJudgesItsCallsToo) {
  for (const bool passes : {false, true}) {
    ServerOptions options;
    options.observers.push_back(std::make_shared<TokenCheck>(passes));
    SimShop shop(options);
    Asking asking(*shop.channel);
    EXPECT_EQ(asking.Ask(ForServices()).has_value(), passes);
    EXPECT_EQ(asking.Finish(),
              passes ? absl::OkStatus() : absl::UnauthenticatedError("no valid token"));
  }
}

// As a user's own: it says no more than it likes.
class OwnReflection final : public v1::ServerReflection::Service {
  Task<absl::Status> ServerReflectionInfo(ServerCall&, Reader<Request>&,
                                          Writer<Response>&) override {
    co_return absl::PermissionDeniedError("find out for yourself");
  }
};

TEST(ReflectionStream, AServiceOfTheUsersWins) {
  SimProcess process;
  Server server(SimServer::With(process.runtime));
  server.Add(std::make_unique<OwnReflection>());
  ASSERT_TRUE(server.Start().ok());
  Channel channel(server, process.ClientOptions());
  Asking asking(channel);
  EXPECT_FALSE(asking.Ask(ForServices()).has_value());
  EXPECT_EQ(asking.Finish(), absl::PermissionDeniedError("find out for yourself"));
}

TEST(ReflectionStream, OverRealSockets) {
  RealServer real;  // its services are of no .proto
  Channel channel(real.target, real.ClientOptions());
  Asking asking(channel);
  EXPECT_EQ(asking.Ask(ForServices()).value_or(Response()).list_services_response().service_size(),
            4);
  EXPECT_EQ(FilesIn(asking.Ask(ForSymbol("shop.Shop.Buy"))), 4);
  EXPECT_EQ(asking.Finish(), absl::OkStatus());
}

}  // namespace
}  // namespace dialtone
