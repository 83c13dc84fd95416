// The floors that a call is measured against: the same bytes over a socket with nothing around it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace bench {

// Bytes of one message of the ping-pong: an echo request of 32 characters, framed.
inline constexpr int kPingBytes = 60;

// A listening TCP socket on a free port of 127.0.0.1.
struct RawListener {
  int descriptor;
  uint16_t port;
};
RawListener ListenRaw();
int ConnectRaw(uint16_t port);

// Serves one connection: blocking reads and writes of kPingBytes, until its end.
void ServePingPong(int listener);
// Serves one connection on epoll: reads a batch of frames (u32 length, EchoRequest), parses each, answers all with
// one write.
void ServeEpollEcho(int listener);

// One message there and back, `calls` times; returns each time in nanoseconds.
std::vector<int64_t> PingPong(int connection, int calls);
// Keeps `in_flight` framed echo calls under way until `calls` are answered and checked; returns the nanoseconds.
int64_t EpollEcho(int connection, int calls, int in_flight);

int64_t NowNanoseconds();

}  // namespace bench
