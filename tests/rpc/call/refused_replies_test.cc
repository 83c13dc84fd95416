// Replies and initial metadata that their client does not take: the server's observers and metrics hear the end that the
// client does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dialtone/rpc/observer.h"
#include "stream_fixture.h"

namespace dialtone::refused_replies_test {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What a server's observers are told of calls' replies and ends.
class Ends final : public ServerObserver {
 public:
  void OnMessageOut(ServerCall&, const google::protobuf::MessageLite& reply) override {
    MutexLock lock(mutex_);
    messages_.push_back(reply.ByteSizeLong());
  }
  void OnEnd(ServerCall&, const absl::Status& status) override {
    MutexLock lock(mutex_);
    ends_.push_back(status);
  }
  std::vector<size_t> messages() {
    MutexLock lock(mutex_);
    return messages_;
  }
  std::vector<absl::Status> ends() {
    MutexLock lock(mutex_);
    return ends_;
  }

 private:
  Mutex mutex_;
  std::vector<size_t> messages_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Status> ends_ ABSL_GUARDED_BY(mutex_);
};

constexpr size_t kLimit = 500;

ServerOptions WatchedBy(const std::shared_ptr<Ends>& ends) {
  ServerOptions options;
  options.observers.push_back(ends);
  return options;
}
ChannelOptions Limited() {
  ChannelOptions options;
  options.limits.message_bytes_max = kLimit;
  return options;
}

// The one call of `path` has ended so for everybody.
void ExpectOneEnd(const absl::Status& at_client, Ends& ends, const Server& server,
                  std::string_view path, ServerLimit limit) {
  EXPECT_EQ(at_client.code(), StatusCode::kResourceExhausted) << at_client;
  ASSERT_EQ(ends.ends().size(), 1u);
  EXPECT_EQ(ends.ends()[0], at_client);
  const ServerMetrics metrics = server.Metrics();
  ASSERT_NE(metrics.Find(path), nullptr);
  EXPECT_EQ(metrics.Find(path)->ended_with(StatusCode::kResourceExhausted), 1u);
  EXPECT_EQ(metrics.Find(path)->ended_total(), 1u);
  EXPECT_EQ(metrics.Find(path)->messages_out, ends.messages().size());
  EXPECT_EQ(metrics.reached(limit), 1u);
}

class RefusedReplies : public BothWays {
 protected:
  std::shared_ptr<Ends> ends_ = std::make_shared<Ends>();
};
INSTANTIATE_TEST_SUITE_P(Networks, RefusedReplies, testing::Bool(), NetworkName);

TEST_P(RefusedReplies, AboveTheClientsLimitAreNoSuccess) {
  for (const bool on_workers : {false, true}) {
    ends_ = std::make_shared<Ends>();
    Serve(
        Hello,
        [](ServerCall&, const Text&, Text& reply) {
          reply.set_value(std::string(kLimit + 1, 'x'));
          return absl::OkStatus();
        },
        on_workers, RealServer::TwoReactors(), WatchedBy(ends_));
    const auto channel = MakeChannel(Limited());
    ExpectOneEnd(StartPlain(*channel, "").Wait().status(), *ends_, real().server,
                 "/test.Plain/Plain", ServerLimit::kMessageBytes);
    EXPECT_THAT(ends_->messages(), IsEmpty());
    EXPECT_EQ(Show(StartCoroutine(*channel, "still").Wait()), "OK: hello still");
  }
}

TEST_P(RefusedReplies, WithTheirAttachmentAboveItAreNoSuccess) {
  Serve(
      Hello,
      [](ServerCall& call, const Text&, Text&) {
        call.set_reply_attachment(Attachment(std::string(kLimit + 1, 'x')));
        return absl::OkStatus();
      },
      false, RealServer::TwoReactors(), WatchedBy(ends_));
  const auto channel = MakeChannel(Limited());
  ExpectOneEnd(StartPlain(*channel, "").Wait().status(), *ends_, real().server, "/test.Plain/Plain",
               ServerLimit::kMessageBytes);
}

TEST_P(RefusedReplies, OfExactlyTheLimitPass) {
  Serve(
      Hello,
      [](ServerCall&, const Text&, Text& reply) {
        reply.set_value(std::string(kLimit - 3, 'x'));
        return absl::OkStatus();
      },
      false, RealServer::TwoReactors(), WatchedBy(ends_));
  const auto channel = MakeChannel(Limited());
  EXPECT_TRUE(StartPlain(*channel, "").Wait().ok());
  EXPECT_THAT(ends_->messages(), ElementsAre(kLimit));
  EXPECT_THAT(ends_->ends(), ElementsAre(absl::OkStatus()));
  EXPECT_EQ(real().server.Metrics().reached(ServerLimit::kMessageBytes), 0u);
}

TEST_P(RefusedReplies, BehindTooMuchInitialMetadataAreNoSuccess) {
  Serve(
      Hello,
      [](ServerCall& call, const Text&, Text&) {
        EXPECT_TRUE(call.initial_metadata().Add("k", std::string(20'000, 'v')).ok());
        return absl::OkStatus();
      },
      false, RealServer::TwoReactors(), WatchedBy(ends_));
  const auto channel = MakeChannel();
  ExpectOneEnd(StartPlain(*channel, "").Wait().status(), *ends_, real().server, "/test.Plain/Plain",
               ServerLimit::kMetadataBytes);
  EXPECT_THAT(ends_->messages(), IsEmpty());
}

// It was counted and told by then.
TEST_P(RefusedReplies, BehindMetadataThatAnObserverOfTheEndHasAddedStillEndTheCall) {
  struct AddsMuch final : ServerObserver {
    void OnEnd(ServerCall& call, const absl::Status&) override {
      EXPECT_TRUE(call.initial_metadata().Add("k", std::string(20'000, 'v')).ok());
    }
  };
  ServerOptions options;
  options.observers.push_back(std::make_shared<AddsMuch>());
  Serve(Hello, PlainHello, false, RealServer::TwoReactors(), options);
  const auto channel = MakeChannel();
  EXPECT_EQ(StartPlain(*channel, "").Wait().status().code(), StatusCode::kResourceExhausted);
}

class RefusedMessages : public StreamsBothWays {
 protected:
  std::shared_ptr<Ends> ends_ = std::make_shared<Ends>();
};
INSTANTIATE_TEST_SUITE_P(Networks, RefusedMessages, testing::Bool(), NetworkName);

// Writes one that fits, one that does not, and one more.
Task<absl::Status> WriteTooMuch(ServerCall& call, Writer<Text>& writer, std::string& seen) {
  for (const size_t bytes : {size_t{10}, kLimit + 1, size_t{10}}) {
    const bool open = co_await writer.Write(MakeText(std::string(bytes, 'x')));
    seen += open ? "open " : "closed ";
  }
  seen += call.cancelled() ? "cancelled" : "wanted";
  co_return absl::OkStatus();
}

TEST_P(RefusedMessages, OfAStreamEndIt) {
  std::string seen;
  StreamHandlers handlers;
  handlers.down = [&](ServerCall& call, const Text&, Writer<Text>& writer) {
    return WriteTooMuch(call, writer, seen);
  };
  Channel& channel =
      Serve(std::make_unique<StreamService>(std::move(handlers)), WatchedBy(ends_), Limited());
  DownCall down = StartDown(channel, "");
  Text* const first = down.Read().Wait();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->value().size(), 10u);
  EXPECT_EQ(down.Read().Wait(), nullptr);
  ExpectOneEnd(down.Finish().Wait(), *ends_, *server_, kDownMethod.path,
               ServerLimit::kMessageBytes);
  EXPECT_EQ(seen, "open closed closed cancelled");
  EXPECT_EQ(ends_->messages().size(), 1u);
}

TEST_P(RefusedMessages, OfAHandlerThatBlocksEndIt) {
  std::string seen;
  PlainStreamHandlers handlers;
  handlers.chat = [&](ServerCall&, Reader<Text>& reader, Writer<Text>& writer) {
    while (reader.Read().Wait() != nullptr)
      seen += writer.Write(MakeText(std::string(kLimit + 1, 'x'))).Wait() ? "open " : "closed ";
    return absl::OkStatus();
  };
  Channel& channel =
      Serve(std::make_unique<PlainStreamService>(std::move(handlers)), WatchedBy(ends_), Limited());
  ChatCall chat = StartChat(channel);
  EXPECT_TRUE(chat.Write(MakeText("")).Wait());
  EXPECT_EQ(chat.Read().Wait(), nullptr);
  ExpectOneEnd(chat.Finish().Wait(), *ends_, *server_, kChatMethod.path,
               ServerLimit::kMessageBytes);
  EXPECT_EQ(seen, "closed ");
}

TEST_P(RefusedMessages, TheOneReplyOfAStreamIsOne) {
  StreamHandlers handlers;
  handlers.up = [](ServerCall&, Reader<Text>& reader, Text& reply) -> Task<absl::Status> {
    const Text* const first = co_await reader.Read();
    EXPECT_EQ(first, nullptr);
    reply.set_value(std::string(kLimit + 1, 'x'));
    co_return absl::OkStatus();
  };
  Channel& channel =
      Serve(std::make_unique<StreamService>(std::move(handlers)), WatchedBy(ends_), Limited());
  ExpectOneEnd(StartUp(channel).Finish().Wait().status(), *ends_, *server_, kUpMethod.path,
               ServerLimit::kMessageBytes);
}

TEST_P(RefusedMessages, BehindTooMuchInitialMetadataEndTheirStream) {
  std::string seen;
  StreamHandlers handlers;
  handlers.down = [&](ServerCall& call, const Text&, Writer<Text>& writer) {
    EXPECT_TRUE(call.initial_metadata().Add("k", std::string(20'000, 'v')).ok());
    return WriteTooMuch(call, writer, seen);
  };
  Channel& channel = Serve(std::make_unique<StreamService>(std::move(handlers)), WatchedBy(ends_));
  DownCall down = StartDown(channel, "");
  EXPECT_EQ(down.Read().Wait(), nullptr);
  ExpectOneEnd(down.Finish().Wait(), *ends_, *server_, kDownMethod.path,
               ServerLimit::kMetadataBytes);
  EXPECT_EQ(seen, "closed closed closed cancelled");
}

// What else the protocol gives up while its handler runs.
TEST_P(RefusedMessages, ACallThatHoldsTooMuchEndsSoForItsObservers) {
  if (GetParam()) return;  // in process nothing is held on a connection
  StreamHandlers handlers;
  handlers.chat = [](ServerCall&, Reader<Text>&, Writer<Text>&) -> Task<absl::Status> {
    absl::Status slept;
    while (slept.ok()) slept = co_await Sleep(absl::Seconds(1));
    co_return absl::OkStatus();
  };
  ServerOptions options = WatchedBy(ends_);
  options.limits.bytes_in_flight_max = 150'000;
  Channel& channel = Serve(std::make_unique<StreamService>(std::move(handlers)), options);
  ChatCall chat = StartChat(channel);
  for (int i = 0; i < 2; ++i) chat.Write(MakeText(std::string(100'000, 'x'))).Wait();
  ExpectOneEnd(chat.Finish().Wait(), *ends_, *server_, kChatMethod.path,
               ServerLimit::kBytesInFlight);
}

}  // namespace
}  // namespace dialtone::refused_replies_test
