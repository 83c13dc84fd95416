// Services with awkward names, from the .proto files of the golden tests, called through the
// in-process channel.
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "across/shop/shop.dialtone.h"
#include "across/store/items.pb.h"
#include "clashes.dialtone.h"
#include "comments.dialtone.h"
#include "dialtone/rpc/block_on.h"
#include "greeter.dialtone.h"
#include "in_process.h"
#include "keywords.dialtone.h"
#include "legacy.dialtone.h"
#include "no_package.dialtone.h"
#include "repeats.dialtone.h"

namespace {

using absl::Status;
using absl::StatusCode;
using absl::StatusOr;
using dialtone::ServerCall;
using dialtone::Task;

// Answers with the name of the method, as it travelled, and the text of the request.
template <class Request, class Reply>
Status Echo(const ServerCall& call, const Request& request, Reply& reply) {
  reply.set_text(std::string(call.method()) + " " + request.text());
  return absl::OkStatus();
}

template <class Request>
Request Text(const std::string& text) {
  Request request;
  request.set_text(text);
  return request;
}

template <class Reply>
std::string TextOf(const StatusOr<Reply>& reply) {
  return reply.ok() ? reply->text() : reply.status().ToString();
}

namespace keywords = odd::keywords;
using Deleter = keywords::delete__;

class DeleteService final : public Deleter::PlainService {
  Status switch_(ServerCall& call, const keywords::class_& request,
                 keywords::int_& reply) override {
    return Echo(call, request, reply);
  }
  Status co_await_(ServerCall& call, const keywords::class__new& request,
                   keywords::class_& reply) override {
    return Echo(call, request, reply);
  }
  Status new_(ServerCall& call, const keywords::class_& request, keywords::int_& reply) override {
    return Echo(call, request, reply);
  }
  Status new__(ServerCall& call, const keywords::class_& request, keywords::int_& reply) override {
    return Echo(call, request, reply);
  }
  Status NULL_(ServerCall& call, const keywords::class_& request, keywords::int_& reply) override {
    return Echo(call, request, reply);
  }
  Status EOF_(ServerCall& call, const keywords::class_& request, keywords::int_& reply) override {
    return Echo(call, request, reply);
  }
};

class LinuxService final : public keywords::linux_::PlainService {
  Status unix_(ServerCall& call, const keywords::class_& request, keywords::int_& reply) override {
    return Echo(call, request, reply);
  }
};

TEST(OddNames, KeywordsGetAnUnderscoreAndTravelWithout) {
  InProcess server(std::make_unique<DeleteService>());
  const Deleter::Client client(server.channel());
  const auto request = Text<keywords::class_>("x");
  EXPECT_EQ(TextOf(client.switch_(request).Wait()), "/odd.keywords.delete/switch x");
  EXPECT_EQ(TextOf(client.co_await_(Text<keywords::class__new>("y")).Wait()),
            "/odd.keywords.delete/co_await y");
  EXPECT_EQ(TextOf(client.NULL_(request).Wait()), "/odd.keywords.delete/NULL x");
}

TEST(OddNames, MacrosGetAnUnderscoreAndTravelWithout) {
  InProcess macros(std::make_unique<DeleteService>());
  EXPECT_EQ(TextOf(Deleter::Client(macros.channel()).EOF_(Text<keywords::class_>("x")).Wait()),
            "/odd.keywords.delete/EOF x");
  InProcess extensions(std::make_unique<LinuxService>());
  const keywords::linux_::Client client(extensions.channel());
  EXPECT_EQ(TextOf(client.unix_(Text<keywords::class_>("x")).Wait()), "/odd.keywords.linux/unix x");
}

TEST(OddNames, AMethodThatHasTheUnderscoreAlreadyKeepsItsName) {
  InProcess server(std::make_unique<DeleteService>());
  const Deleter::Client client(server.channel());
  const auto request = Text<keywords::class_>("x");
  EXPECT_EQ(TextOf(client.new_(request).Wait()), "/odd.keywords.delete/new_ x");
  EXPECT_EQ(TextOf(client.new__(request).Wait()), "/odd.keywords.delete/new x");
}

namespace clashes = odd::clashes;

// Some of the names; what all have in common with these is shown by the golden files.
class NamesService final : public clashes::Names::Service {
  using Reply = Task<Status>;
  using In = clashes::In;
  using Out = clashes::Out;

