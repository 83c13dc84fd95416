// dialtone_client: puts a load on a server of echo.Echo, and says what came of it.
//
//   dialtone_client --address 127.0.0.1:N [--mode calls] [--calls-on reactor|background] [--observers 0]
//                   [--attached 0] [--large 0] [--schedule const:1000] [--timeout-ms 100] [--large-bytes 52428800] [--no-metrics 0] …
//
// Modes: calls, blocking, stream, stream-pingpong as in bench/README.md; open: calls at a schedule's rate,
// each with a timeout; idle: opens all connections, makes a call on each, says how long that took and holds
// them until SIGTERM; overtake: small blocking calls while two replies of --large-bytes are under way.
// --attached: the payload travels beside the message, as an attachment.
#include <memory>
#include <string>

#include "client_modes.h"
#include "counting_observer.h"
#include "dialtone/rpc/runtime.h"
#include "program.h"
#include "settings.h"

namespace bench {
namespace {

ClientFlags TakeClientFlags(CommandLine& line) {
  ClientFlags flags;
  dialtone::RuntimeOptions runtime;
  flags.load = TakeLoadFlags(line);
  flags.calls_on = line.Text("calls-on", "reactor");
  flags.schedule = line.Text("schedule", "const:1000");
  flags.timeout_ms = line.Number("timeout-ms", 100);
  flags.large_bytes = static_cast<size_t>(line.Number("large-bytes", 50 * 1024 * 1024));
  if (line.Has("observers")) {
    flags.channel.observers.push_back(std::make_shared<CountingObserver>());
  }
  if (line.Has("attached")) flags.payload_as = EchoCalls::PayloadAs::kAttachment;
  if (line.Has("large")) {
    flags.channel.limits = LargeLimits();
    runtime.bytes_in_flight_max = 4 * kLargeMessageMax;
  }
  flags.channel.metrics = !line.Has("no-metrics");
  line.Finish();
  // Started by the modes that use them.
  runtime.reactors = flags.load.threads;
  if (!dialtone::Runtime::ConfigureDefault(runtime).ok()) Fail("the runtime is made already");
  return flags;
}

int Run(const ClientFlags& flags) {
  const std::string& mode = flags.load.mode;
  if (mode == "calls") return RunCalls(flags);
  if (mode == "blocking") return RunBlocking(flags);
  if (mode == "open") return RunOpenLoop(flags);
  if (mode == "stream") return RunStream(flags);
  if (mode == "stream-pingpong") return RunStreamPingPong(flags);
  if (mode == "idle") return RunIdle(flags);
  if (mode == "overtake") return RunOvertake(flags);
  NoSuchMode(flags.load);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::HoldSigterm();
  bench::CommandLine line(argc, argv);
  return bench::Run(bench::TakeClientFlags(line));
}
