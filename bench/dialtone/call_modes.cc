#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "client_modes.h"
#include "dialtone/load/closed_loop.h"
#include "dialtone/load/open_loop.h"
#include "dialtone/load/schedule.h"
#include "dialtone/load/window.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/instant.h"
#include "dialtone/transport/loop.h"
#include "echo_calls.h"
#include "recorders.h"

namespace bench {
namespace {

using dialtone::load::ClosedLoop;
using dialtone::load::NowNanoseconds;
using dialtone::load::Recorder;
using dialtone::load::Window;

constexpr absl::Duration kConnectWait = absl::Seconds(10);

// A connection and the calls that are kept under way on it.
class Lane {
 public:
  Lane(const ClientFlags& flags, Recorder& recorder)
      : channel_(flags.load.address, flags.channel),
        calls_(channel_, flags.load.payload_bytes, flags.payload_as),
        loop_(calls_, recorder, flags.load.in_flight) {}

  void StartOn(dialtone::Loop& reactor) {
    reactor.Post([this] { loop_.Start(); });
  }
  // The callbacks of a channel run one after the other, so all that follows a first call's runs there.
  void StartInBackground() {
    echo::Echo::Client(channel_).Echo(echo::EchoRequest()).Then([this](const auto& reply) {
      if (!reply.ok()) Fail(std::string(reply.status().message()));
      loop_.Start();
    });
  }
  dialtone::Event& ended() { return loop_.ended(); }

 private:
  dialtone::Channel channel_;
  EchoCalls calls_;
  ClosedLoop loop_;
};

}  // namespace

void Await(dialtone::Event& event) {
  dialtone::Runtime::Default().network().Wait(event, dialtone::Instant::Infinite());
}

Channels ConnectAll(const ClientFlags& flags) {
  Channels channels;
  for (int i = 0; i < flags.load.connections; ++i) {
    channels.push_back(std::make_unique<dialtone::Channel>(flags.load.address, flags.channel));
    if (!channels.back()->WaitUntilReady(kConnectWait)) Fail("there is no server");
  }
  return channels;
}

int RunCalls(const ClientFlags& flags) {
  const std::vector<dialtone::Loop*> reactors = dialtone::Runtime::Default().reactors();
  Window window(flags.load.warmup, flags.load.seconds, flags.load.servers);
  std::vector<std::unique_ptr<Recorder>> recorders;
  std::vector<std::unique_ptr<Lane>> lanes;
  for (int i = 0; i < flags.load.connections; ++i) {
    const bool on_reactor = flags.calls_on == "reactor";
    const size_t reactor = static_cast<size_t>(i) % reactors.size();
    // One for each thread that records.
    if (!on_reactor || recorders.size() <= reactor) {
      recorders.push_back(std::make_unique<Recorder>(window));
    }
    lanes.push_back(
        std::make_unique<Lane>(flags, on_reactor ? *recorders[reactor] : *recorders.back()));
    if (on_reactor) {
      lanes.back()->StartOn(*reactors[reactor]);
    } else {
      lanes.back()->StartInBackground();
    }
  }
  for (const auto& lane : lanes) Await(lane->ended());
  std::vector<const Recorder*> counted;
  for (const auto& recorder : recorders) counted.push_back(recorder.get());
  SayResult(window.Finish(counted));
  return 0;
}

int RunBlocking(const ClientFlags& flags) {
  const Channels channels = ConnectAll(flags);
  Window window(flags.load.warmup, flags.load.seconds, flags.load.servers);
  Recorders recorders(window);
  // As many channels as threads: each thread has its own; otherwise all share the first.
  RunOnThreads(flags.load.threads, [&](int thread) {
    EchoCalls calls(*channels[static_cast<size_t>(thread) % channels.size()],
                    flags.load.payload_bytes, flags.payload_as);
    Recorder& recorder = recorders.OfThisThread();
    int64_t began = NowNanoseconds();
    int64_t id = 0;
    while (calls.Wait(++id, recorder, began)) {
    }
  });
  SayResult(window.Finish(recorders.All()));
  return 0;
}

int RunOpenLoop(const ClientFlags& flags) {
  constexpr size_t kInFlightMax = 16 * 1024;
  const std::optional<dialtone::load::Schedule> schedule =
      dialtone::load::Schedule::Parse(flags.schedule, flags.load.warmup + flags.load.seconds);
  if (!schedule) Fail("--schedule: const:RATE, ramp:FROM:TO or step:FROM:TO:STEPS");
  const Channels channels = ConnectAll(flags);
  Window window(flags.load.warmup, flags.load.seconds, flags.load.servers);
  Recorder recorder(window);
  EchoCalls calls(*channels[0], flags.load.payload_bytes, flags.payload_as,
                  dialtone::Timeout(absl::Milliseconds(flags.timeout_ms)));
  dialtone::load::OpenLoop loop(dialtone::Runtime::Default().network(), calls, recorder, *schedule,
                                kInFlightMax);
  loop.Run(window.closes());
  SayResult(window.Finish({&recorder}));
  return 0;
}

}  // namespace bench
