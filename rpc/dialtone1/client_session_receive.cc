// ClientSession's receiving half: what frames of calls do. The rest is in client_session.cc.
#include <utility>

#include "absl/strings/str_cat.h"
#include "client_session.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::dialtone1 {

void ClientSession::OnFrame(const Frame& frame) {
  const uint32_t id = frame.header.stream;
  OutgoingCall* const call = calls_.Find(id);
  StreamState state;
  if (call != nullptr) {
    state = call->state_;
  } else if (id >= options_.first_stream_id && id <= ids_.last()) {
    state.phase = StreamPhase::kClosed;
  }
  const TransitionResult result =
      Transition(Role::kClient, Direction::kReceive, state, frame.type(), frame.header.flags);
  if (result.verdict == Verdict::kError) [[unlikely]] {
    Fail(ExplainTransition(Role::kClient, state, frame.header));
    return;
  }
  if (call == nullptr) return;
  if (frame.type() == FrameType::kWindow) {
    ScheduleBatchEnd();
    if (!outbox().AddStreamCredit(*call, frame.header.argument)) {
      Fail(WireError{GoawayReason::kFlowControl,
                     absl::StrCat("a WINDOW raises the credit of stream ", id, " above 2^31-1")});
    }
    return;
  }
  call->state_ = result.next;
  if (frame.type() == FrameType::kData) {
    call->has_data_ = true;
    TakeMessage(*call, frame, result.verdict == Verdict::kTake);
  } else if (frame.has(kFlagEnd)) {
    TakeEnd(*call, frame);
  } else if (result.verdict == Verdict::kTake) {
    TakeHeaders(*call, frame);
  }
}

void ClientSession::OnWhole(const WholeFrame& frame) {
  OutgoingCall* const call = calls_.Find(frame.stream);
  if (call != nullptr && MayTakeWhole(*call, frame)) [[likely]] {
    TakeWholeReply(*call, frame);
  } else {
    OnFrame(ToFrame(kWholeReply, frame));
  }
}

// The one answer of a call that has sent all and received nothing: as nearly all are. What is legal then, and what
// accounts come to, is known without a look at the tables.
bool ClientSession::MayTakeWhole(const OutgoingCall& call, const WholeFrame& frame) const {
  return call.state_ == StreamState{StreamPhase::kHalfClosedLocal, /*replied=*/false} &&
         call.handler_ != nullptr && !call.failed_early_ && !call.ending_ && !call.waiting() &&
         call.assembler_.untouched() && call.held_bytes_ == 0 &&
         frame.message.size() <= call.reply_bytes_max_ && frame.charge() <= call.window_.credit();
}

void ClientSession::TakeWholeReply(OutgoingCall& call, const WholeFrame& frame) {
  ForgiveControlFrames();
  NoteWholeMessage();
  call.state_.phase = StreamPhase::kClosed;
  call.ending_ = true;
  const bool at_once = call.handler_->TakesWhole();
  if (!at_once) [[unlikely]] {
    IncomingMessage message;
    message.bytes = frame.message;
    message.cost = MessageCost{frame.charge(), 0, frame.message.size() + kKeptMessageBytes};
    call.handler_->OnMessage(message);
    if (!open()) return;  // the session has failed, and all calls with it
  }
  ClientStreamHandler* const handler = std::exchange(call.handler_, nullptr);
  calls_.Erase(call.id());
  free_calls_.push_back(&call);
  if (full_) ScheduleBatchEnd();
  if (at_once) [[likely]] {
    handler->OnWhole(frame.message, ReadNow());
  } else if (handler != nullptr) {
    StreamEnd end;
    end.arrived = ReadNow();
    handler->OnEnd(std::move(end));
  }
  CloseIfDrained();
}

MessageAssembler* ClientSession::AssemblerOf(uint32_t stream) {
  OutgoingCall* const call = calls_.Find(stream);
  const bool listening = call != nullptr && call->handler_ != nullptr && !call->failed_early_;
  return listening ? &call->assembler_ : nullptr;
}

void ClientSession::TakeMessage(OutgoingCall& call, const Frame& frame, bool deliver) {
  const uint32_t charge = frame.charge();
  if (!Charge(call.id(), call.window_, charge)) return;
  const bool more = deliver && !call.ending_;
  // Nobody listens any more, or only to the end.
  if (call.handler_ == nullptr || call.failed_early_) {
    return Release(call.id(), call.window_, charge, more);
  }
  AssembledMessage message;
  const auto bytes_max = static_cast<uint32_t>(call.reply_bytes_max_);
  switch (Assemble(call.assembler_, frame, bytes_max, message)) {
    case MessageAssembler::Result::kMessage:
      Deliver(call, message, charge);
      return;
    case MessageAssembler::Result::kTooLarge:
      Release(call.id(), call.window_, charge, false);
      FailCall(call,
               absl::ResourceExhaustedError(absl::StrCat(
                   "reply from ", info().peer.ToString(), ": ", call.assembler_.error().text,
                   " (limit ", call.reply_bytes_max_, " bytes)")),
               CancelReason::kUnacceptable);
      return;
    case MessageAssembler::Result::kError:
      Fail(call.assembler_.error());
      return;
    case MessageAssembler::Result::kIncomplete:
      ReleasePiece(call.id(), call.window_, charge, more);
      if (bytes().over()) BoundHeld();
      return;
    case MessageAssembler::Result::kNothing:
    case MessageAssembler::Result::kDropped:
      Release(call.id(), call.window_, charge, more);
      return;
  }
}

