// A frame of Dialtone/1: header, types, flags, and the table of what is legal on which type.
// docs/protocol.md, "Frames", describes the bytes. Knows one frame at a time: what is legal in
// which state of a stream is stream_state.h's, and how pieces make a message is
// message_assembler.h's.
//
//    0  u32 length       payload bytes after this header
//    4  u8  type         bit 0x80: to be skipped by who does not know it
//    5  u8  flags
//    6  u16 meta_length  bytes of the payload that are the metadata block
//    8  u32 stream       0: the connection
//   12  u32 argument     depends on the type
//   payload: [u64 deadline | u32 queue time, u32 handler time] [metadata] [message]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "codes.h"
#include "little_endian.h"

namespace dialtone::dialtone1 {

enum class FrameType : uint8_t {
  kSettings = 1,
  kRequest = 2,
  kResponse = 3,
  kData = 4,
  kCancel = 5,
  kWindow = 6,
  kPing = 7,
  kGoaway = 8,
};
inline constexpr uint8_t kFrameTypeMax = 8;
inline constexpr uint8_t kSkipBit = 0x80;

inline constexpr uint8_t kFlagEnd = 1;  // on PING: this is the answer
inline constexpr uint8_t kFlagMore = 2;
inline constexpr uint8_t kFlagMessage = 4;
inline constexpr uint8_t kFlagCompressed = 8;
inline constexpr uint8_t kFlagDeadline = 16;  // on REQUEST
inline constexpr uint8_t kFlagTimes = 16;     // on RESPONSE
inline constexpr uint8_t kFlagRefused = 32;
inline constexpr uint8_t kFlagAttached = 64;

inline constexpr size_t kHeaderBytes = 16;
// The message part of one frame, prefixes of a message included.
inline constexpr uint32_t kMaxPieceBytes = 64 * 1024;
inline constexpr uint32_t kMaxMetadataBlockBytes = 65535;
// Of DEADLINE and TIMES alike.
inline constexpr uint32_t kTimePrefixBytes = 8;
inline constexpr uint32_t kMaxFramePayloadBytes =
    kTimePrefixBytes + kMaxMetadataBlockBytes + kMaxPieceBytes;
inline constexpr uint32_t kMaxSettingsPayloadBytes = 64 * 6;
inline constexpr uint32_t kMaxGoawayTextBytes = 1024;
// What a GOAWAY's argument says when every stream that was opened is still taken.
inline constexpr uint32_t kNoLastStream = 0xFFFFFFFF;
// PINGs that a side may have under way without an answer.
inline constexpr uint32_t kUnansweredPingsMax = 8;

// A frame with MESSAGE costs at least so much credit, so that empty and tiny messages that nobody takes
// are bounded, too.
inline constexpr uint32_t kMinMessageCharge = 16;
constexpr uint32_t MessageCharge(uint32_t part_bytes) {
  return part_bytes < kMinMessageCharge ? kMinMessageCharge : part_bytes;
}

// Plain numbers: a type or a flag that nobody knows can stand here, too.
struct FrameHeader {
  uint32_t length = 0;
  uint8_t type = 0;
  uint8_t flags = 0;
  uint16_t meta_length = 0;
  uint32_t stream = 0;
  uint32_t argument = 0;

  bool is(FrameType t) const { return type == static_cast<uint8_t>(t); }
  bool has(uint8_t flag) const { return (flags & flag) != 0; }
  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

// A frame that has arrived. The views point into bytes that belong to the reader or to who fed it:
// they hold until the reader is asked for the next frame.
struct Frame {
  FrameHeader header;
  uint64_t deadline_us = 0;   // REQUEST with DEADLINE: the time left
  uint32_t queue_us = 0;      // RESPONSE with TIMES: from arrival to the start of the handler
  uint32_t handler_us = 0;    // ... and in the handler
  std::string_view metadata;  // a block for MetadataReader
  std::string_view message;   // the message part; of SETTINGS and GOAWAY, the whole payload

