#include "stream_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "server_loop.h"

namespace dialtone::internal {

void StreamCall::Reset() {
  if (ReplyToSend() != nullptr) PassReply(reply().ByteSizeLong());
  BoundRequestForLong();
  HandledCall::Reset();
  port_.Reset();
  replied_ = false;
}

bool StreamCall::OnStarted() {
  port_.Open(loop(), /*ends_the_call=*/nullptr);
  parts_.port = &port_;
  parts_.request = &request();
  parts_.reply = &reply();
  ArmDeadline();
  return !client_streams() || BeginHandler();
}

void StreamCall::OnMessage(IncomingMessage& message) {
  if (!client_streams()) {
    PassRequest(UnpackedBytes(message.packing, message.bytes));
    return TakeRequest(message);
  }
  CountMessageIn(message);
  port_.Deliver(message);
}

void StreamCall::OnHalfClose() { client_streams() ? port_.EndInbound() : EndRequest(); }

Task<absl::Status> StreamCall::MakeTask() {
  return server_method().handler->stream_coroutine(*server_method().service, *this, parts_);
}

absl::Status StreamCall::CallPlain() {
  return server_method().handler->stream_plain(*server_method().service, *this, parts_);
}

const google::protobuf::MessageLite* StreamCall::ReplyToSend() {
  const bool has_reply = server_method().handler->method->kind == MethodKind::kClientStreaming;
  return has_reply ? &reply() : nullptr;
}

Workers& StreamCall::port_workers() { return server_loop().runtime().message_workers(); }

void StreamCall::OnFinished() {
  port_.Fail();
  if (!replied_ || extras().initial_metadata.size() == headers_) return;
  static constinit LogKind kind(LogLevel::kWarning, "initial metadata that came too late");
  if (!kind.Admits()) return;
  Log(kind.level(),
      absl::StrCat(ToAbsl(method()), ": initial metadata that was added behind the first message ",
                   "is dropped"),
      {{"method", method()}});
}

bool StreamCall::SendOut(OutgoingMessage& message, bool) {
  absl::Status judged;
  if (IsToBeJudged(&message)) [[unlikely]]
    judged = Judge(&message);
  // Ahead of a message that does not go, too: what is added behind it comes too late.
  SendHeaders();
  if (!std::exchange(replied_, true)) headers_ = extras().initial_metadata.size();
  if (!judged.ok()) [[unlikely]]
    return Fail(std::move(judged)), true;
  CountMessageOut(message);
  return stream()->Send(message);
}

// The handler reads the end, and whatever it says, the client hears of this.
void StreamCall::OnInvalidMessage(const absl::Status& parsed) {
  Fail(
      absl::InvalidArgumentError(absl::StrCat(ToAbsl(method()), ": a message ", parsed.message())));
}

}  // namespace dialtone::internal
