#include "client_session.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"

namespace dialtone::dialtone1 {
namespace {

Settings ClientSettings(const ConnectionLimits& limits, const ClientOptions& options) {
  Settings settings = SettingsFor(limits);
  // These two are a server's to say.
  settings.max_streams = kMinMaxStreams;
  settings.max_methods = kMinMaxMethods;
  settings.wants_times = options.want_times;
  return settings;
}

}  // namespace

ClientSession::ClientSession(Loop& loop, const ConnectionLimits& limits,
                             const ClientOptions& options, Owner& owner)
    : KeptLimits{limits},
      Session(loop, Role::kClient, kept_limits, ClientSettings(limits, options),
              options.process_bytes),
      owner_(owner),
      options_(options),
      ids_(options.first_stream_id) {
  KeepInfo(connection_info());
}

ClientSession::~ClientSession() {
  for (OutgoingCall* call : calls_.All()) {
    DIALTONE_CHECK(call->handler_ == nullptr,
                   "a connection was destroyed before its calls had ended");
  }
}

bool ClientSession::has_capacity() const {
  if (draining_ || !writable() || (options_.wait_for_preface && !preface_done_)) return false;
  return calls_.size() < peer_settings().max_streams;
}

// --- Sending ---

absl::Status ClientSession::CheckMessageSlow(const OutgoingMessage& message) const {
  const uint32_t said = peer_settings().max_message_bytes;
  const uint64_t limit = said == 0 ? std::numeric_limits<uint32_t>::max() : said;
  if (message.declared_bytes() > limit) {
    return absl::ResourceExhaustedError(
        absl::StrCat("send to ", info().peer.ToString(), ": a message of ",
                     message.declared_bytes(), " bytes is above the peer's limit of ", limit));
  }
  if (!message.attachment().empty() && settings_read() && !outbox().attachments_accepted())
    return NoAttachments();
  return absl::OkStatus();
}

absl::Status ClientSession::NoAttachments() const {
  return absl::UnimplementedError(
      absl::StrCat("send to ", info().peer.ToString(), ": the peer accepts no attachments"));
}

void ClientSession::SendWhatIsAttached() {
  for (OutgoingCall* call : calls_.All()) {
    if (!call->waiting()) continue;
    if (!outbox().WaitsToAttach(*call)) {
      outbox().EnterTurn(*call);
      continue;
    }
    SendCancel(*call, CancelReason::kCaller);
    FailEarly(*call, NoAttachments());
  }
}

ClientStream* ClientSession::FailEarly(OutgoingCall& call, absl::Status status) {
  call.failed_early_ = true;
  call.early_status_ = std::move(status);
  early_.push_back(&call);
  return &call;
}

bool ClientSession::Send(OutgoingCall& call, OutgoingMessage& message, bool end) {
  DIALTONE_CHECK(!call.end_given_, "Send() behind the end");
  call.end_given_ = end;
  if (call.failed_early_ || call.ending_ || call.state_.phase != StreamPhase::kOpen) return true;
  ScheduleBatchEnd();
  if (absl::Status status = CheckMessage(message); !status.ok()) {
    // Its end is told at the batch's end; the slot stays taken until the server has answered the
    // CANCEL.
    SendCancel(call, CancelReason::kCaller);
    FailEarly(call, std::move(status));
    return true;
  }
  const bool writable = outbox().SendOrWait(call, message, end);
  if (writable && end) call.state_.phase = StreamPhase::kHalfClosedLocal;
  return writable;
}

void ClientSession::SendEnd(OutgoingCall& call) {
  DIALTONE_CHECK(!std::exchange(call.end_given_, true), "the end of a stream is said once");
  if (call.failed_early_ || call.ending_ || call.state_.phase != StreamPhase::kOpen) return;
  ScheduleBatchEnd();
  if (!call.waiting()) call.state_.phase = StreamPhase::kHalfClosedLocal;
  outbox().SendEnd(call);
}

void ClientSession::OnStreamWritable(OutStream& stream) {
  ClientStreamHandler* const handler = static_cast<OutgoingCall&>(stream).handler_;
  if (handler != nullptr) handler->OnWritable();
}

void ClientSession::Taken(OutgoingCall& call, const MessageCost& cost) {
  DIALTONE_CHECK(cost.memory_bytes <= call.held_bytes_, "Taken() for a message that is not held");
  LetGo(call.held_bytes_, cost.memory_bytes);
  Release(call.id(), call.window_, cost.window_bytes, !call.ending_ && !call.failed_early_);
}

void ClientSession::Cancel(OutgoingCall& call, dialtone::CancelReason reason) {
  call.handler_ = nullptr;
  LetGo(call.held_bytes_, call.held_bytes_);
  if (call.ending_ || call.failed_early_) return;  // whoever tells its end sees that nobody listens
  SendCancel(call, static_cast<CancelReason>(reason));
}

void ClientSession::SendCancel(OutgoingCall& call, CancelReason reason) {
  outbox().Drop(call);
  Abandon(call.assembler_);
  if (call.state_.phase == StreamPhase::kCancelled) return;
  call.state_.phase = StreamPhase::kCancelled;
  call.given_up_ = true;
  ++given_up_;
  if (writable()) AppendCancel(queue(), call.id(), reason);
}

void ClientSession::TellWritten(const OutgoingCall& call) {
  if (call.failed_early_) return;
  unwritten_.push_back({call.id(), call.waiting() ? 0 : call.request_end_});
  TellOfWrites(true);
}

bool ClientSession::IsWritten(Unwritten& request) {
  OutgoingCall* const call = calls_.Find(request.id);
  if (call == nullptr || call->handler_ == nullptr) return true;
  if (request.end == 0 && !call->waiting()) request.end = outbox().queued_bytes();
  if (request.end == 0 || request.end > outbox().flushed_bytes()) return false;
  call->handler_->OnWritten();
  return true;
}

void ClientSession::OnWrote() {
  if (settings_end_ != 0 && settings_end_ <= outbox().flushed_bytes()) {
    settings_end_ = 0;
    owner_.OnSettingsWritten(*this);
  }
  // Whoever is told may begin further calls.
  size_t kept = 0;
  for (size_t i = 0; i < unwritten_.size(); ++i) {
    Unwritten request = unwritten_[i];
    if (!IsWritten(request)) unwritten_[kept++] = request;
  }
  unwritten_.resize(kept);
  TellOfWrites(settings_end_ != 0 || kept != 0);
}

// --- The connection ---

void ClientSession::Begin(const Address& peer, const ConnectOptions& connect) {
  Connect(peer, connect);
  settings_end_ = outbox().queued_bytes();
  TellOfWrites(true);
}

void ClientSession::OnStreamConnected() {
  local_ = Session::local();
  owner_.OnConnected(*this);
  if (options_.wait_for_preface) return;
  ready_told_ = true;
  owner_.OnReady(*this);
}

void ClientSession::OnPrefaceDone() { preface_done_ = true; }

void ClientSession::OnPeerSettings(uint32_t window_raised) {
  // First, as calls that begin from within what follows have the new window already.
  if (window_raised != 0 && !RaiseWindows(window_raised)) return;
  owner_.OnSettingsRead(*this);
  SendWhatIsAttached();
  // Not before: a server that will not have the connection says GOAWAY in their place.
  if (!std::exchange(ready_told_, true)) owner_.OnReady(*this);
}

bool ClientSession::RaiseWindows(uint32_t bytes) {
  for (OutgoingCall* call : calls_.All()) {
    if (outbox().AddStreamCredit(*call, bytes)) continue;
    Fail(WireError{GoawayReason::kFlowControl, "SETTINGS raise a stream's window above 2^31-1"});
    return false;
  }
  return true;
}

void ClientSession::OnGoaway(const GoawayInfo& info) {
  draining_ = true;
  for (OutgoingCall* call : calls_.All()) {
    // Callbacks may have ended others, and even closed the connection.
    if (calls_.Find(call->id()) != call || call->id() <= info.last_stream) continue;
    StreamEnd end;
    end.never_ran = !call->has_data_;
    end.status = absl::UnavailableError(
        absl::StrCat("the server ", connection_info().peer.ToString(), " takes no more calls",
                     goaway_text().empty() ? "" : ": ", goaway_text()));
    End(*call, std::move(end));
  }
  if (ready_told_ && !std::exchange(draining_told_, true)) owner_.OnDraining(*this);
  if (goaway_text().empty()) CloseIfDrained();  // else the session ends with that text
}

void ClientSession::Drain() {
  draining_ = draining_told_ = true;
  CloseIfDrained();
}

void ClientSession::CloseIfDrained() {
  // Those given up are only there until the server has ended them, too, which it may never do.
  if (draining_ && calls_.size() == given_up_ && early_.empty()) SayGoodbye(absl::OkStatus());
}

void ClientSession::Close(const absl::Status& status) {
  draining_ = draining_told_ = true;
  if (writable()) closed_status_ = status;
  Cut(status);
}

void ClientSession::OnBatch() {
  EndEarlyOnes();
  // One that was never ready just ends, as an attempt that failed: its owner rests before the next.
  if (draining_ && ready_told_ && !std::exchange(draining_told_, true)) owner_.OnDraining(*this);
  if (full_ && has_capacity()) {
    full_ = false;
    owner_.OnCapacity(*this);
  }
  CloseIfDrained();  // the last call that somebody waited for may have been given up
}

void ClientSession::OnLost(const absl::Status& status) {
  closed_status_ = status;
  // What is still queued leaves, unless the stream is cut: only then is it known what has never
  // been sent.
  const uint64_t sent =
      phase() == Phase::kClosed ? outbox().flushed_bytes() : std::numeric_limits<uint64_t>::max();
  for (OutgoingCall* call : calls_.All()) {
    if (calls_.Find(call->id()) != call) continue;
    StreamEnd end;
    end.status = status;
    end.never_ran = call->request_end_ > sent && !call->has_data_;
    End(*call, std::move(end));
  }
  EndEarlyOnes();
}

void ClientSession::OnFinished() {
  if (!std::exchange(closed_told_, true)) owner_.OnClosed(*this, closed_status_);
}

// --- Calls ---

OutgoingCall& ClientSession::MakeCall() {
  all_calls_.push_back(std::make_unique<OutgoingCall>(*this));
  return *all_calls_.back();
}

void ClientSession::End(OutgoingCall& call, StreamEnd&& end) {
  ClientStreamHandler* const handler = std::exchange(call.handler_, nullptr);
  Free(call);
  if (handler != nullptr) handler->OnEnd(std::move(end));
}

void ClientSession::Free(OutgoingCall& call) {
  outbox().Drop(call);
  Renew(call.assembler_);
  LetGo(call.held_bytes_, call.held_bytes_);
  if (call.failed_early_) std::erase(early_, &call);
  if (std::exchange(call.given_up_, false)) --given_up_;
  calls_.Erase(call.id());
  free_calls_.push_back(&call);
  if (full_) ScheduleBatchEnd();
}

void ClientSession::EndEarlyOnes() {
  while (!early_.empty()) {
    OutgoingCall& call = *early_.back();
    early_.pop_back();
    call.failed_early_ = false;
    ClientStreamHandler* const handler = std::exchange(call.handler_, nullptr);
    LetGo(call.held_bytes_, call.held_bytes_);
    StreamEnd end;
    end.status = std::exchange(call.early_status_, absl::OkStatus());
    end.local = true;
    // One that was sent keeps its slot until the server has ended it, too.
    if (call.id() == 0) free_calls_.push_back(&call);
    if (handler != nullptr) handler->OnEnd(std::move(end));
    if (early_.empty()) CloseIfDrained();
  }
}

}  // namespace dialtone::dialtone1
