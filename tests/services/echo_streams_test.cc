// The echo service's methods that stream, called through the in-process channel.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "dialtone/rpc/call_info.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/observer.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/rpc/server.h"
#include "dialtone/transport/event.h"
#include "echo_service.h"

namespace echo {
namespace {

// What calls have ended with at the server.
class Ends final : public dialtone::ServerObserver {
 public:
  absl::Status Wait() {
    dialtone::Runtime::Default().network().Wait(ended_, dialtone::Instant::Infinite());
    return status_;
  }

 private:
  void OnEnd(dialtone::ServerCall&, const absl::Status& status) override {
    status_ = status;
    ended_.Set();
  }

  absl::Status status_;
  dialtone::Event ended_;
};

class EchoStreamsTest : public testing::Test {
 protected:
  EchoStreamsTest() : server_(With(ends_)) {
    server_.Add(std::make_unique<EchoService>());
    const absl::Status started = server_.Start();
    EXPECT_TRUE(started.ok()) << started;
    channel_ = std::make_unique<dialtone::Channel>(server_);
    client_ = std::make_unique<Echo::Client>(*channel_);
  }

  static RepeatRequest Times(int64_t count, const std::string& text = "") {
    RepeatRequest request;
    request.set_count(count);
    request.set_text(text);
    return request;
  }
  static EchoRequest Text(const std::string& text) {
    EchoRequest request;
    request.set_text(text);
    return request;
  }

  const Echo::Client& client() const { return *client_; }
  // Of the first call.
  absl::Status EndAtTheServer() { return ends_->Wait(); }

 private:
  static dialtone::ServerOptions With(const std::shared_ptr<Ends>& ends) {
    dialtone::ServerOptions options;
    options.observers.push_back(ends);
    return options;
  }

  const std::shared_ptr<Ends> ends_ = std::make_shared<Ends>();
  dialtone::Server server_;
  std::unique_ptr<dialtone::Channel> channel_;
  std::unique_ptr<Echo::Client> client_;
};

TEST_F(EchoStreamsTest, RepeatNumbersItsReplies) {
  RepeatRequest request = Times(100, "again");
  request.set_payload(std::string("\0\xff", 2));
  auto replies = client().Repeat(request);
  int64_t expected = 0;
  while (const EchoReply* reply = replies.Read().Wait()) {
    EXPECT_EQ(reply->id(), ++expected);
    EXPECT_EQ(reply->text(), "again");
    EXPECT_EQ(reply->payload(), std::string("\0\xff", 2));
  }
  EXPECT_EQ(expected, 100);
  EXPECT_EQ(replies.Finish().Wait(), absl::OkStatus());
}

TEST_F(EchoStreamsTest, RepeatWaitsBetweenReplies) {
  RepeatRequest request = Times(3);
  request.mutable_interval()->set_nanos(20'000'000);
  const auto begin = std::chrono::steady_clock::now();
  auto replies = client().Repeat(request);
  int count = 0;
  while (replies.Read().Wait() != nullptr) ++count;
  EXPECT_EQ(count, 3);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(40));
  EXPECT_EQ(replies.Finish().Wait(), absl::OkStatus());
}

TEST_F(EchoStreamsTest, RepeatEndsWithItsCall) {
  RepeatRequest request = Times(2);
  request.mutable_interval()->set_seconds(3000);
  auto replies = client().Repeat(request);
  ASSERT_NE(replies.Read().Wait(), nullptr);
  replies.Cancel();
  EXPECT_EQ(replies.Read().Wait(), nullptr);
  EXPECT_EQ(replies.Finish().Wait().code(), absl::StatusCode::kCancelled);
}

TEST_F(EchoStreamsTest, RepeatEndsWithItsDeadlineThoughItFindsOutByAWrite) {
  RepeatRequest request = Times(1000);
  request.set_payload(std::string(100'000, 'x'));
  auto replies = client().Repeat(request, dialtone::Timeout(absl::Milliseconds(50)));
  EXPECT_EQ(EndAtTheServer().code(), absl::StatusCode::kDeadlineExceeded);
  replies.Cancel();
}

TEST_F(EchoStreamsTest, RepeatRefusesWhatIsOutOfItsLimits) {
  for (const int64_t count : {int64_t{-1}, EchoService::kRepeatMax + 1}) {
    const absl::Status status = client().Repeat(Times(count)).Finish().Wait();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(),
              "repeat: count " + std::to_string(count) + " is not between 0 and 1000000");
  }
  RepeatRequest request = Times(1);
  request.mutable_interval()->set_seconds(3601);
  const absl::Status status = client().Repeat(request).Finish().Wait();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "repeat: 1h1s is not between 0 and 1h");
}

TEST_F(EchoStreamsTest, CollectAnswersWithWhatAllMessagesBrought) {
  auto messages = client().Collect();
  for (const char* text : {"a", "", "bc"}) {
    EchoRequest message = Text(text);
    message.set_payload("1234");
    EXPECT_TRUE(messages.Write(message).Wait());
  }
  const absl::StatusOr<CollectReply> reply = messages.Finish().Wait();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->text(), "abc");
  EXPECT_EQ(reply->count(), 3);
  EXPECT_EQ(reply->payload_bytes(), 12);
}

TEST_F(EchoStreamsTest, CollectEndsEarlyWhenItHasTooMuch) {
  auto messages = client().Collect();
  const EchoRequest message = Text(std::string(100'000, 'x'));
  int written = 0;
  while (written < 1000 && messages.Write(message).Wait()) ++written;
  EXPECT_LT(written, 1000);
  const absl::Status status = messages.Finish().Wait().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "collect: the texts are longer than 1048576 bytes");
}

TEST_F(EchoStreamsTest, ChatAnswersEachMessageAsItComes) {
  auto chat = client().Chat();
  for (int64_t id = 1; id <= 10; ++id) {
    EchoRequest message = Text("hello");
    message.set_payload(std::string("\0\xff", 2));
    message.set_id(id);
    ASSERT_TRUE(chat.Write(message).Wait());
    const EchoReply* reply = chat.Read().Wait();
    ASSERT_NE(reply, nullptr);
    EXPECT_EQ(reply->text(), "hello");
    EXPECT_EQ(reply->payload(), std::string("\0\xff", 2));
    EXPECT_EQ(reply->id(), id);
  }
  chat.HalfClose();
  EXPECT_EQ(chat.Read().Wait(), nullptr);
  EXPECT_EQ(chat.Finish().Wait(), absl::OkStatus());
}

TEST_F(EchoStreamsTest, MetadataComeBackBeforeAndBehindTheMessages) {
  dialtone::CallOptions options;
  ASSERT_TRUE(options.metadata.Add("echo-initial", "hello").ok());
  ASSERT_TRUE(options.metadata.Add("echo-trailing", "goodbye").ok());
  dialtone::CallInfo info;
  auto chat = client().Chat(options).Capture(info);
  EXPECT_TRUE(chat.Write(Text("x")).Wait());
  EXPECT_NE(chat.Read().Wait(), nullptr);
  EXPECT_EQ(chat.Finish().Wait(), absl::OkStatus());
  EXPECT_EQ(info.initial_metadata.Get("echo-initial"), "hello");
  EXPECT_EQ(info.initial_metadata.Get("echo-trailing"), std::nullopt);
  EXPECT_EQ(info.trailing_metadata.Get("echo-trailing"), "goodbye");
  EXPECT_EQ(info.trailing_metadata.Get("echo-initial"), std::nullopt);
}

}  // namespace
}  // namespace echo
