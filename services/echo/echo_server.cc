// A server of echo.Echo: `echo_server --help`.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "command_line.h"
#include "dialtone/rpc/server.h"
#include "echo_service.h"

namespace {

constexpr char kHelp[] = R"(echo_server: a server of echo.Echo, the service to try Dialtone on.

  echo_server [--listen ADDRESS]... [--drain-timeout DURATION]

  --listen ADDRESS          where to listen: 127.0.0.1:7000, [::1]:7000, 0.0.0.0:0, unix:/tmp/echo.sock; port 0 picks a
                            free one; may be given several times (default: 127.0.0.1:7000)
  --drain-timeout DURATION  what SIGTERM and SIGINT leave to calls under way (default: 25s)
  --help                    this text

For each address it prints "listening on ADDRESS" to stdout, with the port that was picked. It serves until SIGTERM
or SIGINT, then takes no more calls, finishes those under way and leaves. Exit codes:

  0   every call was answered
  3   an address is wrong, in use or not allowed
  4   some calls had not ended when --drain-timeout was over
  64  the command line is wrong

Examples:
  echo_server
  echo_server --listen 127.0.0.1:7000 --listen unix:/tmp/echo.sock --drain-timeout 5s
)";
constexpr char kDefaultAddress[] = "127.0.0.1:7000";
constexpr int kExitUsage = 64;

int Complain(const absl::Status& status, int exit_code) {
  std::fprintf(stderr, "echo_server: %s\n", std::string(status.message()).c_str());
  return exit_code;
}

int Serve(const std::vector<std::string>& addresses, dialtone::ServerOptions options) {
  options.on_listening = [](const dialtone::Address& address) {
    std::printf("listening on %s\n", address.ToString().c_str());
    std::fflush(stdout);
  };
  dialtone::Server server(options);
  server.Add(std::make_unique<echo::EchoService>());
  const std::vector<std::string_view> views(addresses.begin(), addresses.end());
  return server.Run(views);
}

}  // namespace

int main(int argc, char** argv) {
  const absl::StatusOr<echo::CommandLine> line =
      echo::CommandLine::Parse({argv + 1, argv + argc}, {"listen", "drain-timeout"});
  if (!line.ok()) return Complain(line.status(), kExitUsage);
  if (line->help()) {
    std::fputs(kHelp, stdout);
    return 0;
  }
  if (!line->words().empty()) {
    return Complain(absl::InvalidArgumentError("takes flags only, not \"" + line->words().front() +
                                               "\" (see --help)"),
                    kExitUsage);
  }
  dialtone::ServerOptions options;
  const absl::StatusOr<absl::Duration> drain_timeout =
      line->DurationOf("drain-timeout", options.drain_timeout);
  if (!drain_timeout.ok()) return Complain(drain_timeout.status(), kExitUsage);
  options.drain_timeout = *drain_timeout;

  std::vector<std::string> addresses = line->All("listen");
  if (addresses.empty()) addresses.push_back(kDefaultAddress);
  return Serve(addresses, options);
}
