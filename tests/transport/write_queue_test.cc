#include "dialtone/transport/write_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <thread>

namespace dialtone::write_queue_test {
namespace {

class IgnoringHandler final : public ByteStream::Handler {
 public:
  void OnConnected(const absl::Status&) override {}
  void OnReadable() override {}
  void OnWritable() override {}
};
IgnoringHandler ignoring;

// Takes at most `room` bytes in all and remembers them.
class FakeStream final : public ByteStream {
 public:
  FakeStream() : ByteStream(ignoring) {}
  IoResult Read(std::span<char>) override { return {IoResult::State::kWouldBlock, 0}; }
  IoResult Write(std::span<const iovec> from) override {
    ++writes;
    blocks = std::max(blocks, from.size());
    if (fails) return {IoResult::State::kFailed, 0};
    size_t taken = 0;
    for (const iovec& block : from) {
      const size_t n = std::min(block.iov_len, room);
      bytes.append(static_cast<const char*>(block.iov_base), n);
      taken += n;
      room -= n;
    }
    if (taken == 0) return {IoResult::State::kWouldBlock, 0};
    return {IoResult::State::kDone, taken};
  }
  void ShutdownWrite() override {}
  void SetReading(bool) override {}
  absl::Status status() const override { return absl::OkStatus(); }
  const Address& peer() const override { return address; }
  Address local() const override { return address; }

