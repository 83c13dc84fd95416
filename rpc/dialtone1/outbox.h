// Everything on its way out of one connection: frames in the write queue, and the messages that
// wait for their turn or for credit. A message that fits into one frame, and for which there is
// credit, goes straight into the write queue; any other one goes in pieces, in turn with others
// (turns.h), so that a large message delays nobody for longer than a piece takes.
// Internal to dialtone1/.
//
//   call ── small ───────────────────────────────▶ ┌ write queue ┐ ── Flush, at the batch's end ──▶
//   stream
//     └─── large ──▶ waiting ─▶ turn ─▶ turn ─▶ …  └─────────────┘
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "byte_account.h"
#include "dialtone/transport/byte_stream.h"
#include "dialtone/transport/write_queue.h"
#include "frame.h"
#include "frame_writer.h"
#include "message.h"
#include "message_splitter.h"
#include "turns.h"
#include "window.h"

namespace dialtone::dialtone1 {

// The sending half of a stream; base of both sides' streams. Only the outbox changes what is
// private.
class OutStream : public TurnEntry {
 public:
  OutStream() = default;
  ~OutStream() = default;
  OutStream(const OutStream&) = delete;
  OutStream& operator=(const OutStream&) = delete;

  uint32_t id() const { return id_; }
  // Messages, or a last frame, are not yet in the write queue.
  bool waiting() const { return first_ != nullptr; }

 protected:
  // Makes the object a new stream's. Nothing may be waiting.
  void ResetOut(uint32_t id, uint32_t window) {
    id_ = id;
    window_ = SendWindow(window);
    wants_room_ = false;
  }

 private:
  friend class Outbox;
  struct Message {
    Message(OutgoingMessage& message, bool end);

    size_t body_bytes() const { return bytes + attachment.size(); }

    // What it counts as, while it waits.
    size_t cost() const { return std::max<size_t>(body_bytes(), kMinMessageCharge); }

    SharedBytes block;
    size_t bytes;
    Attachment attachment;
    bool end;  // the frame with the last piece carries END
    PieceCursor cursor;
    std::unique_ptr<Message> next;
  };

  uint32_t id_ = 0;
  SendWindow window_{0};
  bool wants_room_ = false;  // OnStreamWritable() is owed
  std::unique_ptr<Message> first_;
  Message* last_ = nullptr;
  std::string last_frame_;  // goes behind the messages that wait; empty: none
};

// Not thread-safe; belongs to a connection.
class Outbox {
 public:
  class Listener {
   public:
    // The last frame of a stream that had to wait (SendLast) is in the write queue now.
    virtual void OnLastFrameQueued(OutStream& stream) = 0;
    // After a SendOrWait() that said false: all that waited is in the write queue now. From within
    // Pump() and AddCredit(). Must not send from within; it may drop streams, its own too.
    virtual void OnStreamWritable(OutStream& stream) = 0;

   protected:
    ~Listener() = default;
  };

  // `queue_bytes_max`: see full(). What waits is charged to `account`, if there is one.
  Outbox(Listener& listener, size_t queue_bytes_max, ByteAccount* account = nullptr);
  ~Outbox() = default;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // For frames that are charged to no window: they go out in the order in which they are appended
  // here.
  WriteQueue& queue() { return queue_; }
  const WriteQueue& queue() const { return queue_; }

  // --- Messages ---

  // Appends a REQUEST, DATA or RESPONSE with a message in it and returns true; or returns false and
  // does nothing, when the message has to wait or to go in pieces.
  bool TrySend(OutStream& stream, const FrameHeader& header, const TimePrefix& time,
               std::string_view metadata, const OutgoingMessage& message);
  // The same, of a REQUEST or RESPONSE of one of the kinds kWholeRequest, for which `left_us` is, and kWholeReply. Requires
  // that the message is plain.
  bool TrySendWhole(OutStream& stream, uint32_t kind, uint32_t argument, uint64_t left_us,
                    const OutgoingMessage& message);
  // Sends a message as DATA when its turn comes.
  void SendLater(OutStream& stream, OutgoingMessage& message, bool end);
  // A message of a stream of them, as DATA: at once if nothing stands before it. False: it waits, and
  // OnStreamWritable() will say when it does not any more.
  bool SendOrWait(OutStream& stream, OutgoingMessage& message, bool end);
  // What has an attachment waits until this was said, which is of no use once the peer's SETTINGS
  // have said otherwise: the peer accepts them.
  void AcceptAttachments() { attachments_accepted_ = true; }
  bool attachments_accepted() const { return attachments_accepted_; }
  // True: the stream's next message waits for that. Once it was said, EnterTurn() lets it go on.
  bool WaitsToAttach(const OutStream& stream) const {
    return stream.first_ != nullptr && !attachments_accepted_ && !stream.first_->attachment.empty();
  }
  void EnterTurn(OutStream& stream) { turns_.Enter(stream, stream.first_->cursor.remaining()); }
  // Half-closes without a message, behind those that wait.
  void SendEnd(OutStream& stream);
  // Puts a whole frame behind the messages that wait. Requires stream.waiting(); then
  // OnLastFrameQueued() follows.
  void SendLast(OutStream& stream, std::string frame);
  // Forgets what waits. True when a last frame was among it, which `frame` then has.
  bool Drop(OutStream& stream, std::string& frame);
  void Drop(OutStream& stream) {
    if (!stream.waiting()) [[likely]] {
      return;
    }
    std::string frame;
    Drop(stream, frame);
  }

  // --- Credit; false: more than a window may have ---

  [[nodiscard]] bool AddCredit(uint32_t bytes);
  [[nodiscard]] bool AddStreamCredit(OutStream& stream, uint32_t bytes);

