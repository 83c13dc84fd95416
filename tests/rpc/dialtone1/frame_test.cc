#include "frame.h"

#include <gtest/gtest.h>

#include <string>

#include "wire_test_support.h"

namespace dialtone::dialtone1 {
namespace {

TEST(Frame, HeaderHasTheDocumentedLayout) {
  FrameHeader header;
  header.length = 0x04030201;
  header.type = 5;
  header.flags = 6;
  header.meta_length = 0x0807;
  header.stream = 0x0C0B0A09;
  header.argument = 0x100F0E0D;
  char bytes[kHeaderBytes];
  EncodeHeader(header, bytes);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(bytes[i], i + 1);
  EXPECT_EQ(DecodeHeader(bytes), header);
}

// A header of the type with these flags whose other fields are as legal as the flags allow.
FrameHeader Plausible(uint8_t type, uint8_t flags) {
  FrameHeader h;
  h.type = type;
  h.flags = flags;
  const bool call = type >= 2 && type <= 6;
  h.stream = call ? 7 : 0;
  if (type == 6) h.argument = 1;
  if (type == 3 && (flags & kFlagRefused)) h.argument = 14;
  if ((type == 2 || type == 3) && (flags & kFlagDeadline)) h.length = 8;
  return h;
}

// docs/protocol.md's table of flags and the rules below it, said in another way than the code says
// it.
bool DocumentAllows(uint8_t type, uint8_t f) {
  const bool end = f & 1, more = f & 2, message = f & 4, compressed = f & 8, time = f & 16;
  const bool refused = f & 32, attached = f & 64, reserved = f & 128;
  if (reserved) return false;
  if (type == 7) return (f & ~1) == 0;
  if (type == 1 || type == 5 || type == 6 || type == 8) return f == 0;
  if ((more || compressed || attached) && !message) return false;
  if (more && end) return false;
  if (type == 2) return !refused;
  if (type == 4) return !time && !refused && (message || end);
  if (!end) return f == 0;
  return !more && !(refused && message);
}

TEST(Frame, EveryTypeTakesTheFlagsOfTheDocumentAndNoOthers) {
  for (int type = 1; type <= kFrameTypeMax; ++type) {
    for (int flags = 0; flags < 256; ++flags) {
      const FrameHeader h = Plausible(static_cast<uint8_t>(type), static_cast<uint8_t>(flags));
      EXPECT_EQ(HeaderLegal(h), DocumentAllows(h.type, h.flags))
          << FrameTypeName(h.type) << " " << FlagNames(h.type, h.flags);
      if (HeaderLegal(h)) continue;
      EXPECT_EQ(ExplainHeader(h).reason, GoawayReason::kProtocol);
    }
  }
}

// The quick judgement says yes to nothing that the whole one refuses, and to every plain message.
TEST(Frame, PlainMessagesAreJudgedAsAllFramesAre) {
  int plain = 0;
  for (int type = 0; type < 256; ++type) {
    for (int flags = 0; flags < 256; ++flags) {
      for (const uint32_t length : {0u, 7u, 8u, 9u, 12u, 65'536u, 65'545u, 65'549u, 0x00FFFFFFu}) {
        for (const uint16_t meta_length : {0, 1, 4, 0xFFFF}) {
          for (const uint32_t stream : {0u, 1u, 2u, 0xFFFFFFFDu, 0xFFFFFFFFu}) {
            for (const uint32_t argument : {0u, 1u, 0xFFFFFFFFu}) {
              FrameHeader h;
              h.type = static_cast<uint8_t>(type);
              h.flags = static_cast<uint8_t>(flags);
              h.length = length;
              h.meta_length = meta_length;
              h.stream = stream;
              h.argument = argument;
              const bool quick = IsPlainAndLegal(h, 0xFF);
              ASSERT_EQ(quick, HeaderLegal(h) && h.has(kFlagMessage) && !h.has(kFlagCompressed))
                  << FrameTypeName(h.type) << " " << FlagNames(h.type, h.flags) << " " << length;
              plain += quick;
            }
          }
        }
      }
    }
  }
  EXPECT_GT(plain, 0);
  FrameHeader attached =
      Plausible(static_cast<uint8_t>(FrameType::kData), kFlagEnd | kFlagMessage | kFlagAttached);
  EXPECT_TRUE(IsPlainAndLegal(attached, 0xFF));
  EXPECT_FALSE(IsPlainAndLegal(attached, static_cast<uint8_t>(~kFlagAttached)));
}

struct Malformed {
  const char* what;
  FrameHeader header;
  uint32_t length;
  GoawayReason reason;
  const char* text;  // a part of the explanation
};

class MalformedHeader : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedHeader, IsRefusedWithItsReason) {
  FrameHeader h = GetParam().header;
  h.length = GetParam().length;
  ASSERT_FALSE(HeaderLegal(h));
  const WireError error = ExplainHeader(h);
  EXPECT_EQ(error.reason, GetParam().reason) << error.text;
  EXPECT_NE(error.text.find(GetParam().text), std::string::npos) << error.text;
}

FrameHeader Typed(uint8_t type, uint8_t flags = 0, uint32_t stream = 0) {
  FrameHeader h;
  h.type = type;
  h.flags = flags;
  h.stream = stream;
  return h;
}

constexpr auto kData = FrameType::kData;
constexpr auto kRequest = FrameType::kRequest;
constexpr auto kResponse = FrameType::kResponse;

INSTANTIATE_TEST_SUITE_P(
    All, MalformedHeader,
    testing::Values(
        Malformed{"length's top byte", Header(kData, kFlagMessage, 1), 0x01000000,
                  GoawayReason::kFrameSize, "limit of 131079"},
        Malformed{"length over the frame limit", Header(kData, kFlagMessage, 1), 131080,
                  GoawayReason::kFrameSize, "131080"},
        Malformed{"message part over the limit", Header(kData, kFlagMessage, 1), 65537,
                  GoawayReason::kFrameSize, "65537 bytes are above the limit of 65536"},
        Malformed{"settings over the limit", Header(FrameType::kSettings), 385,
                  GoawayReason::kFrameSize, "limit of 384"},
        Malformed{"goaway over the limit", Header(FrameType::kGoaway), 1029,
                  GoawayReason::kFrameSize, "limit of 1028"},
        Malformed{"ping with payload", Header(FrameType::kPing), 1, GoawayReason::kFrameSize,
                  "limit of 0"},
        Malformed{"cancel with payload", Header(FrameType::kCancel, 0, 1), 1,
                  GoawayReason::kFrameSize, "limit of 0"},
        Malformed{"window with payload", Header(FrameType::kWindow, 0, 1, 1), 1,
                  GoawayReason::kFrameSize, "limit of 0"},
        Malformed{"metadata longer than the payload", Header(kRequest, kFlagMessage, 1, 1, 10), 9,
                  GoawayReason::kFrameSize, "cannot hold"},
        Malformed{"no room for the deadline", Header(kRequest, kFlagDeadline, 1, 1), 7,
                  GoawayReason::kFrameSize, "8 bytes of time"},
        Malformed{"no room for deadline and metadata", Header(kRequest, kFlagDeadline, 1, 1, 4), 11,
                  GoawayReason::kFrameSize, "cannot hold"},
        Malformed{"message bytes without MESSAGE", Header(kRequest, 0, 1, 1), 1,
                  GoawayReason::kFrameSize, "without the flag MESSAGE"},
        Malformed{"type 0", Typed(0), 0, GoawayReason::kProtocol, "unknown type 00"},
        Malformed{"unknown type", Typed(0x11), 0, GoawayReason::kProtocol, "unknown type 11"},
        Malformed{"settings on a stream", Header(FrameType::kSettings, 0, 1), 0,
                  GoawayReason::kProtocol, "belongs to the connection"},
        Malformed{"ping on a stream", Header(FrameType::kPing, 0, 1), 0, GoawayReason::kProtocol,
                  "belongs to the connection"},
        Malformed{"goaway on a stream", Header(FrameType::kGoaway, 0, 2), 4,
                  GoawayReason::kProtocol, "belongs to the connection"},
        Malformed{"request on stream 0", Header(kRequest, kFlagEnd, 0, 1), 0,
                  GoawayReason::kProtocol, "belongs to a call"},
        Malformed{"response on stream 0", Header(kResponse, kFlagEnd), 0, GoawayReason::kProtocol,
                  "belongs to a call"},
        Malformed{"data on stream 0", Header(kData, kFlagEnd), 0, GoawayReason::kProtocol,
                  "belongs to a call"},
        Malformed{"cancel on stream 0", Header(FrameType::kCancel), 0, GoawayReason::kProtocol,
                  "belongs to a call"},
        Malformed{"even stream", Header(kRequest, kFlagEnd, 2, 1), 0, GoawayReason::kStreamId,
                  "even"},
        Malformed{"window on an even stream", Header(FrameType::kWindow, 0, 4, 1), 0,
                  GoawayReason::kStreamId, "even"},
        Malformed{"reserved stream", Header(kRequest, kFlagEnd, 0xFFFFFFFF, 1), 0,
                  GoawayReason::kStreamId, "reserved"},
        Malformed{"metadata on data", Header(kData, kFlagEnd, 1, 0, 3), 3, GoawayReason::kProtocol,
                  "carries no metadata"},
        Malformed{"argument on data", Header(kData, kFlagEnd, 1, 3), 0, GoawayReason::kProtocol,
                  "argument is 3"},
        Malformed{"argument on settings", Header(FrameType::kSettings, 0, 0, 1), 0,
                  GoawayReason::kProtocol, "argument is 1"},
        Malformed{"status without END", Header(kResponse, 0, 1, 5), 0, GoawayReason::kProtocol,
                  "argument is 5"},
        Malformed{"message with an error", Header(kResponse, kFlagEnd | kFlagMessage, 1, 5), 0,
                  GoawayReason::kProtocol, "argument is 5"},
        Malformed{"refused with OK", Header(kResponse, kFlagEnd | kFlagRefused, 1, 0), 0,
                  GoawayReason::kProtocol, "REFUSED with the status 0"},
        Malformed{"credit of zero", Header(FrameType::kWindow, 0, 1, 0), 0,
                  GoawayReason::kFlowControl, "credit of 0"},
        Malformed{"credit above the limit", Header(FrameType::kWindow, 0, 0, 0x80000000), 0,
                  GoawayReason::kFlowControl, "2147483648"}));

TEST(Frame, AFeatureThatWasNotAnnouncedIsRefused) {
  const Settings without;
  for (const uint8_t flag : {kFlagCompressed, kFlagAttached}) {
    const FrameHeader h = Header(kData, kFlagMessage | flag, 1);
    EXPECT_TRUE(HeaderLegal(h, 0xFF));
    EXPECT_FALSE(HeaderLegal(h, without.accepted_flags()));
    EXPECT_NE(ExplainHeader(h, without.accepted_flags()).text.find("SETTINGS"), std::string::npos);
  }
}

TEST(Frame, ChargesTheWholeMessagePart) {
  const std::string part(1000, 'x');
  Frame frame;
  frame.message = part;
  EXPECT_EQ(frame.charge(), 0u);
  frame.header.flags = kFlagMessage;
  EXPECT_EQ(frame.charge(), 1000u);
}

TEST(Frame, ChargesSixteenBytesForAMessageAtLeast) {
  Frame frame;
  frame.header.flags = kFlagMessage;
  for (const size_t size : {size_t{0}, size_t{5}, size_t{15}, size_t{16}, size_t{17}}) {
    const std::string part(size, 'x');
    frame.message = part;
    EXPECT_EQ(frame.charge(), size < 17 ? 16u : 17u);
  }
}

}  // namespace
}  // namespace dialtone::dialtone1
