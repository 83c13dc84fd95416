// Generated methods that stream, called through the in-process channel: every kind, in both styles
// of handlers, and under awkward names.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/stream.h"
#include "in_process.h"
#include "streams.dialtone.h"

namespace {

using absl::Status;
using absl::StatusCode;
using absl::StatusOr;
using dialtone::Reader;
using dialtone::ServerCall;
using dialtone::Task;
using dialtone::Writer;
using odd::streams::In;
using odd::streams::Kinds;
using odd::streams::Out;

template <class Message>
Message WithText(const std::string& text) {
  Message message;
  message.set_text(text);
  return message;
}

// Follow says each letter of its request; Collect joins what it is told; Chat answers each message.
class Coroutines final : public Kinds::Service {
  Task<Status> Follow(ServerCall&, const In& request, Writer<Out>& writer) override {
    for (const char letter : request.text()) {
      const Out out = WithText<Out>(std::string(1, letter));
      if (!co_await writer.Write(out)) co_return absl::CancelledError("nobody reads");
    }
    co_return absl::OkStatus();
  }
  Task<Status> Collect(ServerCall&, Reader<In>& reader, Out& reply) override {
    std::string all;
    while (const In* in = co_await reader.Read()) all += in->text();
    reply.set_text(all);
    co_return absl::OkStatus();
  }
  Task<Status> Chat(ServerCall&, Reader<In>& reader, Writer<Out>& writer) override {
    Out out;
    while (const In* in = co_await reader.Read()) {
      out.set_text("re: " + in->text());
      if (!co_await writer.Write(out)) co_return absl::CancelledError("nobody reads");
    }
    co_return absl::OkStatus();
  }
};

// The same, with handlers that block.
class Functions final : public Kinds::PlainService {
  Status Follow(ServerCall&, const In& request, Writer<Out>& writer) override {
    for (const char letter : request.text()) {
      if (!writer.Write(WithText<Out>(std::string(1, letter))).Wait())
        return absl::CancelledError("nobody reads");
    }
    return absl::OkStatus();
  }
  Status Collect(ServerCall&, Reader<In>& reader, Out& reply) override {
    while (const In* in = reader.Read().Wait()) reply.mutable_text()->append(in->text());
    return absl::OkStatus();
  }
  Status Chat(ServerCall&, Reader<In>& reader, Writer<Out>& writer) override {
    while (const In* in = reader.Read().Wait()) {
      if (!writer.Write(WithText<Out>("re: " + in->text())).Wait())
        return absl::CancelledError("nobody reads");
    }
    return absl::OkStatus();
  }
};

class GeneratedStreams : public testing::TestWithParam<bool> {
 protected:
  static std::unique_ptr<dialtone::Service> MakeService() {
    if (GetParam()) return std::make_unique<Functions>();
    return std::make_unique<Coroutines>();
  }

  InProcess server_{MakeService()};
  const Kinds::Client client_{server_.channel()};
};

INSTANTIATE_TEST_SUITE_P(Handlers, GeneratedStreams, testing::Bool(),
                         [](const auto& plain) { return plain.param ? "Plain" : "Coroutine"; });

TEST_P(GeneratedStreams, AServerStreamGivesAllRepliesAndThenTheStatus) {
  auto stream = client_.Follow(WithText<In>("abc"));
  std::vector<std::string> letters;
  while (const Out* out = stream.Read().Wait()) letters.push_back(out->text());
  EXPECT_EQ(absl::StrJoin(letters, " "), "a b c");
  EXPECT_EQ(stream.Finish().Wait(), absl::OkStatus());
}

TEST_P(GeneratedStreams, AClientStreamGivesOneReplyToAllRequests) {
  auto stream = client_.Collect(dialtone::Timeout(absl::Seconds(10)));
  for (const char* text : {"a", "b", "c"}) EXPECT_TRUE(stream.Write(WithText<In>(text)).Wait());
  const StatusOr<Out> reply = stream.Finish().Wait();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->text(), "abc");
}

TEST_P(GeneratedStreams, ABidirectionalStreamAnswersWhileTheClientWrites) {
  auto stream = client_.Chat();
  for (const char* text : {"a", "b"}) {
    ASSERT_TRUE(stream.Write(WithText<In>(text)).Wait());
    const Out* out = stream.Read().Wait();
    ASSERT_NE(out, nullptr);
    EXPECT_EQ(out->text(), std::string("re: ") + text);
  }
  stream.HalfClose();
  EXPECT_EQ(stream.Read().Wait(), nullptr);
  EXPECT_EQ(stream.Finish().Wait(), absl::OkStatus());
}

Task<StatusOr<std::string>> ChatOnce(Kinds::Client client, std::string text) {
  auto stream = client.Chat(dialtone::Timeout(absl::Seconds(10)));
  const bool written = co_await stream.Write(WithText<In>(text));
  if (!written) co_return co_await stream.Finish();
  stream.HalfClose();
  std::string answers;
  while (const Out* out = co_await stream.Read()) answers += out->text();
  const Status status = co_await stream.Finish();
  if (!status.ok()) co_return status;
  co_return answers;
}