  // --- Writing ---

  // Moves pieces into the write queue, as far as credit and the queue's room go.
  void Pump();
  // Moves the write queue into `to`, as far as it goes.
  IoResult Flush(ByteStream& to);
  // More bytes wait for the socket than they should: whoever produces them should stop.
  bool full() const { return queue_.full(); }
  bool half_full() const { return queue_.size() * 2 > queue_bytes_max_; }
  // Bytes that the write queue has taken, and those of them that the stream has taken, since the
  // beginning.
  uint64_t queued_bytes() const { return flushed_bytes_ + queue_.size(); }
  uint64_t flushed_bytes() const { return flushed_bytes_; }
  // Nothing more leaves until the peer reads, or gives the connection credit.
  bool blocked() const {
    return !queue_.empty() ||
           (waiting_bytes_ != 0 && window_.credit() < kMinPieceBytes + kMaxMessagePrefixBytes);
  }
  // What has been added to the write queue since it was charged.
  size_t uncharged_bytes() const {
    return queue_.size() > charged_queue_bytes_ ? queue_.size() - charged_queue_bytes_ : 0;
  }
  // Charges what is left in the write queue, as it is now, to the account.
  void ChargeQueue() {
    if (queue_.size() != charged_queue_bytes_) ChargeQueueSlow();
  }
  // Of messages that wait; an empty one counts, too.
  uint64_t waiting_bytes() const { return waiting_bytes_; }
  uint32_t credit() const { return window_.credit(); }
  // What messages have taken of it since the beginning.
  uint64_t spent_credit() const { return given_credit_ - window_.credit(); }
  // Goes on for another one of which nothing was left. Requires a new object.
  void Resume(uint32_t credit, uint64_t flushed_bytes) {
    window_ = SendWindow(credit);
    given_credit_ = credit;
    flushed_bytes_ = flushed_bytes;
  }

 private:
  using Message = OutStream::Message;
  // Pieces are moved into the write queue only up to this, so that small frames do not queue up
  // behind many of them; and up to more, where the stream has taken all of that at once each time.
  static constexpr size_t kPumpBytes = 128 * 1024;
  static constexpr size_t kPumpBytesMax = 512 * 1024;

  void ChargeQueueSlow();
  bool TrySendSlow(OutStream& stream, const FrameHeader& header, const TimePrefix& time,
                   std::string_view metadata, const OutgoingMessage& message);
  bool SendPiece(OutStream& stream);
  void AppendPiece(const FrameHeader& header, const Piece& piece, const Message& message);
  void AppendBytes(const std::shared_ptr<const void>& owner, std::string_view bytes);
  // A frame up to its prefix; returns where `own_bytes` of the message go. AppendAttached() follows.
  char* ReservePiece(FrameHeader header, const TimePrefix& time, std::string_view metadata,
                     const Piece& piece, size_t own_bytes, std::string_view attached);
  void AppendAttached(const Attachment& attachment, std::string_view attached, char* at);
  void AddMessage(OutStream& stream, std::unique_ptr<Message> message);
  void PopMessage(OutStream& stream);

  Listener& listener_;
  const size_t queue_bytes_max_;
  ByteAccount* const account_;
  WriteQueue queue_;
  SendWindow window_{kMinConnectionWindow};
  uint64_t given_credit_ = kMinConnectionWindow;
  Turns turns_;  // the streams that wait, but for those that have no credit
  uint64_t flushed_bytes_ = 0;
  uint64_t waiting_bytes_ = 0;
  size_t charged_queue_bytes_ = 0;
  size_t pump_bytes_ = kPumpBytes;
  bool attachments_accepted_ = false;
};

inline bool Outbox::TrySend(OutStream& stream, const FrameHeader& header, const TimePrefix& time,
                            std::string_view metadata, const OutgoingMessage& message) {
  const size_t bytes = message.size();
  const uint32_t credit = std::min(stream.window_.credit(), window_.credit());
  if (bytes > kMaxPieceBytes || stream.first_ != nullptr) return false;
  if (!message.plain()) [[unlikely]] {
    return TrySendSlow(stream, header, time, metadata, message);
  }
  const auto part_bytes = static_cast<uint32_t>(bytes);
  const uint32_t charge = MessageCharge(part_bytes);
  if (charge > credit) [[unlikely]] {
    return false;
  }
  stream.window_.Take(charge);
  window_.Take(charge);
  FrameHeader with_message = header;
  with_message.flags |= kFlagMessage;
  char* at = queue_.Reserve(FrameBytes(time, metadata, part_bytes)).data();
  message.WriteTo(WriteFrameHead(with_message, time, metadata, part_bytes, at));
  return true;
}

inline bool Outbox::TrySendWhole(OutStream& stream, uint32_t kind, uint32_t argument,
                                 uint64_t left_us, const OutgoingMessage& message) {
  const size_t bytes = message.size();
  if (bytes > kMaxPieceBytes || stream.first_ != nullptr) return false;
  const uint32_t charge = MessageCharge(static_cast<uint32_t>(bytes));
  if (charge > std::min(stream.window_.credit(), window_.credit())) [[unlikely]] {
    return false;
  }
  stream.window_.Take(charge);
  window_.Take(charge);
  const uint32_t before = kind == kWholeRequest ? kTimePrefixBytes : 0;
  char* at = queue_.Reserve(kHeaderBytes + before + bytes).data();
  EncodeWholeHeader(static_cast<uint32_t>(before + bytes), kind, stream.id_, argument, at);
  at += kHeaderBytes;
  if (before != 0) Store64(at, left_us);
  message.WriteTo(at + before);
  return true;
}

}  // namespace dialtone::dialtone1
