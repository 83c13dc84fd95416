#include "expected_pieces.h"

#include <algorithm>
#include <cstring>

#include "dialtone/transport/check.h"

namespace dialtone::dialtone1 {

ExpectedPieces::ExpectedPieces(std::span<char> rest, std::span<char> room, bool ends,
                               std::span<char> scratch)
    : scratch_(scratch) {
  constexpr size_t kMostBytes = kPiecesMax * (kHeaderBytes + kMaxPieceBytes) + kBehindBytes;
  DIALTONE_CHECK(scratch.size() >= kGatherAt + kMostBytes);
  if (!rest.empty()) AddBlock(rest);
  first_header_ = block_count_;
  while (expected_count_ < kPiecesMax && !room.empty()) {
    const size_t piece = std::min<size_t>(room.size(), kMaxPieceBytes);
    // A piece that is shorter is the last one.
    if (piece < kMaxPieceBytes && !ends) break;
    AddBlock(scratch.subspan(expected_count_ * kHeaderBytes, kHeaderBytes));
    AddBlock(room.first(piece));
    room = room.subspan(piece);
    ++expected_count_;
  }
  // Nothing but a piece of the message comes next, most likely, while there is more of it than this asks for.
  if ((room.empty() && ends) || block_count_ == first_header_)
    AddBlock(scratch.subspan(kBehindAt, kBehindBytes));
}

void ExpectedPieces::AddBlock(std::span<char> block) {
  blocks_[block_count_++] = {block.data(), block.size()};
  bytes_ += block.size();
}

void ExpectedPieces::Take(size_t bytes, uint32_t stream) {
  size_t left = bytes;
  if (first_header_ != 0) {
    rest_bytes_ = std::min(left, blocks_[0].iov_len);
    left -= rest_bytes_;
  }
  for (size_t i = 0; i < expected_count_; ++i) {
    const size_t block = first_header_ + 2 * i;
    if (left < kHeaderBytes) return Gather(block, 0, left);
    const FrameHeader h = DecodeHeader(static_cast<const char*>(blocks_[block].iov_base));
    const iovec& place = blocks_[block + 1];
    const bool foretold = IsPlainAndLegal(h, kFlagMessage | kFlagMore | kFlagEnd) &&
                          h.is(FrameType::kData) && h.stream == stream && h.length <= place.iov_len;
    if (!foretold) return Gather(block, 0, left);
    const size_t whose = std::min<size_t>(left - kHeaderBytes, h.length);
    pieces_[piece_count_++] = {h, static_cast<char*>(place.iov_base), whose};
    left -= kHeaderBytes + whose;
    // Behind a shorter one all lies elsewhere.
    if (whose != place.iov_len) return Gather(block + 1, whose, left);
  }
  Gather(block_count_ - 1, 0, left);
}

void ExpectedPieces::Gather(size_t block, size_t skip, size_t bytes) {
  if (bytes == 0) return;
  const auto from = [&] { return static_cast<const char*>(blocks_[block].iov_base) + skip; };
  // Where a header was expected, or nothing in particular, it may stay. From the message's memory it is taken away: what it
  // says may be that the message goes.
  const bool in_scratch = block >= first_header_ && (block - first_header_) % 2 == 0;
  if (in_scratch && bytes <= blocks_[block].iov_len - skip) {
    behind_ = {from(), bytes};
    return;
  }
  char* const to = scratch_.data() + kGatherAt;
  for (size_t gathered = 0; gathered < bytes; ++block, skip = 0) {
    const size_t here = std::min(bytes - gathered, blocks_[block].iov_len - skip);
    std::memcpy(to + gathered, from(), here);
    gathered += here;
  }
  behind_ = {to, bytes};
}

}  // namespace dialtone::dialtone1
