#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
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

namespace bench {
namespace {

using dialtone::load::ClosedLoop;
using dialtone::load::NowNanoseconds;
using dialtone::load::Recorder;
using dialtone::load::Window;

constexpr absl::Duration kConnectWait = absl::Seconds(10);

void Await(dialtone::Event& event) {
  dialtone::Runtime::Default().network().Wait(event, dialtone::Instant::Infinite());
}

// A connection and the calls that are kept under way on it.
class Lane {
 public:
  Lane(const ClientFlags& flags, Recorder& recorder)
      : channel_(flags.load.address, flags.channel),
        calls_(channel_, flags.load.payload_bytes),
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

// As many connections as threads: each thread has its own; otherwise all share the first.
class Threads {
 public:
  Threads(const ClientFlags& flags, Window& window) : flags_(flags) {
    for (int i = 0; i < flags.load.connections; ++i) {
      channels_.push_back(std::make_unique<dialtone::Channel>(flags.load.address, flags.channel));
      if (!channels_.back()->WaitUntilReady(kConnectWait)) Fail("there is no server");
    }
    for (int i = 0; i < flags.load.threads; ++i) {
      recorders_.push_back(std::make_unique<Recorder>(window));
    }
  }

  void Run() {
    std::vector<std::thread> threads;
    for (size_t i = 1; i < recorders_.size(); ++i) threads.emplace_back([this, i] { Calls(i); });
    Calls(0);
    for (std::thread& thread : threads) thread.join();
  }
  std::vector<const Recorder*> recorders() const {
    std::vector<const Recorder*> all;
    for (const auto& recorder : recorders_) all.push_back(recorder.get());
    return all;
  }

 private:
  void Calls(size_t thread) {
    EchoCalls calls(*channels_[thread % channels_.size()], flags_.load.payload_bytes);
    int64_t began = NowNanoseconds();
    int64_t id = 0;
    while (calls.Wait(++id, *recorders_[thread], began)) {
    }
  }

  const ClientFlags& flags_;
  std::vector<std::unique_ptr<dialtone::Channel>> channels_;
  std::vector<std::unique_ptr<Recorder>> recorders_;
};

}  // namespace

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
  Window window(flags.load.warmup, flags.load.seconds, flags.load.servers);
  Threads threads(flags, window);
  threads.Run();
  SayResult(window.Finish(threads.recorders()));
  return 0;
}

int RunOpenLoop(const ClientFlags& flags) {
  constexpr size_t kInFlightMax = 16 * 1024;
  const std::optional<dialtone::load::Schedule> schedule =
      dialtone::load::Schedule::Parse(flags.schedule, flags.load.warmup + flags.load.seconds);
  if (!schedule) Fail("--schedule: const:RATE, ramp:FROM:TO or step:FROM:TO:STEPS");
  dialtone::Channel channel(flags.load.address, flags.channel);
  if (!channel.WaitUntilReady(kConnectWait)) Fail("there is no server");
  Window window(flags.load.warmup, flags.load.seconds, flags.load.servers);
  Recorder recorder(window);
  EchoCalls calls(channel, flags.load.payload_bytes,
                  dialtone::Timeout(absl::Milliseconds(flags.timeout_ms)));
  dialtone::load::OpenLoop loop(dialtone::Runtime::Default().network(), calls, recorder, *schedule,
                                kInFlightMax);
  loop.Run(window.closes());
  SayResult(window.Finish({&recorder}));
  return 0;
}

}  // namespace bench
