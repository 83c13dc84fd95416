// How a Session reads its byte stream: what comes, wherever it belongs, or the pieces of large messages straight to their
// places. What becomes of the bytes is in session.cc.
#include <algorithm>
#include <limits>
#include <utility>

#include "dialtone/transport/check.h"
#include "session.h"

namespace dialtone::dialtone1 {
namespace {

// Of large messages, a turn.
constexpr int kPieceReadsMax = 2;
// Instead of how much there is before the next piece: there is none.
constexpr uint32_t kNothingFollows = std::numeric_limits<uint32_t>::max();
// Behind a large message: the first piece of the next one, which has no place yet, is read and copied, and hardly more.
constexpr size_t kBeginningBytes = kMaxPieceBytes + ExpectedPieces::kBehindBytes;

}  // namespace

void Session::OnReadable() {
  if (open() && (expected_stream_ != 0 || !reader_.place().empty())) [[unlikely]] {
    return ReadPieces();
  }
  ReadAnything();
}

// One read a turn, and a few more to places in large messages, so that a busy peer starves no other
// connection; the loop calls again while there is more.
void Session::ReadAnything() {
  std::span<char> scratch = loop_.scratch();
  if (open() && after_large_message_) scratch = scratch.first(kBeginningBytes);
  const IoResult result = stream_->Read(scratch);
  if (!TakeRead(result)) return;
  Consume(scratch.first(result.bytes));
  if (result.bytes == scratch.size() && !reader_.place().empty()) ReadPieces();
}

bool Session::TakeRead(const IoResult& result) {
  switch (result.state) {
    case IoResult::State::kDone:
      batch_now_known_ = false;
      read_now_ = Instant();
      ++reads_;
      bytes_read_ += result.bytes;
      return true;
    case IoResult::State::kWouldBlock:
      return false;
    case IoResult::State::kEnd:
      OnPeerEnd();
      return false;
    case IoResult::State::kFailed:
      Cut(LostStatus(WhyStreamFailed()));
      return false;
  }
  return false;
}

// More of a large message, several times a turn, for one read of it is less than what else is read in one.
void Session::ReadPieces() {
  for (int reads = 0; reads < kPieceReadsMax && open() && !reading_paused_ && unread_.empty();
       ++reads) {
    const uint32_t stream = std::exchange(expected_stream_, 0);
    const std::span<char> rest = reader_.place();
    if (!rest.empty()) {
      const FrameHeader& h = reader_.placed_header();
      const bool follows = h.has(kFlagMore) && h.length == kMaxPieceBytes;
      if (!ReadExpected(h.stream, *placed_in_, rest, follows ? h.length : kNothingFollows)) return;
      continue;
    }
    MessageAssembler* const assembler = stream == 0 ? nullptr : AssemblerOf(stream);
    const size_t missing = assembler == nullptr ? 0 : assembler->missing_bytes();
    FrameHeader next = MakeHeader(FrameType::kData, kFlagMessage, stream, 0);
    next.length = static_cast<uint32_t>(std::min<size_t>(missing, kMaxPieceBytes));
    if (missing == 0 || !reader_.between_frames() || PlaceFor(next) == nullptr) {
      if (reads == 0) ReadAnything();
      return;
    }
    if (!ReadExpected(stream, *assembler, {}, 0)) return;
  }
}

// The next piece begins `skip` bytes behind what the message has. False: there is nothing more to read now.
bool Session::ReadExpected(uint32_t stream, MessageAssembler& assembler, std::span<char> rest,
                           uint32_t skip) {
  const std::span<char> room =
      skip == kNothingFollows ? std::span<char>() : assembler.RoomBehind(skip);
  const bool ends = skip == kNothingFollows || assembler.RoomIsAll();
  ExpectedPieces expected(rest, room, ends, loop_.scratch());
  const IoResult result = stream_->ReadScattered(expected.blocks());
  if (!TakeRead(result)) return false;
  expected.Take(result.bytes, stream);
  if (!rest.empty()) {
    reader_.Placed(expected.rest_bytes());
    Consume({});
  }
  for (const ExpectedPieces::Piece& piece : expected.pieces()) TakePiece(piece);
  if (!expected.behind().empty()) Consume(expected.behind());
  return result.bytes == expected.bytes();
}

void Session::TakePiece(const ExpectedPieces::Piece& piece) {
  if (!open()) return;
  char* const place = PlaceFor(piece.header);
  DIALTONE_CHECK(place == piece.place || place == nullptr);
  if (place != nullptr) {
    reader_.BeginPlaced(piece.header, piece.place, piece.bytes);
    Consume({});
    return;
  }
  // The message was given up with a piece before this one, and its memory is gone. What comes of it is dropped, so that it
  // does not matter what it says; and should a peer end it too early, what is behind that begins with zeros, not with what
  // others have sent.
  std::string frame(kHeaderBytes + piece.bytes, '\0');
  EncodeHeader(piece.header, frame.data());
  Consume(frame);
}

char* Session::PlaceFor(const FrameHeader& header) {
  MessageAssembler* const assembler = AssemblerOf(header.stream);
  if (assembler == nullptr) return nullptr;
  const size_t before = assembler->capacity_bytes();
  char* const place = assembler->PlaceFor(header);
  bytes_.Add(assembler->capacity_bytes() - before);
  if (place != nullptr) placed_in_ = assembler;
  return place;
}

}  // namespace dialtone::dialtone1
