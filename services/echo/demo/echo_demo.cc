// Shows Dialtone to someone who has never seen it: a server process, and calls to it in every way
// there is. Leaves with 0 if all went as told.
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "calls.h"
#include "dialtone/rpc/channel.h"
#include "echo/echo.dialtone.h"
#include "server_process.h"
#include "story.h"

namespace echo {
namespace {

// The server's program lies beside this one.
std::string ServerProgram() {
  char path[PATH_MAX];
  const ssize_t bytes = readlink("/proc/self/exe", path, sizeof path);
  const std::string self(path, bytes < 0 ? 0 : static_cast<size_t>(bytes));
  return self.substr(0, self.rfind('/') + 1) + "echo_server";
}

std::unique_ptr<ServerProcess> StartServer(Story& story) {
  story.Begin("A server starts as a process of its own, on a free port of this machine.");
  story.Line("called", "echo_server --listen 127.0.0.1:0");
  const Stopwatch watch;
  absl::StatusOr<std::unique_ptr<ServerProcess>> server =
      ServerProcess::Start({ServerProgram(), "--listen", "127.0.0.1:0"}, kPatience);
  if (!server.ok()) {
    story.Expect(false, std::string(server.status().message()));
    return nullptr;
  }
  story.Line("came back", absl::StrCat("\"listening on ", (*server)->address(), "\", from process ",
                                       (*server)->pid()));
  story.Took(watch.Elapsed());
  return *std::move(server);
}

int Tell() {
  std::printf(
      "Dialtone, end to end: a service defined in proto/echo/echo.proto, its server as one "
      "process, this program as\n"
      "its client, and nothing between the two but a socket.\n");
  Story story;
  const std::unique_ptr<ServerProcess> server = StartServer(story);
  if (server == nullptr) return 1;

  {
    // All that a client needs: an address, and the generated class.
    dialtone::Channel channel(server->address());
    const Echo::Client client(channel);
    CallBlocking(client, story);
    CallFromCoroutine(client, story);
    CallWithCallback(client, story);
    ExchangeBothWays(client, story);
    CallThatFails(client, story);
    CallThatMeetsItsDeadline(client, story);
    CallThatIsCancelled(client, story);
    StopDuringACall(client, *server, story);
  }

  if (story.wrong() > 0) {
    std::printf("\n%d things went otherwise than told. The server's log:\n%s", story.wrong(),
                server->ReadLog().c_str());
    return 1;
  }
  std::printf("\nAll %d steps went as told.\n", story.steps());
  return 0;
}

}  // namespace
}  // namespace echo

int main() { return echo::Tell(); }
