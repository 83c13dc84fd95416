// What one side tells the other about itself in its first frame. Until it arrives the protocol's
// minima hold; SETTINGS only raise them, so nothing done before it arrives can have been wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "codes.h"
#include "frame.h"

namespace dialtone::dialtone1 {

// Ids on the wire. A receiver ignores ids that it does not know.
enum class SettingId : uint16_t {
  kMaxStreams = 1,
  kStreamWindow = 2,
  kConnectionWindow = 3,
  kMaxMethods = 4,
  kMaxMetadataBytes = 5,
  kMaxMessageBytes = 6,
  kWantsTimes = 7,
  kFeatures = 8,
  kCompressions = 9,
};

inline constexpr uint32_t kMinMaxStreams = 64;
inline constexpr uint32_t kMinStreamWindow = 256 * 1024;
inline constexpr uint32_t kMinConnectionWindow = 1024 * 1024;
inline constexpr uint32_t kMinMaxMethods = 64;
inline constexpr uint32_t kMaxMaxMethods = 65535;
inline constexpr uint32_t kMinMaxMetadataBytes = 8 * 1024;
inline constexpr uint32_t kMaxWindow = 0x7FFFFFFF;

// Bits of kFeatures: what the sender of the SETTINGS is able to receive.
inline constexpr uint32_t kFeatureCompressed = 1;
inline constexpr uint32_t kFeatureAttached = 2;

// Algorithms on the wire: what COMPRESSED says of a message. Bit n-1 of kCompressions is number n.
inline constexpr uint8_t kAlgorithmZstd = 1;
inline constexpr uint8_t kAlgorithmGzip = 2;
constexpr uint32_t AlgorithmBit(uint8_t algorithm) {
  return algorithm >= 1 && algorithm <= 32 ? uint32_t{1} << (algorithm - 1) : 0;
}

// A value; what it holds at first is what holds before a peer's SETTINGS have come.
struct Settings {
  uint32_t max_streams = kMinMaxStreams;  // calls open at once; said by servers
  uint32_t stream_window = kMinStreamWindow;
  uint32_t connection_window = kMinConnectionWindow;
  uint32_t max_methods = kMinMaxMethods;  // ids that the peer may bind; said by servers
  uint32_t max_metadata_bytes = kMinMaxMetadataBytes;  // of one metadata block
  // The largest message that will be accepted, so that a sender can fail early. 0: not said.
  uint32_t max_message_bytes = 0;
  bool wants_times = false;  // RESPONSEs should have TIMES; said by clients
  uint32_t features = 0;
  uint32_t compressions = 0;  // bits of algorithms, if the feature is there

  // The frame flags that a peer may use towards the side which announced these settings.
  uint8_t accepted_flags() const {
    uint8_t flags = 0xFF & ~(kFlagCompressed | kFlagAttached);
    if (features & kFeatureCompressed) flags |= kFlagCompressed;
    if (features & kFeatureAttached) flags |= kFlagAttached;
    return flags;
  }
  // The largest message that it takes; without a word any that can be framed.
  uint64_t accepted_message_bytes() const {
    return max_message_bytes == 0 ? UINT32_MAX : max_message_bytes;
  }
  // The algorithms that a peer may use towards that side.
  uint32_t accepted_compressions() const {
    return features & kFeatureCompressed ? compressions : 0;
  }
  friend bool operator==(const Settings&, const Settings&) = default;
  template <class H>
  friend H AbslHashValue(H h, const Settings& s) {
    return H::combine(std::move(h), s.max_streams, s.stream_window, s.connection_window,
                      s.max_methods, s.max_metadata_bytes, s.max_message_bytes, s.wants_times,
                      s.features, s.compressions);
  }
};

// Appends the payload of a SETTINGS frame; what equals the minimum is left out. Requires legal
// values.
void EncodeSettings(const Settings& settings, std::string& payload);
// Appends the whole frame.
void AppendSettingsFrame(const Settings& settings, std::string& bytes);

// Reads a payload into `settings`, which should be as constructed. The error is what the GOAWAY
// says; nothing when the payload is fine.
std::optional<WireError> DecodeSettings(std::string_view payload, Settings& settings);

}  // namespace dialtone::dialtone1
