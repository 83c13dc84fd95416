#include "outbox.h"

#include <cstring>
#include <utility>

#include "compressions.h"
#include "dialtone/transport/check.h"

namespace dialtone::dialtone1 {
namespace {

// Fewer bytes are copied in less time than it takes to share them.
constexpr size_t kSharedBytesMin = 4 * 1024;

MessageTraits TraitsOf(const OutgoingMessage& message) {
  MessageTraits traits;
  traits.compressed = message.packing().packed();
  traits.algorithm = AlgorithmNumber(message.packing().algorithm);
  traits.original_size = message.packing().original_bytes;
  traits.attached = !message.attachment().empty();
  traits.message_size = static_cast<uint32_t>(message.size());
  return traits;
}

}  // namespace

OutStream::Message::Message(OutgoingMessage& message, bool last)
    : block(message.Share()),
      bytes(message.size()),
      attachment(message.attachment()),
      end(last),
      cursor(body_bytes(), TraitsOf(message)) {}

Outbox::Outbox(Listener& listener, size_t queue_bytes_max, ByteAccount* account)
    : listener_(listener),
      queue_bytes_max_(queue_bytes_max),
      account_(account),
      queue_(queue_bytes_max) {}

bool Outbox::TrySendSlow(OutStream& stream, const FrameHeader& header, const TimePrefix& time,
                         std::string_view metadata, const OutgoingMessage& message) {
  const std::string_view attached = message.attachment().view();
  if (!attached.empty() && !attachments_accepted_) return false;
  if (message.size() + attached.size() > kMaxPieceBytes) return false;
  PieceCursor cursor(message.size() + attached.size(), TraitsOf(message));
  Piece piece;
  if (!cursor.Next(std::min(stream.window_.credit(), window_.credit()), piece) || !piece.last())
    return false;
  stream.window_.Take(piece.charge());
  window_.Take(piece.charge());
  char* const at = ReservePiece(header, time, metadata, piece, message.size(), attached);
  message.WriteTo(at);
  AppendAttached(message.attachment(), attached, at + message.size());
  return true;
}

void Outbox::SendLater(OutStream& stream, OutgoingMessage& message, bool end) {
  AddMessage(stream, std::make_unique<Message>(message, end));
}

bool Outbox::SendOrWait(OutStream& stream, OutgoingMessage& message, bool end) {
  const FrameHeader header =
      MakeHeader(FrameType::kData, end ? kFlagEnd : uint8_t{0}, stream.id_, 0);
  if (queue_.size() < kPumpBytes && TrySend(stream, header, TimePrefix::None(), {}, message))
    return true;
  SendLater(stream, message, end);
  stream.wants_room_ = true;
  return false;
}

void Outbox::SendEnd(OutStream& stream) {
  if (stream.last_ != nullptr) {
    stream.last_->end = true;
    return;
  }
  AppendFrame(queue_, MakeHeader(FrameType::kData, kFlagEnd, stream.id_, 0));
}

void Outbox::SendLast(OutStream& stream, std::string frame) {
  DIALTONE_CHECK(stream.waiting() && stream.last_frame_.empty());
  stream.last_frame_ = std::move(frame);
}

bool Outbox::Drop(OutStream& stream, std::string& frame) {
  turns_.Leave(stream);
  // One by one: a chain of owners would be destroyed by recursion.
  while (stream.first_ != nullptr) PopMessage(stream);
  stream.wants_room_ = false;
  frame = std::exchange(stream.last_frame_, std::string());
  return !frame.empty();
}

bool Outbox::AddCredit(uint32_t bytes) {
  if (!window_.Add(bytes)) return false;
  given_credit_ += bytes;
  Pump();
  return true;
}

bool Outbox::AddStreamCredit(OutStream& stream, uint32_t bytes) {
  if (!stream.window_.Add(bytes)) return false;
  if (stream.waiting()) EnterTurn(stream);
  return true;
}

IoResult Outbox::Flush(ByteStream& to) {
  const size_t before = queue_.size();
  if (before == 0) return IoResult{IoResult::State::kDone, 0};
  const IoResult result = queue_.Flush(to);
  flushed_bytes_ += before - queue_.size();
  if (before >= kPumpBytes) [[unlikely]] {
    const bool at_once = queue_.empty() && kPumpBytesMax * 2 <= queue_bytes_max_;
    pump_bytes_ = at_once ? std::min(before * 2, kPumpBytesMax) : kPumpBytes;
  }
  return result;
}

void Outbox::ChargeQueueSlow() {
  const size_t before = std::exchange(charged_queue_bytes_, queue_.size());
  if (account_ == nullptr) return;
  if (queue_.size() > before) {
    account_->Add(queue_.size() - before);
  } else {
    account_->Subtract(before - queue_.size());
  }
}

void Outbox::Pump() {
  while (queue_.size() < pump_bytes_) {
    auto* const stream = static_cast<OutStream*>(turns_.next());
    if (stream == nullptr) return;
    if (WaitsToAttach(*stream)) {
      turns_.Leave(*stream);
      continue;
    }
    if (SendPiece(*stream)) continue;
    // Either this stream waits for credit of its own, and the others go on without it, or all of
    // them wait.
    if (stream->window_.credit() >= window_.credit()) return;
    turns_.Leave(*stream);
  }
}

// False: there is not enough credit. Otherwise the turn has gone on.
bool Outbox::SendPiece(OutStream& stream) {
  Message& message = *stream.first_;
  Piece piece;
  if (!message.cursor.Next(std::min(stream.window_.credit(), window_.credit()), piece))
    return false;
  stream.window_.Take(piece.charge());
  window_.Take(piece.charge());
  const uint8_t end = message.end && piece.last() ? kFlagEnd : 0;
  AppendPiece(MakeHeader(FrameType::kData, end, stream.id_, 0), piece, message);
  turns_.Sent(piece.charge());
  if (!piece.last()) return true;
  PopMessage(stream);
  turns_.Leave(stream);
  if (stream.waiting()) {
    EnterTurn(stream);
  } else if (!stream.last_frame_.empty()) {
    queue_.Append(std::exchange(stream.last_frame_, std::string()));
    listener_.OnLastFrameQueued(stream);
  } else if (std::exchange(stream.wants_room_, false)) {
    listener_.OnStreamWritable(stream);
  }
  return true;
}

void Outbox::AppendPiece(const FrameHeader& header, const Piece& piece, const Message& message) {
  const size_t begin = std::min<size_t>(piece.offset, message.bytes);
  const std::string_view own =
      std::string_view(message.block.get(), message.bytes).substr(begin, piece.size);
  // An empty one, up to its prefix; then the bytes, from where they are if they are many.
  ReservePiece(header, TimePrefix::None(), {}, piece, 0, {});
  AppendBytes(message.block, own);
  if (own.size() == piece.size) return;
  AppendBytes(message.attachment.owner(),
              message.attachment.view().substr(piece.offset + own.size() - message.bytes,
                                               piece.size - own.size()));
}

void Outbox::AppendBytes(const std::shared_ptr<const void>& owner, std::string_view bytes) {
  if (bytes.size() >= kSharedBytesMin) {
    queue_.AppendShared(owner, bytes);
  } else {
    queue_.Append(bytes);
  }
}

char* Outbox::ReservePiece(FrameHeader header, const TimePrefix& time, std::string_view metadata,
                           const Piece& piece, size_t own_bytes, std::string_view attached) {
  header.flags |= piece.flags;
  const size_t copied =
      piece.prefix_bytes + own_bytes + (attached.size() < kSharedBytesMin ? attached.size() : 0);
  char* at = queue_.Reserve(FrameBytes(time, metadata, static_cast<uint32_t>(copied))).data();
  at = WriteFrameHead(header, time, metadata, piece.bytes(), at);
  if (piece.prefix_bytes != 0) std::memcpy(at, piece.prefix, piece.prefix_bytes);
  return at + piece.prefix_bytes;
}

void Outbox::AppendAttached(const Attachment& attachment, std::string_view attached, char* at) {
  if (attached.size() >= kSharedBytesMin) {
    queue_.AppendShared(attachment.owner(), attached);
  } else if (!attached.empty()) {
    std::memcpy(at, attached.data(), attached.size());
  }
}

void Outbox::AddMessage(OutStream& stream, std::unique_ptr<Message> message) {
  waiting_bytes_ += message->cost();
  if (account_ != nullptr) account_->Add(message->cost());
  Message* const added = message.get();
  (stream.last_ == nullptr ? stream.first_ : stream.last_->next) = std::move(message);
  stream.last_ = added;
  EnterTurn(stream);
}

void Outbox::PopMessage(OutStream& stream) {
  waiting_bytes_ -= stream.first_->cost();
  if (account_ != nullptr) account_->Subtract(stream.first_->cost());
  stream.first_ = std::move(stream.first_->next);
  if (stream.first_ == nullptr) stream.last_ = nullptr;
}

}  // namespace dialtone::dialtone1
