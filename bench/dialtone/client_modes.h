// What dialtone_client does in each mode. Each prints its result; an exit code is returned.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dialtone/rpc/channel.h"
#include "dialtone/transport/event.h"
#include "echo_calls.h"
#include "program.h"

namespace bench {

struct ClientFlags {
  LoadFlags load;
  std::string calls_on;  // mode calls: "reactor" or "background"
  EchoCalls::PayloadAs payload_as = EchoCalls::PayloadAs::kText;  // modes calls, blocking and open
  std::string schedule;    // mode open: as load::Schedule::Parse() takes it
  int64_t timeout_ms = 0;  // of calls in mode open
  size_t large_bytes = 0;  // mode overtake
  dialtone::ChannelOptions channel;
};

// As many channels as connections are asked for, each connected.
using Channels = std::vector<std::unique_ptr<dialtone::Channel>>;
Channels ConnectAll(const ClientFlags& flags);
// By the main thread.
void Await(dialtone::Event& event);

// Many calls in flight, on the connections of one reactor or on caller loops.
int RunCalls(const ClientFlags& flags);
// Threads with one blocking call after the other.
int RunBlocking(const ClientFlags& flags);
// At a rate, whatever becomes of the calls.
int RunOpenLoop(const ClientFlags& flags);
// Streams one way, and there and back.
int RunStream(const ClientFlags& flags);
int RunStreamPingPong(const ClientFlags& flags);
// Opens many connections and holds them.
int RunIdle(const ClientFlags& flags);
// Small blocking calls while large replies pass on the same connection.
int RunOvertake(const ClientFlags& flags);

}  // namespace bench
