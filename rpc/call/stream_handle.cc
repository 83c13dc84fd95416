// The parts of streams on the client's side that do not depend on their messages' types.
#include <utility>

#include "absl/strings/str_cat.h"
#include "channel_core.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/stream.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "stream_client_call.h"

namespace dialtone::internal {

UntypedStream::UntypedStream(Channel& channel, const Method& method, const FirstMessage& request,
                             const CallOptions& options, const ReplyType& reply_type)
    : call_(StreamClientCall::Make(channel.core(), method, request, options, reply_type)) {
  call_->Begin(request.message);
}

UntypedStream& UntypedStream::operator=(UntypedStream&& other) noexcept {
  UntypedStream taken(std::move(other));  // as UntypedCall does
  std::swap(call_, taken.call_);
  std::swap(info_, taken.info_);
  return *this;
}

UntypedStream::~UntypedStream() {
  if (call_ == nullptr) return;
  call_->RequestCancel();
  call_->Unref(ClientCall::kHandleReferences);
}

void UntypedStream::Cancel() {
  DIALTONE_CHECK(call_ != nullptr, "the stream was moved from");
  call_->RequestCancel();
}

void UntypedStream::SendHalfClose() {
  DIALTONE_CHECK(call_ != nullptr, "the stream was moved from");
  call_->HalfClose();
}

MessagePort& UntypedStream::port() const {
  DIALTONE_CHECK(call_ != nullptr, "the stream was moved from");
  return call_->port();
}

google::protobuf::MessageLite& UntypedStream::reply() const { return call_->reply(); }

bool UntypedFinish::Suspend(PromiseBase& promise) {
  DIALTONE_CHECK(stream_.call_ != nullptr, "the stream was moved from");
  stream_.call_->BeginFinish();
  return stream_.call_->Await(promise);
}

absl::Status UntypedFinish::WaitForEnd() {
  DIALTONE_CHECK(stream_.call_ != nullptr, "the stream was moved from");
  if (Loop::OnReactor()) {
    stream_.Cancel();
    return WouldBlockReactor(stream_.call_->method());
  }
  stream_.call_->BeginFinish();
  stream_.call_->Wait();
  return TakeStatus();
}

absl::Status UntypedFinish::TakeStatus() {
  if (stream_.info_ != nullptr) stream_.call_->TakeInfo(*stream_.info_);
  return stream_.call_->TakeStatus();
}

Delivery& UntypedFinish::delivery() {
  DIALTONE_CHECK(stream_.call_ != nullptr, "the stream was moved from");
  return stream_.call_->delivery();
}

CancelHandle UntypedFinish::Detach() {
  StreamClientCall* const call = std::exchange(stream_.call_, nullptr);
  call->BeginFinish();
  return UntypedCall::Adopt(*call, stream_.info_).Detach();
}

}  // namespace dialtone::internal
