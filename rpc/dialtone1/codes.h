// The numbers that a GOAWAY and a CANCEL give as their reason, and the error value in which the
// codec reports a violation of the protocol. docs/protocol.md, "Errors", says when each is sent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dialtone::dialtone1 {

enum class GoawayReason : uint32_t {
  kNone = 0,         // nothing is wrong: the side drains
  kProtocol = 1,     // a frame that is malformed, or illegal where it stands
  kFrameSize = 2,    // a length above the limit of its type, or parts that do not add up to it
  kVersion = 3,      // a major version that the sender of the GOAWAY does not speak
  kSettings = 4,     // SETTINGS missing, twice, malformed, or below a minimum
  kStreamId = 5,     // an even, falling or repeated stream id
  kStreamState = 6,  // a frame that is not legal in the state of its stream
  kFlowControl = 7,  // a window overrun, or credit that overflows one
  kMetadata = 8,     // a malformed metadata block
  kMessage = 9,      // pieces that do not make up the message that was declared
  kMethod = 10,      // an unbound method id, or a binding that is not allowed
  kLimit = 11,       // more of something than the receiver allows: connections, unanswered pings
  kIdle = 12,        // nothing is wrong: the connection was unused for long
  kInternal = 13,    // the sender of the GOAWAY failed
};

// Anything else is treated as kCaller.
enum class CancelReason : uint32_t {
  kCaller = 0,        // the caller gave up
  kDeadline = 1,      // the deadline passed at the client
  kUnacceptable = 2,  // the client cannot take the reply: too large, or not to be understood
  kShutdown = 3,      // the client is going away
};

// "FLOW_CONTROL"; "UNKNOWN" for a number without a name.
std::string_view GoawayReasonName(GoawayReason reason);
std::string_view CancelReasonName(CancelReason reason);

// Why a connection must end: what a GOAWAY says. The text tells what was wrong, where, and the
// limit.
struct WireError {
  GoawayReason reason = GoawayReason::kNone;
  std::string text;
};

}  // namespace dialtone::dialtone1
