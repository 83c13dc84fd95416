// What calls see of a Dialtone/1 connection: replies, errors, metadata, pieces, cancels, deadlines.
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "connection_test_support.h"

namespace dialtone::dialtone1 {
namespace {

using ConnectionCallTest = ConnectionTest;

TEST_F(ConnectionCallTest, AUnaryCallBringsItsReply) {
  Start();
  TestCall& call = Call(kEcho, "hello");
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_TRUE(call.end.status.ok()) << call.end.status;
  EXPECT_EQ(call.messages, std::vector<std::string>{"hello"});
  EXPECT_FALSE(call.headers.has_value());
  EXPECT_EQ(client_->ready, 1);
  EXPECT_EQ(client_->connection().calls_in_flight(), 0u);
  EXPECT_EQ(client_->connection().info().protocol, "dialtone/1");
  EXPECT_EQ(client_->connection().info().peer, address_);
}

TEST_F(ConnectionCallTest, AnEmptyMessageIsAMessage) {
  Start();
  TestCall& call = Call(kEcho, "");
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(call.messages, std::vector<std::string>{""});
  EXPECT_EQ(server_->dispatcher.last().messages, std::vector<std::string>{""});
}

TEST_F(ConnectionCallTest, AnErrorBringsCodeTextDetailsAndTrailingMetadata) {
  Start();
  server_->dispatcher.on_begin = [](TestHandler& handler) {
    handler.on_half_close = [](TestHandler& h) {
      absl::Status status = absl::NotFoundError("no such thing");
      status.SetPayload("type.googleapis.com/test.Detail", absl::Cord(std::string("a\0b", 3)));
      Metadata trailing;
      ASSERT_TRUE(trailing.Add("hint", "look elsewhere").ok());
      ASSERT_TRUE(trailing.Add("raw-bin", std::string("\0\xff", 2)).ok());
      h.Finish(status, &trailing);
    };
  };
  TestCall& call = Call(kEcho, "x");
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(call.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(call.text(), "no such thing");
  const auto detail = call.end.status.GetPayload("type.googleapis.com/test.Detail");
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(std::string(*detail), std::string("a\0b", 3));
  EXPECT_EQ(call.end.trailing.Get("hint"), "look elsewhere");
  EXPECT_EQ(call.end.trailing.Get("raw-bin"), std::string("\0\xff", 2));
  EXPECT_FALSE(call.end.never_ran);
  EXPECT_TRUE(call.messages.empty());
  server_->dispatcher.on_begin = nullptr;
  ExpectServes();
}

TEST_F(ConnectionCallTest, MetadataTravelBothWays) {
  Start();
  server_->dispatcher.on_begin = [](TestHandler& handler) {
    handler.on_half_close = [](TestHandler& h) {
      Metadata initial, trailing;
      ASSERT_TRUE(initial.Add("first", "1").ok());
      ASSERT_TRUE(trailing.Add("last", "2").ok());
      h.stream->SendHeaders(initial);
      h.Reply("ok", &trailing);
    };
  };
  Metadata metadata;
  ASSERT_TRUE(metadata.Add("who", "me").ok());
  ASSERT_TRUE(metadata.Add("who", "you").ok());
  TestCall& call = Call(kEcho, "x", &metadata);
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(server_->dispatcher.last().metadata, metadata);
  ASSERT_TRUE(call.headers.has_value());
  EXPECT_EQ(call.headers->Get("first"), "1");
  EXPECT_EQ(call.end.trailing.Get("last"), "2");
  EXPECT_EQ(call.messages, std::vector<std::string>{"ok"});
}

TEST_F(ConnectionCallTest, AnUnknownMethodIsNamedAndBoundAllTheSame) {
  Start();
  for (int i = 0; i < 2; ++i) {
    TestCall& call = Call(kNever, "x");
    ASSERT_TRUE(RunUntil([&] { return call.ended; }));
    EXPECT_EQ(call.code(), absl::StatusCode::kUnimplemented);
  }
  EXPECT_EQ(server_->dispatcher.unknown_paths,
            (std::vector<std::string>{std::string(kNever.path), std::string(kNever.path)}));
  EXPECT_EQ(server_->dispatcher.lookups, 1) << "the second call should have sent the id alone";
  ExpectServes();
}

TEST_F(ConnectionCallTest, ADeadlineTravelsAsTheTimeLeft) {
  Start();
  network_.RunFor(absl::Milliseconds(700));
  const Instant deadline = network_.Now() + absl::Seconds(3);
  TestCall* call = nullptr;
  OnClient([&] { call = &client_->Call(kEcho, "x", nullptr, deadline); });
  ASSERT_TRUE(RunUntil([&] { return call->ended; }));
  const TestHandler& handler = server_->dispatcher.last();
  EXPECT_LE(handler.deadline - handler.begun, absl::Seconds(3));
  EXPECT_GE(handler.deadline - handler.begun, absl::Seconds(3) - absl::Microseconds(1));
  TestCall& without = Call(kEcho, "x");
  ASSERT_TRUE(RunUntil([&] { return without.ended; }));
  EXPECT_TRUE(server_->dispatcher.last().deadline.infinite());
}

TEST_F(ConnectionCallTest, TimesComeWhenTheyAreAskedFor) {
  StartServer();
  ClientOptions options;
  options.want_times = true;
  StartClient(ConnectionLimits(), options);
  // The first request may be answered before the client's settings could matter; they come first on
  // the wire.
  TestCall& call = Call(kEcho, "x");
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_EQ(call.end.queue_us, 11u);
  EXPECT_EQ(call.end.handler_us, 22u);
}

TEST_F(ConnectionCallTest, ManyCallsAtOnceAllEndWithTheirOwnReply) {
  Start();
  OnClient([&] {
    for (int i = 0; i < 10'000; ++i) client_->Call(kEcho, absl::StrCat("request ", i));
  });
  ASSERT_TRUE(RunUntil([&] { return client_->all_done(); }));
  for (size_t i = 0; i < client_->calls.size(); ++i) {
    const TestCall& call = *client_->calls[i];
    ASSERT_TRUE(call.end.status.ok()) << call.end.status;
    ASSERT_EQ(call.messages, std::vector<std::string>{absl::StrCat("request ", i)});
  }
  EXPECT_EQ(server_->connection().calls_in_flight(), 0u);
}

TEST_F(ConnectionCallTest, LargeMessagesTravelInPiecesBothWays) {
  Start();
  for (const size_t size : {65535u, 65536u, 65537u, 300'000u, 1'500'000u, 4'194'304u}) {
    TestCall& call = Call(kEcho, Pattern(size));
    ASSERT_TRUE(RunUntil([&] { return call.ended; })) << size;
    ASSERT_TRUE(call.end.status.ok()) << size << ": " << call.end.status;
    ASSERT_EQ(call.messages.size(), 1u);
    ASSERT_TRUE(call.messages[0] == Pattern(size)) << size;
  }
}

TEST_F(ConnectionCallTest, ManyLargeMessagesShareTheWindows) {
  Start();
  OnClient([&] {
    for (int i = 0; i < 20; ++i) client_->Call(kEcho, Pattern(700'000 + i, i));
  });
  ASSERT_TRUE(RunUntil([&] { return client_->all_done(); }));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(client_->calls[i]->end.status.ok()) << client_->calls[i]->end.status;
    ASSERT_TRUE(client_->calls[i]->messages.at(0) == Pattern(700'000 + i, i));
  }
}

TEST_F(ConnectionCallTest, SmallCallsOvertakeALargeOne) {
  Start();
  TestCall& warm = Call(kEcho, "warm");
  ASSERT_TRUE(RunUntil([&] { return warm.ended; }));
  TestCall& large = Call(kEcho, Pattern(4'000'000));
  TestCall& small = Call(kEcho, "small");
  ASSERT_TRUE(RunUntil([&] { return small.ended; }));
  EXPECT_FALSE(large.ended);
  ASSERT_TRUE(RunUntil([&] { return large.ended; }));
  EXPECT_TRUE(large.end.status.ok()) << large.end.status;
}

TEST_F(ConnectionCallTest, MessagesOfAStreamKeepTheirOrder) {
  Start();
  TestCall* call = nullptr;
  OnClient([&] {
    call = &client_->Open(kHold, "0");
    for (int i = 1; i < 50; ++i) {
      call->Send(i % 7 == 3 ? Pattern(200'000, i) : absl::StrCat(i), i == 49);
    }
  });
  ASSERT_TRUE(RunUntil([&] {
    return !server_->dispatcher.handlers.empty() && server_->dispatcher.last().half_closed;
  }));
  TestHandler& handler = server_->dispatcher.last();
  ASSERT_EQ(handler.messages.size(), 50u);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(handler.messages[i] == (i % 7 == 3 ? Pattern(200'000, i) : absl::StrCat(i))) << i;
  }
  OnServer([&] {
    for (int i = 0; i < 50; ++i) {
      handler.Send(i % 5 == 1 ? Pattern(150'000, i) : absl::StrCat(i));
    }
    handler.Finish(absl::OkStatus());
  });
  ASSERT_TRUE(RunUntil([&] { return call->ended; }));
  EXPECT_TRUE(call->end.status.ok()) << call->end.status;
  ASSERT_EQ(call->messages.size(), 50u);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(call->messages[i] == (i % 5 == 1 ? Pattern(150'000, i) : absl::StrCat(i))) << i;
  }
}

TEST_F(ConnectionCallTest, ACancelReachesTheHandlerAndItsSlotWaitsForTheAnswer) {
  Start();
  TestCall& call = Call(kHold, "x");
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 1; }));
  OnClient([&] { call.Cancel(dialtone::CancelReason::kDeadlineExceeded); });
  TestHandler& handler = server_->dispatcher.last();
  ASSERT_TRUE(RunUntil([&] { return handler.cancelled.has_value(); }));
  EXPECT_EQ(*handler.cancelled, dialtone::CancelReason::kDeadlineExceeded);
  EXPECT_EQ(client_->connection().calls_in_flight(), 1u);
  EXPECT_EQ(server_->connection().calls_in_flight(), 1u);
  OnServer([&] { handler.Reply("too late"); });
  ASSERT_TRUE(RunUntil([&] { return client_->connection().calls_in_flight() == 0; }));
  EXPECT_FALSE(call.ended);
  EXPECT_TRUE(call.messages.empty());
  ExpectServes();
}

TEST_F(ConnectionCallTest, CallsCancelledAtEveryStepLeaveNothingBehind) {
  Start();
  // Cancelled after each of the first events of the simulation since the call began: before, while
  // and after its pieces travel, in both directions.
  for (int steps = 0; steps < 400; steps += 3) {
    TestCall& call = Call(kEcho, Pattern(steps % 2 == 0 ? 100 : 400'000));
    for (int i = 0; i < steps && !call.ended; ++i) network_.Step();
    OnClient([&] {
      if (!call.ended) call.Cancel();
    });
  }
  ASSERT_TRUE(RunUntil([&] { return client_->connection().calls_in_flight() == 0; }));
  ASSERT_TRUE(RunUntil([&] { return server_->connection().calls_in_flight() == 0; }));
  ExpectServes();
}

TEST_F(ConnectionCallTest, ACallMayBeCancelledFromItsOwnMessage) {
  Start();
  TestCall& call = Call(kEcho, Pattern(200'000));
  call.on_message = [&] { call.Cancel(); };
  ASSERT_TRUE(RunUntil([&] { return call.cancelled; }));
  ASSERT_TRUE(RunUntil([&] { return client_->connection().calls_in_flight() == 0; }));
  EXPECT_FALSE(call.ended);
  ExpectServes();
}

TEST_F(ConnectionCallTest, HandlersMayFinishAnywhere) {
  Start();
  server_->dispatcher.on_begin = [](TestHandler& handler) {
    handler.on_half_close = nullptr;
    handler.Finish(absl::FailedPreconditionError("at once"));
  };
  TestCall& small = Call(kEcho, "x");
  TestCall& large = Call(kEcho, Pattern(1'000'000));
  ASSERT_TRUE(RunUntil([&] { return small.ended && large.ended; }));
  EXPECT_EQ(small.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(large.code(), absl::StatusCode::kFailedPrecondition);
  server_->dispatcher.on_begin = nullptr;
  ExpectServes();
}

}  // namespace
}  // namespace dialtone::dialtone1
