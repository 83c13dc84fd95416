// The parts of Call<Reply> that do not depend on the reply's type.
#include <utility>

#include "absl/strings/str_cat.h"
#include "channel_core.h"
#include "client_call.h"
#include "dialtone/rpc/call.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"

namespace dialtone::internal {

UntypedCall::UntypedCall(Channel& channel, const Method& method, const FirstMessage& request,
                         const CallOptions& options, const ReplyType& reply_type)
    : call_(ClientCall::Make(channel.core(), method, request, options, reply_type)) {
  call_->Begin(request.message);
}

UntypedCall& UntypedCall::operator=(UntypedCall&& other) noexcept {
  // By way of a third one, for call = std::move(call).Capture(info) assigns it to itself.
  UntypedCall taken(std::move(other));
  std::swap(call_, taken.call_);
  std::swap(info_, taken.info_);
  return *this;
}

UntypedCall::~UntypedCall() {
  if (call_ == nullptr) return;
  call_->RequestCancel();
  call_->Unref(ClientCall::kHandleReferences);
}

void UntypedCall::Cancel() {
  DIALTONE_CHECK(call_ != nullptr, "the call was moved from, or waited for");
  call_->RequestCancel();
}

bool UntypedCall::Suspend(PromiseBase& promise) {
  DIALTONE_CHECK(call_ != nullptr, "the call was moved from, or waited for");
  return call_->Await(promise);
}

absl::Status WouldBlockReactor(const Method& method) {
  absl::Status status =
      absl::FailedPreconditionError(absl::StrCat(ToAbsl(method.path),
                                                 ": Wait() on a reactor would stop everything "
                                                 "that runs there: co_await the call, or run the "
                                                 "service on workers"));
  static constinit LogKind kind(LogLevel::kError, "calls that would block their reactor");
  if (kind.Admits()) Log(kind.level(), ToStd(status.message()), {{"method", method.path}});
  return status;
}

absl::Status UntypedCall::WaitForEnd() {
  DIALTONE_CHECK(call_ != nullptr, "the call was moved from, or waited for");
  if (Loop::OnReactor()) {
    call_->RequestCancel();
    return WouldBlockReactor(call_->method());
  }
  call_->Wait();
  return TakeStatus();
}

absl::Status UntypedCall::TakeStatus() {
  absl::Status status = call_->TakeStatus();
  if (info_ != nullptr) call_->TakeInfo(*info_);
  return status;
}

google::protobuf::MessageLite& UntypedCall::reply() { return call_->reply(); }

void* UntypedCall::result() { return call_->result(); }

Delivery& UntypedCall::delivery() {
  DIALTONE_CHECK(call_ != nullptr, "the call was moved from, or waited for");
  return call_->delivery();
}

CancelHandle UntypedCall::Detach() {
  ClientCall* call = std::exchange(call_, nullptr);
  CancelHandle handle(call);  // with one of the references, the delivery with the other
  call->Deliver(info_);
  return handle;
}

CancelHandle& CancelHandle::operator=(CancelHandle&& other) noexcept {
  CancelHandle taken(std::move(other));
  std::swap(call_, taken.call_);
  return *this;
}

CancelHandle::~CancelHandle() {
  if (call_ != nullptr) call_->UnrefHandle();
}

void CancelHandle::Cancel() {
  if (call_ != nullptr) call_->RequestCancel();
}

}  // namespace dialtone::internal
