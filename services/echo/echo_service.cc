#include "echo_service.h"

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

}  // namespace

dialtone::Task<absl::Status> EchoService::Echo(dialtone::ServerCall&, const EchoRequest& request,
                                               EchoReply& reply) {
  reply.set_text(request.text());
  reply.set_payload(request.payload());
  reply.set_id(request.id());
  co_return absl::OkStatus();
}

dialtone::Task<absl::Status> EchoService::Sleep(dialtone::ServerCall&, const SleepRequest& request,
                                                SleepReply&) {
  const absl::Duration duration = FromProto(request.duration());
  if (duration < absl::ZeroDuration() || duration > kSleepMax) {
    co_return absl::InvalidArgumentError(absl::StrCat("sleep: ", absl::FormatDuration(duration),
                                                      " is not between 0 and ",
                                                      absl::FormatDuration(kSleepMax)));
  }
  absl::Status slept = co_await dialtone::Sleep(duration);
  co_return slept;
}

dialtone::Task<absl::Status> EchoService::Fail(dialtone::ServerCall&, const FailRequest& request,
                                               FailReply&) {
  co_return Requested(request);
}

}  // namespace echo
