#include "expected_pieces.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "support/random_runs.h"
#include "wire_test_support.h"

namespace dialtone::dialtone1::expected_pieces_test {
namespace {

constexpr uint32_t kStream = 7;
constexpr size_t kScratch = 256 * 1024;

std::string Bytes(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 131 + i / 251);
  return bytes;
}

std::string PieceOf(size_t size, uint32_t stream = kStream, uint8_t flags = kFlagMore) {
  return FrameOf(Header(FrameType::kData, kFlagMessage | flags, stream), Bytes(size));
}

// A message's memory, and one read into it.
class Reading {
 public:
  // `rest` bytes of a piece are missing; behind them there is memory for `room` bytes.
  Reading(size_t rest, size_t room, bool ends)
      : message_(rest + room, '?'),
        scratch_(kScratch, '?'),
        expected_(std::span<char>(message_.data(), rest),
                  std::span<char>(message_.data() + rest, room), ends, scratch_) {}

  ExpectedPieces& expected() { return expected_; }
  // What the read brings of `wire`.
  size_t Read(std::string_view wire) {
    size_t read = 0;
    for (const iovec& block : expected_.blocks()) {
      const size_t here = std::min(block.iov_len, wire.size() - read);
      std::memcpy(block.iov_base, wire.data() + read, here);
      read += here;
    }
    expected_.Take(read, kStream);
    return read;
  }
  // What was read, put together again.
  std::string All() const {
    std::string all = message_.substr(0, expected_.rest_bytes());
    for (const ExpectedPieces::Piece& piece : expected_.pieces()) {
      std::string header(kHeaderBytes, '\0');
      EncodeHeader(piece.header, header.data());
      all.append(header).append(piece.place, piece.bytes);
    }
    const std::span<const char> behind = expected_.behind();
    EXPECT_TRUE(behind.empty() ||
                (behind.data() >= scratch_.data() &&
                 behind.data() + behind.size() <= scratch_.data() + scratch_.size()))
        << "it must not go when the message goes";
    return all.append(behind.data(), behind.size());
  }

