#include "outbox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "connection_calls.h"

namespace dialtone::dialtone1 {
namespace {

constexpr size_t kMiB = 1024 * 1024;

// Takes so much of each write.
class TakingStream final : public ByteStream, private ByteStream::Handler {
 public:
  TakingStream() : ByteStream(static_cast<ByteStream::Handler&>(*this)) {}

  IoResult Write(std::span<const iovec> from) override {
    size_t offered = 0;
    for (const iovec& block : from) offered += block.iov_len;
    writes.push_back(offered);
    const size_t taken = std::min(offered, takes);
    return {taken == 0 ? IoResult::State::kWouldBlock : IoResult::State::kDone, taken};
  }
  IoResult Read(std::span<char>) override { return {IoResult::State::kWouldBlock}; }
  void ShutdownWrite() override {}
  void SetReading(bool) override {}
  absl::Status status() const override { return absl::OkStatus(); }
  const Address& peer() const override { return peer_; }
  Address local() const override { return peer_; }

  size_t takes = std::numeric_limits<size_t>::max();
  std::vector<size_t> writes;

 private:
  void OnConnected(const absl::Status&) override {}
  void OnReadable() override {}
  void OnWritable() override {}

  Address peer_;
};

class Stream final : public OutStream {
 public:
  explicit Stream(uint32_t id) { ResetOut(id, kMaxWindow); }
};

class OutboxTest : public testing::Test, private Outbox::Listener {
 protected:
  // A long message waits.
  explicit OutboxTest(size_t queue_bytes_max = kMiB) : outbox_(*this, queue_bytes_max) {
    EXPECT_TRUE(outbox_.AddCredit(kMaxWindow - outbox_.credit()));
    TestMessage message(Pattern(16 * kMiB));
    outbox_.SendLater(long_, message, /*end=*/true);
  }
  ~OutboxTest() override { outbox_.Drop(long_); }

  // Writes what the outbox would have leave at once.
  size_t Write() {
    stream_.writes.clear();
    outbox_.Pump();
    outbox_.Flush(stream_);
    return stream_.writes.empty() ? 0 : stream_.writes.front();
  }

  TakingStream stream_;
  Stream long_{1};
  Outbox outbox_;

 private:
  void OnLastFrameQueued(OutStream&) override {}
  void OnStreamWritable(OutStream&) override {}
};

TEST_F(OutboxTest, WritesMoreAtATimeWhereTheStreamTakesAllOfIt) {
  EXPECT_LT(Write(), 200 * 1024U);
  size_t most = 0;
  for (int i = 0; i < 8; ++i) most = std::max(most, Write());
  EXPECT_GT(most, 500 * 1024U);
  EXPECT_LT(most, 600 * 1024U) << "a small message waits for no more than this";
}

TEST_F(OutboxTest, HoldsLittleReadyForAStreamThatDoesNotTakeAll) {
  for (int i = 0; i < 8; ++i) Write();
  stream_.takes = 100 * 1024;
  EXPECT_GT(Write(), 500 * 1024U) << "it was not known then";
  // No more is added until there is less than a little.
  for (int i = 0; i < 20; ++i) {
    const size_t before = outbox_.queue().size();
    const size_t write = Write();
    EXPECT_LE(write, std::max<size_t>(before, 200 * 1024));
  }
  EXPECT_LT(outbox_.queue().size(), 200 * 1024U);
  stream_.takes = std::numeric_limits<size_t>::max();
  Write();
  EXPECT_GT(Write(), 200 * 1024U) << "it takes all again";
}

class SmallOutboxTest : public OutboxTest {
 protected:
  SmallOutboxTest() : OutboxTest(512 * 1024) {}
};

TEST_F(SmallOutboxTest, AQueueThatMayHoldLittleIsNotFilledFurther) {
  for (int i = 0; i < 8; ++i) EXPECT_LT(Write(), 200 * 1024U);
}

}  // namespace
}  // namespace dialtone::dialtone1
