// Calls a server of echo.Echo from a shell: `echo_client --help`.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/flags.h"
#include "dialtone/transport/absl_strings.h"
#include "echo/echo.dialtone.h"
#include "status_codes.h"

namespace {

constexpr char kAbout[] =
    R"(echo_client: calls a server of echo.Echo, and prints what came back and how long it took.

  echo_client ADDRESS echo TEXT           text back
  echo_client ADDRESS sleep DURATION      an answer after a while
  echo_client ADDRESS fail CODE [TEXT]    an error with that code, a name or a number, and that text

ADDRESS is where a server listens: 127.0.0.1:7000, [::1]:7000, localhost:7000, unix:/tmp/echo.sock.
A TEXT that starts with a dash goes behind "--".)";
constexpr char kExitCodes[] = R"(
Exit codes: 0, all calls were answered; 64, the command line is wrong; else the code of the call that failed:

)";
constexpr char kExamples[] = R"(
Examples:
  echo_client 127.0.0.1:7000 echo "hello" --count=3
  echo_client 127.0.0.1:7000 sleep 1s --timeout=50ms      ends with 4, DEADLINE_EXCEEDED
  echo_client 127.0.0.1:7000 fail NOT_FOUND "no such user"
)";
constexpr int kExitUsage = 64;
constexpr int64_t kCountMax = 1'000'000'000;
constexpr int64_t kPayloadMax = 64 * 1024 * 1024;

using Words = std::vector<std::string>;

// What to call, as the command line says.
struct Job {
  Words words;  // address, verb and the verb's arguments
  absl::Duration sleep;
  absl::StatusCode code = absl::StatusCode::kUnknown;
  dialtone::CallOptions options;
  int64_t count = 1;
  int64_t payload_bytes = 0;
};

absl::Status CheckWords(const Words& words) {
  if (words.size() < 2)
    return absl::InvalidArgumentError("needs an address and what to call (see --help)");
  const std::string& verb = words[1];
  if (verb != "echo" && verb != "sleep" && verb != "fail") {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", verb, "\" is none of echo, sleep and fail (see --help)"));
  }
  const size_t most = verb == "fail" ? 4 : 3;
  if (words.size() < 3 || words.size() > most) {
    return absl::InvalidArgumentError(
        absl::StrCat(verb, " takes ", most == 3 ? "one argument" : "one or two arguments", ", not ",
                     words.size() - 2, " (see --help)"));
  }
  return absl::OkStatus();
}

absl::Status CheckRange(std::string_view flag, int64_t value, int64_t min, int64_t max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("flag --", dialtone::ToAbsl(flag), ": \"", value,
                                                 "\" is no number from ", min, " to ", max));
}

// The verb's arguments.
absl::Status ReadArguments(Job& job) {
  if (job.words[1] == "sleep" &&
      (!absl::ParseDuration(job.words[2], &job.sleep) || job.sleep < absl::ZeroDuration())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", job.words[2], "\" is no duration such as 250ms, 1.5s or 2m (see --help)"));
  }
  if (job.words[1] != "fail") return absl::OkStatus();
  const absl::StatusOr<absl::StatusCode> code = echo::ParseErrorCode(job.words[2]);
  if (code.ok()) job.code = *code;
  return code.status();
}

absl::Status Check(Job& job) {
  absl::Status status = CheckWords(job.words);
  if (status.ok()) status = ReadArguments(job);
  if (status.ok()) status = CheckRange("count", job.count, 1, kCountMax);
  if (status.ok()) status = CheckRange("payload", job.payload_bytes, 0, kPayloadMax);
  return status;
}

absl::StatusOr<std::string> CallEcho(const echo::Echo::Client& client, const Job& job) {
  echo::EchoRequest request;
  request.set_text(job.words[2]);
  request.set_payload(std::string(static_cast<size_t>(job.payload_bytes), 'x'));
  const absl::StatusOr<echo::EchoReply> reply = client.Echo(request, job.options).Wait();
  if (!reply.ok()) return reply.status();
  if (reply->payload() != request.payload())
    return absl::DataLossError("the payload came back changed");
  std::string text = absl::StrCat("\"", absl::Utf8SafeCEscape(reply->text()), "\"");
  if (job.payload_bytes > 0) absl::StrAppend(&text, " and ", job.payload_bytes, " bytes");
  return text;
}

absl::StatusOr<std::string> CallSleep(const echo::Echo::Client& client, const Job& job) {
  echo::SleepRequest request;
  request.mutable_duration()->set_seconds(absl::ToInt64Seconds(job.sleep));
  request.mutable_duration()->set_nanos(
      static_cast<int32_t>((job.sleep % absl::Seconds(1)) / absl::Nanoseconds(1)));
  const absl::StatusOr<echo::SleepReply> reply = client.Sleep(request, job.options).Wait();
  if (!reply.ok()) return reply.status();
  return absl::StrCat("slept ", absl::FormatDuration(job.sleep));
}

absl::StatusOr<std::string> CallFail(const echo::Echo::Client& client, const Job& job) {
  echo::FailRequest request;
  request.set_code(static_cast<int>(job.code));
  if (job.words.size() > 3) request.set_message(job.words[3]);
  const absl::StatusOr<echo::FailReply> reply = client.Fail(request, job.options).Wait();
  if (!reply.ok()) return reply.status();
  return "nothing, although it was to fail";
}

absl::StatusOr<std::string> CallOnce(const echo::Echo::Client& client, const Job& job) {
  if (job.words[1] == "echo") return CallEcho(client, job);
  if (job.words[1] == "sleep") return CallSleep(client, job);
  return CallFail(client, job);
}

int Run(const Job& job) {
  dialtone::Channel channel(job.words[0]);
  const echo::Echo::Client client(channel);
  for (int64_t i = 0; i < job.count; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const absl::StatusOr<std::string> result = CallOnce(client, job);
    const double milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    if (!result.ok()) {
      const absl::Status& status = result.status();
      std::fprintf(stderr, "echo_client: %s after %.3f ms: %s\n",
                   absl::StatusCodeToString(status.code()).c_str(), milliseconds,
                   std::string(status.message()).c_str());
      return static_cast<int>(status.code());
    }
    std::printf("%s in %.3f ms\n", result->c_str(), milliseconds);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Job job;
  absl::Duration timeout = absl::Seconds(15);
  dialtone::Flags flags(kAbout);
  flags.TakeWords(job.words);
  flags.Add("timeout", timeout, "how long a call may take");
  flags.Add("count", job.count, "calls, one after the other; ends at the first that fails");
  flags.Add("payload", job.payload_bytes, "bytes that echo sends along and wants back");
  flags.AddHelp(kExitCodes + echo::ErrorCodeTable() + kExamples);
  flags.set_bad_flag_exit_code(kExitUsage);
  if (const auto exit = flags.Parse(argc, argv)) return *exit;
  const absl::Status checked = Check(job);
  if (!checked.ok()) return flags.Complain(dialtone::ToStd(checked.message()));
  job.options.set_timeout(timeout);
  return Run(job);
}
