// Pieces in, messages out: the receiving end of one direction of one stream. A message that comes
// in one frame passes through as a view, without a copy; one that comes in pieces is gathered in
// memory that grows with what has arrived, never with what was merely declared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string_view>

#include "codes.h"
#include "dialtone/transport/block_pool.h"
#include "frame.h"

namespace dialtone::dialtone1 {

// A whole message as it was sent. The views hold until the assembler is given the next frame.
struct AssembledMessage {
  std::string_view message;     // as sent: still compressed if `compressed`
  std::string_view attachment;  // never compressed
  bool compressed = false;
  bool attached = false;
  uint8_t algorithm = 0;       // if compressed
  uint32_t original_size = 0;  // if compressed: what `message` will be
};

struct FreeBytes {
  void operator()(char* bytes) const { BlockPool::Free(bytes); }
};
// A block that can grow where it is: a large one without a copy, by moving its pages.
using MessageBlock = std::unique_ptr<char[], FreeBytes>;

// Not thread-safe; one for each direction of a stream that can carry pieces. Takes no memory until
// it has to.
class MessageAssembler {
 public:
  enum class Result {
    kNothing,     // the frame carries no message
    kMessage,     // `out` holds one
    kIncomplete,  // a piece was kept; more come
    kTooLarge,  // told once, by its first frame: the message declares more than the limit. The call
                // ends with RESOURCE_EXHAUSTED; the rest of its pieces will be kDropped
    kDropped,   // a piece of a message that is not wanted any more
    kError,     // the pieces break the protocol; error() says how; the connection ends with MESSAGE
  };

  // Takes a REQUEST, DATA or RESPONSE. `max_message_bytes` is held against the declared size,
  // compressed and original, attachment included.
  Result Add(const Frame& frame, uint32_t max_message_bytes, AssembledMessage& out) {
    constexpr uint8_t kPlainMask = kFlagMessage | kFlagMore | kFlagCompressed | kFlagAttached;
    if (phase_ == Phase::kBetween && (frame.header.flags & kPlainMask) == kFlagMessage &&
        frame.message.size() <= max_message_bytes) [[likely]] {
      out = AssembledMessage();
      out.message = frame.message;
      return Result::kMessage;
    }
    return AddSlow(frame, max_message_bytes, out);
  }

  // Gives up the message under way (the call has ended, or a budget is spent): frees its bytes; its
  // further pieces will be kDropped. Nothing is said of messages after it.
  void Abandon();

  // Nothing has come in pieces since it was made.
  bool untouched() const { return phase_ == Phase::kBetween && capacity_ == 0; }
  // A message has begun and not ended.
  bool incomplete() const { return phase_ == Phase::kGathering || phase_ == Phase::kDropping; }
  // Of the message under way: bytes that have not come,
  size_t missing_bytes() const { return phase_ == Phase::kGathering ? total_ - received_ : 0; }
  // bytes kept, and the memory taken for them.
  size_t buffered_bytes() const { return received_; }
  size_t capacity_bytes() const { return capacity_; }
  // After kMessage of a message that came in pieces, instead of copying its bytes: the block in
  // which they lie, from its first byte, with which `out`'s views stay valid. Null when the message
  // came in one frame.
  MessageBlock TakeBlock();
  // Where the message part of a further piece belongs, whose header has come: whoever reads it may put
  // it there and then Add() the frame, which is not copied. Null: nowhere. Holds until the assembler is
  // given another frame, or the message up.
  char* PlaceFor(const FrameHeader& header);
  // Of the message under way: the memory that is taken already for what comes behind its next `skip` bytes, and whether
  // that will do to the message's end.
  std::span<char> RoomBehind(uint32_t skip) {
    const uint64_t begin = uint64_t{received_} + skip;
    if (phase_ != Phase::kGathering || begin >= capacity_) return {};
    return {block_.get() + begin, static_cast<size_t>(capacity_ - begin)};
  }
  bool RoomIsAll() const { return capacity_ == total_; }

  // After kTooLarge or kError.
  const WireError& error() const;

 private:
  // kDone: a gathered message was handed out; its block goes with the next frame.
  enum class Phase : uint8_t { kBetween, kGathering, kDropping, kDone };

  Result AddSlow(const Frame& frame, uint32_t max_message_bytes, AssembledMessage& out);
  Result Begin(const Frame& frame, uint32_t max_message_bytes, AssembledMessage& out);
  Result Continue(const Frame& frame, AssembledMessage& out);
  Result Fail(const Frame& frame, std::string_view what);
  void Keep(std::string_view bytes);
  void Grow(uint64_t needed);
  // And forgets the message it belonged to.
  void FreeBlock();
  // Points `out` into `body`, which is a whole one.
  void Present(std::string_view body, AssembledMessage& out) const;

  Phase phase_ = Phase::kBetween;
  uint8_t flags_ = 0;  // COMPRESSED and ATTACHED of the message under way
  uint8_t algorithm_ = 0;
  uint32_t original_size_ = 0;
  uint32_t message_size_ = 0;  // if attached
  uint32_t total_ = 0;         // declared, all pieces
  uint32_t received_ = 0;      // arrived so far
  uint32_t capacity_ = 0;
  uint32_t room_ = 0;  // in the block: that or more
  MessageBlock block_;
  std::unique_ptr<WireError> error_;
};

}  // namespace dialtone::dialtone1
