#include "raw_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace bench {
namespace {

constexpr int kBacklog = 4096;

void NoDelay(int connection) {
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

void Must(bool condition, const char* what) {
  if (condition) return;
  std::perror(what);
  std::exit(1);
}

int ListenRaw(uint16_t& port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Must(listener >= 0, "socket");
  sockaddr_in address = Loopback(port);
  Must(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
  Must(listen(listener, kBacklog) == 0, "listen");
  socklen_t size = sizeof address;
  Must(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  port = ntohs(address.sin_port);
  return listener;
}

int ConnectRaw(uint16_t port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Must(connection >= 0, "socket");
  sockaddr_in address = Loopback(port);
  Must(connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
  NoDelay(connection);
  return connection;
}

int AcceptRaw(int listener) {
  const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection < 0 && errno == EAGAIN) return -1;
  Must(connection >= 0, "accept");
  NoDelay(connection);
  return connection;
}

void DoNotBlock(int descriptor) { Must(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0, "fcntl"); }

bool ReadAll(int connection, char* into, size_t bytes) {
  while (bytes > 0) {
    const ssize_t got = recv(connection, into, bytes, 0);
    if (got <= 0) return false;
    into += got;
    bytes -= static_cast<size_t>(got);
  }
  return true;
}

bool WriteAll(int connection, const char* from, size_t bytes) {
  while (bytes > 0) {
    const ssize_t sent = send(connection, from, bytes, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    from += sent;
    bytes -= static_cast<size_t>(sent);
  }
  return true;
}

}  // namespace bench
