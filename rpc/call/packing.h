// How a call's messages are compressed on their way out, and how those that arrive become messages of
// generated code again. Internal to rpc/.
//
//   plan (options, method, call) ─▶ PackedMessage::Pack ─▶ protocol ─▶ … ─▶ ParseMessage
//                                        └─ false: too small, or no smaller: it goes as it is
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "dialtone/rpc/compression.h"
#include "message.h"
#include "small_message_parser.h"

namespace dialtone::internal {

// What messages are to be packed with. A value.
struct PackingPlan {
  bool Wants(size_t bytes) const { return algorithm != Compression::kNone && bytes >= bytes_min; }

  uint32_t bytes_min = 0;
  int level = 1;
  Compression algorithm = Compression::kNone;
};

// As `options` have it for the algorithm; kNone, if this build has not got it.
PackingPlan PlanWith(const CompressionOptions& options, Compression algorithm);
// Logs that an algorithm was chosen which this build has not got. `whose`: "the server".
void WarnIfMissing(Compression algorithm, std::string_view whose);

// A message that has become smaller. Its bytes are a block, shared with the protocol.
class PackedMessage final : public OutgoingMessage {
 public:
  PackedMessage() = default;
  PackedMessage(const PackedMessage&) = delete;
  PackedMessage& operator=(const PackedMessage&) = delete;

  // Packs a message, which keeps its attachment, and shares that. False: it is smaller than the plan
  // wants, or would not become smaller; nothing has changed.
  bool Pack(const PackingPlan& plan, const OutgoingMessage& message);
  // The same, of bytes that lie in one piece.
  bool Pack(const PackingPlan& plan, std::string_view bytes, const Attachment& attachment);

  void WriteTo(char* into) const override;
  SharedBytes Share() override { return block_; }

 private:
  SharedBytes block_;
};

// Of what size a message is that has arrived, once it is unpacked.
inline size_t UnpackedBytes(const Packing& packing, std::string_view bytes) {
  return packing.packed() ? packing.original_bytes : bytes.size();
}

// Parts of ParseMessage(): of one that is packed, of one that is long, and what is said of what is none.
absl::Status UnpackAndParse(const Packing& packing, std::string_view bytes,
                            google::protobuf::MessageLite& into);
bool ParseLong(std::string_view bytes, google::protobuf::MessageLite& into);
absl::Status NoValid(const google::protobuf::MessageLite& message);

// Unpacks, if need be, and parses. INVALID_ARGUMENT says what is wrong, to be read behind "the
// request": "is no valid greeter.GreetRequest". `has_room`: see IncomingMessage.
inline absl::Status ParseMessage(const Packing& packing, std::string_view bytes,
                                 google::protobuf::MessageLite& into, bool has_room = false) {
  if (packing.packed()) [[unlikely]] {
    return UnpackAndParse(packing, bytes, into);
  }
  const bool parsed = bytes.size() <= SmallMessageParser::kMaxBytes
                          ? SmallMessageParser::Parse(bytes, has_room, into)
                          : ParseLong(bytes, into);
  if (!parsed) [[unlikely]] {
    return NoValid(into);
  }
  return absl::OkStatus();
}

}  // namespace dialtone::internal
