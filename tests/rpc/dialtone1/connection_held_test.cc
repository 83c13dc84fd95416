// What counts in the budgets for as long as handlers run: open calls, and what packed messages become.
#include <string>

#include "connection_test_support.h"

namespace dialtone::dialtone1 {
namespace {

class ConnectionHeldTest : public ConnectionTest {
 protected:
  // A server in a process of such a budget, whose handlers go on when they are cancelled, and its client.
  void StartWith(uint64_t connection_max, uint64_t process_max, uint32_t streams_max = 1024) {
    ConnectionLimits limits;
    limits.bytes_in_flight_max = connection_max;
    limits.streams_max = streams_max;
    process_ = std::make_unique<ByteBudget>(process_max);
    StartServer(limits);
    server_->dispatcher.process = process_.get();
    server_->dispatcher.on_cancel = [](TestHandler&) {};
    StartClient();
    ExpectServes();  // the server's settings have come
    server_->dispatcher.handlers.clear();
  }
  TestCall& CallPacked(uint32_t unpacked) {
    TestCall* call = nullptr;
    OnClient([&] { call = &client_->Call(kHold, PackedTo(unpacked)); });
    return *call;
  }
  TestCall& Open(const Method& method) {
    TestCall* call = nullptr;
    OnClient([&] { call = &client_->Open(method); });
    return *call;
  }
  void Send(TestCall& call, TestMessage message) {
    OnClient([&] { call.stream->Send(message, /*last=*/false); });
    network_.RunFor(absl::Milliseconds(10));
  }
  static TestMessage PackedTo(uint32_t unpacked) {
    return TestMessage(
        "packed",
        Packing{CompressionAvailable(Compression::kZstd) ? Compression::kZstd : Compression::kGzip,
                unpacked});
  }
  bool HandlersAre(size_t count) {
    return RunUntil([&] { return server_->dispatcher.handlers.size() == count; });
  }
  TestHandler& handler(size_t i) { return *server_->dispatcher.handlers[i]; }
  void ReplyAll() {
    OnServer([&] {
      for (const auto& handler : server_->dispatcher.handlers) {
        if (!handler->finished) handler->Finish(absl::OkStatus());
      }
    });
    network_.RunFor(absl::Milliseconds(10));
  }
};

// 70 bytes become a message of any size.
TEST_F(ConnectionHeldTest, APackedRequestCountsAsUnpackedUntilItsHandlerHasEnded) {
  if (!CompressionAvailable(Compression::kGzip)) GTEST_SKIP() << "nothing is packed in this build";
  StartWith(10'000'000, 100'000'000);
  TestCall& cancelled = CallPacked(1'000'000);
  CallPacked(2'000'000);
  CallPacked(4096);
  ASSERT_TRUE(HandlersAre(3));
  EXPECT_EQ(process_->used(), 3'000'000u);
  OnClient([&] { cancelled.Cancel(); });
  ASSERT_TRUE(RunUntil([&] { return handler(0).cancelled.has_value(); }));
  EXPECT_EQ(process_->used(), 3'000'000u);
  OnServer([&] { handler(0).Finish(absl::CancelledError("given up")); });
  EXPECT_EQ(process_->used(), 2'000'000u);
  ReplyAll();
  EXPECT_EQ(process_->used(), 0u);
}

TEST_F(ConnectionHeldTest, APackedRequestThatFindsNoRoomIsRefused) {
  if (!CompressionAvailable(Compression::kGzip)) GTEST_SKIP() << "nothing is packed in this build";
  StartWith(10'000'000, 100'000'000);
  for (int i = 0; i < 3; ++i) CallPacked(4'000'000);
  TestCall& newest = *client_->calls.back();
  ASSERT_TRUE(RunUntil([&] { return newest.ended; }));
  EXPECT_EQ(newest.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(newest.end.refused);
  EXPECT_NE(newest.text().find("more than 10000000 bytes are in flight on this connection "
                               "(ConnectionLimits::bytes_in_flight_max)"),
            std::string::npos)
      << newest.text();
  EXPECT_EQ(server_->dispatcher.handlers.size(), 2u) << "it never ran";
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kBytesInFlight], 1);
  // Its message comes behind the call, which has begun by then.
  TestCall& late = Open(kHold);
  ASSERT_TRUE(HandlersAre(3));
  Send(late, PackedTo(4'000'000));
  OnServer([&] { handler(2).Finish(absl::CancelledError("told to")); });
  ASSERT_TRUE(RunUntil([&] { return late.ended; }));
  EXPECT_EQ(late.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(handler(2).messages.empty());
  ExpectServes();
  ReplyAll();
  EXPECT_EQ(process_->used(), 0u);
}

TEST_F(ConnectionHeldTest, OfAStreamTheMessageCountsThatItsHandlerHasReadLast) {
  if (!CompressionAvailable(Compression::kGzip)) GTEST_SKIP() << "nothing is packed in this build";
  StartWith(10'000'000, 100'000'000);
  TestCall& stream = Open(kStream);
  ASSERT_TRUE(HandlersAre(1));
  Send(stream, PackedTo(3'000'000));
  EXPECT_EQ(process_->used(), 3'000'000u) << "it was read at once";
  Send(stream, PackedTo(1'000'000));
  EXPECT_EQ(process_->used(), 1'000'000u);
  handler(0).keep = true;
  Send(stream, PackedTo(2'000'000));
  Send(stream, TestMessage("plain"));
  EXPECT_EQ(process_->used(), 2'000'000u + handler(0).kept_bytes()) << "room for the largest";
  OnServer([&] { handler(0).Take(); });
  EXPECT_EQ(process_->used(), 2'000'000u + handler(0).kept_bytes());
  OnServer([&] { handler(0).Take(); });
  EXPECT_EQ(process_->used(), 0u);
  ReplyAll();
  EXPECT_EQ(process_->used(), 0u);
}

// Each costs a few KiB, and may stay for ever.
TEST_F(ConnectionHeldTest, OpenCallsCountByTheDozen) {
  StartWith(10'000'000, 100'000'000);
  OnClient([&] {
    for (int i = 0; i < 64; ++i) client_->Call(kHold, "x");
  });
  ASSERT_TRUE(HandlersAre(64));
  EXPECT_EQ(process_->used(), 0u);
  Call(kHold, "x");
  ASSERT_TRUE(HandlersAre(65));
  EXPECT_EQ(process_->used(), 64u * 3072);
  OnClient([&] {
    for (int i = 0; i < 63; ++i) client_->Open(kStream);
  });
  ASSERT_TRUE(HandlersAre(128));
  EXPECT_EQ(process_->used(), 64u * 3072);
  Open(kStream);
  ASSERT_TRUE(HandlersAre(129));
  EXPECT_EQ(process_->used(), 128u * 3072);
  OnServer([&] {
    for (size_t i = 0; i < 97; ++i) handler(i).Finish(absl::OkStatus());
  });
  network_.RunFor(absl::Milliseconds(10));
  EXPECT_EQ(process_->used(), 64u * 3072) << "32 are left";
  OnServer([&] { handler(97).Finish(absl::OkStatus()); });
  network_.RunFor(absl::Milliseconds(10));  // the answers have left
  EXPECT_EQ(process_->used(), 0u);
  ReplyAll();
  EXPECT_EQ(process_->used(), 0u);
}

TEST_F(ConnectionHeldTest, OpenCallsThatFindNoRoomAreRefused) {
  StartWith(64 * 3072 + 1000, 100'000'000);
  OnClient([&] {
    for (int i = 0; i < 129; ++i) client_->Call(kHold, "x");
  });
  TestCall& newest = *client_->calls.back();
  ASSERT_TRUE(RunUntil([&] { return newest.ended; }));
  EXPECT_EQ(newest.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(newest.end.refused);
  EXPECT_NE(newest.text().find("(ConnectionLimits::bytes_in_flight_max)"), std::string::npos)
      << newest.text();
  EXPECT_EQ(server_->dispatcher.handlers.size(), 128u);
  EXPECT_EQ(server_->dispatcher.reached[ServerLimit::kBytesInFlight], 1);
  OnServer([&] { handler(0).Finish(absl::OkStatus()); });
  ExpectServes();
  ReplyAll();
  EXPECT_EQ(process_->used(), 0u);
}

}  // namespace
}  // namespace dialtone::dialtone1
