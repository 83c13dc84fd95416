#include "client_calls.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace echo {

std::string Describe(const std::string& text, size_t payload_bytes) {
  std::string described = absl::StrCat("\"", absl::Utf8SafeCEscape(text), "\"");
  if (payload_bytes > 0) absl::StrAppend(&described, " and ", payload_bytes, " bytes");
  return described;
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::ToInt64Seconds(duration));
  proto.set_nanos(static_cast<int32_t>((duration % absl::Seconds(1)) / absl::Nanoseconds(1)));
  return proto;
}

absl::StatusOr<std::string> CallEcho(const Echo::Client& client, const Job& job) {
  EchoRequest request;
  request.set_text(job.words[2]);
  request.set_payload(std::string(static_cast<size_t>(job.payload_bytes), 'x'));
  const absl::StatusOr<EchoReply> reply = client.Echo(request, job.options).Wait();
  if (!reply.ok()) return reply.status();
  if (reply->payload() != request.payload())
    return absl::DataLossError("the payload came back changed");
  return Describe(reply->text(), reply->payload().size());
}

absl::StatusOr<std::string> CallSleep(const Echo::Client& client, const Job& job) {
  SleepRequest request;
  *request.mutable_duration() = ToProto(job.sleep);
  const absl::StatusOr<SleepReply> reply = client.Sleep(request, job.options).Wait();
  if (!reply.ok()) return reply.status();
  return absl::StrCat("slept ", absl::FormatDuration(job.sleep));
}

absl::StatusOr<std::string> CallFail(const Echo::Client& client, const Job& job) {
  FailRequest request;
  request.set_code(static_cast<int>(job.code));
  if (job.words.size() > 3) request.set_message(job.words[3]);
  const absl::StatusOr<FailReply> reply = client.Fail(request, job.options).Wait();
  if (!reply.ok()) return reply.status();
  return "nothing, although it was to fail";
}

absl::StatusOr<std::string> CallOnce(const Echo::Client& client, const Job& job) {
  if (job.verb() == "echo") return CallEcho(client, job);
  if (job.verb() == "sleep") return CallSleep(client, job);
  if (job.verb() == "repeat") return CallRepeat(client, job);
  if (job.verb() == "collect") return CallCollect(client, job);
  if (job.verb() == "chat") return CallChat(client, job);
  return CallFail(client, job);
}

}  // namespace echo
