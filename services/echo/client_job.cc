#include "client_job.h"

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "status_codes.h"

namespace echo {
namespace {

constexpr int64_t kCountMax = 1'000'000'000;
constexpr int64_t kMessagesMax = 1'000'000;
constexpr int64_t kPayloadMax = 64 * 1024 * 1024;
constexpr size_t kAnyNumber = 1'000'000;

struct Verb {
  std::string_view name;
  size_t arguments_min;
  size_t arguments_max;
  const char* takes;
};
constexpr Verb kVerbs[] = {
    {"echo", 1, 1, "one argument"},
    {"sleep", 1, 1, "one argument"},
    {"fail", 1, 2, "one or two arguments"},
    {"repeat", 1, 1, "one argument"},
    {"collect", 0, kAnyNumber, "any number of arguments"},
    {"chat", 0, kAnyNumber, "any number of arguments"},
};

absl::Status CheckWords(const Job& job) {
  if (job.words.size() < 2)
    return absl::InvalidArgumentError("needs an address and what to call (see --help)");
  const size_t arguments = job.words.size() - 2;
  for (const Verb& verb : kVerbs) {
    if (job.verb() != verb.name) continue;
    if (arguments >= verb.arguments_min && arguments <= verb.arguments_max) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(job.verb(), " takes ", verb.takes, ", not ", arguments, " (see --help)"));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", job.verb(), "\" is none of echo, sleep, fail, repeat, collect and chat (see --help)"));
}

absl::Status CheckRange(std::string_view flag, int64_t value, int64_t min, int64_t max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("flag --", dialtone::ToAbsl(flag), ": \"", value,
                                                 "\" is no number from ", min, " to ", max));
}

// The verb's arguments.
absl::Status ReadArguments(Job& job) {
  if (job.verb() == "sleep" &&
      (!absl::ParseDuration(job.words[2], &job.sleep) || job.sleep < absl::ZeroDuration())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", job.words[2], "\" is no duration such as 250ms, 1.5s or 2m (see --help)"));
  }
  if (job.verb() != "fail") return absl::OkStatus();
  const absl::StatusOr<absl::StatusCode> code = ParseErrorCode(job.words[2]);
  if (code.ok()) job.code = *code;
  return code.status();
}

}  // namespace

absl::Status CheckJob(Job& job) {
  absl::Status status = CheckWords(job);
  if (status.ok()) status = ReadArguments(job);
  if (status.ok()) status = CheckRange("count", job.count, 1, kCountMax);
  if (status.ok()) status = CheckRange("payload", job.payload_bytes, 0, kPayloadMax);
  if (status.ok()) status = CheckRange("messages", job.messages, 0, kMessagesMax);
  if (job.timeout > absl::ZeroDuration()) job.options.set_timeout(job.timeout);
  return status;
}

}  // namespace echo
