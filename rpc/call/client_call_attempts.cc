// ClientCall's attempts: how each is sent, whether one is followed by another, and what becomes of
// several at a time.
#include <utility>

#include "absl/strings/str_cat.h"
#include "channel_core.h"
#include "client_call.h"
#include "loop_channel.h"
#include "status_reason.h"
#include "subchannel.h"

namespace dialtone::internal {

void ClientCall::SendOn(Subchannel& subchannel) {
  subchannel_ = &subchannel;
  peer_ = subchannel.connection().info().peer;
  stream_ = StartOn(subchannel, *this);
  if (ended_) {  // an observer has, from within
    std::exchange(stream_, nullptr)->Cancel(CancelReason::kCancelled);
    return subchannel.OnCallEnded(OutcomeOf(CancelReason::kCancelled));
  }
  if (policy_ != nullptr) part_->retries().OnSent(*this);
  // Last: who waits to write may end it, and let go of it.
  if (streams()) OnSent();
}

ClientStream* ClientCall::StartOn(Subchannel& subchannel, ClientStreamHandler& handler) {
  subchannel.OnCallStarted();
  ++attempts_;
  ClientConnection& connection = subchannel.connection();
  RequestHead head;
  head.method = &method_;
  if (!request_metadata_.empty()) {
    head.metadata = &request_metadata_;
    head.own_pairs = own_pairs_;
  }
  head.deadline = deadline_;
  head.reply_bytes_max = channel_.options().limits.message_bytes_max;
  const bool whole =
      method_.kind == MethodKind::kUnary || method_.kind == MethodKind::kServerStreaming;
  const CompressionSet& unpacks = connection.info().compressions;
  channel_.NoteCompressions(unpacks);
  // A large one goes as it is, if it could not be packed ahead.
  if (unpacks.has(packing_.algorithm) && request_.size() <= kLargeMessageBytes)
    request_.Pack(packing_);
  ClientStream* stream = nullptr;
  if (whole) {
    OutgoingMessage& request = request_.For(unpacks);
    CountMessageOut(request);
    stream = connection.Start(handler, head, &request, true);
  } else {
    stream = connection.Start(handler, head, nullptr, false);
  }
  if (channel_.tells_written()) [[unlikely]] {
    stream->TellWritten();
  }
  return stream;
}

void ClientCall::OnWake() { part_->OnWake(*this); }

bool ClientCall::MayRunAgain(const StreamEnd& end) const {
  // A server that has answered has run it, whatever it says.
  return !end.status.ok() && MayBeSentAgain() && status_.ok();
}

bool ClientCall::SendAgain(StreamEnd& end) {
  const uint32_t resends_max = channel_.options().resends.max;
  if (resends_ == resends_max) {
    if (resends_max != 0)
      AddReason(end.status, absl::StrCat("sent again ", resends_, " times (ResendOptions::max)"));
    return false;
  }
  ++resends_;
  ForgetHeaders();
  StopResting();
  const char* const why_not = part_->SendAgain(*this, end);
  if (why_not == nullptr) return true;
  AddReason(end.status, absl::StrCat("not sent again: ", why_not));
  return false;
}

bool ClientCall::TryAgain(StreamEnd& end) {
  if (policy_ == nullptr || !part_->Retry(*this, end)) return false;
  ForgetHeaders();
  return true;
}

void ClientCall::FailUnsent(absl::Status status) {
  StreamEnd end;
  end.status = std::move(status);
  if (retries_ > 0 && TryAgain(end)) return;
  Complete(std::move(end.status));
}

void ClientCall::KeepToOneAttempt() {
  StopResting();
  CancelHedges(CancelReason::kCancelled);
}

void ClientCall::HedgeOn(Subchannel& subchannel) {
  std::unique_ptr<Hedges>& hedges = rare().hedges;
  if (hedges == nullptr) hedges = std::make_unique<Hedges>(*this, part_->retries().counters());
  hedges->Begin(subchannel);
}

void ClientCall::Adopt(Attempt attempt) {
  if (stream_ != nullptr) {
    stream_->Cancel(CancelReason::kCancelled);
    subchannel_->OnCallEnded(CallOutcome::kUnknown);
  }
  stream_ = attempt.stream;
  subchannel_ = attempt.subchannel;
  peer_ = std::move(attempt.peer);
  rare().initial_metadata = std::move(attempt.initial);
}

bool ClientCall::GoesOnWithout(const Subchannel& subchannel, const StreamEnd& end) {
  if (hedges() == nullptr || !under_way() || !MayRunAgain(end)) return false;
  // Another server may well take what one does not.
  if (!end.never_ran && !end.local && !policy_->retry.codes.Contains(end.status.code()))
    return false;
  Avoid(subchannel);
  if (end.pushback.has_value()) {
    const bool rejected = RejectsPushback(end.pushback, policy_->retry.pushback_max) != nullptr;
    rare_->hedges->HoldBack(rejected ? Instant::Infinite() : loop_->Now() + *end.pushback);
  }
  return true;
}

}  // namespace dialtone::internal
