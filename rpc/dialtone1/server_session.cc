#include "server_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "accepted_connection.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"

namespace dialtone::dialtone1 {
namespace {

std::string EncodeFrame(const FrameHeader& header, const TimePrefix& times,
                        std::string_view metadata) {
  std::string frame(FrameBytes(times, metadata, 0), '\0');
  WriteFrameHead(header, times, metadata, 0, frame.data());
  return frame;
}

}  // namespace

ServerSession::ServerSession(AcceptorState& acceptor, AcceptedConnection& owner)
    : Session(acceptor.loop, Role::kServer, acceptor.limits, SettingsFor(acceptor.limits),
              acceptor.dispatcher.process_bytes()),
      acceptor_(acceptor),
      dispatcher_(acceptor.dispatcher),
      owner_(owner) {
  SetCallsAccounted();
}

ServerSession::~ServerSession() {
  DIALTONE_CHECK(calls_.empty(), "a connection was destroyed before its calls had ended");
  DeleteFreeCalls();
  loop().Disarm(drain_timer_);
  loop().Disarm(quiet_timer_);
  loop().Disarm(age_timer_);
}

// --- Sending ---

absl::Status ServerSession::Encode(const Metadata& initial, std::string& block) {
  if (absl::Status status = AppendMetadata(initial, block); !status.ok())
    return absl::InternalError(absl::StrCat("initial ", status.message()));
  if (block.size() <= peer_settings().max_metadata_bytes) return absl::OkStatus();
  OnLimit(ServerLimit::kMetadataBytes);
  return absl::ResourceExhaustedError(absl::StrCat("initial metadata of ", block.size(),
                                                   " bytes is above the client's limit of ",
                                                   peer_settings().max_metadata_bytes));
}

absl::Status ServerSession::CheckHeaders(const Metadata& initial) {
  std::string block;
  return Encode(initial, block);
}

void ServerSession::SendHeaders(IncomingCall& call, const Metadata& initial) {
  if (IsGivenUp(call)) return;
  DIALTONE_CHECK(!call.state_.replied && !call.finished_, "initial metadata goes first, and once");
  std::string block;
  if (absl::Status status = Encode(initial, block); !status.ok())
    return FailCall(call, std::move(status));
  call.state_.replied = true;
  AppendFrame(queue(), MakeHeader(FrameType::kResponse, 0, call.id(), 0), TimePrefix::None(),
              block);
}

bool ServerSession::Send(IncomingCall& call, OutgoingMessage& message) {
  DIALTONE_CHECK(!call.finished_, "Send() after Finish()");
  if (IsGivenUp(call)) return true;
  ScheduleBatchEnd();
  call.state_.replied = true;
  return outbox().SendOrWait(call, message, /*end=*/false);
}

void ServerSession::OnStreamWritable(OutStream& stream) {
  ServerStreamHandler* const handler = static_cast<IncomingCall&>(stream).handler_;
  if (handler != nullptr) handler->OnWritable();
}

void ServerSession::Taken(IncomingCall& call, const MessageCost& cost) {
  if (call.held_bytes_ < cost.memory_bytes) return;  // the call was given up: all was let go
  LetGo(call.held_bytes_, cost.memory_bytes);
  if (call.unpacked_bytes_ != cost.unpacked_bytes) [[unlikely]]
    HandOver(call, cost);
  Release(call.id(), call.window_, cost.window_bytes, call.state_.phase == StreamPhase::kOpen);
}

absl::Status ServerSession::CheckMessage(const OutgoingMessage& message) {
  const uint64_t limit = peer_settings().accepted_message_bytes();
  if (message.declared_bytes() > limit) {
    OnLimit(ServerLimit::kMessageBytes);
    return absl::ResourceExhaustedError(absl::StrCat(
        "reply of ", message.declared_bytes(), " bytes is above the client's limit of ", limit));
  }
  if (message.attachment().empty() || outbox().attachments_accepted()) return absl::OkStatus();
  return absl::UnimplementedError("the client accepts no attachments");
}

void ServerSession::Finish(IncomingCall& call, const ServerEnd& end) {
  DIALTONE_CHECK(!call.finished_, "a call was finished twice");
  call.cancel_told_ = true;
  call.finished_ = true;
  call.handler_ = nullptr;
  if (!writable()) {
    Free(call);
    return;
  }
  ScheduleBatchEnd();
  const bool plain = end.reply != nullptr && end.status.ok() && !call.failed_ &&
                     (end.trailing == nullptr || end.trailing->empty()) &&
                     call.state_.phase != StreamPhase::kCancelled;
  if (!plain || !TryReply(call, end)) return FinishSlowly(call, end, TimesOf(end));
  Free(call);
  CountQueued();
}

TimePrefix ServerSession::TimesOf(const ServerEnd& end) const {
  return peer_settings().wants_times ? TimePrefix::Times(end.queue_us, end.handler_us)
                                     : TimePrefix::None();
}

bool ServerSession::TryReply(IncomingCall& call, const ServerEnd& end) {
  if (!peer_settings().wants_times && end.reply->plain()) [[likely]] {
    return outbox().TrySendWhole(call, kWholeReply, 0, 0, *end.reply);
  }
  const FrameHeader header = MakeHeader(FrameType::kResponse, kFlagEnd, call.id(), 0);
  return outbox().TrySend(call, header, TimesOf(end), {}, *end.reply);
}

void ServerSession::FinishSlowly(IncomingCall& call, const ServerEnd& end,
                                 const TimePrefix& times) {
  const absl::Status& status = call.failed_ ? call.failure_ : end.status;
  const std::string trailer =
      MakeTrailer(status, end.trailing, end.pushback, peer_settings().max_metadata_bytes);
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
  const std::string frame = EncodeFrame(header, times, trailer);
  if (call.waiting()) {
    outbox().SendLast(call, frame);
    // What still comes is dropped, for a client may have to write before it reads on.
    LetGoOf(call);
    LetGoOfRest(call);
    ReleaseAll(call.id(), call.window_, call.state_.phase == StreamPhase::kOpen);
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
              times,
              MakeTrailer(status, nullptr, std::nullopt, peer_settings().max_metadata_bytes));
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

void ServerSession::OnPrefaceDone() {
  const Instant now = loop().Now();
  if (limits().max_age != absl::InfiniteDuration()) {
    loop().Arm(age_timer_, now + limits().max_age * (0.9 + 0.2 * Chance()));
  }
  if (limits().idle_timeout == absl::InfiniteDuration()) return;
  idle_timeout_ = limits().idle_timeout * (1 + 0.25 * Chance());
  quiet_since_ = now;
  ArmQuietCheck(now);
}

// Connections that came at the same instant, or from one client, shall not go at the same one.
double ServerSession::Chance() const {
  uint64_t x = static_cast<uint64_t>(loop().Now().nanoseconds());
  for (const uint8_t byte : info().peer.ip_bytes()) x = (x ^ byte) * 0x100000001B3;
  x = (x ^ info().peer.port()) * 0x100000001B3;
  x ^= x >> 31;
  x *= 0x9E3779B97F4A7C15;
  return static_cast<double>(x >> 11) * 0x1.0p-53;
}

// Looks now and then, so that calls need not note when they came. What has changed since the last
// look shows that the connection was in use until then at least.
void ServerSession::OnQuietCheck() {
  if (draining_ || !open()) return;
  const Instant now = loop().Now();
  const uint32_t taken_before = std::exchange(taken_at_quiet_check_, last_taken_);
  // Calls that were there at the last look may have ended just now.
  const bool had_calls = std::exchange(calls_at_quiet_check_, !calls_.empty());
  if (had_calls || !calls_.empty() || last_taken_ != taken_before) {
    quiet_since_ = now;
  } else {
    calls_.Shrink();
    DeleteFreeCalls();
  }
  const Instant due = quiet_since_ + idle_timeout_;
  if (now >= due) {
    OnLimit(ServerLimit::kIdleTimeout);
    return BeginDrain(GoawayReason::kIdle, "idle");
  }
  ArmQuietCheck(now);
}

void ServerSession::ArmQuietCheck(Instant now) {
  loop().Arm(quiet_timer_, std::min(quiet_since_ + idle_timeout_, now + idle_timeout_ / 4));
}

void ServerSession::OnAge() {
  if (!open()) return;
  if (!aged_) {
    aged_ = true;
    OnLimit(ServerLimit::kMaxAge);
    BeginDrain(GoawayReason::kNone, "the connection has reached its maximum age");
    if (limits().max_age_grace == absl::InfiniteDuration()) return;
    loop().Arm(age_timer_, loop().Now() + limits().max_age_grace);
    return;
  }
  EndWithLimit(
      ServerLimit::kMaxAgeGrace,
      absl::StrCat("calls have not ended within ", absl::FormatDuration(limits().max_age_grace),
                   " of the connection's maximum age (ConnectionLimits::max_age_grace)"));
}

void ServerSession::Drain() { BeginDrain(GoawayReason::kNone, "draining"); }

void ServerSession::BeginDrain(GoawayReason reason, std::string_view text) {
  if (draining_ || !writable()) return;
  draining_ = true;
  drain_reason_ = reason;
  drain_text_ = text;
  if (!open()) {
    Cut(absl::OkStatus());  // not even the client's preface has come: nothing can have been asked
    return;
  }
  AppendGoaway(queue(), kNoLastStream, reason, text);
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
  AppendGoaway(queue(), last_taken_, drain_reason_, drain_text_);
  CloseIfDrained();
}

void ServerSession::CloseIfDrained() {
  if (last_stream_announced_ && calls_.empty()) SayGoodbye(absl::OkStatus());
}

// What the client has sent and this side has not taken, the client sends again elsewhere: if it knows.
void ServerSession::Abort() {
  lost_reason_ = dialtone::CancelReason::kShutdown;
  if (open() && !std::exchange(last_stream_announced_, true))
    AppendGoaway(queue(), last_taken_, drain_reason_, draining_ ? drain_text_ : "shutting down");
  CutWithLastWords(absl::OkStatus());
}

void ServerSession::OnBatch() {
  if (bytes().over()) [[unlikely]] {
    BoundBytes();
  }
}

void ServerSession::OnLost(const absl::Status&) {
  loop().Disarm(drain_timer_);
  loop().Disarm(quiet_timer_);
  loop().Disarm(age_timer_);
  for (IncomingCall* call : calls_.All()) {
    if (calls_.Find(call->id()) != call) continue;  // a callback has finished it
    outbox().Drop(*call);
    LetGoOf(*call);
    if (call->finished_) {
      Free(*call);
    } else {
      TellCancel(*call, lost_reason_);
    }
  }
}

void ServerSession::OnFinished() {
  if (calls_.empty() && !std::exchange(closed_told_, true)) owner_.OnSessionClosed();
}

// --- Calls ---

IncomingCall& ServerSession::MakeCall() { return *std::make_unique<IncomingCall>(*this).release(); }

void ServerSession::DeleteFreeCalls() {
  while (free_calls_ != nullptr) {
    const std::unique_ptr<IncomingCall> call(free_calls_);
    free_calls_ = call->next_free_;
  }
}

// Of the message under way, and of those that the call part keeps.
void ServerSession::LetGoOf(IncomingCall& call) {
  Abandon(call.assembler_);
  LetGo(call.held_bytes_, call.held_bytes_);
}

void ServerSession::Free(IncomingCall& call) {
  outbox().Drop(call);
  Renew(call.assembler_);
  if (call.has_more_held()) [[unlikely]]
    LetGoOfRest(call);
  LetGo(call.held_bytes_, call.held_bytes_);
  AllowLate(call.window_.credit(), call.state_.phase == StreamPhase::kOpen);
  calls_.Erase(call.id());
  if (calls_.size() < calls_kept_min_) [[unlikely]]
    LetGoOfCalls();
  call.next_free_ = free_calls_;
  free_calls_ = &call;
  if (call.failed_) call.failure_ = absl::OkStatus();
  if (phase() == Phase::kClosed) ScheduleBatchEnd();
  if (last_stream_announced_) CloseIfDrained();
}

}  // namespace dialtone::dialtone1