TEST_P(GeneratedStreams, AStreamMayBeAwaited) {
  const StatusOr<std::string> answers = dialtone::BlockOn(ChatOnce(client_, "a"));
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_EQ(*answers, "re: a");
}

class EmptyCoroutines final : public Kinds::Service {};
class EmptyFunctions final : public Kinds::PlainService {};

void ExpectUnimplemented(const Status& status, const std::string& method) {
  EXPECT_EQ(status.code(), StatusCode::kUnimplemented) << status;
  EXPECT_NE(status.ToString().find("odd.streams.Kinds/" + method), std::string::npos) << status;
}

TEST(GeneratedStreamServices, WhatIsNotOverriddenIsUnimplementedAndNamed) {
  for (const bool plain : {false, true}) {
    SCOPED_TRACE(plain ? "PlainService" : "Service");
    std::unique_ptr<dialtone::Service> service = std::make_unique<EmptyCoroutines>();
    if (plain) service = std::make_unique<EmptyFunctions>();
    InProcess server(std::move(service));
    const Kinds::Client client(server.channel());
    ExpectUnimplemented(client.Follow(WithText<In>("x")).Finish().Wait(), "Follow");
    ExpectUnimplemented(client.Collect().Finish().Wait().status(), "Collect");
    ExpectUnimplemented(client.Chat().Finish().Wait(), "Chat");
  }
}

// Methods named as what streams are made of, as parameters of the generated functions, as members
// of the generated class, and as keywords.
namespace streams = odd::streams;
class NamedAsClasses final : public streams::ClientReader::Service {
  Task<Status> Reader(ServerCall& call, const streams::Reader& request,
                      dialtone::Writer<streams::Writer>& writer) override {
    const auto answer =
        WithText<streams::Writer>(std::string(call.method()) + " " + request.text());
    co_await writer.Write(answer);
    co_return absl::OkStatus();
  }
  Task<Status> Writer(ServerCall& call, dialtone::Reader<streams::Writer>& reader,
                      streams::Reader& reply) override {
    const streams::Writer* message = co_await reader.Read();
    reply.set_text(std::string(call.method()) + (message == nullptr ? "" : " " + message->text()));
    co_return absl::OkStatus();
  }
  Task<Status> options(ServerCall& call, dialtone::Reader<In>&, Out& reply) override {
    reply.set_text(std::string(call.method()));
    co_return absl::OkStatus();
  }
  Task<Status> AddMethod_(ServerCall& call, dialtone::Reader<In>&, Out& reply) override {
    reply.set_text(std::string(call.method()));
    co_return absl::OkStatus();
  }
  Task<Status> while_(ServerCall& call, dialtone::Reader<In>&, Out& reply) override {
    reply.set_text(std::string(call.method()));
    co_return absl::OkStatus();
  }
};

template <class Stream>
std::string ReplyOf(Stream stream) {
  const auto reply = stream.Finish().Wait();
  return reply.ok() ? reply->text() : reply.status().ToString();
}

TEST(GeneratedStreamServices, MethodsMayBeNamedAsWhatStreamsBringWithThem) {
  InProcess server(std::make_unique<NamedAsClasses>());
  const streams::ClientReader::Client client(server.channel());

  auto reader = client.Reader(WithText<streams::Reader>("x"));
  const streams::Writer* first = reader.Read().Wait();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->text(), "/odd.streams.ClientReader/Reader x");

  auto writer = client.Writer();
  EXPECT_TRUE(writer.Write(WithText<streams::Writer>("y")).Wait());
  EXPECT_EQ(ReplyOf(std::move(writer)), "/odd.streams.ClientReader/Writer y");

  EXPECT_EQ(ReplyOf(client.options()), "/odd.streams.ClientReader/options");
  EXPECT_EQ(ReplyOf(client.AddMethod_()), "/odd.streams.ClientReader/AddMethod");
  EXPECT_EQ(ReplyOf(client.while_()), "/odd.streams.ClientReader/while");
}

TEST(GeneratedMethods, SayTheirKindAndWhetherTheyMayRunTwice) {
  EXPECT_EQ(Kinds::kAskMethod.kind, dialtone::MethodKind::kUnary);
  EXPECT_EQ(Kinds::kFollowMethod.kind, dialtone::MethodKind::kServerStreaming);
  EXPECT_EQ(Kinds::kCollectMethod.kind, dialtone::MethodKind::kClientStreaming);
  EXPECT_EQ(Kinds::kChatMethod.kind, dialtone::MethodKind::kBidirectionalStreaming);
  EXPECT_EQ(Kinds::kFollowMethod.idempotency, dialtone::Idempotency::kUnknown);
  EXPECT_EQ(odd::streams::OnlyDown::kFollowMethod.idempotency,
            dialtone::Idempotency::kNoSideEffects);
}

}  // namespace
