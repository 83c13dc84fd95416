// Back-pressure: what a side does not take stops the other one, costs nobody else, and is bounded and counted.
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "connection_stream_support.h"

namespace dialtone::dialtone1 {
namespace {

class StreamFlowTest : public StreamTest {
 protected:
  static constexpr uint64_t kWindow = kMinStreamWindow;

  static uint64_t Sum(const std::vector<std::string>& messages) {
    uint64_t bytes = 0;
    for (const std::string& message : messages) bytes += message.size();
    return bytes;
  }
  // The client sends as many messages of `size` as it may, for a while.
  size_t SendForAWhile(TestCall& call, size_t size) {
    size_t sent = 0;
    const Instant until = network_.Now() + absl::Seconds(2);
    RunUntil(
        [&] {
          OnClient([&] {
            for (; call.writable; ++sent) call.Send(Pattern(size, static_cast<uint32_t>(sent)));
          });
          return network_.Now() >= until;
        },
        absl::Seconds(2));
    return sent;
  }
  void FinishAndCancel(TestCall& call, TestHandler& handler) {
    OnClient([&] { call.Cancel(); });
    ASSERT_TRUE(RunUntil([&] { return handler.cancelled.has_value(); }));
    OnServer([&] { handler.Finish(absl::CancelledError("")); });
  }
};

TEST_F(StreamFlowTest, WhatIsNotTakenStopsTheSender) {
  StartCounted();
  for (const size_t size : {1000u, 65'536u, 100'000u, 1'000'000u, 4'000'000u}) {
    SCOPED_TRACE(size);
    TestCall& call = OpenStream();
    TestHandler& handler = this->handler();
    handler.keep = true;
    const size_t sent = SendForAWhile(call, size);
    EXPECT_FALSE(call.writable);
    EXPECT_LE(sent * size, kWindow + 3 * size) << "one there above the window, one that waits";
    EXPECT_GE(Sum(handler.messages), size > kWindow ? size : kWindow - size);
    EXPECT_LE(Sum(handler.messages), kWindow + size);
    EXPECT_GE(process_->used(), Sum(handler.messages));
    EXPECT_LE(process_->used(), 2 * kWindow + 2 * size + 64 * handler.messages.size());
    // It goes on as messages are taken, in order.
    const size_t more = handler.messages.size() + 10;
    size_t in_all = sent;
    ASSERT_TRUE(RunUntil([&] {
      OnServer([&] {
        while (!handler.kept.empty()) handler.Take();
      });
      OnClient([&] {
        if (call.writable) call.Send(Pattern(size, static_cast<uint32_t>(in_all++)));
      });
      return handler.messages.size() >= more;
    }));
    for (size_t i = 0; i < handler.messages.size(); ++i) {
      ASSERT_TRUE(handler.messages[i] == Pattern(size, static_cast<uint32_t>(i))) << i;
    }
    FinishAndCancel(call, handler);
    ExpectNothingIsLeft();
  }
}

TEST_F(StreamFlowTest, AServerIsStoppedLikewise) {
  StartCounted();
  for (const size_t size : {1000u, 400'000u}) {
    SCOPED_TRACE(size);
    TestCall& call = OpenStream();
    TestHandler& handler = this->handler();
    call.keep = true;
    size_t sent = 0;
    const auto send = [&] {
      OnServer([&] {
        for (; handler.writable; ++sent) handler.Send(Pattern(size));
      });
    };
    RunUntil([&] { return (send(), false); }, absl::Seconds(2));
    EXPECT_LE(Sum(call.messages), kWindow + size);
    EXPECT_LE(sent * size, kWindow + 3 * size);
    EXPECT_GE(client_process_->used(), call.kept_bytes());
    EXPECT_LE(client_process_->used(), 2 * kWindow + 2 * size + 64 * call.messages.size());
    EXPECT_LE(process_->used(), 2 * size) << "what waits at the server counts there";
    OnClient([&] {
      call.keep = false;
      while (!call.kept.empty()) call.Take();
    });
    ASSERT_TRUE(RunUntil([&] { return (send(), sent > 100); }));
    OnServer([&] { handler.Finish(absl::OkStatus()); });
    ASSERT_TRUE(RunUntil([&] { return call.ended; }));
    ASSERT_EQ(call.messages.size(), sent);
    ExpectNothingIsLeft();
  }
}

TEST_F(StreamFlowTest, EmptyMessagesThatNobodyTakesAreBounded) {
  StartCounted();
  TestCall& call = OpenStream();
  handler().keep = true;
  SendForAWhile(call, 0);
  EXPECT_FALSE(call.writable);
  EXPECT_EQ(handler().messages.size(), kWindow / kMinMessageCharge);
  EXPECT_GE(process_->used(), 64 * handler().messages.size()) << "they are not for nothing";
  FinishAndCancel(call, handler());
  ExpectNothingIsLeft();
}

// In bytes, so that each WINDOW can be seen.
TEST_F(StreamFlowTest, CreditComesBackInHalfWindows) {
  StartServer();
  StartRawClient();
  std::string bytes(kPreface);
  AppendSettingsFrame(Settings(), bytes);
  std::string path;
  AppendPair(path, kPathKey, kStream.path);
  std::string frame(kHeaderBytes + path.size(), '\0');
  WriteFrameHead(MakeHeader(FrameType::kRequest, 0, 1, 1), TimePrefix::None(), path, 0,
                 frame.data());
  bytes += frame;
  constexpr size_t kSize = 4096;
  constexpr size_t kCount = kWindow / kSize;
  for (size_t i = 0; i < kCount; ++i) {
    frame.assign(kHeaderBytes + kSize, 'x');
    WriteFrameHead(MakeHeader(FrameType::kData, kFlagMessage, 1, 0), TimePrefix::None(), {}, kSize,
                   frame.data());
    bytes += frame;
  }
  server_->dispatcher.on_begin = [](TestHandler& handler) { handler.keep = true; };
  OnClient([&] { raw_client_->Send(bytes); });
  ASSERT_TRUE(RunUntil(
      [&] { return !server_->dispatcher.handlers.empty() && handler().kept.size() == kCount; }));
  EXPECT_EQ(raw_client_->Count(FrameType::kWindow, 1), 0u);
  for (size_t taken = 1; taken <= kCount; ++taken) {
    OnServer([&] { handler().Take(); });
    network_.RunFor(absl::Milliseconds(5));
    ASSERT_EQ(raw_client_->Count(FrameType::kWindow, 1), taken / (kCount / 2)) << taken;
  }
  for (const Frame& window : raw_client_->Frames()) {
    if (window.type() == FrameType::kWindow && window.header.stream == 1) {
      EXPECT_EQ(window.header.argument, kWindow / 2);
    }
  }
  EXPECT_EQ(raw_client_->Count(FrameType::kWindow, 0), 0u) << "less than half of its window came";
}

TEST_F(StreamFlowTest, AStarvedStreamStarvesNoOther) {
  StartCounted();
  std::vector<TestCall*> starved;
  for (int i = 0; i < 8; ++i) {
    TestCall& call = OpenStream();
    starved.push_back(&call);
    handler().keep = true;
    OnClient([&] {
      while (call.writable) call.Send(Pattern(100'000));
      call.Send(Pattern(3'000'000));
    });
    TestHandler& handler = this->handler();
    call.keep = true;
    OnServer([&] {
      while (handler.writable) handler.Send(Pattern(100'000));
      handler.Send(Pattern(3'000'000));
    });
  }
  network_.RunFor(absl::Seconds(2));
  // Ten times the connection's window passes them by, in a stream and in unary calls.
  TestCall& call = OpenStream();
  TestHandler& handler = this->handler();
  size_t sent = 0;
  ASSERT_TRUE(RunUntil([&] {
    OnClient([&] {
      for (; sent < 100 && call.writable; ++sent) call.Send(Pattern(100'000));
    });
    return handler.messages.size() == 100;
  }));
  for (int i = 0; i < 10; ++i) {
    TestCall& unary = Call(kEcho, Pattern(1'000'000));
    ASSERT_TRUE(RunUntil([&] { return unary.ended; }));
    EXPECT_TRUE(unary.end.status.ok()) << unary.end.status;
  }
  ExpectServes();
  OnClient([&] {
    for (TestCall* one : starved) one->Cancel();
    call.Cancel();
  });
  ASSERT_TRUE(RunUntil([&] {
    OnServer([&] {
      for (const auto& h : server_->dispatcher.handlers) {
        if (!h->finished && h->cancelled) h->Finish(absl::CancelledError(""));
      }
    });
    return server_->dispatcher.unfinished() == 0;
  }));
  ExpectNothingIsLeft();
}

// --- Budgets ---

TEST_F(StreamFlowTest, WhatIsHeldAboveAServersBudgetCostsTheNewestCallItsLife) {
  ConnectionLimits limits = FixedWindows();
  limits.bytes_in_flight_max = 400'000;
  StartCounted(limits);
  TestCall& first = OpenStream();
  TestHandler& first_handler = handler();
  TestCall& idle = OpenStream();
  TestCall& second = OpenStream();
  TestHandler& second_handler = handler();
  TestCall& newest = OpenStream();
  TestHandler& newest_handler = handler();
  first_handler.keep = second_handler.keep = true;
  OnClient([&] {
    for (int i = 0; i < 25; ++i) {
      first.Send(Pattern(10'000));
      second.Send(Pattern(10'000));
      newest.Send("taken at once");
    }
  });
  ASSERT_TRUE(RunUntil([&] { return second_handler.cancelled.has_value(); }));
  EXPECT_EQ(*second_handler.cancelled, dialtone::CancelReason::kTooLarge);
  EXPECT_LE(process_->used(), 400'000u);
  OnServer([&] {
    while (!second_handler.kept.empty()) second_handler.Take();
    second_handler.Finish(absl::OkStatus());
  });
  ASSERT_TRUE(RunUntil([&] { return second.ended; }));
  EXPECT_EQ(second.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(second.text().find("ConnectionLimits::bytes_in_flight_max"), std::string::npos)
      << second.text();
  ASSERT_TRUE(RunUntil([&] { return first_handler.messages.size() == 25; }));
  ASSERT_TRUE(RunUntil([&] { return newest_handler.messages.size() == 25; }));
  EXPECT_FALSE(first_handler.cancelled || newest_handler.cancelled);
  OnClient([&] {
    first.Cancel();
    idle.Cancel();
    newest.Cancel();
  });
  ASSERT_TRUE(RunUntil([&] { return newest_handler.cancelled.has_value(); }));
  OnServer([&] {
    for (const auto& h : server_->dispatcher.handlers) {
      if (!h->finished) h->Finish(absl::CancelledError(""));
    }
  });
  ExpectNothingIsLeft();
}

TEST_F(StreamFlowTest, WhatIsHeldAboveAClientsBudgetCostsTheNewestCallItsLife) {
  ConnectionLimits limits = FixedWindows();
  limits.bytes_in_flight_max = 400'000;
  StartCounted(FixedWindows(), limits);
  std::vector<TestCall*> calls;
  std::vector<TestHandler*> handlers;
  for (int i = 0; i < 3; ++i) {
    calls.push_back(&OpenStream());
    handlers.push_back(&handler());
    calls.back()->keep = i < 2;
  }
  OnServer([&] {
    for (int i = 0; i < 25; ++i) {
      for (TestHandler* handler : handlers) handler->Send(Pattern(10'000));
    }
  });
  ASSERT_TRUE(RunUntil([&] { return calls[1]->ended; }));
  EXPECT_EQ(calls[1]->code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(calls[1]->text().find("ConnectionLimits::bytes_in_flight_max"), std::string::npos);
  ASSERT_TRUE(RunUntil([&] { return handlers[1]->cancelled.has_value(); }));
  ASSERT_TRUE(
      RunUntil([&] { return calls[0]->messages.size() == 25 && calls[2]->messages.size() == 25; }));
  EXPECT_FALSE(calls[0]->ended || calls[2]->ended);
  OnServer([&] {
    for (TestHandler* handler : handlers) handler->Finish(absl::OkStatus());
  });
  ASSERT_TRUE(RunUntil([&] { return calls[0]->ended && calls[2]->ended; }));
  ExpectNothingIsLeft();
}

TEST_F(StreamFlowTest, WhatIsHeldCountsInTheProcessesBudget) {
  StartCounted(FixedWindows(), FixedWindows(), 400'000);
  TestCall& call = OpenStream();
  handler().keep = true;
  OnClient([&] {
    for (int i = 0; i < 15; ++i) call.Send(Pattern(10'000));
  });
  ASSERT_TRUE(RunUntil([&] { return handler().messages.size() == 15; }));
  EXPECT_EQ(process_->used(), handler().kept_bytes());
  process_->Add(200'000);  // held by other connections
  OnClient([&] { call.Send("one more"); });
  ASSERT_TRUE(RunUntil([&] { return handler().cancelled.has_value(); }));
  EXPECT_EQ(process_->used(), 200'000u) << "what the given up call held has been let go";
  OnServer([&] { handler().Finish(absl::OkStatus()); });
  ASSERT_TRUE(RunUntil([&] { return call.ended; }));
  EXPECT_NE(call.text().find("RuntimeOptions::bytes_in_flight_max"), std::string::npos)
      << call.text();
  process_->Subtract(200'000);
  ExpectNothingIsLeft();
}

TEST_F(StreamFlowTest, ACallThatBeginsWhileSettingsAreTakenOverHasTheirWindowOnce) {
  StartRawServer();
  StartClient();
  TestCall* begun = nullptr;
  OnClient([&] {
    for (int i = 0; i < 4; ++i) client_->Open(kStream).Send(Pattern(250'000));
    client_->Open(kStream).Send(Pattern(80'000));
    client_->calls.back()->on_writable = [&] { begun = &client_->Open(kStream); };
  });
  network_.RunFor(absl::Seconds(1));
  ASSERT_EQ(begun, nullptr) << "the last does not fit into the connection's first window";
  Settings settings;
  settings.stream_window = 2 * kMinStreamWindow;
  settings.connection_window = 8 * kMinConnectionWindow;
  std::string bytes(kPreface);
  AppendSettingsFrame(settings, bytes);
  OnServer([&] { raw_server_->Send(bytes); });
  ASSERT_TRUE(RunUntil([&] { return begun != nullptr; }));
  OnClient([&] { begun->Send(Pattern(2'000'000)); });
  network_.RunFor(absl::Seconds(1));
  size_t sent = 0;
  for (const Frame& frame : raw_server_->Frames()) {
    if (frame.type() == FrameType::kData && frame.header.stream == 11) sent += frame.message.size();
  }
  EXPECT_GT(sent, settings.stream_window / 2);
  EXPECT_LE(sent, settings.stream_window);
}

// Each REQUEST pays for its END and its CANCEL, however many of them come at once.
TEST_F(StreamFlowTest, EndingAndCancellingManyCallsAtOnceIsNoFlood) {
  ConnectionLimits limits = FixedWindows();
  limits.control_frames_max = 20;
  StartCounted(limits);
  ASSERT_TRUE(RunUntil([&] { return client_->ready != 0; }));
  ExpectServes();
  OnClient([&] {
    for (int i = 0; i < 60; ++i) client_->Open(kStream);
  });
  ASSERT_TRUE(RunUntil([&] { return server_->dispatcher.unfinished() == 60; }));
  OnClient([&] {
    for (const auto& call : client_->calls) {
      if (!call->done()) call->stream->SendEnd();
    }
    for (const auto& call : client_->calls) {
      if (!call->done()) call->Cancel();
    }
  });
  server_->dispatcher.on_cancel = nullptr;
  ASSERT_TRUE(RunUntil([&] {
    for (const auto& h : server_->dispatcher.handlers) {
      if (!h->finished && !h->cancelled) return false;
    }
    return true;
  }));
  OnServer([&] {
    for (const auto& h : server_->dispatcher.handlers) {
      if (!h->finished) h->Finish(absl::CancelledError(""));
    }
  });
  ExpectNothingIsLeft();
  ExpectServes();
}

}  // namespace
}  // namespace dialtone::dialtone1
