// A server of echo.Echo: `echo_server --help`.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "dialtone/rpc/server.h"
#include "dialtone/rpc/server_flags.h"
#include "dialtone/transport/absl_strings.h"
#include "echo_service.h"
#include "journal.h"

namespace {

constexpr char kAbout[] = R"(echo_server: a server of echo.Echo, the service to try Dialtone on.

For each address it prints "listening on ADDRESS" to stdout, with the port that was picked. It serves
until SIGTERM or SIGINT, then takes no more calls, finishes those under way and leaves.)";

constexpr char kExamples[] = R"(
Examples:
  echo_server
  echo_server --listen=127.0.0.1:7000 --listen=unix:/tmp/echo.sock --drain-timeout=5s
)";

void SayWhere(const dialtone::Address& address) {
  std::printf("listening on %s\n", address.ToString().c_str());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  dialtone::ServerFlags flags(kAbout, "127.0.0.1:7000");
  flags.AddHelp(kExamples);
  flags.options().on_listening = SayWhere;
  std::string journal_path;
  flags.Add("journal", journal_path,
            "adds the id of each Echo call that is run to this file, eight bytes each");
  if (const auto exit = flags.Parse(argc, argv)) return *exit;
  std::unique_ptr<echo::Journal> journal;
  if (!journal_path.empty()) {
    auto opened = echo::Journal::Open(journal_path);
    if (!opened.ok()) return flags.Complain(dialtone::ToStd(opened.status().message()));
    journal = *std::move(opened);
  }
  dialtone::Server server(flags.options());
  server.Add(std::make_unique<echo::EchoService>(journal.get()));
  return server.Run(flags.listen());
}
