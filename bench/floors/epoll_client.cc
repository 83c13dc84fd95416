// floor_epoll_client: keeps so many framed echo calls under way on each connection, one thread on epoll.
//
//   floor_epoll_client --address 127.0.0.1:N [--protobuf 0] [--frames-a-write 0] [--connections 1]
//                      [--in-flight 1] [--payload-bytes 32] [--mode calls|idle] …
//
// Mode idle: opens all connections, makes one call on each, says how long that took, and keeps them until SIGTERM.
#include <sys/epoll.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialtone/load/window.h"
#include "echo/echo.pb.h"
#include "framed_connection.h"
#include "program.h"
#include "raw_socket.h"

namespace bench {
namespace {

using dialtone::load::NowNanoseconds;
using dialtone::load::Recorder;
using dialtone::load::Window;

// Of frames without Protobuf: an id and the text.
constexpr size_t kIdBytes = sizeof(int64_t);

class EpollClient {
 public:
  EpollClient(const LoadFlags& flags, bool protobuf, size_t frames_a_write)
      : flags_(flags),
        protobuf_(protobuf),
        frames_a_write_(frames_a_write),
        poller_(epoll_create1(EPOLL_CLOEXEC)),
        text_(Payload(flags.payload_bytes)) {
    Must(poller_ >= 0, "epoll_create1");
    request_.set_text(text_);
  }

  // As many calls as are in flight on each connection, until `recorder` has enough.
  void Run(Recorder& recorder) {
    recorder_ = &recorder;
    for (int i = 0; i < flags_.connections; ++i) {
      lanes_.push_back(std::make_unique<Lane>(*this));
      Lane& lane = *lanes_.back();
      const int64_t now = NowNanoseconds();
      for (int call = 0; call < flags_.in_flight; ++call) Begin(lane, call, now);
      lane.connection.Flush();
    }
    epoll_event events[64];
    while (!over_) {
      const int count = epoll_wait(poller_, events, 64, -1);
      for (int i = 0; i < count && !over_; ++i) {
        Serve(*static_cast<Lane*>(events[i].data.ptr));
      }
    }
  }

 private:
  // A connection and when its calls under way began, by their ids: they are answered in order.
  struct Lane {
    explicit Lane(EpollClient& client)
        : connection(ConnectRaw(client.flags_.port), client.poller_, client.frames_a_write_, this),
          began(static_cast<size_t>(client.flags_.in_flight)) {}

    FramedConnection connection;
    std::vector<int64_t> began;
    int64_t answered = 0;
  };

  void Begin(Lane& lane, int64_t id, int64_t now) {
    lane.began[static_cast<size_t>(id % flags_.in_flight)] = now;
    if (protobuf_) {
      request_.set_id(id);
      char* const to = lane.connection.AddFrame(request_.ByteSizeLong());
      request_.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(to));
      lane.connection.FrameAdded();
    } else if (kIdBytes + text_.size() < kLargePayload) {
      char* const to = lane.connection.AddFrame(kIdBytes + text_.size());
      std::memcpy(to, &id, kIdBytes);
      std::memcpy(to + kIdBytes, text_.data(), text_.size());
      lane.connection.FrameAdded();
    } else {
      LargeFrame frame(kIdBytes + text_.size());
      std::memcpy(frame.payload() + kIdBytes, text_.data(), text_.size());
      BeginLarge(lane, std::move(frame), id, now);
    }
  }

  void BeginLarge(Lane& lane, LargeFrame frame, int64_t id, int64_t now) {
    lane.began[static_cast<size_t>(id % flags_.in_flight)] = now;
    std::memcpy(frame.payload(), &id, kIdBytes);
    lane.connection.AddLarge(std::move(frame));
  }

  void Serve(Lane& lane) {
    const bool open = lane.connection.ReadFrames(
        [&](const char* payload, size_t bytes) {
          const int64_t now = OnAnswer(lane, IsAnswer(lane, payload, bytes));
          if (!over_) Begin(lane, lane.answered - 1 + flags_.in_flight, now);
        },
        [&](LargeFrame frame) {
          const bool right = IsRawAnswer(lane, frame.payload(), frame.payload_bytes());
          const int64_t now = OnAnswer(lane, right);
          if (!over_) {
            BeginLarge(lane, std::move(frame), lane.answered - 1 + flags_.in_flight, now);
          }
        });
    if (!open) Fail("the server is gone");
    lane.connection.Flush();
  }

  // Returns the time.
  int64_t OnAnswer(Lane& lane, bool right) {
    const int64_t began = lane.began[static_cast<size_t>(lane.answered % flags_.in_flight)];
    ++lane.answered;
    const int64_t now = NowNanoseconds();
    over_ = !(right ? recorder_->OnReply(began, now) : recorder_->OnError("WRONG_REPLY", now));
    return now;
  }

  bool IsAnswer(const Lane& lane, const char* payload, size_t bytes) {
    if (!protobuf_) return IsRawAnswer(lane, payload, bytes);
    return reply_.ParseFromArray(payload, static_cast<int>(bytes)) &&
           reply_.id() == lane.answered && IsEcho(text_, reply_.text(), lane.answered);
  }

  bool IsRawAnswer(const Lane& lane, const char* payload, size_t bytes) const {
    int64_t id = 0;
    if (bytes < kIdBytes) return false;
    std::memcpy(&id, payload, kIdBytes);
    return id == lane.answered &&
           IsEcho(text_, std::string_view(payload + kIdBytes, bytes - kIdBytes), id);
  }

  const LoadFlags& flags_;
  const bool protobuf_;
  const size_t frames_a_write_;
  const int poller_;
  const std::string text_;
  Recorder* recorder_ = nullptr;
  bool over_ = false;
  echo::EchoRequest request_;
  echo::EchoReply reply_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

// Blocking: connections are made one after the other, and the server accepts beside that.
int Idle(const LoadFlags& flags) {
  const std::string text = Payload(flags.payload_bytes);
  const auto bytes = static_cast<uint32_t>(kIdBytes + text.size());
  std::string frame(sizeof bytes + bytes, '\0');
  std::memcpy(frame.data(), &bytes, sizeof bytes);
  std::string answer(frame.size(), '\0');
  std::vector<int> connections;

  const int64_t began = NowNanoseconds();
  for (int i = 0; i < flags.connections; ++i) {
    connections.push_back(ConnectRaw(flags.port));
    if (!WriteAll(connections.back(), frame.data(), frame.size())) Fail("the server is gone");
  }
  for (const int connection : connections) {
    const bool came = ReadAll(connection, answer.data(), answer.size());
    if (!came || answer != frame) Fail("a wrong answer");
  }
  SayOpened(flags.connections, NowNanoseconds() - began);
  WaitForSigterm();
  return 0;
}

int Main(CommandLine& line) {
  const LoadFlags flags = TakeLoadFlags(line);
  const bool protobuf = line.Has("protobuf");
  const auto frames_a_write = static_cast<size_t>(line.Number("frames-a-write", 0));
  line.Finish();
  if (flags.mode == "idle") return Idle(flags);
  if (flags.mode != "calls") NoSuchMode(flags);
  EpollClient client(flags, protobuf, frames_a_write);
  Window window(flags.warmup, flags.seconds, flags.servers);
  Recorder recorder(window);
  client.Run(recorder);
  SayResult(window.Finish({&recorder}));
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::HoldSigterm();
  bench::CommandLine line(argc, argv);
  return bench::Main(line);
}