  Reply Service_(ServerCall& call, const In& request, Out& reply) override {
    co_return Echo(call, request, reply);
  }
  Reply Client__(ServerCall& call, const In& request, Out& reply) override {
    co_return Echo(call, request, reply);
  }
  Reply Wait(ServerCall& call, const In& request, Out& reply) override {
    co_return Echo(call, request, reply);
  }
  Reply Names(ServerCall& call, const In& request, Out& reply) override {
    co_return Echo(call, request, reply);
  }
  Reply AddMethod_(ServerCall& call, const In& request, Out& reply) override {
    co_return Echo(call, request, reply);
  }
  Reply Third(ServerCall& call, const clashes::Third& request, Out& reply) override {
    co_return Echo(call, request, reply);
  }
  Reply In_Deep(ServerCall& call, const clashes::In_Deep& request,
                clashes::In_Deep& reply) override {
    co_return Echo(call, request, reply);
  }
  Reply dialtone(ServerCall& call, const In& request, Out& reply) override {
    co_return Echo(call, request, reply);
  }
  Reply do_it(ServerCall& call, const In& request, Out& reply) override {
    co_return Echo(call, request, reply);
  }
  Reply doIt(ServerCall& call, const In& request, Out& reply) override {
    co_return Echo(call, request, reply);
  }
};

TEST(OddNames, MethodsMayBeNamedAsWhatTheGeneratedClassesHold) {
  InProcess server(std::make_unique<NamesService>());
  const clashes::Names::Client client(server.channel());
  const auto request = Text<clashes::In>("x");
  EXPECT_EQ(TextOf(client.Service_(request).Wait()), "/odd.clashes.Names/Service x");
  EXPECT_EQ(TextOf(client.Client__(request).Wait()), "/odd.clashes.Names/Client x");
  EXPECT_EQ(TextOf(client.Wait(request).Wait()), "/odd.clashes.Names/Wait x");
  EXPECT_EQ(TextOf(client.Names(request).Wait()), "/odd.clashes.Names/Names x");
  EXPECT_EQ(TextOf(client.AddMethod_(request).Wait()), "/odd.clashes.Names/AddMethod x");
  EXPECT_EQ(TextOf(client.dialtone(request).Wait()), "/odd.clashes.Names/dialtone x");
  EXPECT_EQ(TextOf(client.Third(Text<clashes::Third>("x")).Wait()), "/odd.clashes.Names/Third x");
  EXPECT_EQ(TextOf(client.In_Deep(Text<clashes::In_Deep>("x")).Wait()),
            "/odd.clashes.Names/In_Deep x");
}

TEST(OddNames, MethodsThatDifferByAnUnderscoreStayApart) {
  InProcess server(std::make_unique<NamesService>());
  const clashes::Names::Client client(server.channel());
  EXPECT_EQ(TextOf(client.do_it(Text<clashes::In>("x")).Wait()), "/odd.clashes.Names/do_it x");
  EXPECT_EQ(TextOf(client.doIt(Text<clashes::In>("x")).Wait()), "/odd.clashes.Names/doIt x");
}

class ServiceService final : public clashes::Service_::PlainService {
  Status Ask(ServerCall& call, const clashes::In& request, clashes::Out& reply) override {
    return Echo(call, request, reply);
  }
};

TEST(OddNames, AServiceMayBeNamedService) {
  InProcess server(std::make_unique<ServiceService>());
  const clashes::Service_::Client client(server.channel());
  EXPECT_EQ(TextOf(client.Ask(Text<clashes::In>("x")).Wait()), "/odd.clashes.Service/Ask x");
}

class OracleService final : public Oracle::PlainService {
  Status Ask(ServerCall& call, const Question& request, Answer& reply) override {
    return Echo(call, request, reply);
  }
};

TEST(OddNames, APackageIsNotNeeded) {
  InProcess server(std::make_unique<OracleService>());
  const Oracle::Client client(server.channel());
  EXPECT_EQ(TextOf(client.Ask(Text<Question>("why")).Wait()), "/Oracle/Ask why");
  EXPECT_EQ(dialtone_::kServiceName, "dialtone");
}

class ShopService final : public across::shop::Shop::Service {
  Task<Status> Find(ServerCall&, const google::protobuf::StringValue& request,
                    across::store::Item& reply) override {
    reply.set_name("found " + request.value());
    co_return absl::OkStatus();
  }
  Task<Status> Take(ServerCall&, const across::store::Item_Part& request,
                    across::store::Item_Part_Screw& reply) override {
    reply.set_length(static_cast<int>(request.name().size()));
    co_return absl::OkStatus();
  }
  Task<Status> OpenSince(ServerCall&, const google::protobuf::Empty&,
                         google::protobuf::Timestamp& reply) override {
    reply.set_seconds(17);
    co_return absl::OkStatus();
  }
};

TEST(OddNames, MessagesOfOtherPackagesAndWellKnownTypes) {
  InProcess server(std::make_unique<ShopService>());
  const across::shop::Shop::Client client(server.channel());

  google::protobuf::StringValue name;
  name.set_value("nail");
  const StatusOr<across::store::Item> found = client.Find(name).Wait();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->name(), "found nail");

