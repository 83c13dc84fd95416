// What ClientCall does with messages: the request is serialised and packed ahead, the reply unpacked and
// parsed, large ones on worker threads. The rest is in client_call.cc.
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "channel_core.h"
#include "client_call.h"
#include "client_call_large.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/absl_strings.h"
#include "guarded.h"
#include "loop_channel.h"
#include "subchannel.h"

namespace dialtone::internal {

ClientCall::LargeMessages& ClientCall::large() {
  if (large_ == nullptr) large_ = std::make_unique<LargeMessages>(*this);
  return *large_;
}

// On the thread that makes the call, for which no loop waits; a reactor leaves large ones to workers.
void ClientCall::PackAhead() {
  if (!status_.ok() || !channel_.MayUnpack(packing_.algorithm)) return;
  if (Loop::OnReactor() && request_.size() > kLargeMessageBytes) return;
  request_.Pack(packing_);
}

bool ClientCall::BeginPacking() {
  if (!loop_->is_reactor() || request_.size() <= kLargeMessageBytes) return false;
  packs_ = packing_.Wants(request_.size()) && channel_.MayUnpack(packing_.algorithm);
  if (!packs_ && !request_.waits()) return false;
  packing_now_ = true;
  Ref();
  if (channel_.runtime().message_workers().Post(large().pack)) {
    part_->HoldAside(*this);
    return true;
  }
  packing_now_ = false;
  Unref();
  request_.Serialise();  // they are too busy
  return false;
}

void ClientCall::PackOnWorker() {
  request_.Serialise();
  if (packs_) request_.Pack(packing_);
  loop_->Post(large_->packed);
}

void ClientCall::OnPacked() {
  packing_now_ = false;
  if (ended_) {
    request_.Free();
  } else {
    part_->Withdraw(*this);
    part_->Start(*this);
  }
  Unref();
}

bool ClientCall::MayParseLater(std::string_view bytes) const {
  return bytes.size() <= RequestBytes::kKeptMax && observers_told_ == 0 && !streams() &&
         !packing_now_;
}

bool ClientCall::TakesWhole() const { return rare_ == nullptr && !has_reply_ && !streams(); }

void ClientCall::OnWhole(std::string_view bytes, Instant arrived) {
  stream_ = nullptr;
  has_reply_ = true;
  reply_bytes_ = bytes.size();
  subchannel_->OnCallEnded(CallOutcome::kSucceeded);
  if (counters_ != nullptr) counters_->CountMessageIn(bytes.size());
  part_->CountAnswer();
  ended_at_ = arrived;
  if (policy_ != nullptr) part_->retries().OnAnswer(*this);
  if (MayParseLater(bytes)) [[likely]] {
    unparsed_ = request_.Keep(bytes);
    return Complete(absl::OkStatus());
  }
  const absl::Status parsed = ParseMessage(Packing(), bytes, reply());
  if (!parsed.ok()) return Complete(InvalidReply(parsed));
  if (TellMessageIn(reply())) Complete(absl::OkStatus());
}

void ClientCall::OnMessage(IncomingMessage& message) {
  if (has_reply_) {
    return FailReply(absl::InternalError(
        absl::StrCat(ToAbsl(method_.path), ": more than one reply from ", peer_.ToString())));
  }
  has_reply_ = true;
  reply_bytes_ = UnpackedBytes(message.packing, message.bytes);
  CountMessageIn(message);
  if (policy_ != nullptr) KeepToOneAttempt();
  if (!message.attachment.empty()) rare().reply_attachment = std::move(message.attachment);
  if (!message.packing.packed() && MayParseLater(message.bytes)) [[likely]] {
    unparsed_ = request_.Keep(message.bytes);
    return;
  }
  if (IsLarge(message)) {
    large().reply = KeptBytes(message);
    reply();  // from now on the worker may ask for it
    parsing_ = true;
    Ref();
    loop_->ExpectPosts(1);
    if (channel_.runtime().message_workers().Post(large_->parse)) return;
    return ParseOnWorker();  // they are too busy
  }
  FinishParsing(ParseMessage(message.packing, message.bytes, reply()));
}

void ClientCall::ParseOnWorker() {
  large_->parsed = large_->reply.Parse(reply());
  large_->reply.Free();
  loop_->Post(large_->when_parsed);
}

void ClientCall::OnParsed() {
  parsing_ = false;
  loop_->ExpectPosts(-1);
  large_->reply = KeptBytes();
  if (!ended_) {
    part_->Withdraw(*this);
    FinishParsing(large_->parsed);
    if (end_told_ && !ended_) Judge(std::move(large_->end));  // an observer may have ended it
  }
  Unref();
}

void ClientCall::FinishParsing(const absl::Status& parsed) {
  if (parsed.ok()) {
    TellMessageIn(reply());
  } else {
    FailReply(InvalidReply(parsed));
  }
}

void ClientCall::ParseUnparsed() {
  const absl::Status parsed =
      ParseMessage(Packing(), std::exchange(unparsed_, {}), reply(), /*has_room=*/true);
  if (!parsed.ok()) status_ = InvalidReply(parsed);
}

absl::Status ClientCall::InvalidReply(const absl::Status& parsed) const {
  return absl::InternalError(absl::StrCat(ToAbsl(method_.path), ": the reply of ", peer_.ToString(),
                                          " ", parsed.message()));
}

void ClientCall::CountMessageIn(const IncomingMessage& message) {
  if (counters_ != nullptr)
    counters_->CountMessageIn(message.bytes.size() + message.attachment.size());
}

void ClientCall::CountMessageOut(const OutgoingMessage& message) {
  if (counters_ != nullptr)
    counters_->CountMessageOut(message.size() + message.attachment().size());
}

void ClientCall::CountEnd() {
  counters_->CountEnd(status_.ok() ? absl::StatusCode::kOk : status_.code());
  counters_->CountTime(made_at_, ended_at_ == Instant() ? loop_->Now() : ended_at_);
}

void ClientCall::FailReply(absl::Status status) { status_ = std::move(status); }

template <class Tell>
bool ClientCall::TellObservers(Tell tell) {
  const ClientCallView view = View();
  const auto* const observers = channel_.options().observers.data();
  // One of them may end the call, and let go of it. So the loop's reference stays until they are through, which costs
  // nothing; if that is gone already, another one does.
  const bool had_ended = ended_;
  if (had_ended) Ref();
  const bool outer = std::exchange(telling_, true);
  for (size_t i = 0; i < observers_told_; ++i)
    RunUsers(kAnObserver, [&] { tell(*observers[i], view); });
  telling_ = outer;
  const bool has_ended = ended_ && !had_ended;
  if (had_ended || (has_ended && started_ && !outer)) Unref();
  return !has_ended;
}

bool ClientCall::TellMessageIn(const google::protobuf::MessageLite& message) {
  if (observers_told_ == 0) return true;
  return TellObservers([&](ClientObserver& observer, const ClientCallView& view) {
    observer.OnMessageIn(view, message);
  });
}

void ClientCall::TellWritten(const Address& server) {
  const Instant now = loop_->Now();
  TellObservers([&](ClientObserver& observer, const ClientCallView& view) {
    observer.OnWritten(view, server, now);
  });
}

void ClientCall::TellMessageOut(const google::protobuf::MessageLite& message) {
  TellObservers([&](ClientObserver& observer, const ClientCallView& view) {
    observer.OnMessageOut(view, message);
  });
}

}  // namespace dialtone::internal
