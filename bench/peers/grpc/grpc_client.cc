// A client of gRPC servers. Many calls at once go through the callback interface, which its performance
// guide asks for, and a callback makes the next call; a call that blocks goes through the plain stub. Stubs
// and channels are made once, as the guide says; each channel has a connection of its own. Calls have no
// deadline, which spares gRPC a timer a call.
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "echo/echo.grpc.pb.h"
#include "program.h"
#include "recorders.h"

namespace bench {
namespace {

using dialtone::load::NowNanoseconds;
using dialtone::load::Recorder;
using dialtone::load::Window;
using Stub = echo::Echo::Stub;

std::vector<std::unique_ptr<Stub>> Connect(const LoadFlags& flags) {
  std::vector<std::unique_ptr<Stub>> stubs;
  for (int i = 0; i < flags.connections; ++i) {
    grpc::ChannelArguments arguments;
    // Channels with equal arguments would share a connection otherwise.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetMaxSendMessageSize(-1);
    const auto channel =
        grpc::CreateCustomChannel(flags.address, grpc::InsecureChannelCredentials(), arguments);
    if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10))) {
      Fail("cannot connect to " + flags.address);
    }
    stubs.push_back(echo::Echo::NewStub(channel));
  }
  return stubs;
}

// One place of those in flight: its objects are used again and again.
class Exchange {
 public:
  explicit Exchange(const LoadFlags& flags) { request_.set_text(Payload(flags.payload_bytes)); }

  echo::EchoRequest& NextRequest() {
    request_.set_id(request_.id() + 1);
    return request_;
  }
  echo::EchoReply& reply() { return reply_; }
  // A context is good for one call.
  grpc::ClientContext& NewContext() { return context_.emplace(); }

  bool Record(Recorder& recorder, const grpc::Status& status, int64_t began, int64_t ended) const {
    if (!status.ok()) return recorder.OnError("CODE_" + std::to_string(status.error_code()), ended);
    if (reply_.id() != request_.id() || !IsEcho(request_.text(), reply_.text(), reply_.id())) {
      return recorder.OnError("WRONG_REPLY", ended);
    }
    return recorder.OnReply(began, ended);
  }

 private:
  echo::EchoRequest request_;
  echo::EchoReply reply_;
  std::optional<grpc::ClientContext> context_;
};

void BlockingCalls(Stub& stub, const LoadFlags& flags, Recorder& recorder) {
  Exchange exchange(flags);
  int64_t began = NowNanoseconds();
  for (bool go_on = true; go_on;) {
    const grpc::Status status =
        stub.Echo(&exchange.NewContext(), exchange.NextRequest(), &exchange.reply());
    const int64_t now = NowNanoseconds();
    go_on = exchange.Record(recorder, status, began, now);
    began = now;
  }
}

// Keeps one call under way until the window is over.
class CallbackLoop {
 public:
  CallbackLoop(Stub& stub, const LoadFlags& flags, Recorders& recorders, std::atomic<int>& running,
               std::promise<void>& all_ended)
      : stub_(stub),
        exchange_(flags),
        recorders_(recorders),
        running_(running),
        all_ended_(all_ended) {}

  void Start(int64_t now) {
    began_ = now;
    stub_.async()->Echo(&exchange_.NewContext(), &exchange_.NextRequest(), &exchange_.reply(),
                        [this](const grpc::Status& status) { OnEnd(status); });
  }

 private:
  void OnEnd(const grpc::Status& status) {
    const int64_t now = NowNanoseconds();
    if (exchange_.Record(recorders_.OfThisThread(), status, began_, now)) {
      Start(now);
    } else if (running_.fetch_sub(1) == 1) {
      all_ended_.set_value();
    }
  }

  Stub& stub_;
  Exchange exchange_;
  Recorders& recorders_;
  std::atomic<int>& running_;
  std::promise<void>& all_ended_;
  int64_t began_ = 0;
};

void CallsInFlight(const std::vector<std::unique_ptr<Stub>>& stubs, const LoadFlags& flags,
                   Recorders& recorders) {
  std::atomic<int> running{flags.connections * flags.in_flight};
  std::promise<void> all_ended;
  std::vector<std::unique_ptr<CallbackLoop>> loops;
  for (const auto& stub : stubs) {
    for (int i = 0; i < flags.in_flight; ++i) {
      loops.push_back(std::make_unique<CallbackLoop>(*stub, flags, recorders, running, all_ended));
    }
  }
  for (const auto& loop : loops) loop->Start(NowNanoseconds());
  all_ended.get_future().wait();
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::CommandLine line(argc, argv);
  const bench::LoadFlags flags = bench::TakeLoadFlags(line);
  line.Finish();
  if (flags.mode != "calls" && flags.mode != "blocking") bench::NoSuchMode(flags);
  const auto stubs = bench::Connect(flags);
  dialtone::load::Window window(flags.warmup, flags.seconds, flags.servers);
  bench::Recorders recorders(window);
  if (flags.mode == "calls") {
    bench::CallsInFlight(stubs, flags, recorders);
  } else {
    bench::RunOnThreads(flags.threads, [&](int i) {
      bench::BlockingCalls(*stubs[static_cast<size_t>(i % flags.connections)], flags,
                           recorders.OfThisThread());
    });
  }
  bench::SayResult(window.Finish(recorders.All()));
  return 0;
}
