// A client of Thrift's servers. Its generated client blocks, but sends and receives apart, and servers
// answer in order: so many calls in flight are so many sends ahead of their receives, from one thread a
// connection. Threads that share a connection use the generated concurrent client, which is made for that.
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TSocket.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "Echo.h"  // tidy-allow include: generated from echo.thrift
#include "buffered_frames.h"
#include "program.h"
#include "recorders.h"

namespace bench {
namespace {

using apache::thrift::TException;
using apache::thrift::protocol::TBinaryProtocolT;
using apache::thrift::transport::TBufferBase;
using apache::thrift::transport::TSocket;
using dialtone::load::NowNanoseconds;
using dialtone::load::Recorder;
using thrift_echo::EchoMessage;
using Protocol = TBinaryProtocolT<TBufferBase>;
using Client = thrift_echo::EchoClientT<Protocol>;
using SharedClient = thrift_echo::EchoConcurrentClientT<Protocol>;

std::shared_ptr<Protocol> Connect(const LoadFlags& flags) {
  const auto socket = std::make_shared<TSocket>(flags.host, flags.port);
  socket->setConnTimeout(10'000);
  const auto framed = std::make_shared<BufferedFrames>(socket);
  framed->open();
  return std::make_shared<Protocol>(framed);
}

EchoMessage MakeRequest(const LoadFlags& flags) {
  EchoMessage request;
  request.text = Payload(flags.payload_bytes);
  return request;
}

bool Record(Recorder& recorder, int64_t sent_id, const std::string& sent_text,
            const EchoMessage& reply, int64_t began, int64_t ended) {
  if (reply.id != sent_id || !IsEcho(sent_text, reply.text, sent_id)) {
    return recorder.OnError("WRONG_REPLY", ended);
  }
  return recorder.OnReply(began, ended);
}

template <class AnyClient>
void BlockingCalls(AnyClient& client, const LoadFlags& flags, Recorder& recorder) {
  EchoMessage request = MakeRequest(flags);
  EchoMessage reply;
  int64_t began = NowNanoseconds();
  for (bool go_on = true; go_on;) {
    ++request.id;
    client.Echo(reply, request);
    const int64_t now = NowNanoseconds();
    go_on = Record(recorder, request.id, request.text, reply, began, now);
    began = now;
  }
}

// Of a large message no more is sent ahead than the kernel's buffers and the server take: a server that
// blocks writing a reply reads no request, and so would block this thread's next send for ever.
constexpr size_t kAheadBytesMax = 64 * 1024;

void CallsInFlight(Client& client, const LoadFlags& flags, Recorder& recorder) {
  EchoMessage request = MakeRequest(flags);
  EchoMessage reply;
  const size_t in_flight =
      std::min(static_cast<size_t>(flags.in_flight),
               std::max(size_t{1}, kAheadBytesMax / std::max(size_t{1}, flags.payload_bytes)));
  std::deque<int64_t> began;
  int64_t next_reply_id = 1;
  const auto send = [&](int64_t now) {
    ++request.id;
    began.push_back(now);
    client.send_Echo(request);
  };
  while (began.size() < in_flight) send(NowNanoseconds());
  while (!began.empty()) {
    client.recv_Echo(reply);
    const int64_t now = NowNanoseconds();
    const bool go_on = Record(recorder, next_reply_id, request.text, reply, began.front(), now);
    ++next_reply_id;
    began.pop_front();
    if (go_on) send(now);
  }
}

// A connection that breaks ends the program.
void RunAll(int threads, const std::function<void(int)>& body) {
  RunOnThreads(threads, [&](int i) {
    try {
      body(i);
    } catch (const TException& error) {
      Fail(error.what());
    }
  });
}

void RunCalls(const LoadFlags& flags, Recorders& recorders,
              const std::vector<std::shared_ptr<Protocol>>& connections) {
  RunAll(flags.connections, [&](int i) {
    Client client(connections[static_cast<size_t>(i)]);
    CallsInFlight(client, flags, recorders.OfThisThread());
  });
}

void RunBlocking(const LoadFlags& flags, Recorders& recorders,
                 const std::vector<std::shared_ptr<Protocol>>& connections) {
  if (flags.connections < flags.threads) {
    const auto sync = std::make_shared<apache::thrift::async::TConcurrentClientSyncInfo>();
    SharedClient client(connections[0], sync);
    RunAll(flags.threads, [&](int) { BlockingCalls(client, flags, recorders.OfThisThread()); });
    return;
  }
  RunAll(flags.threads, [&](int i) {
    Client client(connections[static_cast<size_t>(i)]);
    BlockingCalls(client, flags, recorders.OfThisThread());
  });
}

int Main(int argc, char** argv) {
  CommandLine line(argc, argv);
  const LoadFlags flags = TakeLoadFlags(line);
  line.Finish();
  if (flags.mode != "calls" && flags.mode != "blocking") NoSuchMode(flags);
  std::vector<std::shared_ptr<Protocol>> connections;
  for (int i = 0; i < flags.connections; ++i) connections.push_back(Connect(flags));
  dialtone::load::Window window(flags.warmup, flags.seconds, flags.servers);
  Recorders recorders(window);
  (flags.mode == "calls" ? RunCalls : RunBlocking)(flags, recorders, connections);
  SayResult(window.Finish(recorders.All()));
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  try {
    return bench::Main(argc, argv);
  } catch (const bench::TException& error) {
    bench::Fail(error.what());
  }
}
