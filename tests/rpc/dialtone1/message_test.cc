// Splitter and assembler against each other, and the assembler against pieces that break the rules.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "message_assembler.h"
#include "message_splitter.h"
#include "wire_test_support.h"

namespace dialtone::dialtone1 {
namespace {

constexpr uint32_t kLimit = 4 * 1024 * 1024;
using Result = MessageAssembler::Result;

Frame FrameWith(uint8_t flags, std::string_view message, FrameType type = FrameType::kData,
                uint32_t argument = 0) {
  Frame frame;
  frame.header = Header(type, flags, 5, argument);
  frame.header.length = static_cast<uint32_t>(message.size());
  frame.message = message;
  return frame;
}

std::string Number(uint32_t value) {
  std::string bytes(4, '\0');
  Store32(bytes.data(), value);
  return bytes;
}

std::string Pattern(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 253);
  return bytes;
}

// The pieces of `body` with the credits of `credit()`, asked again for each piece.
template <class Credit>
std::vector<std::pair<uint8_t, std::string>> Split(std::string_view body,
                                                   const MessageTraits& traits, Credit credit) {
  std::vector<std::pair<uint8_t, std::string>> frames;
  PieceCursor cursor(body.size(), traits);
  while (!cursor.done()) {
    Piece piece;
    const uint32_t available = credit();
    if (!cursor.Next(available, piece)) continue;
    EXPECT_LE(piece.charge(), available);
    EXPECT_LE(piece.charge(), kMaxPieceBytes);
    EXPECT_TRUE(FlagsLegal(FrameType::kData, piece.flags));
    EXPECT_EQ(piece.charge(), std::max(piece.bytes(), kMinMessageCharge));
    std::string part(piece.bytes(), '\0');
    piece.Write(body, part.data());
    frames.emplace_back(piece.flags, std::move(part));
  }
  return frames;
}

TEST(Message, EverySizeComesBackWholeWithAnyCredit) {
  std::mt19937 random(7);
  const size_t sizes[] = {0,      1,      1023,   1024,   1025,    65522,      65523, 65527,
                          65531,  65532,  65533,  65535,  65536,   65537,      65540, 131072,
                          131073, 200000, 262144, 262145, 1000000, kLimit - 1, kLimit};
  for (const size_t size : sizes) {
    const std::string body = Pattern(size);
    for (int traits_bits = 0; traits_bits < 4; ++traits_bits) {
      MessageTraits traits;
      traits.compressed = traits_bits & 1;
      traits.algorithm = traits.compressed ? 3 : 0;
      traits.original_size = traits.compressed ? 77 : 0;
      traits.attached = traits_bits & 2;
      traits.message_size = traits.attached ? static_cast<uint32_t>(size / 3) : 0;
      const uint32_t most = traits_bits == 0 ? 1u << 20 : 70000;
      const auto frames =
          Split(body, traits, [&] { return static_cast<uint32_t>(random() % most); });
      MessageAssembler assembler;
      AssembledMessage message;
      for (size_t i = 0; i < frames.size(); ++i) {
        const Result result =
            assembler.Add(FrameWith(frames[i].first, frames[i].second), kLimit, message);
        ASSERT_EQ(result, i + 1 == frames.size() ? Result::kMessage : Result::kIncomplete);
        ASSERT_LE(assembler.capacity_bytes(), 2 * (assembler.buffered_bytes() + 1));
      }
      const size_t cut = traits.attached ? size / 3 : size;
      EXPECT_TRUE(message.message == std::string_view(body).substr(0, cut));
      EXPECT_TRUE(message.attachment == std::string_view(body).substr(cut));
      EXPECT_EQ(message.compressed, traits.compressed);
      EXPECT_EQ(message.algorithm, traits.algorithm);
      EXPECT_EQ(message.original_size, traits.original_size);
      EXPECT_EQ(message.attached, traits.attached);
      EXPECT_FALSE(assembler.incomplete());
    }
  }
}

TEST(Message, UpToSixtyFourKibibytesTakeOneFrame) {
  Piece piece;
  PieceCursor fits(kMaxPieceBytes);
  ASSERT_TRUE(fits.Next(kMaxPieceBytes, piece));
  EXPECT_TRUE(piece.last());
  EXPECT_EQ(piece.prefix_bytes, 0);
  PieceCursor larger(kMaxPieceBytes + 1);
  ASSERT_TRUE(larger.Next(1 << 20, piece));
  EXPECT_FALSE(piece.last());
  EXPECT_EQ(piece.charge(), kMaxPieceBytes);
}

TEST(Message, WithoutCreditASenderWaitsInsteadOfMakingTinyPieces) {
  Piece piece;
  PieceCursor cursor(5000);
  EXPECT_FALSE(cursor.Next(0, piece));
  EXPECT_FALSE(cursor.Next(kMinPieceBytes, piece)) << "the prefix needs room, too";
  EXPECT_TRUE(cursor.fresh());
  EXPECT_TRUE(cursor.Next(kMinPieceBytes + 4, piece));
  PieceCursor empty(0);
  EXPECT_FALSE(empty.Next(kMinMessageCharge - 1, piece)) << "an empty message costs something, too";
  EXPECT_TRUE(empty.Next(kMinMessageCharge, piece));
  EXPECT_EQ(piece.bytes(), 0u);
  EXPECT_EQ(piece.charge(), kMinMessageCharge);
  EXPECT_TRUE(empty.done());
}

TEST(Message, InOneFrameIsNotCopied) {
  const std::string body = "hello";
  MessageAssembler assembler;
  AssembledMessage message;
  ASSERT_EQ(assembler.Add(FrameWith(kFlagMessage, body), kLimit, message), Result::kMessage);
  EXPECT_EQ(message.message.data(), body.data());
  EXPECT_EQ(assembler.capacity_bytes(), 0u);
  EXPECT_EQ(assembler.TakeBlock(), nullptr);
}

TEST(Message, AGatheredBlockCanBeTakenAway) {
  MessageAssembler assembler;
  AssembledMessage message;
  ASSERT_EQ(assembler.Add(FrameWith(kFlagMessage | kFlagMore, Number(4) + "ab"), kLimit, message),
            Result::kIncomplete);
  ASSERT_EQ(assembler.Add(FrameWith(kFlagMessage, "cd"), kLimit, message), Result::kMessage);
  const MessageBlock block = assembler.TakeBlock();
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(message.message, "abcd");
  EXPECT_EQ(message.message.data(), block.get());
  EXPECT_EQ(assembler.capacity_bytes(), 0u);
}

TEST(Message, ABlockGoesWithTheNextFrame) {
  MessageAssembler assembler;
  AssembledMessage message;
  assembler.Add(FrameWith(kFlagMessage | kFlagMore, Number(4) + "ab"), kLimit, message);
  assembler.Add(FrameWith(kFlagMessage, "cd"), kLimit, message);
  EXPECT_GT(assembler.capacity_bytes(), 0u);
  ASSERT_EQ(assembler.Add(FrameWith(kFlagMessage, "next"), kLimit, message), Result::kMessage);
  EXPECT_EQ(message.message, "next");
  EXPECT_EQ(assembler.capacity_bytes(), 0u);
}

TEST(Message, TheLimitIsHeldAgainstWhatIsDeclared) {
  const struct {
    uint8_t flags;
    std::string part;
  } over[] = {
      {kFlagMessage, std::string(101, 'x')},
      {kFlagMessage | kFlagMore, Number(101) + "x"},
      {kFlagMessage | kFlagMore, Number(0xFFFFFFFF) + "x"},
      {kFlagMessage | kFlagCompressed, "\1" + Number(101) + "x"},
      {kFlagMessage | kFlagCompressed, "\1" + Number(0xFFFFFFFF) + "x"},
      // 90 bytes of message when unpacked, 11 of attachment.
      {kFlagMessage | kFlagCompressed | kFlagAttached,
       "\1" + Number(90) + Number(1) + "m" + std::string(11, 'a')},
  };
  for (const auto& frame : over) {
    MessageAssembler assembler;
    AssembledMessage message;
    EXPECT_EQ(assembler.Add(FrameWith(frame.flags, frame.part), 100, message), Result::kTooLarge);
    EXPECT_NE(assembler.error().text.find("above the limit of 100"), std::string::npos);
    EXPECT_EQ(assembler.capacity_bytes(), 0u);
  }
  MessageAssembler assembler;
  AssembledMessage message;
  EXPECT_EQ(assembler.Add(FrameWith(kFlagMessage, std::string(100, 'x')), 100, message),
            Result::kMessage);
}

TEST(Message, TheRestOfATooLargeMessageIsDroppedAndTheNextIsTaken) {
  MessageAssembler assembler;
  AssembledMessage message;
  EXPECT_EQ(assembler.Add(FrameWith(kFlagMessage | kFlagMore, Number(200) + "x"), 100, message),
            Result::kTooLarge);
  EXPECT_TRUE(assembler.incomplete());
  EXPECT_EQ(assembler.Add(FrameWith(kFlagMessage | kFlagMore, "y"), 100, message),
            Result::kDropped);
  EXPECT_EQ(assembler.Add(FrameWith(kFlagMessage, "z"), 100, message), Result::kDropped);
  EXPECT_EQ(assembler.Add(FrameWith(kFlagMessage, "next"), 100, message), Result::kMessage);
  EXPECT_EQ(message.message, "next");
}

TEST(Message, AbandonFreesItsBytesAndDropsTheRest) {
  MessageAssembler assembler;
  AssembledMessage message;
  assembler.Add(FrameWith(kFlagMessage | kFlagMore, Number(9) + "abc"), kLimit, message);
  assembler.Abandon();
  EXPECT_EQ(assembler.capacity_bytes(), 0u);
  EXPECT_EQ(assembler.Add(FrameWith(kFlagMessage, "def"), kLimit, message), Result::kDropped);
  EXPECT_FALSE(assembler.incomplete());
  assembler.Abandon();
  EXPECT_EQ(assembler.Add(FrameWith(kFlagMessage, "next"), kLimit, message), Result::kMessage);
}

TEST(Message, FramesWithoutOneSayNothing) {
  MessageAssembler assembler;
  AssembledMessage message;
  EXPECT_EQ(assembler.Add(FrameWith(kFlagEnd, ""), kLimit, message), Result::kNothing);
}

TEST(Message, OnlyAFailedCallMayBreakOffItsMessage) {
  for (const uint32_t status : {0u, 13u}) {
    MessageAssembler assembler;
    AssembledMessage message;
    assembler.Add(FrameWith(kFlagMessage | kFlagMore, Number(9) + "abc"), kLimit, message);
    EXPECT_EQ(assembler.Add(FrameWith(kFlagEnd, "", FrameType::kResponse, status), kLimit, message),
              status == 0 ? Result::kError : Result::kNothing);
    EXPECT_EQ(assembler.capacity_bytes(), 0u);
  }
}

TEST(Message, PiecesThatBreakTheRulesEndTheConnection) {
  const uint8_t piece = kFlagMessage | kFlagMore;
  const struct {
    const char* text;
    std::vector<std::pair<uint8_t, std::string>> frames;
  } cases[] = {
      {"too short", {{piece, "abc"}}},
      {"too short", {{kFlagMessage | kFlagCompressed, "abcd"}}},
      {"too short", {{kFlagMessage | kFlagAttached, "abc"}}},
      {"too short", {{piece | kFlagCompressed | kFlagAttached, std::string(12, 'x')}}},
      {"first piece", {{piece, Number(5)}}},
      {"first piece", {{piece, Number(0) + "x"}}},
      {"first piece", {{piece, Number(3) + "abc"}}},
      {"first piece", {{piece, Number(3) + "abcd"}}},
      {"behind the message's end", {{kFlagMessage | kFlagAttached, Number(4) + "abc"}}},
      {"empty piece", {{piece, Number(5) + "a"}, {piece, ""}}},
      {"empty piece", {{piece, Number(5) + "a"}, {kFlagMessage, ""}}},
      {"more than was declared", {{piece, Number(5) + "a"}, {kFlagMessage, "bcdef"}}},
      {"more than was declared", {{piece, Number(5) + "a"}, {piece, "bcdef"}}},
      {"MORE is set", {{piece, Number(5) + "a"}, {piece, "bcde"}}},
      {"less than was declared", {{piece, Number(5) + "a"}, {kFlagMessage, "bcd"}}},
      {"not the first", {{piece, Number(5) + "a"}, {kFlagMessage | kFlagCompressed, "bcde"}}},
      {"not the first", {{piece, Number(5) + "a"}, {kFlagMessage | kFlagAttached, "bcde"}}},
      {"ends inside a message", {{piece, Number(5) + "a"}, {kFlagEnd, ""}}},
  };
  for (const auto& bad : cases) {
    MessageAssembler assembler;
    AssembledMessage message;
    Result result = Result::kNothing;
    for (const auto& [flags, part] : bad.frames) {
      EXPECT_NE(result, Result::kError) << bad.text;
      result = assembler.Add(FrameWith(flags, part), kLimit, message);
    }
    ASSERT_EQ(result, Result::kError) << bad.text;
    EXPECT_EQ(assembler.error().reason, GoawayReason::kMessage);
    EXPECT_NE(assembler.error().text.find(bad.text), std::string::npos) << assembler.error().text;
    EXPECT_EQ(assembler.capacity_bytes(), 0u);
  }
}

}  // namespace
}  // namespace dialtone::dialtone1
