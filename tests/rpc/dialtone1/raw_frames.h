// Frames as bytes, and what a real connection makes of them. For the tests of frames in states.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connection_peers.h"
#include "frame_writer.h"
#include "metadata_block.h"
#include "preface.h"
#include "settings.h"

namespace dialtone::dialtone1 {

// A whole frame; `payload` is metadata of `meta` bytes and the rest.
inline std::string Bytes(FrameType type, uint8_t flags, uint32_t stream, uint32_t argument = 0,
                         std::string_view payload = {}, size_t meta = 0) {
  FrameHeader header = MakeHeader(type, flags, stream, argument);
  header.length = static_cast<uint32_t>(payload.size());
  header.meta_length = static_cast<uint16_t>(meta);
  std::string frame(kHeaderBytes, '\0');
  EncodeHeader(header, frame.data());
  return frame.append(payload);
}

inline std::string Hello() {
  std::string bytes(kPreface);
  AppendSettingsFrame(Settings(), bytes);
  return bytes;
}

inline std::string Request(uint32_t stream, uint8_t flags, const Method& method,
                           uint32_t method_id) {
  std::string payload;
  AppendPair(payload, kPathKey, method.path);
  const size_t meta = payload.size();
  return Bytes(FrameType::kRequest, flags | kFlagMessage, stream, method_id, payload + "hi", meta);
}

// What a receiver makes of a frame: nullopt, it goes on; a reason, it ends the connection with it.
using Expected = std::optional<GoawayReason>;
inline constexpr Expected kFine = std::nullopt;
inline constexpr Expected kState = GoawayReason::kStreamState;
inline constexpr Expected kId = GoawayReason::kStreamId;
inline constexpr Expected kTwice = GoawayReason::kSettings;
inline constexpr Expected kUnknown = GoawayReason::kProtocol;
inline constexpr Expected kBroken = GoawayReason::kMessage;

}  // namespace dialtone::dialtone1
