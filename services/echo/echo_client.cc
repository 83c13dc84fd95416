// Calls a server of echo.Echo from a shell: `echo_client --help`.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client_calls.h"
#include "client_job.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/flags.h"
#include "dialtone/transport/absl_strings.h"
#include "status_codes.h"

namespace {

constexpr char kAbout[] =
    R"(echo_client: calls a server of echo.Echo, and prints what came back and how long it took.

  echo_client ADDRESS echo TEXT           text back
  echo_client ADDRESS sleep DURATION      an answer after a while
  echo_client ADDRESS fail CODE [TEXT]    an error with that code, a name or a number, and that text

And calls that stream, whose messages are printed as they come:

  echo_client ADDRESS repeat TEXT         the text again and again: see --messages and --interval
  echo_client ADDRESS collect [TEXT...]   each text as a message, one answer to them all
  echo_client ADDRESS chat [TEXT...]      each text as a message, and its answer; without TEXT: each line of stdin

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
  echo_client 127.0.0.1:7000 repeat tick --messages=10 --interval=1s
  echo_client 127.0.0.1:7000 collect one two three
  echo_client 127.0.0.1:7000 chat                         type a line, read its answer; ends with Ctrl-D
)";
constexpr int kExitUsage = 64;

int Run(const echo::Job& job) {
  dialtone::Channel channel(job.address());
  const echo::Echo::Client client(channel);
  for (int64_t i = 0; i < job.count; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const absl::StatusOr<std::string> result = echo::CallOnce(client, job);
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
  echo::Job job;
  dialtone::Flags flags(kAbout);
  flags.TakeWords(job.words);
  flags.Add("timeout", job.timeout,
            "how long a call may take; 0: 15s, and a call that streams as long as it lasts");
  flags.Add("count", job.count, "calls, one after the other; ends at the first that fails");
  flags.Add("payload", job.payload_bytes,
            "bytes that each message brings along, and echo wants back");
  flags.Add("messages", job.messages, "how often repeat answers");
  flags.Add("interval", job.interval, "between one answer of repeat and the next");
  flags.AddHelp(kExitCodes + echo::ErrorCodeTable() + kExamples);
  flags.set_bad_flag_exit_code(kExitUsage);
  if (const auto exit = flags.Parse(argc, argv)) return *exit;
  const absl::Status checked = echo::CheckJob(job);
  if (!checked.ok()) return flags.Complain(dialtone::ToStd(checked.message()));
  return Run(job);
}
