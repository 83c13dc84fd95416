#include "message_port.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "dialtone/rpc/internal/frame_pool.h"
#include "dialtone/transport/check.h"
#include "request_bytes.h"
#include "serialised_message.h"

namespace dialtone::internal {

// A message that was not read yet: its bytes lie behind this object in pooled memory, or in the block
// that it came in.
struct MessagePort::Kept {
  static std::unique_ptr<Kept> Make(IncomingMessage& message) {
    const bool own_block = message.block != nullptr;
    const size_t bytes = sizeof(Kept) + (own_block ? 0 : message.bytes.size());
    auto* kept = ::new (FramePool::Allocate(bytes)) Kept(bytes);
    kept->cost = message.cost;
    kept->packing = message.packing;
    kept->attachment = std::move(message.attachment);
    kept->block = std::move(message.block);
    if (own_block) {
      kept->view = message.bytes;
    } else {
      char* const to = reinterpret_cast<char*>(kept + 1);
      std::copy(message.bytes.begin(), message.bytes.end(), to);
      kept->view = std::string_view(to, message.bytes.size());
    }
    return std::unique_ptr<Kept>(kept);
  }
  static void operator delete(Kept* kept, std::destroying_delete_t) {
    const size_t bytes = kept->pooled_bytes;
    kept->~Kept();
    FramePool::Free(kept, bytes);
  }

  const size_t pooled_bytes;
  std::unique_ptr<Kept> next;
  SharedBytes block;
  std::string_view view;
  MessageCost cost;
  Packing packing;
  Attachment attachment;

  bool is_large() const { return IsLarge(packing, view); }

