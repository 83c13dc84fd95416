// What HandledCall does with messages: its one request, and its reply where that is large or packed by a
// worker. The rest is in handled_call.cc.
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/absl_strings.h"
#include "handled_call.h"
#include "large_message.h"
#include "server_loop.h"

namespace dialtone::internal {

// --- The one request ---

void HandledCall::RefuseRequest() {
  FinishWith(absl::InvalidArgumentError(absl::StrCat(ToAbsl(method()), ": more than one request")));
}

void HandledCall::TakeRequest(IncomingMessage& message) {
  if (!BeginRequest(message)) return;
  if (IsLarge(message)) {
    large_ = KeptBytes(message);
    loop_.runtime().bytes_in_flight().Add(large_.size() + attachment().size());
    if (BeginWork(parse_work_)) return;
    working_ = true;
    return ParseLarge();
  }
  if (absl::Status status = ParseRequest(message.packing, message.bytes, message.has_room);
      !status.ok())
    return FinishWith(std::move(status));
  TellMessageIn(*request_);
}

void HandledCall::ParseLarge() {
  parsed_ = JudgeRequest(large_.Parse(*request_));
  large_.Free();
  loop_.loop().Post(parsed_work_);
}

void HandledCall::OnLargeParsed() {
  working_ = false;
  loop_.runtime().bytes_in_flight().Subtract(large_.size() + attachment().size());
  large_ = KeptBytes();
  if (std::exchange(finish_wanted_, false)) return FinishWith(std::move(status_), refused_);
  if (!parsed_.ok()) return FinishWith(std::move(parsed_));
  TellMessageIn(*request_);
  if (request_ended_) BeginHandler();
}

void HandledCall::EndRequest() {
  if (!has_request_) {
    return FinishWith(absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(method()), ": the call came without a request")));
  }
  request_ended_ = true;
  if (!working_) BeginHandler();
}

// A large request has been parsed by now: no budget counts what it holds, so it does not wait.
bool HandledCall::WaitsForTurn() const {
  return loop_.handlers().MustWait(method_) && message_bytes_ <= kLargeMessageBytes;
}

absl::Status HandledCall::JudgeRequest(absl::Status parsed) const {
  if (parsed.ok()) return parsed;
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(method()), ": the request ", parsed.message()));
}

PackingPlan HandledCall::packing() const {
  const std::optional<Compression>& compression = extras().compression;
  PackingPlan plan =
      compression.has_value() ? PlanWith(*method_.compression, *compression) : method_.packing;
  if (!unpacks().has(plan.algorithm)) plan.algorithm = Compression::kNone;
  return plan;
}

// --- The reply ---

absl::Status HandledCall::Judge(const OutgoingMessage* message) {
  if (owes_headers()) {
    if (absl::Status status = stream_->CheckHeaders(extras().initial_metadata); !status.ok()) {
      headers_sent_ = true;  // as far as they ever will be
      return status;
    }
  }
  return message == nullptr ? absl::OkStatus() : stream_->CheckMessage(*message);
}

bool HandledCall::BeginWork(Work& work) {
  working_ = loop_.runtime().message_workers().Post(work);
  return working_;
}

void HandledCall::Serialise() {
  serialised_ = std::make_unique<RequestBytes>(*ReplyToSend(), extras().reply_attachment);
  serialised_->Pack(packing());
}

void HandledCall::SerialiseOnWorker() {
  Serialise();
  loop().Post(serialised_work_);
}

void HandledCall::OnSerialised() {
  working_ = false;
  Answer(absl::OkStatus(), false, &serialised_->For(unpacks()));
}

// --- Their end ---

void HandledCall::BoundMessages() {
  reuse_.Bound(method_.handler->request, *request_);
  reuse_.Bound(method_.handler->reply, *reply_);
}

void HandledCall::DestroyForGood() {
  if (kept_bytes_ > kLargeMessageBytes && loop_.runtime().message_workers().Post(destroy_work_))
    return;
  Destroy();
}

}  // namespace dialtone::internal
