// Frames as bytes, legal or not, for the tests of the codec.
#pragma once

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frame.h"
#include "frame_reader.h"
#include "settings.h"
#include "stream_state.h"

namespace dialtone::dialtone1 {

inline std::ostream& operator<<(std::ostream& out, GoawayReason reason) {
  return out << GoawayReasonName(reason);
}
inline std::ostream& operator<<(std::ostream& out, StreamPhase phase) {
  return out << StreamPhaseName(phase);
}

// A header and `payload`; the length is the payload's.
inline std::string FrameOf(FrameHeader header, std::string_view payload = {}) {
  header.length = static_cast<uint32_t>(payload.size());
  std::string bytes(kHeaderBytes, '\0');
  EncodeHeader(header, bytes.data());
  return bytes.append(payload);
}

inline FrameHeader Header(FrameType type, uint8_t flags = 0, uint32_t stream = 0,
                          uint32_t argument = 0, uint16_t meta_length = 0) {
  FrameHeader header;
  header.type = static_cast<uint8_t>(type);
  header.flags = flags;
  header.stream = stream;
  header.argument = argument;
  header.meta_length = meta_length;
  return header;
}

inline std::string Settings0() { return FrameOf(Header(FrameType::kSettings)); }

// A frame that owns its bytes.
struct OwnedFrame {
  FrameHeader header;
  uint64_t deadline_us;
  uint32_t queue_us;
  uint32_t handler_us;
  std::string metadata;
  std::string message;
  friend bool operator==(const OwnedFrame&, const OwnedFrame&) = default;
};

struct ReadOutcome {
  std::vector<OwnedFrame> frames;
  WireError error;  // reason kNone: none
  bool in_frame = false;
  size_t stash_bytes = 0;
};

// The next frame, by NextWhole() if that takes it; `whole_kind` 0: never.
inline FrameReader::Result NextFrame(FrameReader& reader, uint32_t whole_kind, Frame& frame) {
  WholeFrame whole;
  if (whole_kind == 0 || !reader.NextWhole(whole_kind, whole)) return reader.Next(frame);
  frame = ToFrame(whole_kind, whole);
  return FrameReader::Result::kFrame;
}

// Reads `bytes` in slices of `slice`, each from memory of its own that is gone afterwards.
inline ReadOutcome ReadFrames(std::string_view bytes, size_t slice, uint8_t accepted_flags = 0xFF,
                              uint32_t whole_kind = 0) {
  ReadOutcome outcome;
  FrameReader reader(accepted_flags);
  for (size_t at = 0; at < bytes.size(); at += slice) {
    const std::string part(bytes.substr(at, slice));
    const std::vector<char> copy(part.begin(), part.end());
    reader.Feed(std::span<const char>(copy));
    Frame frame;
    FrameReader::Result result;
    while ((result = NextFrame(reader, whole_kind, frame)) == FrameReader::Result::kFrame) {
      outcome.frames.push_back({frame.header, frame.deadline_us, frame.queue_us, frame.handler_us,
                                std::string(frame.metadata), std::string(frame.message)});
    }
    if (result == FrameReader::Result::kError) {
      outcome.error = reader.error();
      break;
    }
  }
  outcome.in_frame = reader.in_frame();
  outcome.stash_bytes = reader.stash_bytes();
  return outcome;
}

}  // namespace dialtone::dialtone1
