// dialtone_server: serves echo.Echo.
//
//   dialtone_server [--port 0] [--reactors 1] [--handlers plain|coroutine] [--observers 0] [--large 0]
//                   [--forward 127.0.0.1:N] [--work-us 100] [--workers 0] [--adaptive 0] [--no-metrics 0]
//                   [--slow-handler-us 4]
//
// --observers: one that counts is told of every call. --large: for messages above 4 MiB, and handlers that
// answer "large:<bytes>". --forward: handlers ask that server. --work-us: handlers compute for so long.
// --workers: handlers run on so many worker threads. --adaptive: refuses calls that would only wait.
// --no-metrics: counts nothing. --slow-handler-us: ServerOptions::slow_handler.
#include "dialtone/rpc/server.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "counting_observer.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/absl_strings.h"
#include "echo_handlers.h"
#include "program.h"
#include "settings.h"

namespace bench {
namespace {

struct Flags {
  explicit Flags(CommandLine& line)
      : port(line.Number("port", 0)),
        reactors(static_cast<int>(line.Number("reactors", 1))),
        handlers(line.Text("handlers", "plain")),
        forward(line.Text("forward")),
        work_us(line.Number("work-us", 0)),
        workers(static_cast<int>(line.Number("workers", 0))),
        observers(line.Has("observers")),
        large(line.Has("large")),
        adaptive(line.Has("adaptive")),
        no_metrics(line.Has("no-metrics")),
        slow_handler_us(line.Number("slow-handler-us", 4)) {
    line.Finish();
  }

  int64_t port;
  int reactors;
  std::string handlers;
  std::string forward;
  int64_t work_us;
  int workers;
  bool observers;
  bool large;
  bool adaptive;
  bool no_metrics;
  int64_t slow_handler_us;
};

std::unique_ptr<dialtone::Service> MakeService(const Flags& flags) {
  if (!flags.forward.empty()) return ForwardingEcho(flags.forward);
  if (flags.work_us > 0) return WorkingEcho(flags.work_us * 1000);
  if (flags.large) return LargeEcho();
  return flags.handlers == "coroutine" ? CoroutineEcho() : PlainEcho();
}

void Check(const absl::Status& status) {
  if (!status.ok()) Fail(dialtone::ToStd(status.message()));
}

int Main(const Flags& flags) {
  dialtone::RuntimeOptions runtime;
  runtime.reactors = flags.reactors;
  if (flags.workers > 0) runtime.worker_threads = flags.workers;
  if (flags.large) runtime.bytes_in_flight_max = 4 * kLargeMessageMax;
  // A handler that calls another server does so by the default runtime, too.
  Check(dialtone::Runtime::ConfigureDefault(runtime));
  dialtone::ServerOptions options;
  if (flags.observers) options.observers.push_back(std::make_shared<CountingObserver>());
  if (flags.large) options.limits = LargeLimits();
  options.metrics = !flags.no_metrics;
  options.slow_handler = absl::Microseconds(flags.slow_handler_us);
  dialtone::ServiceOptions service;
  service.run_on_workers = flags.workers > 0;
  if (flags.adaptive) service.concurrency = dialtone::ConcurrencyOptions::Adaptive();

  dialtone::Server server(options);
  server.Add(MakeService(flags), service);
  const auto address = server.Listen(absl::StrCat("127.0.0.1:", flags.port));
  Check(address.status());
  Check(server.Start());
  SayPort(address->port());
  WaitForSigterm();
  Check(server.Shutdown(absl::Seconds(2)));
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::HoldSigterm();
  bench::CommandLine line(argc, argv);
  return bench::Main(bench::Flags(line));
}
