// A message in, frames out: the sending end. Which stream's turn it is, is the connection's
// business; here is only what the next piece of one message is, given the credit there is.
//
//   PieceCursor cursor(body.size());
//   Piece piece;
//   while (!cursor.done() && cursor.Next(std::min(stream_credit, connection_credit), piece)) {
//     // A frame with the flags piece.flags; its message part is piece.bytes() bytes.
//   }
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "dialtone/transport/check.h"
#include "frame.h"

namespace dialtone::dialtone1 {

// What is said of a message before its bytes, besides its size.
struct MessageTraits {
  MessageTraits() = default;

  bool compressed = false;
  uint8_t algorithm = 0;
  uint32_t original_size = 0;
  bool attached = false;
  uint32_t message_size =
      0;  // if attached: so many bytes of the body are the message, the rest is the attachment
};

// u32 total, u8 algorithm + u32 original size, u32 message size.
inline constexpr size_t kMaxMessagePrefixBytes = 4 + 5 + 4;
// A piece that does not end its message has at least so many bytes: less credit is waited out.
inline constexpr uint32_t kMinPieceBytes = 1024;

// One frame's share of a message: prefix, then `size` bytes of the body from `offset`.
struct Piece {
  uint8_t flags = 0;  // MESSAGE, and MORE, COMPRESSED, ATTACHED as they apply
  uint8_t prefix_bytes = 0;
  char prefix[kMaxMessagePrefixBytes];
  uint32_t offset = 0;
  uint32_t size = 0;
  // The frame's message part,
  uint32_t bytes() const { return prefix_bytes + size; }
  // and what it costs in both windows.
  uint32_t charge() const { return MessageCharge(bytes()); }
  bool first() const { return offset == 0; }
  bool last() const { return (flags & kFlagMore) == 0; }

  // Writes the message part, bytes() bytes. `body` is the whole message's.
  void Write(std::string_view body, char* to) const {
    if (prefix_bytes != 0) std::memcpy(to, prefix, prefix_bytes);
    if (size != 0) std::memcpy(to + prefix_bytes, body.data() + offset, size);
  }
};

// A value.
class PieceCursor {
 public:
  // `body_bytes`: the message, and its attachment. At most 2^32-1.
  explicit PieceCursor(size_t body_bytes) : total_(static_cast<uint32_t>(body_bytes)) {
    DIALTONE_CHECK(body_bytes <= 0xFFFFFFFF, "a message above 4 GiB");
  }
  PieceCursor(size_t body_bytes, const MessageTraits& traits) : PieceCursor(body_bytes) {
    traits_ = traits;
    DIALTONE_CHECK(!traits.attached || traits.message_size <= body_bytes);
  }

  bool done() const { return done_; }
  uint32_t remaining() const { return total_ - offset_; }
  // Nothing has been sent of it yet.
  bool fresh() const { return offset_ == 0 && !done_; }

  // The next piece for which `credit` suffices, of at most `piece_max` bytes (a connection may send
  // smaller ones to be fair). False: not enough credit for a sensible one; nothing has changed.
  // Requires !done().
  [[nodiscard]] bool Next(uint32_t credit, Piece& piece, uint32_t piece_max = kMaxPieceBytes) {
    if (credit < kMinMessageCharge) return false;
    if (fresh() && !traits_.compressed && !traits_.attached && total_ <= credit &&
        total_ <= piece_max) [[likely]] {
      piece.flags = kFlagMessage;
      piece.prefix_bytes = 0;
      piece.offset = 0;
      piece.size = total_;
      offset_ = total_;
      done_ = true;
      return true;
    }
    return NextSlow(credit, piece, piece_max);
  }

 private:
  bool NextSlow(uint32_t credit, Piece& piece, uint32_t piece_max);
  uint8_t WritePrefix(bool more, char* to) const;

  MessageTraits traits_;
  uint32_t total_;
  uint32_t offset_ = 0;
  bool done_ = false;
};

}  // namespace dialtone::dialtone1