 private:
  explicit Kept(size_t bytes) : pooled_bytes(bytes) {}
};

MessagePort::MessagePort(Owner& owner) : owner_(owner) {}

MessagePort::~MessagePort() {
  DIALTONE_CHECK(reader_ == nullptr && writer_ == nullptr,
                 "a stream was destroyed while somebody waited at it");
  DropKept();
}

void MessagePort::Reset() {
  DIALTONE_CHECK(reader_ == nullptr && writer_ == nullptr && parsing_ == nullptr);
  DropKept();
  inbound_ended_ = outbound_ended_ = paused_ = discards_ = false;
  half_close_wanted_ = half_close_called_ = false;
  received_ = sent_ = false;
  attachment_ = Attachment();
}

// --- Reading ---

void MessagePort::Deliver(IncomingMessage& message) {
  received_ = true;
  if (discards_ || inbound_ended_) return;
  const bool awaited = reader_ != nullptr && parsing_ == nullptr && first_ == nullptr;
  if (awaited && !IsLarge(message)) {
    Parse(*std::exchange(reader_, nullptr), message.packing, message.bytes,
          std::move(message.attachment));
    return;
  }
  Keep(message);
  if (!awaited) return;
  StreamOp& op = *std::exchange(reader_, nullptr);
  if (ParseLater(op)) return;
  const std::unique_ptr<Kept> kept = std::move(parsing_);
  message.kept = false;
  Parse(op, *kept);
}

bool MessagePort::ParseLater(StreamOp& op) {
  parsing_ = TakeFirst();
  reader_ = &op;
  if (owner_.port_workers().Post(parse_work_)) {
    loop_->ExpectPosts(1);
    op.Pend();
    return true;
  }
  reader_ = nullptr;
  return false;
}

void MessagePort::Keep(IncomingMessage& message) {
  message.kept = true;
  std::unique_ptr<Kept> kept = Kept::Make(message);
  Kept* const added = kept.get();
  (first_ == nullptr ? first_ : last_->next) = std::move(kept);
  last_ = added;
}

std::unique_ptr<MessagePort::Kept> MessagePort::TakeFirst() {
  std::unique_ptr<Kept> taken = std::move(first_);
  first_ = std::move(taken->next);
  if (first_ == nullptr) last_ = nullptr;
  return taken;
}

void MessagePort::DropKept() {
  // One by one: a chain of owners would be destroyed by recursion.
  while (first_ != nullptr) {
    const std::unique_ptr<Kept> dropped = TakeFirst();
    owner_.GiveBack(dropped->cost);
  }
}

void MessagePort::Read(StreamOp& op) {
  DIALTONE_CHECK(reader_ == nullptr, "a stream is read by two at a time");
  if (first_ == nullptr) {
    if (inbound_ended_) return op.Complete(false);
    reader_ = &op;
    return op.Pend();
  }
  std::unique_ptr<Kept> kept;
  if (first_->is_large()) {
    if (ParseLater(op)) return;
    kept = std::move(parsing_);
  } else {
    kept = TakeFirst();
  }
  owner_.GiveBack(kept->cost);
  Parse(op, *kept);
}

void MessagePort::Parse(StreamOp& op, const Packing& packing, std::string_view bytes,
                        Attachment&& attachment) {
  FinishRead(op, ParseInto(op, packing, bytes), std::move(attachment));
}

void MessagePort::Parse(StreamOp& op, Kept& kept) {
  Parse(op, kept.packing, kept.view, std::move(kept.attachment));
}

absl::Status MessagePort::ParseInto(StreamOp& op, const Packing& packing, std::string_view bytes) {
  owner_.BeforeParsing(UnpackedBytes(packing, bytes));
  return ParseMessage(packing, bytes, *op.incoming_);
}

void MessagePort::ParseOnWorker() {
  parsed_ = ParseInto(*reader_, parsing_->packing, parsing_->view);
  loop_->Post(parsed_work_);
}

void MessagePort::OnParsed() {
  loop_->ExpectPosts(-1);
  const std::unique_ptr<Kept> kept = std::move(parsing_);
  owner_.GiveBack(kept->cost);
  FinishRead(*std::exchange(reader_, nullptr), parsed_, std::move(kept->attachment));
}

void MessagePort::FinishRead(StreamOp& op, const absl::Status& parsed, Attachment&& attachment) {
  if (parsed.ok()) {
    attachment_ = std::move(attachment);
    owner_.OnMessageRead(*op.incoming_);
    return op.Complete(true);
  }
  Fail();
  owner_.OnInvalidMessage(parsed);
  op.Complete(false);
}

void MessagePort::EndInbound() {
  inbound_ended_ = true;
  if (reader_ != nullptr && parsing_ == nullptr) std::exchange(reader_, nullptr)->Complete(false);
}

void MessagePort::Discard() {
  discards_ = true;
  DropKept();
}

// --- Writing ---

void MessagePort::Write(StreamOp& op) {
  DIALTONE_CHECK(writer_ == nullptr, "a stream is written to by two at a time");
  if (outbound_ended_ || half_close_wanted_) return op.Complete(false);
  if (op.last_) half_close_wanted_ = true;
  if (owner_.CanSend() && !paused_) return SendOut(op);
  if (op.bytes_ == nullptr)
    op.bytes_ = std::make_unique<RequestBytes>(*op.outgoing_, op.attachment_);
  writer_ = &op;
  writer_sent_ = false;
  op.Pend();
}

void MessagePort::SendOut(StreamOp& op) {
  sent_ = true;
  const CompressionSet unpacks = owner_.port_unpacks();
  PackingPlan plan;
  if (!unpacks.empty()) plan = owner_.port_packing();
  if (!unpacks.has(plan.algorithm)) plan.algorithm = Compression::kNone;
  // Of a half-close while it waited, too: no message follows.
  const bool last = half_close_wanted_;
  bool more = true;
  if (op.bytes_ != nullptr) {
    // What is large was packed ahead, or goes as it is.
    if (op.bytes_->size() <= kLargeMessageBytes) op.bytes_->Pack(plan);
    more = owner_.SendOut(op.bytes_->For(unpacks), last);
  } else {
    SerialisedMessage message(*op.outgoing_);
    message.Attach(op.attachment_);
    PackedMessage packed;
    const bool smaller = message.size() <= kLargeMessageBytes && packed.Pack(plan, message);
    more = owner_.SendOut(smaller ? static_cast<OutgoingMessage&>(packed) : message, last);
  }
  if (!outbound_ended_) owner_.OnMessageWritten(*op.outgoing_);
  if (more || outbound_ended_) return op.Complete(!outbound_ended_);
  paused_ = true;
  writer_ = &op;
  writer_sent_ = true;
  op.Pend();
}

void MessagePort::PackAhead(RequestBytes& message) const {
  const PackingPlan plan = owner_.port_packing();
  if (plan.Wants(message.size()) && owner_.MayUnpack(plan.algorithm)) message.Pack(plan);
}

void MessagePort::OnWritable() {
  paused_ = false;
  if (writer_ == nullptr) return;
  StreamOp& op = *std::exchange(writer_, nullptr);
  if (writer_sent_) return op.Complete(true);
  SendOut(op);
}

void MessagePort::OnSendable() {
  paused_ = false;
  if (writer_ != nullptr) {
    SendOut(*std::exchange(writer_, nullptr));
  } else if (half_close_wanted_) {
    owner_.SendHalfClose();
  }
}

void MessagePort::HalfClose() {
  if (outbound_ended_ || std::exchange(half_close_called_, true)) return;
  sent_ = true;
  const bool said_by_last = std::exchange(half_close_wanted_, true);
  // A message that still waits to leave will take it along.
  const bool waits = writer_ != nullptr && !writer_sent_;
  if (!said_by_last && !waits && owner_.CanSend()) owner_.SendHalfClose();
}

// --- Ends ---

void MessagePort::Fail() {
  Discard();
  EndBoth();
}

void MessagePort::EndBoth() {
  outbound_ended_ = true;
  paused_ = false;
  if (writer_ != nullptr) std::exchange(writer_, nullptr)->Complete(false);
  EndInbound();
}

// --- Operations ---

void MessagePort::Begin(StreamOp& op) { op.incoming_ != nullptr ? Read(op) : Write(op); }

bool MessagePort::Withdraw(StreamOp& op) {
  if (&op == reader_) {
    if (parsing_ != nullptr) return false;
    reader_ = nullptr;
  } else if (&op == writer_) {
    writer_ = nullptr;
    if (writer_sent_) return true;
    // The end that would have gone with it.
    half_close_wanted_ = half_close_called_;
    if (half_close_called_ && owner_.CanSend()) owner_.SendHalfClose();
  }
  return true;
}

}  // namespace dialtone::internal