 private:
  std::string message_;
  std::string scratch_;
  ExpectedPieces expected_;
};

TEST(ExpectedPieces, PiecesThatComeAsForetoldAreWhereTheyBelong) {
  Reading reading(1000, 4 * kMaxPieceBytes, /*ends=*/false);
  std::string wire = Bytes(1000);
  for (int i = 0; i < 4; ++i) wire += PieceOf(kMaxPieceBytes);
  EXPECT_EQ(reading.Read(wire), reading.expected().bytes());
  EXPECT_EQ(reading.expected().bytes(), 1000 + 3 * (kHeaderBytes + kMaxPieceBytes))
      << "nothing is read behind them, which would have to be copied";
  ASSERT_EQ(reading.expected().pieces().size(), ExpectedPieces::kPiecesMax);
  const char* const first = reading.expected().pieces().front().place;
  for (size_t i = 0; i < ExpectedPieces::kPiecesMax; ++i) {
    const ExpectedPieces::Piece& piece = reading.expected().pieces()[i];
    EXPECT_EQ(piece.place - first, static_cast<ptrdiff_t>(i * kMaxPieceBytes));
    EXPECT_EQ(piece.bytes, kMaxPieceBytes);
  }
  EXPECT_TRUE(reading.expected().behind().empty());
  EXPECT_TRUE(reading.All() == wire.substr(0, reading.expected().bytes()));
}

TEST(ExpectedPieces, ALittleIsReadBehindTheMessage) {
  Reading reading(0, kMaxPieceBytes + 100, /*ends=*/true);
  EXPECT_EQ(reading.expected().bytes(),
            2 * kHeaderBytes + kMaxPieceBytes + 100 + ExpectedPieces::kBehindBytes);
  const std::string next = PieceOf(10, kStream + 2, kFlagEnd);
  const std::string wire = PieceOf(kMaxPieceBytes) + PieceOf(100, kStream, kFlagEnd) + next;
  reading.Read(wire);
  EXPECT_EQ(reading.expected().pieces().size(), 2U);
  EXPECT_EQ(
      std::string_view(reading.expected().behind().data(), reading.expected().behind().size()),
      next);
}

TEST(ExpectedPieces, WithNoRoomForAnotherOneTheRestAndALittleIsRead) {
  for (const size_t room : {size_t{0}, size_t{kMaxPieceBytes - 1}}) {
    Reading reading(500, room, /*ends=*/false);
    EXPECT_EQ(reading.expected().bytes(), 500 + ExpectedPieces::kBehindBytes);
    const std::string wire = Bytes(500) + PieceOf(kMaxPieceBytes);
    reading.Read(wire);
    EXPECT_EQ(reading.expected().rest_bytes(), 500U);
    EXPECT_TRUE(reading.expected().pieces().empty());
    EXPECT_TRUE(reading.All() == wire.substr(0, reading.expected().bytes()));
  }
}

TEST(ExpectedPieces, WhatIsNotForetoldLiesAsItCame) {
  const std::string piece = PieceOf(kMaxPieceBytes);
  const std::string others[] = {
      PieceOf(kMaxPieceBytes, kStream + 2),
      PieceOf(kMaxPieceBytes, kStream, kFlagMore | kFlagAttached),
      FrameOf(Header(FrameType::kPing, 0, 0, 7)),
      FrameOf(Header(FrameType::kResponse, kFlagMessage | kFlagEnd, kStream), "reply"),
      FrameOf(Header(FrameType::kData, kFlagEnd, kStream)),
      std::string(2 * kHeaderBytes, '\xff'),
  };
  for (const std::string& other : others) {
    SCOPED_TRACE(other.size());
    Reading reading(0, 3 * kMaxPieceBytes, /*ends=*/false);
    const std::string wire = piece + other + piece + piece;
    const size_t read = reading.Read(wire);
    ASSERT_EQ(reading.expected().pieces().size(), 1U);
    EXPECT_EQ(reading.expected().behind().size(), read - piece.size());
    EXPECT_TRUE(reading.All() == wire.substr(0, read));
  }
}

TEST(ExpectedPieces, WhatComesBehindAShortPieceIsTakenOutOfTheMessage) {
  Reading reading(0, 2 * kMaxPieceBytes, /*ends=*/false);
  const std::string wire =
      PieceOf(kMaxPieceBytes) + PieceOf(100) + FrameOf(Header(FrameType::kCancel, 0, kStream));
  EXPECT_EQ(reading.Read(wire), wire.size());
  EXPECT_EQ(reading.expected().pieces().size(), 2U);
  EXPECT_EQ(reading.expected().behind().size(), kHeaderBytes);
  EXPECT_TRUE(reading.All() == wire);
}

TEST(ExpectedPieces, NothingIsLostHoweverFramesComeAndReadsEnd) {
  std::mt19937 random(20);
  const auto below = [&random](size_t limit) { return random() % limit; };
  for (uint64_t round = 0; round < RandomRuns(200); ++round) {
    SCOPED_TRACE(round);
    const size_t rest = below(2) == 0 ? 0 : 1 + below(kMaxPieceBytes);
    const bool ends = below(2) == 0;
    const size_t room = below(5) * kMaxPieceBytes + below(2) * below(kMaxPieceBytes);
    if (rest + room == 0) continue;
    std::string wire = Bytes(rest);
    for (int frame = 0; frame < 5; ++frame) {
      const size_t size = below(3) == 0 ? 1 + below(kMaxPieceBytes) : kMaxPieceBytes;
      wire += PieceOf(size, below(6) == 0 ? kStream + 2 : kStream);
      if (below(6) == 0) wire += FrameOf(Header(FrameType::kPing, 0, 0, 7));
    }
    if (below(2) == 0) wire.resize(1 + below(wire.size()));
    Reading reading(rest, room, ends);
    const size_t read = reading.Read(wire);
    ASSERT_EQ(read, std::min(wire.size(), reading.expected().bytes()));
    ASSERT_TRUE(reading.All() == wire.substr(0, read));
    for (size_t i = 0; i < reading.expected().pieces().size(); ++i) {
      const ExpectedPieces::Piece& piece = reading.expected().pieces()[i];
      const bool last = i + 1 == reading.expected().pieces().size();
      if (!last || !reading.expected().behind().empty()) {
        ASSERT_EQ(piece.bytes, piece.header.length);
      }
    }
  }
}

}  // namespace
}  // namespace dialtone::dialtone1::expected_pieces_test