  FrameType type() const { return static_cast<FrameType>(header.type); }
  bool has(uint8_t flag) const { return header.has(flag); }
  // What the frame costs in the windows of its stream and of the connection.
  uint32_t charge() const {
    return header.has(kFlagMessage) ? MessageCharge(static_cast<uint32_t>(message.size())) : 0;
  }
};

// Writes 16 bytes.
inline void EncodeHeader(const FrameHeader& header, char* to) {
  Store32(to, header.length);
  to[4] = static_cast<char>(header.type);
  to[5] = static_cast<char>(header.flags);
  Store16(to + 6, header.meta_length);
  Store32(to + 8, header.stream);
  Store32(to + 12, header.argument);
}

// Reads 16 bytes, judges nothing.
inline FrameHeader DecodeHeader(const char* from) {
  FrameHeader header;
  header.length = Load32(from);
  header.type = static_cast<uint8_t>(from[4]);
  header.flags = static_cast<uint8_t>(from[5]);
  header.meta_length = Load16(from + 6);
  header.stream = Load32(from + 8);
  header.argument = Load32(from + 12);
  return header;
}

namespace internal {

enum class StreamRule : uint8_t { kConnection, kCall, kBoth };

struct TypeRule {
  uint8_t flags = 0;  // those that may be set at all
  StreamRule stream = StreamRule::kConnection;
  bool metadata = false;         // meta_length may be set
  bool argument = false;         // the argument means something
  uint32_t body_max = 0;         // payload without time prefix and metadata
  bool body_is_message = false;  // it is a message, and only there with MESSAGE
};

// Indexed by the type's number; [0] is no type.
inline constexpr std::array<TypeRule, kFrameTypeMax + 1> kTypeRules = {{
    {},
    {0, StreamRule::kConnection, false, false, kMaxSettingsPayloadBytes, false},
    {kFlagEnd | kFlagMore | kFlagMessage | kFlagCompressed | kFlagDeadline | kFlagAttached,
     StreamRule::kCall, true, true, kMaxPieceBytes, true},
    {kFlagEnd | kFlagMessage | kFlagCompressed | kFlagTimes | kFlagRefused | kFlagAttached,
     StreamRule::kCall, true, true, kMaxPieceBytes, true},
    {kFlagEnd | kFlagMore | kFlagMessage | kFlagCompressed | kFlagAttached, StreamRule::kCall,
     false, false, kMaxPieceBytes, true},
    {0, StreamRule::kCall, false, true, 0, false},
    {0, StreamRule::kBoth, false, true, 0, false},
    {kFlagEnd, StreamRule::kConnection, false, true, 0, false},
    {0, StreamRule::kConnection, false, true, 4 + kMaxGoawayTextBytes, false},
}};

// Whether this combination of flags makes sense, beyond each being legal by itself.
constexpr bool CombinationLegal(uint8_t type, uint8_t flags) {
  if ((flags & ~kTypeRules[type].flags) != 0) return false;
  if (!kTypeRules[type].body_is_message) return true;
  const bool message = flags & kFlagMessage;
  if (!message && (flags & (kFlagMore | kFlagCompressed | kFlagAttached))) return false;
  if ((flags & kFlagMore) && (flags & kFlagEnd)) return false;
  if (type == static_cast<uint8_t>(FrameType::kData)) return message || (flags & kFlagEnd);
  if (type != static_cast<uint8_t>(FrameType::kResponse)) return true;
  if ((flags & kFlagEnd) == 0) return flags == 0;  // initial metadata and nothing else
  return !((flags & kFlagRefused) && message);
}

constexpr std::array<std::array<bool, 256>, kFrameTypeMax + 1> MakeLegalFlags() {
  std::array<std::array<bool, 256>, kFrameTypeMax + 1> legal{};
  for (int type = 1; type <= kFrameTypeMax; ++type) {
    for (int flags = 0; flags < 256; ++flags) {
      legal[type][flags] =
          CombinationLegal(static_cast<uint8_t>(type), static_cast<uint8_t>(flags));
    }
  }
  return legal;
}
inline constexpr auto kLegalFlags = MakeLegalFlags();

}  // namespace internal

// Whether a frame of this (known) type may have exactly these flags.
constexpr bool FlagsLegal(FrameType type, uint8_t flags) {
  return internal::kLegalFlags[static_cast<uint8_t>(type)][flags];
}

inline bool IsKnownType(uint8_t type) { return type >= 1 && type <= kFrameTypeMax; }
// A frame to be passed over: of a type that this version does not know, which says that it may be.
inline bool IsSkippable(const FrameHeader& header) { return (header.type & kSkipBit) != 0; }

// Whether it is what nearly all frames are: a REQUEST, RESPONSE or DATA with a plain message, which keeps every rule of
// HeaderLegal(). Those are told here once more, so that these are judged at once.
[[gnu::always_inline]] inline bool IsPlainAndLegal(const FrameHeader& h, uint8_t accepted_flags) {
  constexpr uint8_t kRequest = static_cast<uint8_t>(FrameType::kRequest);
  constexpr uint8_t kData = 2;
  static_assert(static_cast<uint8_t>(FrameType::kResponse) == kRequest + 1 &&
                static_cast<uint8_t>(FrameType::kData) == kRequest + kData);
  const auto kind = static_cast<uint8_t>(h.type - kRequest);
  if (kind > kData || (h.flags & (kFlagMessage | kFlagCompressed)) != kFlagMessage) return false;
  const uint32_t before = h.meta_length + (h.has(kFlagDeadline) ? kTimePrefixBytes : 0);
  return internal::kLegalFlags[h.type][h.flags] && (h.flags & ~accepted_flags) == 0 &&
         (h.stream & 1) != 0 && h.stream != kNoLastStream && (h.argument == 0 || kind == 0) &&
         (h.meta_length == 0 || kind != kData) && h.length - before <= kMaxPieceBytes;
}

// What nearly all frames are: a unary call's REQUEST or RESPONSE, whole and with nothing but a message (and the time left,
// of a request). Type, flags and meta_length in one word, as they lie in the bytes.
inline constexpr uint32_t kWholeRequest =
    static_cast<uint32_t>(FrameType::kRequest) |
    static_cast<uint32_t>(kFlagEnd | kFlagMessage | kFlagDeadline) << 8;
inline constexpr uint32_t kWholeReply = static_cast<uint32_t>(FrameType::kResponse) |
                                        static_cast<uint32_t>(kFlagEnd | kFlagMessage) << 8;
inline uint32_t KindOf(const FrameHeader& h) {
  return h.type | static_cast<uint32_t>(h.flags) << 8 | static_cast<uint32_t>(h.meta_length) << 16;
}

// One of those that has arrived: all that there is in it. The view is valid as long as a Frame's.
struct WholeFrame {
  uint32_t stream = 0;
  uint32_t argument = 0;     // of a request: its method
  uint64_t deadline_us = 0;  // of a request: the time left
  std::string_view message;

