// instructions_client: makes just so many calls of echo.Echo/Echo, and ends. What it and its server have
// executed meanwhile is counted from outside, by instructions.py.
//
//   instructions_client --address 127.0.0.1:N --calls 1000 [--in-flight 1] [--no-metrics 0] [--observers 0]
//
// One in flight: this thread blocks in each call. More: as many callbacks on a reactor, each of which
// makes the next call.
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "counting_observer.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/instant.h"
#include "dialtone/transport/loop.h"
#include "echo/echo.dialtone.h"
#include "program.h"

namespace bench {
namespace {

constexpr size_t kPayloadBytes = 32;
constexpr absl::Duration kConnectWait = absl::Seconds(60);  // in an emulated processor

class Calls {
 public:
  explicit Calls(dialtone::Channel& channel, int64_t calls) : client_(channel), left_(calls) {
    request_.set_text(Payload(kPayloadBytes));
  }

  void Block() {
    while (left_ > 0) {
      const absl::StatusOr<echo::EchoReply> reply = client_.Echo(NextRequest()).Wait();
      Check(reply, left_);
    }
  }

  // On a reactor; returns on another thread when all have ended.
  void KeepInFlight(int64_t in_flight) {
    dialtone::Runtime& runtime = dialtone::Runtime::Default();
    runtime.reactors().front()->Post([this, in_flight] {
      under_way_ = in_flight;
      for (int64_t i = 0; i < in_flight; ++i) StartNext();
    });
    runtime.network().Wait(ended_, dialtone::Instant::Infinite());
  }

 private:
  const echo::EchoRequest& NextRequest() {
    request_.set_id(--left_);
    return request_;
  }
  void StartNext() {
    if (left_ == 0) {
      if (--under_way_ == 0) ended_.Set();
      return;
    }
    client_.Echo(NextRequest()).Then([this, id = request_.id()](const auto& reply) {
      Check(reply, id);
      StartNext();
    });
  }
  void Check(const absl::StatusOr<echo::EchoReply>& reply, int64_t id) const {
    if (!reply.ok()) Fail(dialtone::ToStd(reply.status().message()));
    if (reply->id() != id || reply->text() != request_.text()) Fail("a wrong reply");
  }

  const echo::Echo::Client client_;
  echo::EchoRequest request_;
  int64_t left_;
  int64_t under_way_ = 0;
  dialtone::Event ended_;
};

int Main(CommandLine& line) {
  const std::string address = line.Text("address");
  const int64_t count = line.Number("calls", 1000);
  const int64_t in_flight = line.Number("in-flight", 1);
  dialtone::ChannelOptions options;
  options.metrics = !line.Has("no-metrics");
  if (line.Has("observers")) options.observers.push_back(std::make_shared<CountingObserver>());
  line.Finish();
  dialtone::RuntimeOptions runtime;
  runtime.reactors = 1;
  if (!dialtone::Runtime::ConfigureDefault(runtime).ok()) Fail("the runtime is made already");
  dialtone::Channel channel(address, options);
  if (in_flight > 1) {
    Calls(channel, count).KeepInFlight(in_flight);
    return 0;
  }
  if (!channel.WaitUntilReady(kConnectWait)) Fail("there is no server");
  Calls(channel, count).Block();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::CommandLine line(argc, argv);
  return bench::Main(line);
}
