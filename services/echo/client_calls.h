// The calls that echo_client makes, one function a method. Each blocks until its call has ended, and
// returns what came back, for people to read; the ones that stream print their messages as they come.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client_job.h"
#include "echo/echo.dialtone.h"

namespace echo {

absl::StatusOr<std::string> CallEcho(const Echo::Client& client, const Job& job);
absl::StatusOr<std::string> CallSleep(const Echo::Client& client, const Job& job);
absl::StatusOr<std::string> CallFail(const Echo::Client& client, const Job& job);

absl::StatusOr<std::string> CallRepeat(const Echo::Client& client, const Job& job);
absl::StatusOr<std::string> CallCollect(const Echo::Client& client, const Job& job);
// Without arguments it sends the lines of stdin.
absl::StatusOr<std::string> CallChat(const Echo::Client& client, const Job& job);

// What the job's verb says.
absl::StatusOr<std::string> CallOnce(const Echo::Client& client, const Job& job);

// The text as it may be printed, in quotation marks; and how many bytes came beside it, if any.
std::string Describe(const std::string& text, size_t payload_bytes);
google::protobuf::Duration ToProto(absl::Duration duration);

}  // namespace echo
