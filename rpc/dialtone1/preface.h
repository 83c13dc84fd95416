// The eight bytes that each side of a Dialtone/1 connection sends first: D1 'D' 'T' 0D 0A major
// minor 00. D1 begins no ASCII text, no TLS record and no HTTP/2 preface, so one port can tell them
// apart by one byte; the line break shows when something on the way has changed text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dialtone::dialtone1 {

inline constexpr size_t kPrefaceBytes = 8;
inline constexpr uint8_t kMajorVersion = 1;
inline constexpr uint8_t kMinorVersion = 0;
// What this side sends.
inline constexpr std::string_view kPreface(
    "\xD1"
    "DT\r\n\x01\x00\x00",
    kPrefaceBytes);

enum class PrefaceMatch {
  kNeedMore,    // nothing speaks against it so far
  kMine,        // a preface of a version that this side speaks
  kOtherMajor,  // a preface of a major version that this side does not speak
  kNotMine,     // something else
};

struct PrefaceResult {
  PrefaceMatch match = PrefaceMatch::kNeedMore;
  // For kMine and kOtherMajor: the peer's. A minor version above ours is fine: it changes nothing
  // unasked.
  uint8_t major = 0;
  uint8_t minor = 0;
};

// Looks at the first bytes of a connection, as many as have come; more than eight are not looked
// at.
PrefaceResult MatchPreface(std::string_view first_bytes);

// For a status text, what a peer that speaks something else said: "22 bytes that begin 48 54 54 50
// (\"HTTP\")".
std::string DescribeForeignBytes(std::string_view first_bytes);

}  // namespace dialtone::dialtone1
