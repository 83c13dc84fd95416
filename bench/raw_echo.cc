#include "raw_echo.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "echo/echo.pb.h"

namespace bench {
namespace {

void Must(bool condition, const char* what) {
  if (condition) return;
  std::perror(what);
  std::exit(1);
}

void NoDelay(int connection) {
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int AcceptOne(int listener) {
  const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  Must(connection >= 0, "accept");
  NoDelay(connection);
  return connection;
}

// False at the connection's end.
bool ReadAll(int connection, char* into, size_t bytes) {
  while (bytes > 0) {
    const ssize_t got = recv(connection, into, bytes, 0);
    if (got <= 0) return false;
    into += got;
    bytes -= static_cast<size_t>(got);
  }
  return true;
}

void WriteAll(int connection, const char* from, size_t bytes) {
  while (bytes > 0) {
    const ssize_t sent = send(connection, from, bytes, MSG_NOSIGNAL);
    Must(sent > 0, "send");
    from += sent;
    bytes -= static_cast<size_t>(sent);
  }
}

template <class Message>
void AppendFrame(const Message& message, std::string& out) {
  const uint32_t bytes = static_cast<uint32_t>(message.ByteSizeLong());
  const size_t at = out.size();
  out.resize(at + sizeof bytes + bytes);
  std::memcpy(out.data() + at, &bytes, sizeof bytes);
  message.SerializeWithCachedSizesToArray(
      reinterpret_cast<uint8_t*>(out.data() + at + sizeof bytes));
}

// Reads once what is there, and calls `on_frame(data, bytes)` for each whole frame.
class FrameInput {
 public:
  template <class OnFrame>
  bool ReadFrames(int connection, OnFrame on_frame) {
    const ssize_t got = recv(connection, buffer_ + held_, sizeof buffer_ - held_, 0);
    if (got <= 0) return false;
    held_ += static_cast<size_t>(got);
    size_t at = 0;
    while (held_ - at >= sizeof(uint32_t)) {
      uint32_t bytes = 0;
      std::memcpy(&bytes, buffer_ + at, sizeof bytes);
      if (held_ - at - sizeof bytes < bytes) break;
      on_frame(buffer_ + at + sizeof bytes, static_cast<int>(bytes));
      at += sizeof bytes + bytes;
    }
    held_ -= at;
    std::memmove(buffer_, buffer_ + at, held_);
    return true;
  }

 private:
  char buffer_[256 * 1024];
  size_t held_ = 0;
};

}  // namespace

int64_t NowNanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

RawListener ListenRaw() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Must(listener >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Must(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
  Must(listen(listener, 16) == 0, "listen");
  socklen_t size = sizeof address;
  Must(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  return {listener, ntohs(address.sin_port)};
}

int ConnectRaw(uint16_t port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Must(connection >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  Must(connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
  NoDelay(connection);
  return connection;
}

void ServePingPong(int listener) {
  const int connection = AcceptOne(listener);
  char bytes[kPingBytes];
  while (ReadAll(connection, bytes, sizeof bytes)) WriteAll(connection, bytes, sizeof bytes);
  close(connection);
}

std::vector<int64_t> PingPong(int connection, int calls) {
  std::vector<int64_t> times;
  times.reserve(static_cast<size_t>(calls));
  char bytes[kPingBytes] = {};
  for (int i = 0; i < calls; ++i) {
    const int64_t begin = NowNanoseconds();
    WriteAll(connection, bytes, sizeof bytes);
    Must(ReadAll(connection, bytes, sizeof bytes), "recv");
    times.push_back(NowNanoseconds() - begin);
  }
  return times;
}

void ServeEpollEcho(int listener) {
  const int connection = AcceptOne(listener);
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  Must(epoll_ctl(poller, EPOLL_CTL_ADD, connection, &event) == 0, "epoll_ctl");
  static FrameInput input;
  echo::EchoRequest request;
  echo::EchoReply reply;
  std::string out;
  bool open = true;
  while (open) {
    Must(epoll_wait(poller, &event, 1, -1) >= 0, "epoll_wait");
    open = input.ReadFrames(connection, [&](const char* data, int bytes) {
      Must(request.ParseFromArray(data, bytes), "parse");
      reply.set_id(request.id());
      reply.set_text(request.text());
      AppendFrame(reply, out);
    });
    WriteAll(connection, out.data(), out.size());
    out.clear();
  }
  close(poller);
  close(connection);
}

int64_t EpollEcho(int connection, int calls, int in_flight) {
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  Must(epoll_ctl(poller, EPOLL_CTL_ADD, connection, &event) == 0, "epoll_ctl");
  static FrameInput input;
  echo::EchoRequest request;
  echo::EchoReply reply;
  request.set_text(std::string(32, 'x'));
  std::string out;
  int sent = 0;
  int answered = 0;
  const int64_t begin = NowNanoseconds();
  const auto send_one = [&] {
    request.set_id(sent++);
    AppendFrame(request, out);
  };
  while (sent < in_flight && sent < calls) send_one();
  while (answered < calls) {
    WriteAll(connection, out.data(), out.size());
    out.clear();
    Must(epoll_wait(poller, &event, 1, -1) >= 0, "epoll_wait");
    const bool open = input.ReadFrames(connection, [&](const char* data, int bytes) {
      Must(reply.ParseFromArray(data, bytes) && reply.id() == answered, "reply");
      ++answered;
      if (sent < calls) send_one();
    });
    Must(open, "recv");
  }
  const int64_t taken = NowNanoseconds() - begin;
  close(poller);
  return taken;
}

}  // namespace bench
