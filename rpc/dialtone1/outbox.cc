#include "outbox.h"

#include <utility>

#include "dialtone/transport/check.h"

namespace dialtone::dialtone1 {

Outbox::Outbox(Listener& listener, size_t queue_bytes_max, ByteAccount* account)
    : listener_(listener),
      queue_bytes_max_(queue_bytes_max),
      account_(account),
      queue_(queue_bytes_max) {}

void Outbox::SendLater(OutStream& stream, OutgoingMessage& message, bool end) {
  const size_t bytes = message.size();
  AddMessage(stream, std::make_unique<Message>(message.Share(), bytes, end));
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
  LeaveTurn(stream);
  // One by one: a chain of owners would be destroyed by recursion.
  while (stream.first_ != nullptr) PopMessage(stream);
  stream.wants_room_ = false;
  frame = std::exchange(stream.last_frame_, std::string());
  return !frame.empty();
}

bool Outbox::AddCredit(uint32_t bytes) {
  if (!window_.Add(bytes)) return false;
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
  while (turn_ != nullptr && queue_.size() < kPumpBytes) {
    OutStream& stream = *turn_;
    if (SendPiece(stream)) continue;
    // Either this stream waits for credit of its own, and the others go on without it, or all of
    // them wait.
    if (stream.window_.credit() >= window_.credit()) return;
    LeaveTurn(stream);
  }
}

// False: there is not enough credit. Otherwise the turn has gone on to the next stream.
bool Outbox::SendPiece(OutStream& stream) {
  Message& message = *stream.first_;
  Piece piece;
  if (!message.cursor.Next(std::min(stream.window_.credit(), window_.credit()), piece))
    return false;
  stream.window_.Take(piece.charge());
  window_.Take(piece.charge());
  const uint8_t end = message.end && piece.last() ? kFlagEnd : 0;
  AppendPiece(queue_, MakeHeader(FrameType::kData, end, stream.id_, 0), TimePrefix::None(), {},
              piece, std::string_view(message.block.get(), message.bytes));
  turn_ = stream.turn_next_;
  if (!piece.last()) return true;
  PopMessage(stream);
  if (stream.waiting()) return true;
  LeaveTurn(stream);
  if (!stream.last_frame_.empty()) {
    queue_.Append(std::exchange(stream.last_frame_, std::string()));
    listener_.OnLastFrameQueued(stream);
  } else if (std::exchange(stream.wants_room_, false)) {
    listener_.OnStreamWritable(stream);
  }
  return true;
}

void Outbox::EnterTurn(OutStream& stream) {
  if (stream.in_turn_) return;
  stream.in_turn_ = true;
  if (turn_ == nullptr) {
    turn_ = stream.turn_previous_ = stream.turn_next_ = &stream;
    return;
  }
  stream.turn_next_ = turn_;
  stream.turn_previous_ = turn_->turn_previous_;
  stream.turn_previous_->turn_next_ = stream.turn_next_->turn_previous_ = &stream;
}

void Outbox::LeaveTurn(OutStream& stream) {
  if (!stream.in_turn_) return;
  stream.in_turn_ = false;
  if (turn_ == &stream) turn_ = stream.turn_next_ == &stream ? nullptr : stream.turn_next_;
  stream.turn_previous_->turn_next_ = stream.turn_next_;
  stream.turn_next_->turn_previous_ = stream.turn_previous_;
  stream.turn_previous_ = stream.turn_next_ = nullptr;
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
