// How a message crosses from the call part to a protocol and back: as bytes and their encoding.
// Internal to rpc/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "dialtone/rpc/attachment.h"
#include "dialtone/rpc/compression.h"

namespace dialtone {

enum class Encoding : uint8_t { kProtobuf };

// How the bytes of a message are packed, and what they become.
struct Packing {
  bool packed() const { return algorithm != Compression::kNone; }

  Compression algorithm = Compression::kNone;
  uint32_t original_bytes = 0;
};

// What a message costs its sender and its receiver until the application has taken it.
struct MessageCost {
  uint32_t window_bytes = 0;    // of the stream's credit
  uint32_t unpacked_bytes = 0;  // what one that is packed becomes, if that is much
  uint64_t memory_bytes = 0;    // of what is held for the peer
};

// A message that arrived. Its views are valid during the call that passes it on, or as long as
// `block` lives.
struct IncomingMessage {
  std::string_view bytes;
  // kRoomBytes behind them may be read, too, whatever they are.
  bool has_room = false;
  static constexpr size_t kRoomBytes = 16;
  Encoding encoding = Encoding::kProtobuf;
  // Still packed: whoever takes the message unpacks it. Its original size has been held against the
  // limit already.
  Packing packing;
  // What came beside it; its bytes live as long as it does.
  Attachment attachment;
  // The memory that `bytes` lies in, to be taken by whoever keeps the message; null: it lies in
  // memory of the connection, and is copied by whoever keeps it.
  std::shared_ptr<const char[]> block;
  MessageCost cost;
  // Set by a handler that keeps the message for later: it calls Taken() on the stream then, with the
  // cost. Otherwise the message is done with when the handler returns.
  bool kept = false;
};

// The bytes of a message that must wait. Shared, because a protocol sends them in its time while the
// call keeps them for as long as it may have to be sent again; so large ones are never copied.
using SharedBytes = std::shared_ptr<const char[]>;

// A message on its way out, valid during the call that passes it on. It knows its size and writes
// itself where the protocol wants it, so that a small one is serialised into the write queue with
// no copy between.
class OutgoingMessage {
 public:
  size_t size() const { return size_; }
  virtual Encoding encoding() const { return Encoding::kProtobuf; }
  // Writes size() bytes.
  virtual void WriteTo(char* into) const = 0;
  // The same bytes as a block to hold, for messages that must wait or are sent in pieces.
  virtual SharedBytes Share() = 0;

  // How these bytes are packed; only as the connection accepts (ConnectionInfo).
  const Packing& packing() const { return packing_; }
  // What travels beside them; shared with the protocol, which does not copy it.
  const Attachment& attachment() const { return attachment_; }
  // Nothing but bytes.
  bool plain() const { return !packing_.packed() && attachment_.empty(); }
  // What its receiver holds against its limit.
  uint64_t declared_bytes() const {
    const uint64_t bytes = size();
    return (packing_.packed() && packing_.original_bytes > bytes ? packing_.original_bytes
                                                                 : bytes) +
           attachment_.size();
  }

 protected:
  ~OutgoingMessage() = default;

  size_t size_ = 0;
  Packing packing_;
  Attachment attachment_;
};

}  // namespace dialtone