void ClientSession::Deliver(OutgoingCall& call, const AssembledMessage& assembled,
                            uint32_t charge) {
  charge += call.window_.TakePieces();
  IncomingMessage message = MakeIncoming(call.assembler_, assembled, charge);
  call.handler_->OnMessage(message);
  // It may have given the call up.
  if (call.handler_ == nullptr || !message.kept) {
    return Release(call.id(), call.window_, charge, call.handler_ != nullptr && !call.ending_);
  }
  Hold(call.held_bytes_, message.cost.memory_bytes);
  if (bytes().over()) BoundHeld();
}

// The newest call is given up whose message is under way, or whose messages are not taken.
void ClientSession::BoundHeld() {
  ForgetFrame();
  if (!bytes().over()) return;
  OutgoingCall* newest = nullptr;
  for (OutgoingCall* call : calls_.All()) {
    if (call->handler_ == nullptr) continue;
    if (!call->assembler_.incomplete() && call->held_bytes_ == 0) continue;
    if (newest == nullptr || call->id() > newest->id()) newest = call;
  }
  if (newest == nullptr) return;
  FailCall(*newest,
           absl::ResourceExhaustedError(
               absl::StrCat("reply from ", info().peer.ToString(), ": ", bytes().Why())),
           CancelReason::kUnacceptable);
}

void ClientSession::TakeHeaders(OutgoingCall& call, const Frame& frame) {
  ReceivedMetadata received;
  if (const auto error = ReadMetadata(frame.metadata, MetadataPlace::kInitial, received)) {
    Fail(*error);
    return;
  }
  if (absl::Status status = CheckMetadataSize(frame); !status.ok()) {
    FailCall(call, std::move(status), CancelReason::kUnacceptable);
    return;
  }
  if (call.handler_ != nullptr) call.handler_->OnHeaders(std::move(received.users));
}

void ClientSession::TakeEnd(OutgoingCall& call, const Frame& frame) {
  ForgiveControlFrames();
  call.ending_ = true;
  if (frame.has(kFlagMessage)) {
    TakeMessage(call, frame, /*deliver=*/false);
    if (!open()) return;  // the session has failed, and all calls with it
  }
  StreamEnd end;
  end.arrived = ReadNow();
  end.has_times = frame.has(kFlagTimes);
  end.queue_us = frame.queue_us;
  end.handler_us = frame.handler_us;
  end.never_ran = end.refused = frame.has(kFlagRefused) && !call.has_data_;
  if (!frame.metadata.empty() || frame.header.argument != 0) [[unlikely]] {
    ReceivedMetadata received;
    if (const auto error = ReadMetadata(frame.metadata, MetadataPlace::kTrailing, received)) {
      call.ending_ = false;
      Fail(*error);
      return;
    }
    end.status = CheckMetadataSize(frame);
    if (end.status.ok()) {
      end.status = ReadStatus(frame.header.argument, received.message, received.details);
      end.trailing = std::move(received.users);
      if (received.pushback.has_value()) end.pushback = ReadPushback(*received.pushback);
    }
  }
  const bool listening = call.handler_ != nullptr && !call.failed_early_;
  if (call.assembler_.incomplete() && listening && end.status.ok()) {
    call.ending_ = false;
    Fail(WireError{GoawayReason::kMessage,
                   absl::StrCat("stream ", call.id(), " ended inside of a message")});
    return;
  }
  End(call, std::move(end));
  CloseIfDrained();
}

absl::Status ClientSession::CheckMetadataSize(const Frame& frame) const {
  const uint32_t limit = own_settings().max_metadata_bytes;
  if (frame.metadata.size() <= limit) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("reply from ", info().peer.ToString(),
                                                   ": metadata of ", frame.metadata.size(),
                                                   " bytes is above the limit of ", limit));
}

// Ends a call whose reply cannot be taken. Its slot stays taken until the server has ended it, too.
void ClientSession::FailCall(OutgoingCall& call, absl::Status status, CancelReason reason) {
  StreamEnd end;
  end.status = std::move(status);
  ClientStreamHandler* const handler = std::exchange(call.handler_, nullptr);
  LetGo(call.held_bytes_, call.held_bytes_);
  if (!call.ending_) SendCancel(call, reason);
  if (handler != nullptr) handler->OnEnd(std::move(end));
}

}  // namespace dialtone::dialtone1
