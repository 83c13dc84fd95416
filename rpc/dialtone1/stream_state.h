// The states of one stream, as a table: which frame is legal when, sent or received, on either
// side, and what comes after it. docs/protocol.md, "The states of a stream", is the drawing of it.
// Pure: holds nothing but the state.
//
//   client:  idle ─ REQUEST ─▶ open ─ END ─▶ half-closed (local)     server: the same from its
//   side, where the
//                              │  └─ CANCEL ─▶ cancelled ◀─ CANCEL ─┘        client's END
//                              half-closes (remote)
//   every state but idle ─ RESPONSE+END ─▶ closed
#pragma once

#include <cstdint>
#include <string_view>

#include "codes.h"
#include "frame.h"

namespace dialtone::dialtone1 {

enum class Role : uint8_t { kClient, kServer };
enum class Direction : uint8_t { kSend, kReceive };

enum class StreamPhase : uint8_t {
  kIdle,              // no REQUEST yet
  kOpen,              // the client may send DATA
  kHalfClosedLocal,   // client only: it has sent END and waits
  kHalfClosedRemote,  // server only: END has arrived, the handler works
  kCancelled,  // CANCEL was sent (client) or has arrived (server); RESPONSE+END is still to come
  kClosed,     // RESPONSE+END was sent or has arrived
};
inline constexpr int kStreamPhases = 6;

// A value; two bytes in every stream of a connection.
struct StreamState {
  StreamPhase phase = StreamPhase::kIdle;
  // A RESPONSE without END, or DATA, has gone from server to client: initial metadata may not come
  // any more.
  bool replied = false;
  friend bool operator==(const StreamState&, const StreamState&) = default;
};

// An error is 0, so that a table's cell which nobody filled is one.
enum class Verdict : uint8_t {
  kError = 0,  // received: the peer broke the protocol (GOAWAY). Sent: a bug of ours.
  kTake,       // legal; act on it
  kDrop,       // legal, and nobody cares any more: credit the connection's window, forget it
};

struct TransitionResult {
  Verdict verdict = Verdict::kError;
  StreamState next;  // unchanged on kError
};

namespace internal {

struct TransitionTable {
  struct Cell {
    Verdict verdict = Verdict::kError;
    StreamPhase next = StreamPhase::kIdle;
  };
  Cell cells[2][2][kStreamPhases][kFrameTypeMax + 1][2];

  constexpr Cell& at(Role role, Direction direction, StreamPhase phase, FrameType type, bool end) {
    return cells[static_cast<int>(role)][static_cast<int>(direction)][static_cast<int>(phase)]
                [static_cast<int>(type)][end ? 1 : 0];
  }
  constexpr Cell at(Role role, Direction direction, StreamPhase phase, FrameType type,
                    bool end) const {
    return const_cast<TransitionTable*>(this)->at(role, direction, phase, type, end);
  }
};
extern const TransitionTable kTransitions;

}  // namespace internal

// What becomes of a stream in `state` when `role` sends or receives a frame of this type with these
// flags (which are legal for the type). A frame of the connection (SETTINGS, PING, GOAWAY) is an
// error in every state.
inline TransitionResult Transition(Role role, Direction direction, StreamState state,
                                   FrameType type, uint8_t flags) {
  const bool end = (flags & kFlagEnd) != 0;
  const auto cell = internal::kTransitions.at(role, direction, state.phase, type, end);
  TransitionResult result{cell.verdict, state};
  if (cell.verdict == Verdict::kError) return result;
  result.next.phase = cell.next;
  const bool from_server = (role == Role::kServer) == (direction == Direction::kSend);
  if (!from_server || cell.verdict == Verdict::kDrop) return result;
  if (type == FrameType::kResponse && !end && state.replied)
    return TransitionResult{Verdict::kError, state};
  if (type == FrameType::kResponse || type == FrameType::kData) result.next.replied = true;
  // A reply that nobody waits for must not wait for credit.
  if (state.phase == StreamPhase::kCancelled && direction == Direction::kSend &&
      (flags & kFlagMessage) != 0) {
    return TransitionResult{Verdict::kError, state};
  }
  return result;
}

// For received frames: what the GOAWAY says. STREAM_ID for a REQUEST on an id used before,
// STREAM_STATE otherwise.
WireError ExplainTransition(Role role, StreamState state, const FrameHeader& header);

std::string_view StreamPhaseName(StreamPhase phase);

}  // namespace dialtone::dialtone1
