// floor_epoll_server: echoes frames on epoll, one thread, many connections.
//
//   floor_epoll_server [--port 0] [--protobuf 0] [--frames-a-write 0] [--forward 127.0.0.1:N]
//
// With --protobuf each frame is an echo.EchoRequest, which is parsed and answered with an echo.EchoReply. With --forward it asks
// another one for that, for one client at a time.
#include <sys/epoll.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "echo/echo.pb.h"
#include "framed_connection.h"
#include "program.h"
#include "raw_socket.h"

namespace bench {
namespace {

class EpollServer {
 public:
  EpollServer(int listener, bool protobuf, size_t frames_a_write)
      : listener_(listener),
        poller_(epoll_create1(EPOLL_CLOEXEC)),
        protobuf_(protobuf),
        frames_a_write_(frames_a_write) {
    Must(poller_ >= 0, "epoll_create1");
    DoNotBlock(listener);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;
    Must(epoll_ctl(poller_, EPOLL_CTL_ADD, listener, &event) == 0, "epoll_ctl");
  }
  void ForwardTo(uint16_t port) {
    next_ = std::make_unique<FramedConnection>(ConnectRaw(port), poller_, frames_a_write_);
  }

  [[noreturn]] void Serve() {
    epoll_event events[64];
    for (;;) {
      const int count = epoll_wait(poller_, events, 64, -1);
      for (int i = 0; i < count; ++i) {
        auto* const connection = static_cast<FramedConnection*>(events[i].data.ptr);
        if (connection == nullptr) {
          Accept();
        } else if (connection == next_.get()) {
          PassBack();
        } else if (!Echo(*connection, events[i].events)) {
          if (connection == client_) client_ = nullptr;
          delete connection;
        }
      }
    }
  }

 private:
  void Accept() {
    for (;;) {
      const int accepted = AcceptRaw(listener_);
      if (accepted < 0) return;
      // Lives until its peer has gone; epoll's event finds it.
      new FramedConnection(accepted, poller_, frames_a_write_);
    }
  }

  bool Echo(FramedConnection& connection, uint32_t events) {
    if ((events & ~uint32_t{EPOLLOUT}) == 0) {
      connection.Flush();
      return true;
    }
    const bool open = connection.ReadFrames(
        [&](const char* payload, size_t bytes) {
          if (next_ != nullptr) return PassOn(connection, payload, bytes);
          if (protobuf_) {
            Answer(connection, payload, bytes);
          } else {
            std::memcpy(connection.AddFrame(bytes), payload, bytes);
          }
          connection.FrameAdded();
        },
        [&](LargeFrame frame) { connection.AddLarge(std::move(frame)); });
    connection.Flush();
    if (next_ != nullptr) next_->Flush();
    return open;
  }

  void PassOn(FramedConnection& client, const char* payload, size_t bytes) {
    client_ = &client;
    if (!request_.ParseFromArray(payload, static_cast<int>(bytes))) Fail("a request that is none");
    AddMessage(*next_, request_);
    next_->FrameAdded();
  }

  void PassBack() {
    const bool open = next_->ReadFrames(
        [&](const char* payload, size_t bytes) {
          if (!reply_.ParseFromArray(payload, static_cast<int>(bytes)))
            Fail("a reply that is none");
          if (client_ == nullptr) return;  // it has gone meanwhile
          AddMessage(*client_, reply_);
          client_->FrameAdded();
        },
        [](const LargeFrame&) { Fail("a reply that is too large"); });
    if (!open) Fail("the next server is gone");
    if (client_ != nullptr) client_->Flush();
  }

  static void AddMessage(FramedConnection& to, const google::protobuf::MessageLite& message) {
    char* const at = to.AddFrame(message.ByteSizeLong());
    message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(at));
  }

  void Answer(FramedConnection& connection, const char* payload, size_t bytes) {
    if (!request_.ParseFromArray(payload, static_cast<int>(bytes))) Fail("a request that is none");
    reply_.set_id(request_.id());
    reply_.set_text(request_.text());
    AddMessage(connection, reply_);
  }

  const int listener_;
  const int poller_;
  const bool protobuf_;
  const size_t frames_a_write_;
  echo::EchoRequest request_;
  echo::EchoReply reply_;
  std::unique_ptr<FramedConnection> next_;  // null: it answers itself
  FramedConnection* client_ = nullptr;      // the one that has asked last, if it is passed on
};

int Main(CommandLine& line) {
  auto port = static_cast<uint16_t>(line.Number("port", 0));
  const bool protobuf = line.Has("protobuf");
  const auto frames_a_write = static_cast<size_t>(line.Number("frames-a-write", 0));
  const std::string forward = line.Text("forward");
  line.Finish();
  if (!forward.empty() && !protobuf) Fail("--forward needs --protobuf");
  const int listener = ListenRaw(port);
  std::thread([=] {
    EpollServer server(listener, protobuf, frames_a_write);
    if (!forward.empty()) server.ForwardTo(PortOf("forward", forward));
    server.Serve();
  }).detach();
  SayPort(port);
  WaitForSigterm();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::HoldSigterm();
  bench::CommandLine line(argc, argv);
  // Its thread is never joined: it ends with the process.
  _exit(bench::Main(line));
}
