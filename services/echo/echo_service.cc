#include "echo_service.h"

#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "dialtone/rpc/sleep.h"

namespace echo {
namespace {

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

// Never OK.
absl::Status Requested(const FailRequest& request) {
  constexpr int kFirst = static_cast<int>(absl::StatusCode::kCancelled);
  constexpr int kLast = static_cast<int>(absl::StatusCode::kUnauthenticated);
  if (request.code() < kFirst || request.code() > kLast) {
    return absl::InvalidArgumentError(absl::StrCat(
        "fail: code ", request.code(), " is no error: they go from ", kFirst, " to ", kLast));
  }
  absl::Status status(static_cast<absl::StatusCode>(request.code()), request.message());
  for (const google::protobuf::Any& detail : request.details()) {
    status.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return status;
}

absl::Status CheckDuration(const char* what, absl::Duration duration, absl::Duration max) {
  if (duration >= absl::ZeroDuration() && duration <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", absl::FormatDuration(duration),
                                                 " is not between 0 and ",
                                                 absl::FormatDuration(max)));
}

absl::Status CheckRepeat(const RepeatRequest& request) {
  if (request.count() < 0 || request.count() > EchoService::kRepeatMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "repeat: count ", request.count(), " is not between 0 and ", EchoService::kRepeatMax));
  }
  return CheckDuration("repeat", FromProto(request.interval()), EchoService::kIntervalMax);
}

void SendMetadataBack(dialtone::ServerCall& call) {
  const std::optional<std::string_view> initial = call.metadata().Get("echo-initial");
  if (initial) call.initial_metadata().Add("echo-initial", *initial).IgnoreError();
  const std::optional<std::string_view> trailing = call.metadata().Get("echo-trailing");
  if (trailing) call.trailing_metadata().Add("echo-trailing", *trailing).IgnoreError();
}

}  // namespace

dialtone::Task<absl::Status> EchoService::Echo(dialtone::ServerCall&, const EchoRequest& request,
                                               EchoReply& reply) {
  if (journal_ != nullptr) {
    absl::Status added = journal_->Add(request.id());
    if (!added.ok()) co_return added;
  }
  reply.set_text(request.text());
  reply.set_payload(request.payload());
  reply.set_id(request.id());
  co_return absl::OkStatus();
}

dialtone::Task<absl::Status> EchoService::Sleep(dialtone::ServerCall&, const SleepRequest& request,
                                                SleepReply&) {
  const absl::Duration duration = FromProto(request.duration());
  absl::Status checked = CheckDuration("sleep", duration, kSleepMax);
  if (!checked.ok()) co_return checked;
  absl::Status slept = co_await dialtone::Sleep(duration);
  co_return slept;
}

dialtone::Task<absl::Status> EchoService::Fail(dialtone::ServerCall&, const FailRequest& request,
                                               FailReply&) {
  co_return Requested(request);
}

dialtone::Task<absl::Status> EchoService::Repeat(dialtone::ServerCall& call,
                                                 const RepeatRequest& request,
                                                 dialtone::Writer<EchoReply>& writer) {
  absl::Status checked = CheckRepeat(request);
  if (!checked.ok()) co_return checked;
  SendMetadataBack(call);
  const absl::Duration interval = FromProto(request.interval());
  EchoReply reply;
  reply.set_text(request.text());
  reply.set_payload(request.payload());
  for (int64_t i = 1; i <= request.count(); ++i) {
    if (i > 1 && interval > absl::ZeroDuration()) {
      absl::Status slept = co_await dialtone::Sleep(interval);
      if (!slept.ok()) co_return slept;
    }
    reply.set_id(i);
    const bool somebody_reads = co_await writer.Write(reply);
    if (!somebody_reads) break;  // the deadline has passed or the client is gone: the call ends so
  }
  co_return absl::OkStatus();
}

dialtone::Task<absl::Status> EchoService::Collect(dialtone::ServerCall& call,
                                                  dialtone::Reader<EchoRequest>& reader,
                                                  CollectReply& reply) {
  SendMetadataBack(call);
  int64_t payload_bytes = 0;
  while (const EchoRequest* message = co_await reader.Read()) {
    if (reply.text().size() + message->text().size() > kCollectedBytesMax) {
      co_return absl::ResourceExhaustedError(
          absl::StrCat("collect: the texts are longer than ", kCollectedBytesMax, " bytes"));
    }
    reply.mutable_text()->append(message->text());
    reply.set_count(reply.count() + 1);
    payload_bytes += static_cast<int64_t>(message->payload().size());
  }
  reply.set_payload_bytes(payload_bytes);
  co_return absl::OkStatus();
}

dialtone::Task<absl::Status> EchoService::Chat(dialtone::ServerCall& call,
                                               dialtone::Reader<EchoRequest>& reader,
                                               dialtone::Writer<EchoReply>& writer) {
  SendMetadataBack(call);
  EchoReply reply;
  while (EchoRequest* message = co_await reader.Read()) {
    reply.set_text(std::move(*message->mutable_text()));
    reply.set_payload(std::move(*message->mutable_payload()));
    reply.set_id(message->id());
    const bool somebody_reads = co_await writer.Write(reply);
    if (!somebody_reads) break;
  }
  co_return absl::OkStatus();
}

}  // namespace echo
