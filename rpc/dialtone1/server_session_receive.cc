// ServerSession's receiving half: from REQUEST to the handler. The rest is in server_session.cc.
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "server_session.h"
#include "unshared_status.h"

namespace dialtone::dialtone1 {
namespace {

// What a client says of the time left, as an instant of this side's clock. None left: one that has passed by any clock,
// also by a coarse one.
Instant DeadlineAfter(Instant now, uint64_t left_us) {
  if (left_us == 0) [[unlikely]]
    return now + absl::Seconds(-1);
  int64_t nanoseconds = 0;
  if (__builtin_mul_overflow(left_us, int64_t{1000}, &nanoseconds)) return Instant::Infinite();
  int64_t at = 0;
  if (__builtin_add_overflow(now.nanoseconds(), nanoseconds, &at)) return Instant::Infinite();
  return Instant::FromNanoseconds(at);
}

dialtone::CancelReason ReasonOf(uint32_t wire) {
  return wire <= static_cast<uint32_t>(dialtone::CancelReason::kShutdown)
             ? static_cast<dialtone::CancelReason>(wire)
             : dialtone::CancelReason::kCancelled;
}

}  // namespace

void ServerSession::OnFrame(const Frame& frame) {
  const uint32_t id = frame.header.stream;
  // The state of a stream with a new id is known without a look: idle, where a REQUEST is legal.
  if (frame.type() == FrameType::kRequest && id > ids_.last()) [[likely]]
    return TakeRequest(frame);
  IncomingCall* const call = calls_.Find(id);
  StreamState state;
  if (call != nullptr) {
    state = call->state_;
  } else if (ids_.WasOpened(id)) {
    state.phase = StreamPhase::kClosed;
  }
  const TransitionResult result =
      Transition(Role::kServer, Direction::kReceive, state, frame.type(), frame.header.flags);
  if (result.verdict == Verdict::kError) [[unlikely]] {
    Fail(ExplainTransition(Role::kServer, state, frame.header));
    return;
  }
  if (frame.type() == FrameType::kRequest) {
    TakeRequest(frame);
    return;
  }
  if (frame.type() == FrameType::kData && frame.charge() == 0 && !CountCallFrame()) return;
  if (call == nullptr) {
    if (frame.charge() != 0) TakeLate(frame);
    return;
  }
  if (result.verdict == Verdict::kDrop) return;
  call->state_ = result.next;
  if (frame.type() == FrameType::kData) {
    TakeData(*call, frame);
  } else if (frame.type() == FrameType::kCancel) {
    TakeCancel(*call, frame.header.argument);
  } else {
    ScheduleBatchEnd();
    if (outbox().AddStreamCredit(*call, frame.header.argument)) return;
    Fail(WireError{GoawayReason::kFlowControl,
                   absl::StrCat("a WINDOW raises the credit of stream ", id, " above 2^31-1")});
  }
}

void ServerSession::OnWhole(const WholeFrame& frame) {
  const auto* const bound = methods_.Find(frame.argument);
  if (bound != nullptr && bound->method != nullptr && MayTakeWhole(frame) &&
      dispatcher_.IsUnary(*bound->method)) [[likely]] {
    TakeWholeRequest(frame, *bound->method);
  } else {
    OnFrame(ToFrame(kWholeRequest, frame));
  }
}

// It is within every limit.
bool ServerSession::MayTakeWhole(const WholeFrame& frame) const {
  return frame.stream > ids_.last() && !last_stream_announced_ &&
         calls_.size() < calls_accounted_ &&
         frame.message.size() <= own_settings().max_message_bytes;
}

void ServerSession::TakeWholeRequest(const WholeFrame& frame, const ServerMethod& method) {
  ForgiveControlFrames();
  PayCallFrames();
  NoteWholeMessage();
  const uint32_t id = frame.stream;
  if (!ids_.Open(id)) return;  // never: the reader and MayTakeWhole() have judged it
  last_taken_ = id;
  IncomingCall& call = NewCall();
  call.Reset(id, peer_settings().stream_window, own_settings().stream_window, /*half_closed=*/true);
  calls_.Insert(id, &call);
  WatchPeer();
  if (!Charge(id, call.window_, frame.charge())) return Free(call);
  const Instant now = BatchNow();
  const WholeRequest request{.method = method,
                             .bytes = frame.message,
                             .has_room = HasRoomBehind(),
                             .deadline = DeadlineAfter(now, frame.deadline_us),
                             .arrived = now,
                             .wants_times = peer_settings().wants_times};
  if (SetHandler(call, dispatcher_.BeginWhole(loop(), call, request)) && bytes().over())
    BoundBytes();
}

MessageAssembler* ServerSession::AssemblerOf(uint32_t stream) {
  IncomingCall* const call = calls_.Find(stream);
  return call == nullptr ? nullptr : &call->assembler_;
}

void ServerSession::TakeRequest(const Frame& frame) {
  ForgiveControlFrames();
  PayCallFrames();
  const uint32_t id = frame.header.stream;
  if (!ids_.Open(id)) {
    Fail(WireError{GoawayReason::kStreamId,
                   absl::StrCat("stream id ", id, " is not above ", ids_.last())});
    return;
  }
  // A binding holds whatever becomes of the call that brought it.
  ServerRequestHead head;
  if (frame.metadata.empty() ? !FindBound(frame.header.argument, head) : !ReadHead(frame, head))
    return;
  if (last_stream_announced_) {  // the client knows that this one never ran
    OnLimit(ServerLimit::kDraining);
    AllowLate(own_settings().stream_window, !frame.has(kFlagEnd));
    return;
  }
  last_taken_ = id;
  if (calls_.size() >= limits().streams_max ||
      frame.metadata.size() > own_settings().max_metadata_bytes) [[unlikely]] {
    return RefuseRequest(frame);
  }
  if (calls_.size() >= calls_accounted_ && !HoldCalls(frame)) return;
  uint64_t metadata_bytes = 0;
  if (!head.metadata.empty() && !HoldMetadata(frame, head, metadata_bytes)) return;
  IncomingCall& call = NewCall();
  call.Reset(id, peer_settings().stream_window, own_settings().stream_window, frame.has(kFlagEnd));
  call.metadata_bytes_ = metadata_bytes;
  calls_.Insert(id, &call);
  WatchPeer();
  BeginCall(call, frame, std::move(head));
}

// Messages of streams that have ended here: their client need not know yet, but it never had more
// credit than was left.
void ServerSession::TakeLate(const Frame& frame) {
  if (frame.charge() > late_bytes_) {
    Fail(WireError{GoawayReason::kFlowControl,
                   absl::StrCat("DATA on stream ", frame.header.stream,
                                ", which has ended, and more of it than its window had left")});
    return;
  }
  late_bytes_ -= frame.charge();
}

bool ServerSession::ReadHead(const Frame& frame, ServerRequestHead& head) {
  ReceivedMetadata metadata;
  if (const auto error = ReadMetadata(frame.metadata, MetadataPlace::kRequest, metadata)) {
    Fail(*error);
    return false;
  }
  head.metadata = std::move(metadata.users);
  if (!metadata.path.has_value()) return FindBound(frame.header.argument, head);
  head.method = dispatcher_.FindMethod(*metadata.path);
  head.path = *metadata.path;
  const uint32_t method_id = frame.header.argument;
  if (method_id == 0) return true;
  const auto error = methods_.Bind(method_id, head.path, head.method, own_settings().max_methods);
  if (error.has_value()) Fail(*error);
  return !error.has_value();
}

void ServerSession::RefuseRequest(const Frame& frame) {
  AllowLate(own_settings().stream_window, !frame.has(kFlagEnd));
  const uint32_t id = frame.header.stream;
  if (calls_.size() >= limits().streams_max) {
    OnLimit(ServerLimit::kStreams);
    const absl::Status status = absl::ResourceExhaustedError(
        absl::StrCat("the server takes no more than ", limits().streams_max,
                     " calls at a time on a connection (ConnectionLimits::streams_max)"));
    return Answer(id, status, /*refused=*/true);
  }
  OnLimit(ServerLimit::kMetadataBytes);
  const absl::Status status = absl::ResourceExhaustedError(
      absl::StrCat("metadata of ", frame.metadata.size(), " bytes is above the server's limit of ",
                   own_settings().max_metadata_bytes, " (ConnectionLimits::metadata_bytes_max)"));
  Answer(id, status, /*refused=*/false);
}

void ServerSession::BeginCall(IncomingCall& call, const Frame& frame, ServerRequestHead&& head) {
  const bool end = frame.has(kFlagEnd);
  const uint32_t charge = frame.charge();
  if (charge != 0 && !Charge(call.id(), call.window_, charge)) {
    Free(call);
    return;
  }
  AssembledMessage message;
  const MessageAssembler::Result result =
      Assemble(call.assembler_, frame, own_settings().max_message_bytes, message);
  if (result == MessageAssembler::Result::kError) {
    Fail(call.assembler_.error());
    Free(call);
    return;
  }
  if (result == MessageAssembler::Result::kTooLarge) {
    OnLimit(ServerLimit::kMessageBytes);
    Answer(call.id(), absl::ResourceExhaustedError(call.assembler_.error().text),
           /*refused=*/false);
    Free(call);
    return;
  }
  if (message.compressed && message.original_size > kLittleUnpackedBytes) [[unlikely]] {
    if (absl::Status status = HoldUnpacked(call, message.original_size); !status.ok()) {
      Answer(call.id(), status, /*refused=*/true);
      Free(call);
      return;
    }
  }
  if (frame.has(kFlagDeadline)) head.deadline = DeadlineAfter(BatchNow(), frame.deadline_us);
  head.whole = end;
  head.wants_times = peer_settings().wants_times;
  head.arrived = BatchNow();
  if (!BeginHandler(call, std::move(head))) return;
  if (result == MessageAssembler::Result::kMessage) {
    Deliver(call, message, charge);
  } else if (charge != 0) {
    ReleasePiece(call.id(), call.window_, charge, !end);
  }
  if (end && !call.finished_ && !call.cancel_told_) call.handler_->OnHalfClose();
  if (bytes().over()) BoundBytes();
}

bool ServerSession::BeginHandler(IncomingCall& call, ServerRequestHead&& head) {
  return SetHandler(call, dispatcher_.Begin(loop(), call, std::move(head)));
}

bool ServerSession::SetHandler(IncomingCall& call, ServerStreamHandler* handler) {
  // Finished calls are freed, but their objects are not used anew before the next REQUEST.
  if (call.finished_) return false;
  DIALTONE_CHECK(handler != nullptr,
                 "Begin() returned no handler for a call that it had not finished");
  call.handler_ = handler;
  if (writable()) return true;
  // The connection was closed from within Begin().
  TellCancel(call, lost_reason_);
  return false;
}

void ServerSession::TakeData(IncomingCall& call, const Frame& frame) {
  const bool end = frame.has(kFlagEnd);
  const uint32_t charge = frame.charge();
  if (charge != 0 && !Charge(call.id(), call.window_, charge)) return;
  AssembledMessage message;
  switch (Assemble(call.assembler_, frame, own_settings().max_message_bytes, message)) {
    case MessageAssembler::Result::kMessage:
      Deliver(call, message, charge);
      break;
    case MessageAssembler::Result::kTooLarge:
      Release(call.id(), call.window_, charge, !end);
      OnLimit(ServerLimit::kMessageBytes);
      FailCall(call, absl::ResourceExhaustedError(call.assembler_.error().text));
      return;
    case MessageAssembler::Result::kError:
      Fail(call.assembler_.error());
      return;
    case MessageAssembler::Result::kIncomplete:
      ReleasePiece(call.id(), call.window_, charge, !end);
      if (bytes().over()) BoundBytes();
      return;
    case MessageAssembler::Result::kNothing:
    case MessageAssembler::Result::kDropped:
      Release(call.id(), call.window_, charge, !end);
      break;
  }
  if (end && call.handler_ != nullptr && !call.cancel_told_) call.handler_->OnHalfClose();
  if (bytes().over()) BoundBytes();
}

void ServerSession::Deliver(IncomingCall& call, const AssembledMessage& assembled,
                            uint32_t charge) {
  charge += call.window_.TakePieces();
  IncomingMessage message = MakeIncoming(call.assembler_, assembled, charge);
  if (message.cost.unpacked_bytes > call.unpacked_bytes_ && call.handler_ != nullptr &&
      !call.cancel_told_) [[unlikely]] {
    if (absl::Status status = HoldUnpacked(call, message.cost.unpacked_bytes); !status.ok()) {
      Release(call.id(), call.window_, charge, call.state_.phase == StreamPhase::kOpen);
      return FailCall(call, std::move(status));
    }
  }
  if (call.handler_ != nullptr && !call.cancel_told_) {
    call.handler_->OnMessage(message);
    // Then all is let go; the call's object is not used anew before the next REQUEST.
    if (call.finished_) return;
    if (!message.kept && call.unpacked_bytes_ != message.cost.unpacked_bytes) [[unlikely]]
      HandOver(call, message.cost);
  }
  if (message.kept && !call.failed_) {
    Hold(call.held_bytes_, message.cost.memory_bytes);
  } else {
    Release(call.id(), call.window_, charge, call.state_.phase == StreamPhase::kOpen);
  }
}

void ServerSession::TakeCancel(IncomingCall& call, uint32_t reason) {
  std::string last_frame;
  const bool was_waiting = outbox().Drop(call, last_frame);
  LetGoOf(call);
  if (was_waiting) {
    // The handler has ended; of its answer only the end is of use now.
    queue().Append(last_frame);
    Free(call);
    return;
  }
  TellCancel(call, ReasonOf(reason));
}

void ServerSession::TellCancel(IncomingCall& call, dialtone::CancelReason reason) {
  if (call.handler_ == nullptr || std::exchange(call.cancel_told_, true)) return;
  call.handler_->OnCancel(reason);
}

// A budget of the connection is kept to, whatever that costs. One of the process may have been spent
// by others: they will be told at their next byte, so one call is enough.
void ServerSession::BoundBytes() {
  ForgetFrame();
  while (bytes().over()) {
    const bool own = bytes().over_own();
    IncomingCall* const newest = NewestThatHolds();
    if (newest == nullptr) return;
    OnLimit(ServerLimit::kBytesInFlight);
    const absl::Status status = absl::ResourceExhaustedError(bytes().Why());
    if (newest->finished_) {
      Answer(newest->id(), status, /*refused=*/false);
      Free(*newest);
    } else {
      FailCall(*newest, status);
    }
    if (!own) return;
  }
}

// Of messages: those are gone at once when a call is given up.
IncomingCall* ServerSession::NewestThatHolds() const {
  IncomingCall* newest = nullptr;
  for (IncomingCall* call : calls_.All()) {
    if (call->failed_) continue;
    if (call->assembler_.capacity_bytes() == 0 && call->held_bytes_ == 0 && !call->waiting())
      continue;
    if (newest == nullptr || call->id() > newest->id()) newest = call;
  }
  return newest;
}

void ServerSession::FailCall(IncomingCall& call, absl::Status status) {
  if (call.finished_ || call.failed_) return Abandon(call.assembler_);
  LetGoOf(call);
  outbox().Drop(call);
  call.failed_ = true;
  call.failure_ = std::move(status);
  if (call.handler_ == nullptr || std::exchange(call.cancel_told_, true)) return;
  call.handler_->OnFailed(dialtone::internal::Unshared(call.failure_));
}

}  // namespace dialtone::dialtone1
