// One read of a large message, to where its bytes belong as far as that can be foretold: the rest of the piece that has
// begun, and then further pieces as they most likely follow, each of the full length and behind a header. What does not
// come as foretold is copied to behind each other, so that it lies as it came. Internal to dialtone1/.
//
//   on the wire:  rest of a piece │ header │ piece │ header │ piece │ what comes behind
//   the message:  rest of a piece │          piece │          piece │
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dialtone/transport/byte_stream.h"
#include "frame.h"

namespace dialtone::dialtone1 {

// Good for one read.
class ExpectedPieces {
 public:
  // So many pieces at a time, beside the one that has begun.
  static constexpr size_t kPiecesMax = 3;
  // Of what comes behind the message: it has no place yet, and is copied.
  static constexpr size_t kBehindBytes = 4 * 1024;

  // A frame that came as foretold, wholly, or the beginning of it.
  struct Piece {
    FrameHeader header;
    char* place;
    size_t bytes;
  };

  // `rest`: where the bytes go that the piece under way still lacks; empty: none is under way. `room`: the message's
  // memory for what follows that, which takes all of it if `ends`. `scratch` is a loop's.
  ExpectedPieces(std::span<char> rest, std::span<char> room, bool ends, std::span<char> scratch);

  std::span<const iovec> blocks() const { return {blocks_.data(), block_count_}; }
  // That fit into the blocks.
  size_t bytes() const { return bytes_; }

  // So many bytes have been read; the message is on `stream`.
  void Take(size_t bytes, uint32_t stream);
  // Of `rest`.
  size_t rest_bytes() const { return rest_bytes_; }
  // In their order. All but the last are whole, and that one too if anything is behind.
  std::span<const Piece> pieces() const { return {pieces_.data(), piece_count_}; }
  // All that came behind them; in scratch, and nowhere in the message's memory.
  std::span<const char> behind() const { return behind_; }

 private:
  static constexpr size_t kBehindAt = 64;
  static constexpr size_t kGatherAt = kBehindAt + kBehindBytes;
  static_assert(kPiecesMax * kHeaderBytes <= kBehindAt);

  void AddBlock(std::span<char> block);
  // What has come of the blocks from number `block` on, but for its first `skip` bytes: `bytes` bytes.
  void Gather(size_t block, size_t skip, size_t bytes);

  const std::span<char> scratch_;
  // The rest, two a piece, and one for what is behind.
  std::array<iovec, 1 + 2 * kPiecesMax + 1> blocks_;
  size_t block_count_ = 0;
  size_t first_header_ = 0;  // its block
  size_t expected_count_ = 0;
  size_t bytes_ = 0;
  size_t rest_bytes_ = 0;
  std::array<Piece, kPiecesMax> pieces_;
  size_t piece_count_ = 0;
  std::span<const char> behind_;
};

}  // namespace dialtone::dialtone1
