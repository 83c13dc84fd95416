#include "server_session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"

namespace dialtone::dialtone1 {
namespace {

// What a client says of the time left, as an instant of this side's clock.
Instant DeadlineAfter(Instant now, uint64_t left_us) {
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

std::string WholeFrame(const FrameHeader& header, const TimePrefix& times,
                       std::string_view metadata) {
  std::string frame(FrameBytes(times, metadata, 0), '\0');
  WriteFrameHead(header, times, metadata, 0, frame.data());
  return frame;
}

}  // namespace

ServerSession::ServerSession(Loop& loop, const ConnectionLimits& limits, CallDispatcher& dispatcher,
                             Owner& owner)
    : Session(loop, Role::kServer, limits, SettingsFor(limits)),
      dispatcher_(dispatcher),
      owner_(owner),
      methods_(own_settings().max_methods) {}

ServerSession::~ServerSession() {
  DIALTONE_CHECK(calls_.empty(), "a connection was destroyed before its calls had ended");
  loop().Disarm(drain_timer_);
}

// --- Receiving ---

void ServerSession::OnFrame(const Frame& frame) {
  const uint32_t id = frame.header.stream;
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
  if (frame.type() == FrameType::kData && frame.charge() == 0 && !CountControlFrame()) return;
  if (call == nullptr || result.verdict == Verdict::kDrop) return;
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

void ServerSession::TakeRequest(const Frame& frame) {
  ForgiveControlFrames();
  const uint32_t id = frame.header.stream;
  if (!ids_.Open(id)) {
    Fail(WireError{GoawayReason::kStreamId,
                   absl::StrCat("stream id ", id, " is not above ", ids_.last())});
    return;
  }
  ReceivedMetadata metadata;
  if (!frame.metadata.empty()) {
    if (const auto error = ReadMetadata(frame.metadata, MetadataPlace::kRequest, metadata)) {
      Fail(*error);
      return;
    }
  }
  // A binding holds whatever becomes of the call that brought it.
  Target target;
  if (!FindTarget(frame, metadata, target)) return;
  if (last_stream_announced_) return;  // the client knows that this one never ran
  last_taken_ = id;
  bool refused = false;
  if (const absl::Status status = JudgeRequest(frame, refused); !status.ok()) {
    Answer(id, status, refused);
    return;
  }
  IncomingCall& call = NewCall();
  call.Reset(id, peer_settings().stream_window, own_settings().stream_window, frame.has(kFlagEnd));
  calls_.Insert(id, &call);
  BeginCall(call, frame, target, std::move(metadata.users));
}

bool ServerSession::FindTarget(const Frame& frame, const ReceivedMetadata& metadata,
                               Target& target) {
  const uint32_t method_id = frame.header.argument;
  if (!metadata.path.has_value()) {
    const auto* const entry = methods_.Find(method_id);
    if (entry == nullptr) {
      Fail(methods_.Unbound(method_id));
      return false;
    }
    target = Target{entry->method, entry->path};
    return true;
  }
  target = Target{dispatcher_.FindMethod(*metadata.path), *metadata.path};
  if (method_id == 0) return true;
  const auto error = methods_.Bind(method_id, target.path, target.method);
  if (error.has_value()) Fail(*error);
  return !error.has_value();
}

absl::Status ServerSession::JudgeRequest(const Frame& frame, bool& refused) const {
  if (calls_.size() >= limits().streams_max) {
    refused = true;
    return absl::ResourceExhaustedError(absl::StrCat("the server takes no more than ",
                                                     limits().streams_max,
                                                     " calls at a time on a connection"));
  }
  if (frame.metadata.size() > own_settings().max_metadata_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat("metadata of ", frame.metadata.size(),
                                                     " bytes is above the server's limit of ",
                                                     own_settings().max_metadata_bytes));
  }
  return absl::OkStatus();
}

void ServerSession::BeginCall(IncomingCall& call, const Frame& frame, const Target& target,
                              Metadata&& metadata) {
  const bool end = frame.has(kFlagEnd);
  if (frame.charge() != 0 && !ChargeStream(call.id(), call.window_, frame.charge(), !end)) {
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
    Answer(call.id(), absl::ResourceExhaustedError(call.assembler_.error().text),
           /*refused=*/false);
    Free(call);
    return;
  }
  ServerRequestHead head;
  head.method = target.method;
  head.path = target.path;
  head.metadata = std::move(metadata);
  if (frame.has(kFlagDeadline)) head.deadline = DeadlineAfter(BatchNow(), frame.deadline_us);
  ServerStreamHandler* const handler = dispatcher_.Begin(loop(), call, std::move(head));
  // Finished calls are freed, but their objects are not used anew before the next REQUEST.
  if (call.finished_) return;
  DIALTONE_CHECK(handler != nullptr,
                 "Begin() returned no handler for a call that it had not finished");
  call.handler_ = handler;
  if (!writable()) {
    // The connection was closed from within Begin().
    TellCancel(call, lost_reason_);
    return;
  }
  if (result == MessageAssembler::Result::kMessage) Deliver(call, message.message);
  if (end && !call.finished_ && !call.cancel_told_) call.handler_->OnHalfClose();
  if (over_incomplete_budget()) BoundIncomplete();
}

void ServerSession::TakeData(IncomingCall& call, const Frame& frame) {
  const bool end = frame.has(kFlagEnd);
  if (frame.charge() != 0 && !ChargeStream(call.id(), call.window_, frame.charge(), !end)) return;
  AssembledMessage message;
  switch (Assemble(call.assembler_, frame, own_settings().max_message_bytes, message)) {
    case MessageAssembler::Result::kMessage:
      Deliver(call, message.message);
      break;
    case MessageAssembler::Result::kTooLarge:
      FailCall(call, absl::ResourceExhaustedError(call.assembler_.error().text));
      return;
    case MessageAssembler::Result::kError:
      Fail(call.assembler_.error());
      return;
    case MessageAssembler::Result::kIncomplete:
      if (over_incomplete_budget()) BoundIncomplete();
      return;
    case MessageAssembler::Result::kNothing:
    case MessageAssembler::Result::kDropped:
      break;
  }
  if (end && call.handler_ != nullptr && !call.cancel_told_) call.handler_->OnHalfClose();
}

void ServerSession::Deliver(IncomingCall& call, std::string_view message) {
  BeginDelivery(call.assembler_);
  if (call.handler_ != nullptr && !call.cancel_told_)
    call.handler_->OnMessage(MessageView{message});
  EndDelivery(call.assembler_);
}

void ServerSession::TakeCancel(IncomingCall& call, uint32_t reason) {
  std::string last_frame;
  const bool was_waiting = outbox().Drop(call, last_frame);
  Abandon(call.assembler_);
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

// The newest call whose message is under way is given up.
void ServerSession::BoundIncomplete() {
  IncomingCall* newest = nullptr;
  for (IncomingCall* call : calls_.All()) {
    if (call->assembler_.capacity_bytes() == 0 || call->failed_) continue;
    if (newest == nullptr || call->id() > newest->id()) newest = call;
  }
  if (newest == nullptr) return;
  FailCall(*newest, absl::ResourceExhaustedError(
                        absl::StrCat("messages not yet complete hold more than ",
                                     limits().incomplete_bytes_max, " bytes on this connection")));
}

void ServerSession::FailCall(IncomingCall& call, absl::Status status) {
  Abandon(call.assembler_);
  if (call.finished_ || call.failed_) return;
  call.failed_ = true;
  call.failure_ = std::move(status);
  TellCancel(call, dialtone::CancelReason::kTooLarge);
}

// --- Sending ---

void ServerSession::SendHeaders(IncomingCall& call, const Metadata& initial) {
  if (!writable() || call.state_.phase == StreamPhase::kCancelled || call.failed_) return;
  DIALTONE_CHECK(!call.state_.replied && !call.finished_, "initial metadata goes first, and once");
  std::string block;
  if (absl::Status status = AppendMetadata(initial, block); !status.ok()) {
    FailCall(call, absl::InternalError(absl::StrCat("initial ", status.message())));
    return;
  }
  if (block.size() > peer_settings().max_metadata_bytes) {
    FailCall(call,
             absl::ResourceExhaustedError(absl::StrCat("initial metadata of ", block.size(),
                                                       " bytes is above the client's limit of ",
                                                       peer_settings().max_metadata_bytes)));
    return;
  }
  call.state_.replied = true;
  AppendFrame(queue(), MakeHeader(FrameType::kResponse, 0, call.id(), 0), TimePrefix::None(),
              block);
}

void ServerSession::Send(IncomingCall& call, OutgoingMessage& message) {
  DIALTONE_CHECK(!call.finished_, "Send() after Finish()");
  if (!writable() || call.state_.phase == StreamPhase::kCancelled || call.failed_) return;
  if (!CheckSize(call, message)) return;
  ScheduleBatchEnd();
  call.state_.replied = true;
  const FrameHeader header = MakeHeader(FrameType::kData, 0, call.id(), 0);
  if (!outbox().TrySend(call, header, TimePrefix::None(), {}, message)) {
    outbox().SendLater(call, message, /*end=*/false);
  }
}

bool ServerSession::CheckSize(IncomingCall& call, const OutgoingMessage& message) {
  const uint32_t said = peer_settings().max_message_bytes;
  const uint64_t limit = said == 0 ? 0xFFFFFFFF : said;
  if (message.size() <= limit) return true;
  FailCall(call,
           absl::ResourceExhaustedError(absl::StrCat(
               "reply of ", message.size(), " bytes is above the client's limit of ", limit)));
  return false;
}

void ServerSession::Finish(IncomingCall& call, const ServerEnd& end) {
  DIALTONE_CHECK(!call.finished_, "a call was finished twice");
  // A reply that is too large fails the call while its handler may still not be told: it has ended.
  call.cancel_told_ = true;
  if (end.reply != nullptr && end.status.ok() && !call.failed_ && writable())
    CheckSize(call, *end.reply);
  call.finished_ = true;
  call.handler_ = nullptr;
  if (!writable()) {
    Free(call);
    return;
  }
  ScheduleBatchEnd();
  const TimePrefix times = peer_settings().wants_times
                               ? TimePrefix::Times(end.queue_us, end.handler_us)
                               : TimePrefix::None();
  const bool plain = end.reply != nullptr && end.status.ok() && !call.failed_ &&
                     (end.trailing == nullptr || end.trailing->empty()) &&
                     call.state_.phase != StreamPhase::kCancelled;
  const FrameHeader header = MakeHeader(FrameType::kResponse, kFlagEnd, call.id(), 0);
  if (plain && outbox().TrySend(call, header, times, {}, *end.reply)) {
    Free(call);
    return;
  }
  FinishSlowly(call, end, times);
}

void ServerSession::FinishSlowly(IncomingCall& call, const ServerEnd& end,
                                 const TimePrefix& times) {
  const absl::Status& status = call.failed_ ? call.failure_ : end.status;
  const std::string trailer = MakeTrailer(status, end.trailing, peer_settings().max_metadata_bytes);
  FrameHeader header =
      MakeHeader(FrameType::kResponse, kFlagEnd, call.id(), static_cast<uint32_t>(status.code()));
  if (end.refused && !call.failed_ && !status.ok()) header.flags |= kFlagRefused;
  if (end.reply != nullptr && status.ok() && call.state_.phase != StreamPhase::kCancelled) {
    if (outbox().TrySend(call, header, times, trailer, *end.reply)) {
      Free(call);
      return;
    }
    outbox().SendLater(call, *end.reply, /*end=*/false);
  }
  const std::string frame = WholeFrame(header, times, trailer);
  if (call.waiting()) {
    outbox().SendLast(call, frame);
    return;
  }
  queue().Append(frame);
  Free(call);
}

void ServerSession::Answer(uint32_t stream, const absl::Status& status, bool refused) {
  const uint8_t flags = kFlagEnd | (refused ? kFlagRefused : uint8_t{0});
  const TimePrefix times =
      peer_settings().wants_times ? TimePrefix::Times(0, 0) : TimePrefix::None();
  AppendFrame(queue(),
              MakeHeader(FrameType::kResponse, flags, stream, static_cast<uint32_t>(status.code())),
              times, MakeTrailer(status, nullptr, peer_settings().max_metadata_bytes));
}

void ServerSession::OnLastFrameQueued(OutStream& stream) {
  Free(static_cast<IncomingCall&>(stream));
}

// --- The connection ---

void ServerSession::OnPeerSettings(uint32_t window_raised) {
  if (window_raised == 0) return;
  for (IncomingCall* call : calls_.All()) {
    if (outbox().AddStreamCredit(*call, window_raised)) continue;
    Fail(WireError{GoawayReason::kFlowControl, "SETTINGS raise a stream's window above 2^31-1"});
    return;
  }
}

// A client that says goodbye shuts down its side when its calls have ended; until then nothing
// changes.
void ServerSession::OnGoaway(const GoawayInfo&) {}

void ServerSession::Drain() {
  if (draining_ || !writable()) return;
  draining_ = true;
  if (!open()) {
    Cut(absl::OkStatus());  // not even the client's preface has come: nothing can have been asked
    return;
  }
  AppendGoaway(queue(), kNoLastStream, GoawayReason::kNone, "draining");
  AppendPing(queue(), kDrainToken, /*answer=*/false);
  loop().Arm(drain_timer_, loop().Now() + limits().goodbye_timeout);
}

void ServerSession::OnPingAnswer(uint32_t token) {
  if (draining_ && token == kDrainToken) AnnounceLastStream();
}

// The client has seen the first GOAWAY by now, or was given the time: what it has sent since, it
// will not send again by itself, so it is told which calls were taken.
void ServerSession::AnnounceLastStream() {
  loop().Disarm(drain_timer_);
  if (last_stream_announced_ || !open()) return;
  last_stream_announced_ = true;
  AppendGoaway(queue(), last_taken_, GoawayReason::kNone, "draining");
  CloseIfDrained();
}

void ServerSession::CloseIfDrained() {
  if (last_stream_announced_ && calls_.empty()) SayGoodbye(absl::OkStatus());
}

void ServerSession::Abort() {
  lost_reason_ = dialtone::CancelReason::kShutdown;
  Cut(absl::OkStatus());
}

void ServerSession::OnLost(const absl::Status&) {
  loop().Disarm(drain_timer_);
  for (IncomingCall* call : calls_.All()) {
    if (calls_.Find(call->id()) != call) continue;  // a callback has finished it
    std::string last_frame;
    outbox().Drop(*call, last_frame);
    Abandon(call->assembler_);
    if (call->finished_) {
      Free(*call);
    } else {
      TellCancel(*call, lost_reason_);
    }
  }
}

void ServerSession::OnFinished() {
  if (calls_.empty() && !std::exchange(closed_told_, true)) owner_.OnClosed(*this);
}

// --- Calls ---

IncomingCall& ServerSession::NewCall() {
  if (free_calls_.empty()) {
    all_calls_.push_back(std::make_unique<IncomingCall>(*this));
    return *all_calls_.back();
  }
  IncomingCall& call = *free_calls_.back();
  free_calls_.pop_back();
  return call;
}

void ServerSession::Free(IncomingCall& call) {
  std::string last_frame;
  outbox().Drop(call, last_frame);
  Renew(call.assembler_);
  calls_.Erase(call.id());
  free_calls_.push_back(&call);
  if (call.failed_) call.failure_ = absl::OkStatus();
  if (phase() == Phase::kClosed) ScheduleBatchEnd();
  if (last_stream_announced_) CloseIfDrained();
}

}  // namespace dialtone::dialtone1
