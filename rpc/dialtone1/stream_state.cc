#include "stream_state.h"

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::dialtone1 {
namespace {

enum class EndFlag : uint8_t { kWithout, kWith };

struct Row {
  Role role;
  Direction direction;
  StreamPhase phase;
  FrameType type;
  EndFlag end;
  Verdict verdict;
  StreamPhase next;
};

constexpr auto kClient = Role::kClient;
constexpr auto kServer = Role::kServer;
constexpr auto kSend = Direction::kSend;
constexpr auto kReceive = Direction::kReceive;
constexpr auto kIdle = StreamPhase::kIdle;
constexpr auto kOpen = StreamPhase::kOpen;
constexpr auto kSentEnd = StreamPhase::kHalfClosedLocal;
constexpr auto kGotEnd = StreamPhase::kHalfClosedRemote;
constexpr auto kCancelled = StreamPhase::kCancelled;
constexpr auto kClosed = StreamPhase::kClosed;
constexpr auto kRequest = FrameType::kRequest;
constexpr auto kResponse = FrameType::kResponse;
constexpr auto kData = FrameType::kData;
constexpr auto kCancel = FrameType::kCancel;
constexpr auto kWindow = FrameType::kWindow;
constexpr auto kNoEnd = EndFlag::kWithout;
constexpr auto kWithEnd = EndFlag::kWith;
constexpr auto kTake = Verdict::kTake;
constexpr auto kDrop = Verdict::kDrop;

// Everything that is legal; what is not here is an error.
constexpr Row kRows[] = {
    // What a client sends.
    {kClient, kSend, kIdle, kRequest, kNoEnd, kTake, kOpen},
    {kClient, kSend, kIdle, kRequest, kWithEnd, kTake, kSentEnd},
    {kClient, kSend, kOpen, kData, kNoEnd, kTake, kOpen},
    {kClient, kSend, kOpen, kData, kWithEnd, kTake, kSentEnd},
    {kClient, kSend, kOpen, kCancel, kNoEnd, kTake, kCancelled},
    {kClient, kSend, kOpen, kWindow, kNoEnd, kTake, kOpen},
    {kClient, kSend, kSentEnd, kCancel, kNoEnd, kTake, kCancelled},
    {kClient, kSend, kSentEnd, kWindow, kNoEnd, kTake, kSentEnd},
    {kClient, kSend, kCancelled, kWindow, kNoEnd, kTake, kCancelled},
    // What reaches a client. The server may not have seen its CANCEL yet, and credit crosses the
    // end of a call.
    {kClient, kReceive, kOpen, kResponse, kNoEnd, kTake, kOpen},
    {kClient, kReceive, kOpen, kResponse, kWithEnd, kTake, kClosed},
    {kClient, kReceive, kOpen, kData, kNoEnd, kTake, kOpen},
    {kClient, kReceive, kOpen, kWindow, kNoEnd, kTake, kOpen},
    {kClient, kReceive, kSentEnd, kResponse, kNoEnd, kTake, kSentEnd},
    {kClient, kReceive, kSentEnd, kResponse, kWithEnd, kTake, kClosed},
    {kClient, kReceive, kSentEnd, kData, kNoEnd, kTake, kSentEnd},
    {kClient, kReceive, kSentEnd, kWindow, kNoEnd, kDrop, kSentEnd},
    {kClient, kReceive, kCancelled, kResponse, kNoEnd, kDrop, kCancelled},
    {kClient, kReceive, kCancelled, kResponse, kWithEnd, kTake, kClosed},
    {kClient, kReceive, kCancelled, kData, kNoEnd, kDrop, kCancelled},
    {kClient, kReceive, kCancelled, kWindow, kNoEnd, kDrop, kCancelled},
    {kClient, kReceive, kClosed, kWindow, kNoEnd, kDrop, kClosed},
    // What a server sends.
    {kServer, kSend, kOpen, kResponse, kNoEnd, kTake, kOpen},
    {kServer, kSend, kOpen, kResponse, kWithEnd, kTake, kClosed},
    {kServer, kSend, kOpen, kData, kNoEnd, kTake, kOpen},
    {kServer, kSend, kOpen, kWindow, kNoEnd, kTake, kOpen},
    {kServer, kSend, kGotEnd, kResponse, kNoEnd, kTake, kGotEnd},
    {kServer, kSend, kGotEnd, kResponse, kWithEnd, kTake, kClosed},
    {kServer, kSend, kGotEnd, kData, kNoEnd, kTake, kGotEnd},
    {kServer, kSend, kGotEnd, kWindow, kNoEnd, kTake, kGotEnd},
    {kServer, kSend, kCancelled, kResponse, kWithEnd, kTake, kClosed},
    // What reaches a server. The client may not have seen the end of its call yet.
    {kServer, kReceive, kIdle, kRequest, kNoEnd, kTake, kOpen},
    {kServer, kReceive, kIdle, kRequest, kWithEnd, kTake, kGotEnd},
    {kServer, kReceive, kOpen, kData, kNoEnd, kTake, kOpen},
    {kServer, kReceive, kOpen, kData, kWithEnd, kTake, kGotEnd},
    {kServer, kReceive, kOpen, kCancel, kNoEnd, kTake, kCancelled},
    {kServer, kReceive, kOpen, kWindow, kNoEnd, kTake, kOpen},
    {kServer, kReceive, kGotEnd, kCancel, kNoEnd, kTake, kCancelled},
    {kServer, kReceive, kGotEnd, kWindow, kNoEnd, kTake, kGotEnd},
    {kServer, kReceive, kCancelled, kWindow, kNoEnd, kDrop, kCancelled},
    {kServer, kReceive, kClosed, kData, kNoEnd, kDrop, kClosed},
    {kServer, kReceive, kClosed, kData, kWithEnd, kDrop, kClosed},
    {kServer, kReceive, kClosed, kCancel, kNoEnd, kDrop, kClosed},
    {kServer, kReceive, kClosed, kWindow, kNoEnd, kDrop, kClosed},
};

constexpr internal::TransitionTable MakeTable() {
  internal::TransitionTable table{};
  for (const Row& row : kRows) {
    table.at(row.role, row.direction, row.phase, row.type, row.end == EndFlag::kWith) = {
        row.verdict, row.next};
  }
  return table;
}

}  // namespace

namespace internal {
constinit const TransitionTable kTransitions = MakeTable();
}  // namespace internal

WireError ExplainTransition(Role role, StreamState state, const FrameHeader& header) {
  const bool again = role == Role::kServer && header.is(FrameType::kRequest);
  return WireError{again ? GoawayReason::kStreamId : GoawayReason::kStreamState,
                   absl::StrCat(ToAbsl(FrameTypeName(header.type)), " with flags ",
                                FlagNames(header.type, header.flags), " on stream ", header.stream,
                                ", which is ", ToAbsl(StreamPhaseName(state.phase)),
                                state.replied ? " and has had its initial metadata or data" : "",
                                " at the ", role == Role::kServer ? "server" : "client")};
}

std::string_view StreamPhaseName(StreamPhase phase) {
  switch (phase) {
    case StreamPhase::kIdle:
      return "idle";
    case StreamPhase::kOpen:
      return "open";
    case StreamPhase::kHalfClosedLocal:
      return "half-closed (local)";
    case StreamPhase::kHalfClosedRemote:
      return "half-closed (remote)";
    case StreamPhase::kCancelled:
      return "cancelled";
    case StreamPhase::kClosed:
      return "closed";
  }
  return "unknown";
}

}  // namespace dialtone::dialtone1