  size_t room = 1 << 30;
  bool fails = false;
  int writes = 0;
  size_t blocks = 0;
  std::string bytes;
  Address address;
};

std::unique_ptr<char[]> Block(const std::string& text) {
  auto block = std::make_unique<char[]>(text.size());
  std::memcpy(block.get(), text.data(), text.size());
  return block;
}

TEST(WriteQueue, SmallFramesLeaveTogetherInOneWrite) {
  WriteQueue queue;
  FakeStream stream;
  queue.Append("one ");
  queue.Append("two ");
  std::ranges::copy(std::string("three"), queue.Reserve(5).begin());
  EXPECT_EQ(queue.size(), 13u);
  EXPECT_EQ(queue.Flush(stream).state, IoResult::State::kDone);
  EXPECT_EQ(stream.bytes, "one two three");
  EXPECT_EQ(stream.writes, 1);
  EXPECT_EQ(stream.blocks, 1u);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.Flush(stream).state, IoResult::State::kDone);
  EXPECT_EQ(stream.writes, 1);
}

TEST(WriteQueue, OwnedBlocksAreGatheredInTheirPlace) {
  WriteQueue queue;
  FakeStream stream;
  queue.Append("head ");
  queue.AppendOwned(Block("body "), 5);
  queue.Append("tail");
  queue.AppendOwned(nullptr, 0);
  EXPECT_EQ(queue.Flush(stream).bytes, 14u);
  EXPECT_EQ(stream.bytes, "head body tail");
  EXPECT_EQ(stream.writes, 1);
  EXPECT_EQ(stream.blocks, 3u);
}

TEST(WriteQueue, SharedBytesAreWrittenFromWhereTheyAreAndLetGo) {
  WriteQueue queue;
  FakeStream stream;
  const auto owner = std::make_shared<std::string>(100'000, 's');
  queue.Append("head ");
  queue.AppendShared(owner, *owner);
  queue.AppendShared(owner, std::string_view(*owner).substr(0, 3));
  queue.AppendShared(owner, "");
  queue.Append(" tail");
  EXPECT_EQ(queue.size(), 100'013u);
  EXPECT_EQ(owner.use_count(), 3);
  stream.room = 100'006;  // the first is gone, the second is half gone
  EXPECT_EQ(queue.Flush(stream).state, IoResult::State::kWouldBlock);
  EXPECT_EQ(owner.use_count(), 2);
  stream.room = 1 << 30;
  EXPECT_EQ(queue.Flush(stream).state, IoResult::State::kDone);
  EXPECT_EQ(owner.use_count(), 1);
  EXPECT_EQ(stream.bytes, "head " + *owner + "sss tail");
  EXPECT_EQ(stream.blocks, 4u);
}

TEST(WriteQueue, GoesOnWhereAShortWriteStopped) {
  WriteQueue queue;
  FakeStream stream;
  queue.Append("abc");
  queue.AppendOwned(Block("defgh"), 5);
  queue.Append("ij");
  std::string seen;
  for (int i = 0; i < 9; ++i) {
    stream.room = 1;
    EXPECT_EQ(queue.Flush(stream).state, IoResult::State::kWouldBlock);
    EXPECT_EQ(queue.size(), static_cast<size_t>(9 - i));
  }
  stream.room = 1;
  EXPECT_EQ(queue.Flush(stream).state, IoResult::State::kDone);
  EXPECT_EQ(stream.bytes, "abcdefghij");
}

TEST(WriteQueue, FullIsAMarkAndNotAWall) {
  WriteQueue queue(10);
  FakeStream stream;
  queue.Append("123456789");
  EXPECT_FALSE(queue.full());
  queue.Append("0");
  EXPECT_FALSE(queue.full());
  queue.Append("1");
  EXPECT_TRUE(queue.full());
  queue.Append("more");
  EXPECT_EQ(queue.size(), 15u);
  stream.room = 5;
  EXPECT_EQ(queue.Flush(stream).state, IoResult::State::kWouldBlock);
  EXPECT_FALSE(queue.full());
  queue.Clear();
  EXPECT_TRUE(queue.empty());
}

TEST(WriteQueue, AnEmptyOneIsNeverFull) {
  WriteQueue queue(0);
  EXPECT_FALSE(queue.full());
  queue.Append("1");
  EXPECT_TRUE(queue.full());
}

TEST(WriteQueue, ReservesMoreThanAChunk) {
  WriteQueue queue;
  FakeStream stream;
  queue.Append("x");
  const std::span<char> room = queue.Reserve(200'000);
  ASSERT_EQ(room.size(), 200'000u);
  std::ranges::fill(room, 'y');
  EXPECT_EQ(queue.Flush(stream).state, IoResult::State::kDone);
  EXPECT_EQ(stream.bytes, "x" + std::string(200'000, 'y'));
}

TEST(WriteQueue, AnEmptyOneLeavesItsMemoryToTheThreadsOthers) {
  WriteQueue one, other;
  FakeStream stream;
  for (const size_t bytes : {size_t{10}, size_t{5'000}, size_t{5'000}}) {
    const char* const first = one.Reserve(bytes).data();
    ASSERT_EQ(one.Flush(stream).state, IoResult::State::kDone);
    const char* const next = other.Reserve(10).data();
    ASSERT_EQ(other.Flush(stream).state, IoResult::State::kDone);
    EXPECT_EQ(bytes == 10, first == next) << "small and large ones are kept apart";
  }
}

TEST(WriteQueue, BeginsWithAsMuchRoomAsItNeededLast) {
  WriteQueue queue;
  FakeStream stream;
  for (const size_t expected_blocks : {2u, 1u, 1u}) {
    for (int i = 0; i < 50; ++i) queue.Append(std::string(100, 'x'));
    stream.blocks = 0;
    ASSERT_EQ(queue.Flush(stream).state, IoResult::State::kDone);
    EXPECT_EQ(stream.blocks, expected_blocks);
  }
}

TEST(WriteQueue, MayBeEmptiedOnAnotherThreadAndOutliveIt) {
  WriteQueue queue;
  FakeStream stream;
  std::thread([&] {
    for (int i = 0; i < 3; ++i) {
      queue.Append("abc");
      ASSERT_EQ(queue.Flush(stream).state, IoResult::State::kDone);
    }
    queue.Append("def");
  }).join();
  EXPECT_EQ(queue.Flush(stream).state, IoResult::State::kDone);
  EXPECT_EQ(stream.bytes, "abcabcabcdef");
}

TEST(WriteQueue, FailureIsPassedOn) {
  WriteQueue queue;
  FakeStream stream;
  stream.fails = true;
  queue.Append("x");
  EXPECT_EQ(queue.Flush(stream).state, IoResult::State::kFailed);
}

TEST(WriteQueue, MoreBlocksThanOneWriteTakesStillAllLeave) {
  WriteQueue queue;
  FakeStream stream;
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    queue.AppendOwned(Block("block"), 5);
    expected += "block";
  }
  EXPECT_EQ(queue.Flush(stream).state, IoResult::State::kDone);
  EXPECT_EQ(stream.bytes, expected);
  EXPECT_GT(stream.writes, 1);
}

TEST(WriteQueue, KeepsOrderUnderRandomUse) {
  std::mt19937 random(7);
  WriteQueue queue;
  FakeStream stream;
  std::string expected;
  for (int step = 0; step < 3000; ++step) {
    const std::string piece(random() % (step % 50 == 0 ? 150'000 : 300) + 1,
                            static_cast<char>('a' + step % 26));
    if (random() % 4 == 0) {
      queue.AppendOwned(Block(piece), piece.size());
    } else if (random() % 4 == 0) {
      const auto owner = std::make_shared<std::string>(piece);
      queue.AppendShared(owner, *owner);
    } else {
      queue.Append(piece);
    }
    expected += piece;
    stream.room = random() % 2000;
    queue.Flush(stream);
    ASSERT_EQ(stream.bytes.size() + queue.size(), expected.size());
  }
  stream.room = 1 << 30;
  EXPECT_EQ(queue.Flush(stream).state, IoResult::State::kDone);
  EXPECT_TRUE(stream.bytes == expected);
}

}  // namespace
}  // namespace dialtone::write_queue_test
