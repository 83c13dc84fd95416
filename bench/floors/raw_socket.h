// Sockets with nothing around them. Whatever fails ends the program: there is nothing to measure then.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bench {

// Prints `what` and errno's text, and ends with 1, unless `condition` holds.
void Must(bool condition, const char* what);

// A listening TCP socket on 127.0.0.1. `port` 0: a free one, which it is set to.
int ListenRaw(uint16_t& port);
// Blocking, without Nagle's delay.
int ConnectRaw(uint16_t port);
// Waits for a connection; without Nagle's delay. -1: none is waiting, at a listener that does not block.
int AcceptRaw(int listener);
void DoNotBlock(int descriptor);

// Blocking. False at the connection's end.
bool ReadAll(int connection, char* into, size_t bytes);
// Blocking. False: the peer is gone.
bool WriteAll(int connection, const char* from, size_t bytes);

}  // namespace bench
