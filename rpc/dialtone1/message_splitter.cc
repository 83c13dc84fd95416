#include "message_splitter.h"

namespace dialtone::dialtone1 {

bool PieceCursor::NextSlow(uint32_t credit, Piece& piece, uint32_t piece_max) {
  DIALTONE_CHECK(!done_ && piece_max > kMinPieceBytes && piece_max <= kMaxPieceBytes);
  const bool first = offset_ == 0;
  const uint32_t room = std::min(credit, piece_max);
  const uint32_t left = remaining();
  const uint32_t prefix_whole = first ? WritePrefix(false, piece.prefix) : 0u;
  const bool last = left <= room && prefix_whole <= room - left;
  uint32_t prefix_bytes = prefix_whole;
  uint32_t size = left;
  if (!last) {
    prefix_bytes = first ? WritePrefix(true, piece.prefix) : 0u;
    if (room < prefix_bytes || room - prefix_bytes < kMinPieceBytes) return false;
    // The first piece's longer prefix can leave room for the whole body; then one byte waits for
    // the next piece.
    size = std::min(room - prefix_bytes, left - 1);
    if (size == 0) return false;
  }
  piece.flags = kFlagMessage | (last ? uint8_t{0} : kFlagMore);
  if (first && traits_.compressed) piece.flags |= kFlagCompressed;
  if (first && traits_.attached) piece.flags |= kFlagAttached;
  piece.prefix_bytes = static_cast<uint8_t>(prefix_bytes);
  piece.offset = offset_;
  piece.size = size;
  offset_ += size;
  done_ = last;
  return true;
}

uint8_t PieceCursor::WritePrefix(bool more, char* to) const {
  char* at = to;
  if (more) {
    Store32(at, total_);
    at += 4;
  }
  if (traits_.compressed) {
    *at = static_cast<char>(traits_.algorithm);
    Store32(at + 1, traits_.original_size);
    at += 5;
  }
  if (traits_.attached) {
    Store32(at, traits_.message_size);
    at += 4;
  }
  return static_cast<uint8_t>(at - to);
}

}  // namespace dialtone::dialtone1
