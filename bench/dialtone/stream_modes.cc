#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "client_modes.h"
#include "dialtone/load/window.h"
#include "dialtone/rpc/block_on.h"
#include "dialtone/rpc/task.h"
#include "echo/echo.dialtone.h"
#include "recorders.h"

namespace bench {
namespace {

using dialtone::load::NowNanoseconds;
using dialtone::load::Recorder;
using dialtone::load::Window;

// Messages of a stream one way are counted so many at a time, so that the clock is not read for each.
constexpr int64_t kMessagesCounted = 64;

void MustBe(const absl::Status& status, absl::StatusCode code) {
  if (status.code() != code) Fail("the stream ended: " + std::string(status.ToString()));
}

// Reads numbered messages until the window is over.
dialtone::Task<absl::Status> ReadMessages(dialtone::Channel& channel, const std::string& text,
                                          Recorder& recorder) {
  const echo::Echo::Client client(channel);
  echo::RepeatRequest request;
  request.set_text(text);
  auto stream = client.Repeat(request);
  bool go_on = true;
  for (int64_t id = 1; go_on; ++id) {
    const echo::EchoReply* reply = co_await stream.Read();
    if (reply == nullptr) break;
    if (reply->id() != id || !IsEcho(text, reply->text(), id)) {
      go_on = recorder.OnError("WRONG_REPLY", NowNanoseconds());
    } else if (id % kMessagesCounted == 0) {
      go_on = recorder.OnMessages(kMessagesCounted, NowNanoseconds());
    }
  }
  stream.Cancel();
  absl::Status status = co_await stream.Finish();
  co_return status;
}

// A message there, its answer back, one after the other.
void PingPong(dialtone::Channel& channel, const std::string& text, Recorder& recorder) {
  auto stream = echo::Echo::Client(channel).Chat();
  echo::EchoRequest request;
  request.set_text(text);
  int64_t began = NowNanoseconds();
  int64_t id = 0;
  for (bool go_on = true; go_on;) {
    request.set_id(++id);
    if (!stream.Write(request).Wait()) break;
    const echo::EchoReply* reply = stream.Read().Wait();
    if (reply == nullptr) break;
    const bool right = reply->id() == id && IsEcho(text, reply->text(), id);
    const int64_t now = NowNanoseconds();
    go_on = right ? recorder.OnReply(began, now) : recorder.OnError("WRONG_REPLY", now);
    began = now;
  }
  MustBe(stream.Finish().Wait(), absl::StatusCode::kOk);
}

// Runs `body(channel, recorder)` on so many threads, each with a channel of its own or all with one.
template <class Body>
void OnThreads(const ClientFlags& flags, const Body& body) {
  const Channels channels = ConnectAll(flags);
  Window window(flags.load.warmup, flags.load.seconds, flags.load.servers);
  Recorders recorders(window);
  RunOnThreads(flags.load.threads, [&](int thread) {
    body(*channels[static_cast<size_t>(thread) % channels.size()], recorders.OfThisThread());
  });
  SayResult(window.Finish(recorders.All()));
}

}  // namespace

int RunStream(const ClientFlags& flags) {
  const std::string text = Payload(flags.load.payload_bytes);
  OnThreads(flags, [&](dialtone::Channel& channel, Recorder& recorder) {
    MustBe(dialtone::BlockOn(ReadMessages(channel, text, recorder)), absl::StatusCode::kCancelled);
  });
  return 0;
}

int RunStreamPingPong(const ClientFlags& flags) {
  const std::string text = Payload(flags.load.payload_bytes);
  OnThreads(flags, [&](dialtone::Channel& channel, Recorder& recorder) {
    PingPong(channel, text, recorder);
  });
  return 0;
}

}  // namespace bench
