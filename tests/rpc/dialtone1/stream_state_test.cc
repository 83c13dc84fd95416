#include "stream_state.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "wire_test_support.h"

namespace dialtone::dialtone1 {
namespace {

constexpr StreamPhase kPhases[] = {StreamPhase::kIdle,
                                   StreamPhase::kOpen,
                                   StreamPhase::kHalfClosedLocal,
                                   StreamPhase::kHalfClosedRemote,
                                   StreamPhase::kCancelled,
                                   StreamPhase::kClosed};

// One letter a frame for each phase (idle, open, half-closed local, half-closed remote, cancelled,
// closed):
//   - error   d drop, same phase   s take, same phase   o/l/r/c/x take, to open, half-closed local,
//   remote, cancelled, closed.  The half-closed phase that a role does not have stays '-'.
struct TypeRow {
  const char* without_end;
  const char* with_end;
};
using Table = std::map<FrameType, TypeRow>;

const Table kClientReceives = {{FrameType::kResponse, {"-ss-d-", "-xx-x-"}},
                               {FrameType::kData, {"-ss-d-", "------"}},
                               {FrameType::kWindow, {"-sd-dd", "------"}}};
const Table kServerReceives = {{FrameType::kRequest, {"o-----", "r-----"}},
                               {FrameType::kData, {"-s---d", "-r---d"}},
                               {FrameType::kCancel, {"-c-c-d", "------"}},
                               {FrameType::kWindow, {"-s-sdd", "------"}}};
const Table kClientSends = {{FrameType::kRequest, {"o-----", "l-----"}},
                            {FrameType::kData, {"-s----", "-l----"}},
                            {FrameType::kCancel, {"-cc---", "------"}},
                            {FrameType::kWindow, {"-ss-s-", "------"}}};
const Table kServerSends = {{FrameType::kResponse, {"-s-s--", "-x-xx-"}},
                            {FrameType::kData, {"-s-s--", "------"}},
                            {FrameType::kWindow, {"-s-s--", "------"}}};

void ExpectTable(Role role, Direction direction, const Table& table) {
  for (int t = 1; t <= kFrameTypeMax; ++t) {
    const auto type = static_cast<FrameType>(t);
    const auto row = table.find(type);
    for (int p = 0; p < kStreamPhases; ++p) {
      for (const bool end : {false, true}) {
        const char letter = row == table.end() ? '-'
                            : end              ? row->second.with_end[p]
                                               : row->second.without_end[p];
        const StreamState before{kPhases[p], false};
        const TransitionResult result =
            Transition(role, direction, before, type, end ? kFlagEnd : uint8_t{0});
        SCOPED_TRACE(std::string(FrameTypeName(static_cast<uint8_t>(t))) + (end ? "+END" : "") +
                     " in " + std::string(StreamPhaseName(kPhases[p])));
        const Verdict expected = letter == '-'   ? Verdict::kError
                                 : letter == 'd' ? Verdict::kDrop
                                                 : Verdict::kTake;
        EXPECT_EQ(result.verdict, expected);
        const std::map<char, StreamPhase> next = {{'o', StreamPhase::kOpen},
                                                  {'l', StreamPhase::kHalfClosedLocal},
                                                  {'r', StreamPhase::kHalfClosedRemote},
                                                  {'c', StreamPhase::kCancelled},
                                                  {'x', StreamPhase::kClosed}};
        const auto moved = next.find(letter);
        EXPECT_EQ(result.next.phase, moved == next.end() ? kPhases[p] : moved->second);
      }
    }
  }
}

TEST(StreamState, ClientReceivesEveryTypeInEveryState) {
  ExpectTable(Role::kClient, Direction::kReceive, kClientReceives);
}
TEST(StreamState, ServerReceivesEveryTypeInEveryState) {
  ExpectTable(Role::kServer, Direction::kReceive, kServerReceives);
}
TEST(StreamState, ClientSendsEveryTypeInEveryState) {
  ExpectTable(Role::kClient, Direction::kSend, kClientSends);
}
TEST(StreamState, ServerSendsEveryTypeInEveryState) {
  ExpectTable(Role::kServer, Direction::kSend, kServerSends);
}

// Whatever one side may send is legal where it arrives, when nothing crosses it on the way.
TEST(StreamState, BothSidesAgreeWhenNothingCrosses) {
  const auto mirror = [](StreamPhase phase) {
    return phase == StreamPhase::kHalfClosedLocal    ? StreamPhase::kHalfClosedRemote
           : phase == StreamPhase::kHalfClosedRemote ? StreamPhase::kHalfClosedLocal
                                                     : phase;
  };
  for (const Role sender : {Role::kClient, Role::kServer}) {
    const Role receiver = sender == Role::kClient ? Role::kServer : Role::kClient;
    for (const StreamPhase phase : kPhases) {
      for (int t = 1; t <= kFrameTypeMax; ++t) {
        for (const uint8_t end : {uint8_t{0}, kFlagEnd}) {
          const auto type = static_cast<FrameType>(t);
          const auto sent = Transition(sender, Direction::kSend, {phase, false}, type, end);
          if (sent.verdict == Verdict::kError) continue;
          const auto arrived =
              Transition(receiver, Direction::kReceive, {mirror(phase), false}, type, end);
          EXPECT_NE(arrived.verdict, Verdict::kError);
          EXPECT_EQ(arrived.next.phase, mirror(sent.next.phase));
        }
      }
    }
  }
}

TEST(StreamState, InitialMetadataComeOnceAndBeforeData) {
  const struct {
    Role role;
    Direction direction;
    StreamPhase phase;
  } sides[] = {{Role::kClient, Direction::kReceive, StreamPhase::kHalfClosedLocal},
               {Role::kServer, Direction::kSend, StreamPhase::kHalfClosedRemote}};
  for (const auto& side : sides) {
    for (const FrameType first : {FrameType::kResponse, FrameType::kData}) {
      const auto one = Transition(side.role, side.direction, {side.phase, false}, first, 0);
      ASSERT_EQ(one.verdict, Verdict::kTake);
      EXPECT_TRUE(one.next.replied);
      EXPECT_EQ(Transition(side.role, side.direction, one.next, FrameType::kResponse, 0).verdict,
                Verdict::kError);
      EXPECT_EQ(Transition(side.role, side.direction, one.next, FrameType::kData, 0).verdict,
                Verdict::kTake);
      EXPECT_EQ(
          Transition(side.role, side.direction, one.next, FrameType::kResponse, kFlagEnd).verdict,
          Verdict::kTake);
    }
  }
}

TEST(StreamState, DataOfTheClientDoesNotForbidInitialMetadata) {
  const auto data = Transition(Role::kServer, Direction::kReceive, {StreamPhase::kOpen, false},
                               FrameType::kData, 0);
  EXPECT_EQ(Transition(Role::kServer, Direction::kSend, data.next, FrameType::kResponse, 0).verdict,
            Verdict::kTake);
}

TEST(StreamState, TheEndOfACancelledCallCarriesNoMessageAway) {
  const StreamState cancelled{StreamPhase::kCancelled, false};
  const uint8_t flags = kFlagEnd | kFlagMessage;
  EXPECT_EQ(
      Transition(Role::kServer, Direction::kSend, cancelled, FrameType::kResponse, flags).verdict,
      Verdict::kError);
  EXPECT_EQ(Transition(Role::kClient, Direction::kReceive, cancelled, FrameType::kResponse, flags)
                .next.phase,
            StreamPhase::kClosed);
}

TEST(StreamState, ErrorsNameFrameStreamAndState) {
  const WireError data = ExplainTransition(Role::kServer, {StreamPhase::kHalfClosedRemote, false},
                                           Header(FrameType::kData, kFlagEnd, 9));
  EXPECT_EQ(data.reason, GoawayReason::kStreamState);
  EXPECT_EQ(data.text,
            "DATA with flags END on stream 9, which is half-closed (remote) at the server");
  EXPECT_EQ(ExplainTransition(Role::kServer, {StreamPhase::kOpen, false},
                              Header(FrameType::kRequest, 0, 9))
                .reason,
            GoawayReason::kStreamId);
}

}  // namespace
}  // namespace dialtone::dialtone1