  uint32_t charge() const { return MessageCharge(static_cast<uint32_t>(message.size())); }
};
// The same as a frame like any other.
inline Frame ToFrame(uint32_t kind, const WholeFrame& whole) {
  Frame frame;
  frame.header.type = static_cast<uint8_t>(kind);
  frame.header.flags = static_cast<uint8_t>(kind >> 8);
  const uint32_t before = frame.has(kFlagDeadline) ? kTimePrefixBytes : 0;
  frame.header.length = before + static_cast<uint32_t>(whole.message.size());
  frame.header.stream = whole.stream;
  frame.header.argument = whole.argument;
  frame.deadline_us = whole.deadline_us;
  frame.message = whole.message;
  return frame;
}

inline void EncodeWholeHeader(uint32_t length, uint32_t kind, uint32_t stream, uint32_t argument,
                              char* to) {
  Store32(to, length);
  Store32(to + 4, kind);
  Store32(to + 8, stream);
  Store32(to + 12, argument);
}

// Whether a header of a known type keeps every rule that can be told from the header alone.
// `accepted_flags` masks out those that need a feature which this side has not announced (see
// Settings::accepted_flags).
inline bool HeaderLegal(const FrameHeader& h, uint8_t accepted_flags = 0xFF) {
  if (!IsKnownType(h.type) || !internal::kLegalFlags[h.type][h.flags]) return false;
  if ((h.flags & ~accepted_flags) != 0) return false;
  const internal::TypeRule& rule = internal::kTypeRules[h.type];
  switch (rule.stream) {
    case internal::StreamRule::kConnection:
      if (h.stream != 0) return false;
      break;
    case internal::StreamRule::kCall:
      if ((h.stream & 1) == 0 || h.stream == kNoLastStream) return false;
      break;
    case internal::StreamRule::kBoth:
      if ((h.stream != 0 && (h.stream & 1) == 0) || h.stream == kNoLastStream) return false;
      break;
  }
  if (h.meta_length != 0 && !rule.metadata) return false;
  const uint32_t before = h.meta_length + (h.has(kFlagDeadline) ? kTimePrefixBytes : 0);
  if (h.length < before || h.length - before > rule.body_max) return false;
  if (rule.body_is_message && !h.has(kFlagMessage) && h.length != before) return false;
  if (h.argument == 0) return !h.is(FrameType::kWindow) && !h.has(kFlagRefused);
  if (!rule.argument) return false;
  if (h.is(FrameType::kWindow)) return h.argument <= 0x7FFFFFFF;
  if (h.is(FrameType::kResponse)) return h.has(kFlagEnd) && !h.has(kFlagMessage);
  return true;
}

// "REQUEST"; "type 0x91" has no name and gives "UNKNOWN".
std::string_view FrameTypeName(uint8_t type);
// "END|MESSAGE"; "none".
std::string FlagNames(uint8_t type, uint8_t flags);
// Which rule a header breaks for which HeaderLegal() is false, in words and with the limit.
WireError ExplainHeader(const FrameHeader& header, uint8_t accepted_flags = 0xFF);
// The one rule that holds for frames to be skipped, too.
inline bool LengthLegal(const FrameHeader& header) {
  return header.length <= kMaxFramePayloadBytes;
}

}  // namespace dialtone::dialtone1