  across::store::Item::Part part;
  part.set_name("four");
  const StatusOr<across::store::Item::Part::Screw> screw = client.Take(part).Wait();
  ASSERT_TRUE(screw.ok()) << screw.status();
  EXPECT_EQ(screw->length(), 4);

  const StatusOr<google::protobuf::Timestamp> since =
      client.OpenSince(google::protobuf::Empty()).Wait();
  ASSERT_TRUE(since.ok()) << since.status();
  EXPECT_EQ(since->seconds(), 17);
}

class LegacyService final : public legacy::Legacy::PlainService {
  Status Kept(ServerCall& call, const legacy::Old& request, legacy::Old& reply) override {
    return Echo(call, request, reply);
  }
  Status Dropped(ServerCall& call, const legacy::Old& request, legacy::Old& reply) override {
    return Echo(call, request, reply);
  }
};

// That implementing a deprecated method, as above, warns nobody is shown by the build, where
// warnings are errors in CI.
TEST(OddNames, Proto2WithoutReflection) {
  InProcess server(std::make_unique<LegacyService>());
  const legacy::Legacy::Client client(server.channel());
  EXPECT_EQ(TextOf(client.Kept(Text<legacy::Old>("x")).Wait()), "/legacy.Legacy/Kept x");
}

class EmptyGreeter final : public greeter::Greeter::Service {};
class EmptyPlainGreeter final : public greeter::Greeter::PlainService {};

TEST(GeneratedServices, WhatIsNotOverriddenIsUnimplementedAndNamed) {
  for (const bool plain : {false, true}) {
    SCOPED_TRACE(plain ? "PlainService" : "Service");
    std::unique_ptr<dialtone::Service> service;
    if (plain) {
      service = std::make_unique<EmptyPlainGreeter>();
    } else {
      service = std::make_unique<EmptyGreeter>();
    }
    InProcess server(std::move(service));
    const greeter::Greeter::Client client(server.channel());
    const StatusOr<greeter::GreetReply> reply = client.Greet(greeter::GreetRequest()).Wait();
    EXPECT_EQ(reply.status().code(), StatusCode::kUnimplemented) << reply.status();
    EXPECT_NE(reply.status().ToString().find("greeter.Greeter/Greet"), std::string::npos)
        << reply.status();
  }
}

class PoliteGreeter final : public greeter::Greeter::Service {
  Task<Status> Greet(ServerCall&, const greeter::GreetRequest& request,
                     greeter::GreetReply& reply) override {
    reply.set_text("hello " + (request.has_title() ? request.title() + " " : "") + request.name());
    co_return absl::OkStatus();
  }
};

Task<StatusOr<std::string>> GreetTwice(const greeter::Greeter::Client& client,
                                       const greeter::GreetRequest& request) {
  const StatusOr<greeter::GreetReply> first = co_await client.Greet(request);
  if (!first.ok()) co_return first.status();
  const StatusOr<greeter::GreetReply> second =
      co_await client.Greet(request, dialtone::Timeout(absl::Seconds(10)));
  if (!second.ok()) co_return second.status();
  co_return first->text() + ", " + second->text();
}

TEST(GeneratedClients, BothOverloadsOfAMethodMayBeAwaited) {
  InProcess server(std::make_unique<PoliteGreeter>());
  const greeter::Greeter::Client client(server.channel());
  greeter::GreetRequest request;
  request.set_name("Ada");
  const StatusOr<std::string> plain = dialtone::BlockOn(GreetTwice(client, request));
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(*plain, "hello Ada, hello Ada");

  request.set_title("Countess");
  const StatusOr<std::string> titled = dialtone::BlockOn(GreetTwice(client, request));
  ASSERT_TRUE(titled.ok()) << titled.status();
  EXPECT_EQ(*titled, "hello Countess Ada, hello Countess Ada");
}

TEST(GeneratedClasses, NameTheirServicesAndMethods) {
  EXPECT_EQ(comments::Notes::kServiceName, "comments.Notes");
  EXPECT_EQ(greeter::Greeter::kGreetMethod.path, "/greeter.Greeter/Greet");
  EXPECT_EQ(greeter::Greeter::kGreetMethod.service(), greeter::Greeter::kServiceName);
  EXPECT_EQ(greeter::Greeter::kGreetMethod.kind, dialtone::MethodKind::kUnary);
}

TEST(GeneratedMethods, SayWhetherTheyMayRunTwiceAsTheProtoDoes) {
  using dialtone::Idempotency;
  using repeats::Notes;
  EXPECT_EQ(Notes::kUnsaidMethod.idempotency, Idempotency::kUnknown);
  EXPECT_EQ(Notes::kUnknownMethod.idempotency, Idempotency::kUnknown);
  EXPECT_EQ(Notes::kReadMethod.idempotency, Idempotency::kNoSideEffects);
  EXPECT_EQ(Notes::kPutMethod.idempotency, Idempotency::kIdempotent);
}

}  // namespace
