// What a stream's two ends may do from within an event, and behind the loss of their connection.
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "connection_stream_support.h"

namespace dialtone::dialtone1 {
namespace {

using ConnectionStreamTest = StreamTest;

TEST_F(ConnectionStreamTest, ACallMayBeCancelledFromWithinItsMessage) {
  StartCounted();
  for (const bool keep : {false, true}) {
    TestCall& call = OpenStream();
    TestHandler& handler = this->handler();
    call.keep = keep;
    OnClient([&] { call.on_message = [&] { call.Cancel(); }; });
    OnServer([&] {
      for (int i = 0; i < 100; ++i) handler.Send("x");
      handler.Send(Pattern(300'000));
    });
    ASSERT_TRUE(RunUntil([&] { return handler.cancelled.has_value(); }));
    EXPECT_EQ(call.messages.size(), 1u);
    OnServer([&] { handler.Finish(absl::OkStatus()); });
    ExpectNothingIsLeft();
  }
  ExpectServes();
}

TEST_F(ConnectionStreamTest, AHandlerMayFinishFromWithinItsMessage) {
  StartCounted();
  for (const size_t size : {10u, 300'000u}) {
    for (const bool keep : {false, true}) {
      SCOPED_TRACE(absl::StrCat(size, " ", keep));
      TestCall& call = OpenStream();
      TestHandler& handler = this->handler();
      handler.keep = keep;
      handler.on_message = [&](TestHandler& h) {
        if (h.messages.size() < 3) return;
        h.Send(Pattern(600'000));  // has to wait, and the end behind it
        h.Finish(absl::OkStatus());
      };
      OnClient([&] {
        for (int i = 0; i < 20; ++i) call.Send(Pattern(size));
      });
      ASSERT_TRUE(RunUntil([&] {
        // Else there is no credit for three.
        if (size > 10 && !handler.finished && !handler.kept.empty()) {
          OnServer([&] { handler.Take(); });
        }
        return call.ended;
      }));
      EXPECT_TRUE(call.end.status.ok()) << call.end.status;
      EXPECT_EQ(call.messages.size(), 1u);
      EXPECT_EQ(handler.messages.size(), 3u);
      ExpectNothingIsLeft();
    }
  }
  ExpectServes();
}

TEST_F(ConnectionStreamTest, AClientMayCloseFromWithinAnyEvent) {
  for (const bool writable : {false, true}) {
    StartCounted();
    TestCall& call = OpenStream();
    TestHandler& handler = this->handler();
    TestCall& other = OpenStream();
    call.keep = true;
    const auto close = [&] {
      client_->connection().Close(absl::CancelledError("closed from within"));
    };
    OnClient([&] { (writable ? call.on_writable : call.on_message) = close; });
    OnClient([&] {
      for (int i = 0; i < 3; ++i) call.Send(Pattern(200'000));
    });
    OnServer([&] {
      if (!writable) handler.Send("hello");
    });
    ASSERT_TRUE(RunUntil([&] { return call.ended && other.ended; }));
    EXPECT_EQ(call.text(), "closed from within");
    EXPECT_EQ(other.text(), "closed from within");
    ASSERT_TRUE(RunUntil([&] { return handler.cancelled.has_value() && client_->closed(); }));
    OnServer([&] {
      for (const auto& h : server_->dispatcher.handlers) {
        if (!h->finished) h->Finish(absl::OkStatus());
      }
    });
    ExpectNothingIsLeft();
    OnClient([&] { client_.reset(); });
    OnServer([&] { server_.reset(); });
  }
}

TEST_F(ConnectionStreamTest, AServerMayAbortFromWithinAnyEvent) {
  for (const bool writable : {false, true}) {
    SCOPED_TRACE(writable);
    StartCounted();
    TestCall& call = OpenStream();
    TestHandler& handler = this->handler();
    handler.keep = true;
    const auto abort = [&](TestHandler&) { server_->connection().Abort(); };
    OnServer([&] {
      (writable ? handler.on_writable : handler.on_message) = abort;
      if (writable) {
        for (int i = 0; i < 3; ++i) handler.Send(Pattern(200'000));
      }
    });
    OnClient([&] { call.Send("hello"); });
    ASSERT_TRUE(RunUntil([&] { return handler.cancelled.has_value(); }));
    EXPECT_EQ(*handler.cancelled, dialtone::CancelReason::kShutdown);
    ASSERT_TRUE(RunUntil([&] { return call.ended; }));
    EXPECT_EQ(call.code(), absl::StatusCode::kUnavailable);
    // A connection that is lost keeps its streams until they are finished.
    OnServer([&] {
      while (!handler.kept.empty()) handler.Take();
      EXPECT_TRUE(handler.Send("goes nowhere"));
      handler.Finish(absl::OkStatus());
    });
    ExpectNothingIsLeft();
    OnClient([&] { client_.reset(); });
    OnServer([&] { server_.reset(); });
  }
}

TEST_F(ConnectionStreamTest, WhatWasKeptMayBeTakenAfterTheConnectionIsLost) {
  StartCounted();
  TestCall& call = OpenStream();
  TestHandler& handler = this->handler();
  handler.keep = true;
  OnClient([&] {
    call.Send(Pattern(300'000));
    call.Send("small");
    call.Send(Pattern(300'000));
  });
  ASSERT_TRUE(RunUntil([&] { return handler.messages.size() == 2; }));
  EXPECT_GE(process_->used(), handler.kept_bytes());
  network_.ResetConnections();
  ASSERT_TRUE(RunUntil([&] { return handler.cancelled.has_value() && call.ended; }));
  EXPECT_EQ(process_->used(), 0u) << "nothing is held for a peer that is gone";
  OnServer([&] {
    while (!handler.kept.empty()) handler.Take();
    handler.Finish(absl::OkStatus());
  });
  ExpectNothingIsLeft();
}

TEST_F(ConnectionStreamTest, AMessageAboveTheLimitEndsAStreamFromEitherSide) {
  ConnectionLimits limits;
  limits.message_bytes_max = 100'000;
  StartCounted(limits, limits);
  for (const bool by_client : {true, false}) {
    TestCall& call = OpenStream();
    TestHandler& handler = this->handler();
    call.keep = handler.keep = true;
    OnClient([&] { call.Send("fine"); });
    OnServer([&] { handler.Send("fine"); });
    ASSERT_TRUE(RunUntil([&] { return handler.kept.size() == 1 && call.kept.size() == 1; }));
    if (by_client) {
      OnClient([&] { EXPECT_TRUE(call.Send(Pattern(100'001))); });
      ASSERT_TRUE(RunUntil([&] { return handler.cancelled.has_value(); }));
      OnServer([&] { handler.Finish(absl::OkStatus()); });
    } else {
      OnServer([&] {
        EXPECT_TRUE(handler.stream->CheckMessage(TestMessage(Pattern(100'000))).ok());
        handler.Finish(handler.stream->CheckMessage(TestMessage(Pattern(100'001))));
      });
    }
    ASSERT_TRUE(RunUntil([&] { return call.ended; }));
    EXPECT_EQ(call.code(), absl::StatusCode::kResourceExhausted) << call.end.status;
    EXPECT_NE(call.text().find("100001 bytes"), std::string::npos) << call.text();
    ExpectNothingIsLeft();
  }
  ExpectServes();
}

}  // namespace
}  // namespace dialtone::dialtone1
