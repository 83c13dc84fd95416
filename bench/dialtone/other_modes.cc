#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client_modes.h"
#include "dialtone/load/window.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/instant.h"
#include "dialtone/transport/loop.h"
#include "echo_calls.h"

namespace bench {
namespace {

using dialtone::load::NowNanoseconds;
using dialtone::load::Recorder;
using dialtone::load::Window;

// Connections that are being opened at a time: what a listener's backlog holds.
constexpr size_t kOpening = 256;

// Many channels on one reactor, a call on each. Everything but Run() is on the reactor.
class ManyChannels {
 public:
  explicit ManyChannels(const ClientFlags& flags)
      : flags_(flags), channels_(static_cast<size_t>(flags.load.connections)) {
    request_.set_text(Payload(flags.load.payload_bytes));
  }

  void Run(dialtone::Loop& reactor) {
    reactor.Post([this] {
      for (size_t i = 0; i < kOpening && i < channels_.size(); ++i) Open();
    });
    Await(all_);
  }

 private:
  void Open() {
    const size_t i = opened_++;
    channels_[i] = std::make_unique<dialtone::Channel>(flags_.load.address, flags_.channel);
    echo::Echo::Client(*channels_[i]).Echo(request_).Then([this](const auto& reply) {
      if (!reply.ok()) Fail(std::string(reply.status().message()));
      if (reply->text() != request_.text()) Fail("a wrong reply");
      if (opened_ < channels_.size()) Open();
      if (++answered_ == channels_.size()) all_.Set();
    });
  }

  const ClientFlags& flags_;
  std::vector<std::unique_ptr<dialtone::Channel>> channels_;
  echo::EchoRequest request_;
  size_t opened_ = 0;
  size_t answered_ = 0;
  dialtone::Event all_;
};

// Keeps two large replies under way until it is told to stop.
class LargeReplies {
 public:
  LargeReplies(dialtone::Channel& channel, size_t bytes) : client_(channel), bytes_(bytes) {
    request_.set_text(AskForLarge(bytes));
    for (int i = 0; i < kUnderWay; ++i) Next();
  }
  // How many came.
  int Stop() {
    stopping_ = true;
    Await(ended_);
    return replies_;
  }

 private:
  static constexpr int kUnderWay = 2;

  void Next() {
    client_.Echo(request_, dialtone::Timeout(absl::Minutes(5))).Then([this](const auto& reply) {
      if (!reply.ok()) Fail(std::string(reply.status().message()));
      if (reply->text().size() != bytes_) Fail("a wrong reply");
      ++replies_;
      if (!stopping_) return Next();
      if (--left_ == 0) ended_.Set();
    });
  }

  const echo::Echo::Client client_;
  const size_t bytes_;
  echo::EchoRequest request_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> replies_{0};
  std::atomic<int> left_{kUnderWay};
  dialtone::Event ended_;
};

}  // namespace

int RunIdle(const ClientFlags& flags) {
  dialtone::Loop& reactor = *dialtone::Runtime::Default().reactors()[0];
  ManyChannels channels(flags);
  const int64_t began = NowNanoseconds();
  channels.Run(reactor);
  SayOpened(flags.load.connections, NowNanoseconds() - began);
  WaitForSigterm();
  return 0;
}

int RunOvertake(const ClientFlags& flags) {
  const Channels channels = ConnectAll(flags);
  dialtone::Channel& channel = *channels[0];
  EchoCalls calls(channel, flags.load.payload_bytes);
  LargeReplies replies(channel, flags.large_bytes);
  const int64_t large_began = NowNanoseconds();
  Window window(flags.load.warmup, flags.load.seconds, flags.load.servers);
  Recorder recorder(window);
  int64_t began = NowNanoseconds();
  for (int64_t id = 0; calls.Wait(id, recorder, began); ++id) {
  }
  dialtone::load::Result result = window.Finish({&recorder});
  const double seconds = static_cast<double>(NowNanoseconds() - large_began) / 1e9;
  SayLargeReplies(replies.Stop(), flags.large_bytes, seconds);
  SayResult(result);
  return 0;
}

}  // namespace bench
