// A client of Cap'n Proto RPC servers: one thread with an event loop for all connections, which is how the
// library is made; calls in flight are promises, and the end of one begins the next. Threads that block
// have an event loop and a connection each: the library's objects do not leave their thread.
#include <capnp/message.h>
#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "echo.capnp.h"  // tidy-allow include: generated from echo.capnp
#include "program.h"
#include "recorders.h"

namespace bench {
namespace {

using capnp_echo::Echo;
using dialtone::load::NowNanoseconds;
using dialtone::load::Recorder;
using Response = capnp::Response<Echo::EchoResults>;

class Connection {
 public:
  Connection(kj::AsyncIoContext& io, const LoadFlags& flags)
      : stream_(io.provider->getNetwork()
                    .parseAddress(flags.host.c_str(), flags.port)
                    .wait(io.waitScope)
                    ->connect()
                    .wait(io.waitScope)),
        client_(*stream_),
        echo_(client_.bootstrap().castAs<Echo>()) {}

  Echo::Client& echo() { return echo_; }

 private:
  kj::Own<kj::AsyncIoStream> stream_;
  capnp::TwoPartyClient client_;
  Echo::Client echo_;
};

// One place of those in flight.
class Exchange {
 public:
  Exchange(Connection& connection, const LoadFlags& flags, Recorder& recorder)
      : connection_(connection), text_(Payload(flags.payload_bytes)), recorder_(recorder) {}

  capnp::RemotePromise<Echo::EchoResults> Send(int64_t now) {
    began_ = now;
    // How large the request will be, so that it is one piece of memory.
    auto call = connection_.echo().echoRequest(
        capnp::MessageSize{text_.size() / sizeof(capnp::word) + kOtherWords, 0});
    auto request = call.initRequest();
    request.setId(++id_);
    request.setText(kj::StringPtr(text_.c_str(), text_.size()));
    return call.send();
  }
  bool Record(const Response& response, int64_t now) {
    const auto reply = response.getReply();
    const kj::StringPtr text = reply.getText();
    if (reply.getId() != id_ || !IsEcho(text_, std::string_view(text.begin(), text.size()), id_)) {
      return recorder_.OnError("WRONG_REPLY", now);
    }
    return recorder_.OnReply(began_, now);
  }
  // Ends when the window is over.
  kj::Promise<void> Repeat(int64_t now) {
    return Send(now).then([this](Response&& response) -> kj::Promise<void> {
      const int64_t ended = NowNanoseconds();
      if (!Record(response, ended)) return kj::READY_NOW;
      return Repeat(ended);
    });
  }

 private:
  // Of a request: its structs, their pointers, the text's end.
  static constexpr uint64_t kOtherWords = 8;

  Connection& connection_;
  const std::string text_;
  Recorder& recorder_;
  int64_t id_ = 0;
  int64_t began_ = 0;
};

void CallsInFlight(const LoadFlags& flags, Recorders& recorders) {
  auto io = kj::setupAsyncIo();
  std::vector<std::unique_ptr<Connection>> connections;
  std::vector<std::unique_ptr<Exchange>> exchanges;
  kj::Vector<kj::Promise<void>> loops;
  for (int i = 0; i < flags.connections; ++i) {
    connections.push_back(std::make_unique<Connection>(io, flags));
    for (int j = 0; j < flags.in_flight; ++j) {
      exchanges.push_back(
          std::make_unique<Exchange>(*connections.back(), flags, recorders.OfThisThread()));
      loops.add(exchanges.back()->Repeat(NowNanoseconds()));
    }
  }
  kj::joinPromises(loops.releaseAsArray()).wait(io.waitScope);
}

void BlockingCalls(const LoadFlags& flags, Recorder& recorder) {
  auto io = kj::setupAsyncIo();
  Connection connection(io, flags);
  Exchange exchange(connection, flags, recorder);
  int64_t now = NowNanoseconds();
  for (bool go_on = true; go_on;) {
    const Response response = exchange.Send(now).wait(io.waitScope);
    now = NowNanoseconds();
    go_on = exchange.Record(response, now);
  }
}

// Runs it on this thread. A connection that breaks ends the program.
void OrFail(const std::function<void()>& body) {
  try {
    body();
  } catch (const kj::Exception& error) {
    Fail(std::string_view(error.getDescription().begin(), error.getDescription().size()));
  }
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::CommandLine line(argc, argv);
  const bench::LoadFlags flags = bench::TakeLoadFlags(line);
  line.Finish();
  const bool calls = flags.mode == "calls";
  if (!calls && flags.mode != "blocking") bench::NoSuchMode(flags);
  // Threads cannot share a connection.
  if (!calls && flags.connections < flags.threads) bench::NoSuchMode(flags);
  dialtone::load::Window window(flags.warmup, flags.seconds, flags.servers);
  bench::Recorders recorders(window);
  if (calls) {
    bench::OrFail([&] { bench::CallsInFlight(flags, recorders); });
  } else {
    bench::RunOnThreads(flags.threads, [&](int) {
      bench::OrFail([&] { bench::BlockingCalls(flags, recorders.OfThisThread()); });
    });
  }
  bench::SayResult(window.Finish(recorders.All()));
  return 0;
}
