// Whole frames appended to a WriteQueue, header and parts in one contiguous piece. A caller that
// serialises a message straight into place uses Reserve() and EncodeHeader() itself.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "dialtone/transport/write_queue.h"
#include "frame.h"
#include "message_splitter.h"
#include "settings.h"

namespace dialtone::dialtone1 {

inline FrameHeader MakeHeader(FrameType type, uint8_t flags, uint32_t stream, uint32_t argument) {
  FrameHeader header;
  header.type = static_cast<uint8_t>(type);
  header.flags = flags;
  header.stream = stream;
  header.argument = argument;
  return header;
}

// What comes before the metadata of a REQUEST or a RESPONSE. Sets the flag by itself.
struct TimePrefix {
  static TimePrefix None() { return TimePrefix(); }
  static TimePrefix Deadline(uint64_t left_us) {
    TimePrefix prefix;
    prefix.present = true;
    Store64(prefix.bytes, left_us);
    return prefix;
  }
  static TimePrefix Times(uint32_t queue_us, uint32_t handler_us) {
    TimePrefix prefix;
    prefix.present = true;
    Store32(prefix.bytes, queue_us);
    Store32(prefix.bytes + 4, handler_us);
    return prefix;
  }

  bool present = false;
  char bytes[kTimePrefixBytes] = {};
};

// Writes everything but the message part, whose `message_bytes` follow; returns where it goes. `to`
// has room for FrameBytes() of the same.
inline size_t FrameBytes(const TimePrefix& time, std::string_view metadata,
                         uint32_t message_bytes) {
  return kHeaderBytes + (time.present ? kTimePrefixBytes : 0) + metadata.size() + message_bytes;
}
inline char* WriteFrameHead(FrameHeader header, const TimePrefix& time, std::string_view metadata,
                            uint32_t message_bytes, char* to) {
  header.length = static_cast<uint32_t>(FrameBytes(time, metadata, message_bytes) - kHeaderBytes);
  header.meta_length = static_cast<uint16_t>(metadata.size());
  if (time.present) header.flags |= kFlagDeadline;
  EncodeHeader(header, to);
  to += kHeaderBytes;
  if (time.present) {
    std::memcpy(to, time.bytes, kTimePrefixBytes);
    to += kTimePrefixBytes;
  }
  if (!metadata.empty()) std::memcpy(to, metadata.data(), metadata.size());
  return to + metadata.size();
}

// A REQUEST, DATA or RESPONSE with the next piece of `body`; header.flags gets the piece's.
inline void AppendPiece(WriteQueue& queue, FrameHeader header, const TimePrefix& time,
                        std::string_view metadata, const Piece& piece, std::string_view body) {
  header.flags |= piece.flags;
  char* at = queue.Reserve(FrameBytes(time, metadata, piece.bytes())).data();
  piece.Write(body, WriteFrameHead(header, time, metadata, piece.bytes(), at));
}

// A frame without a message.
inline void AppendFrame(WriteQueue& queue, const FrameHeader& header,
                        const TimePrefix& time = TimePrefix::None(),
                        std::string_view metadata = {}) {
  WriteFrameHead(header, time, metadata, 0, queue.Reserve(FrameBytes(time, metadata, 0)).data());
}

inline void AppendCancel(WriteQueue& queue, uint32_t stream, CancelReason reason) {
  AppendFrame(queue, MakeHeader(FrameType::kCancel, 0, stream, static_cast<uint32_t>(reason)));
}
// `stream` 0: the connection's window.
inline void AppendWindow(WriteQueue& queue, uint32_t stream, uint32_t credit) {
  AppendFrame(queue, MakeHeader(FrameType::kWindow, 0, stream, credit));
}
inline void AppendPing(WriteQueue& queue, uint32_t token, bool answer) {
  AppendFrame(queue, MakeHeader(FrameType::kPing, answer ? kFlagEnd : uint8_t{0}, 0, token));
}
void AppendSettings(WriteQueue& queue, const Settings& settings);
// A text longer than the limit is cut.
void AppendGoaway(WriteQueue& queue, uint32_t last_stream, GoawayReason reason,
                  std::string_view text);

// What a GOAWAY frame says. `text` is a view into the frame.
struct GoawayInfo {
  uint32_t last_stream = 0;
  GoawayReason reason = GoawayReason::kNone;
  std::string_view text;
};
// False: the payload has not even a reason; the frame is malformed (FRAME_SIZE).
[[nodiscard]] bool ReadGoaway(const Frame& frame, GoawayInfo& info);

}  // namespace dialtone::dialtone1
