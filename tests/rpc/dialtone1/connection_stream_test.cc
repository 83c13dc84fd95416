// Streams of messages over Dialtone/1 connections: order, half-close, early ends, cancels.
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "connection_stream_support.h"

namespace dialtone::dialtone1 {
namespace {

using ConnectionStreamTest = StreamTest;

std::vector<std::string> Messages(size_t count, uint32_t seed) {
  const size_t sizes[] = {0, 1, 15, 16, 17, 1000, 65'535, 65'536, 65'537, 300'000};
  std::vector<std::string> messages;
  for (size_t i = 0; i < count; ++i) {
    messages.push_back(Pattern(sizes[i % 10], seed + static_cast<uint32_t>(i)));
  }
  return messages;
}

std::deque<std::string> Queue(const std::vector<std::string>& messages) {
  return std::deque<std::string>(messages.begin(), messages.end());
}

TEST_F(ConnectionStreamTest, MessagesGoBothWaysInOrder) {
  StartCounted();
  TestCall& call = OpenStream();
  const auto requests = Messages(60, 1);
  const auto replies = Messages(70, 1000);
  auto requests_left = Queue(requests);
  auto replies_left = Queue(replies);
  ASSERT_TRUE(RunUntil([&] {
    OnClient([&] { SendWhatMayGo(call, requests_left); });
    OnServer([&] { SendWhatMayGo(handler(), replies_left); });
    return handler().messages.size() == 60 && call.messages.size() == 70;
  }));
  EXPECT_TRUE(handler().messages == requests);
  EXPECT_TRUE(call.messages == replies);
  EXPECT_GT(call.writable_told, 0) << "large messages have to wait";
  OnClient([&] { call.stream->SendEnd(); });
  ASSERT_TRUE(RunUntil([&] { return handler().half_closed; }));
  OnServer([&] { handler().Finish(absl::OkStatus()); });
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_TRUE(call.end.status.ok()) << call.end.status;
  ExpectNothingIsLeft();
}

TEST_F(ConnectionStreamTest, AfterTheClientsEndTheServerStillSends) {
  StartCounted();
  TestCall& call = OpenStream();
  OnClient([&] { call.stream->SendEnd(); });
  ASSERT_TRUE(RunUntil([&] { return handler().half_closed; }));
  EXPECT_TRUE(handler().messages.empty());
  OnServer([&] {
    handler().Send("one");
    handler().Send("two");
  });
  ASSERT_TRUE(RunUntil([&] { return call.messages.size() == 2; }));
  EXPECT_FALSE(call.ended);
  OnServer([&] {
    handler().Send("three");
    handler().Finish(absl::NotFoundError("no four"));
  });
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(call.messages, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(call.code(), absl::StatusCode::kNotFound);
  ExpectNothingIsLeft();
}

TEST_F(ConnectionStreamTest, AnEndGoesBehindTheMessagesThatWait) {
  StartCounted();
  for (const bool with_message : {true, false}) {
    SCOPED_TRACE(with_message);
    TestCall& call = OpenStream();
    TestHandler& handler = this->handler();
    handler.keep = true;
    OnClient([&] {
      EXPECT_FALSE(call.Send(Pattern(500'000, 1)));
      EXPECT_FALSE(call.Send(Pattern(10, 2)));
      EXPECT_FALSE(call.Send(Pattern(300'000, 3), with_message));
      if (!with_message) call.stream->SendEnd();
    });
    ASSERT_TRUE(RunUntil([&] { return !handler.messages.empty(); }));
    network_.RunFor(absl::Seconds(1));
    EXPECT_FALSE(handler.half_closed) << "what the server has not taken has no credit";
    ASSERT_TRUE(RunUntil([&] {
      OnServer([&] {
        if (!handler.kept.empty()) handler.Take();
      });
      return handler.half_closed;
    }));
    ASSERT_EQ(handler.messages.size(), 3u);
    EXPECT_TRUE(handler.messages[2] == Pattern(300'000, 3));
    OnServer([&] { handler.Finish(absl::OkStatus()); });
    ASSERT_TRUE(RunUntil([&] { return call.ended; }));
    ExpectNothingIsLeft();
  }
}

TEST_F(ConnectionStreamTest, OneEndGoesOutWhateverTheOrder) {
  StartRawServer();
  StartClient();
  OnServer([&] {
    std::string bytes(kPreface);
    AppendSettingsFrame(Settings(), bytes);
    raw_server_->Send(bytes);
  });
  ASSERT_TRUE(RunUntil([&] { return client_->ready != 0; }));
  const std::vector<std::function<void(TestCall&)>> ways = {
      [](TestCall& call) { call.stream->SendEnd(); },
      [](TestCall& call) { call.Send("last", true); },
      [](TestCall& call) { call.Send(Pattern(100'000), true); },
      [](TestCall& call) {
        call.Send(Pattern(100'000));
        call.stream->SendEnd();
      },
      [](TestCall& call) {
        call.Send(Pattern(100'000));
        call.Send("", true);
      },
  };
  uint32_t id = 1;
  for (const auto& way : ways) {
    SCOPED_TRACE(id);
    OnClient([&] { way(client_->Open(kStream)); });
    network_.RunFor(absl::Milliseconds(100));
    int ends = 0;
    bool behind = false;
    for (const Frame& frame : raw_server_->Frames()) {
      if (frame.header.stream != id) continue;
      EXPECT_FALSE(behind) << "a frame behind the end";
      behind = frame.has(kFlagEnd);
      ends += behind;
    }
    EXPECT_EQ(ends, 1);
    id += 2;
  }
}

TEST_F(ConnectionStreamTest, ACallMayHaveNoMessageAtAll) {
  StartCounted();
  TestCall& call = OpenStream();
  OnClient([&] { call.stream->SendEnd(); });
  ASSERT_TRUE(RunUntil([&] { return handler().half_closed; }));
  OnServer([&] { handler().Finish(absl::OkStatus()); });
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_TRUE(call.end.status.ok()) << call.end.status;
  EXPECT_TRUE(call.messages.empty());
}

TEST_F(ConnectionStreamTest, AServerMayEndWhileTheClientStillWrites) {
  StartCounted();
  for (const auto& status : {absl::OkStatus(), absl::AbortedError("enough")}) {
    TestCall& call = OpenStream();
    TestHandler& handler = this->handler();
    handler.keep = true;
    OnClient([&] {
      for (int i = 0; i < 5; ++i) call.Send(Pattern(400'000));
    });
    ASSERT_TRUE(RunUntil([&] { return !handler.messages.empty(); }));
    network_.RunFor(absl::Seconds(1));
    OnServer([&] {
      handler.Send("that will do");
      handler.Finish(status);
    });
    ASSERT_TRUE(RunUntil([&] { return call.ended; }));
    EXPECT_EQ(call.end.status, status);
    EXPECT_EQ(call.messages, std::vector<std::string>{"that will do"});
    EXPECT_FALSE(handler.cancelled.has_value());
    EXPECT_FALSE(handler.half_closed);
    ExpectNothingIsLeft();
  }
  ExpectServes();
}

TEST_F(ConnectionStreamTest, AnEndedHandlersMessagesAreStillDelivered) {
  StartCounted();
  TestCall& call = OpenStream();
  call.keep = true;
  OnServer([&] {
    for (uint32_t i = 0; i < 3; ++i) handler().Send(Pattern(400'000, i));
    handler().Finish(absl::OkStatus());
  });
  ASSERT_TRUE(RunUntil([&] {
    OnClient([&] {
      if (!call.ended && !call.kept.empty()) call.Take();
    });
    return call.ended;
  }));
  ASSERT_EQ(call.messages.size(), 3u);
  for (uint32_t i = 0; i < 3; ++i) EXPECT_TRUE(call.messages[i] == Pattern(400'000, i));
  ExpectNothingIsLeft();
}

// Its client has to write all it has before it reads.
TEST_F(ConnectionStreamTest, AnEndThatWaitsForCreditLetsTheClientWriteOn) {
  StartCounted();
  TestCall& call = OpenStream();
  TestHandler& handler = this->handler();
  call.keep = handler.keep = true;
  std::deque<std::string> left = Queue(std::vector<std::string>(100, Pattern(50'000)));
  const auto write_all = [&] { OnClient([&] { SendWhatMayGo(call, left); }); };
  EXPECT_FALSE(RunUntil([&] { return (write_all(), left.empty()); }, absl::Seconds(5)))
      << "the server takes nothing";
  OnServer([&] {
    for (int i = 0; i < 4; ++i) handler.Send(Pattern(200'000));
    handler.Finish(absl::OkStatus());
  });
  ASSERT_TRUE(RunUntil([&] { return (write_all(), left.empty()); }, absl::Seconds(5)));
  EXPECT_FALSE(call.ended);
  OnClient([&] {
    call.keep = false;
    while (!call.kept.empty()) call.Take();
  });
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(call.messages.size(), 4u);
  ExpectNothingIsLeft();
}

TEST_F(ConnectionStreamTest, ACancelInTheMiddleEndsBothDirections) {
  StartCounted();
  TestCall& call = OpenStream();
  TestHandler& handler = this->handler();
  call.keep = handler.keep = true;
  OnClient([&] {
    for (int i = 0; i < 5; ++i) call.Send(Pattern(400'000));
  });
  OnServer([&] {
    for (int i = 0; i < 5; ++i) handler.Send(Pattern(400'000));
  });
  ASSERT_TRUE(RunUntil([&] { return !handler.messages.empty() && !call.messages.empty(); }));
  OnClient([&] { call.Cancel(dialtone::CancelReason::kDeadlineExceeded); });
  ASSERT_TRUE(RunUntil([&] { return handler.cancelled.has_value(); }));
  EXPECT_EQ(*handler.cancelled, dialtone::CancelReason::kDeadlineExceeded);
  EXPECT_EQ(client_->connection().calls_in_flight(), 1u) << "its handler has not ended";
  OnServer([&] {
    while (!handler.kept.empty()) handler.Take();
    EXPECT_TRUE(handler.Send("nobody waits for it"));
    handler.Finish(absl::OkStatus());
  });
  ExpectNothingIsLeft();
  ExpectServes();
}

TEST_F(ConnectionStreamTest, AnErrorOvertakesNoMessageButTheOneThatIsGivenUp) {
  StartCounted();
  TestCall& call = OpenStream();
  call.keep = true;
  OnServer([&] {
    handler().Send("first");
    handler().Send(Pattern(2'000'000));
  });
  ASSERT_TRUE(RunUntil([&] { return call.messages.size() == 1; }));
  OnClient([&] { call.Cancel(); });
  ASSERT_TRUE(RunUntil([&] { return handler().cancelled.has_value(); }));
  OnServer([&] { handler().Finish(absl::CancelledError("gone")); });
  ExpectNothingIsLeft();
  EXPECT_EQ(call.messages.size(), 1u);
  ExpectServes();
}

}  // namespace
}  // namespace dialtone::dialtone1
