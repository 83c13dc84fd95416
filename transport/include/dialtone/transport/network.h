// The network as the rest of Dialtone sees it: a clock, loops, listening, threads for blocking
// work. One object stands for "the machine's sockets" (socket_network.h); another, in the tests,
// for a simulation in which time is virtual, one thread does everything and a seed decides what
// goes wrong.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/byte_stream.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/instant.h"
#include "dialtone/transport/loop.h"
#include "dialtone/transport/names.h"
#include "dialtone/transport/work.h"

namespace dialtone {

// A connection that was accepted and belongs to no loop yet. Destroying it closes the connection.
class AcceptedStream {
 public:
  virtual ~AcceptedStream() = default;
  virtual const Address& peer() const = 0;
  // Gives the connection to `loop` for life, under its lead. Consumes this object.
  virtual std::unique_ptr<ByteStream> Adopt(Loop& loop, ByteStream::Handler& handler) && = 0;
};

struct ListenOptions {
  ListenOptions() = default;

  // Connections that the kernel completes and holds until they are accepted.
  int backlog = 1024;
  // Rest after running out of descriptors or memory; connections wait in the backlog meanwhile.
  absl::Duration accept_rest = absl::Milliseconds(100);
  StreamOptions stream;
};

// A bound, listening address. Belongs to the loop it was made on: everything, destruction too,
// under its lead.
class Listener {
 public:
  class Handler {
   public:
    virtual void OnAccept(std::unique_ptr<AcceptedStream> stream) = 0;

   protected:
    ~Handler() = default;
  };
  virtual ~Listener() = default;
  // With the port that was picked, if port 0 was asked for.
  virtual const Address& address() const = 0;
  // Accepts what the backlog holds now, all of it: the last thing before a listener is closed for
  // good, so that no connection which the kernel has completed is reset.
  virtual void AcceptPending() = 0;
};

// Threads that run what may block.
//
// First come, first served, while little waits; when more waits than kFairPerThread for each thread,
// the newest goes first: what has waited so long is no longer wanted by then, mostly, and each piece
// that is done in time is better than all of them done too late.
class Workers {
 public:
  static constexpr size_t kFairPerThread = 16;

  // Finishes what was posted, then joins.
  virtual ~Workers() = default;
  // Any thread. False when the queue is full: nothing was posted.
  virtual bool Post(Work& work) = 0;
  // Takes back what was posted here. Any thread. False: it has begun, or is about to, and maybe has run.
  virtual bool Withdraw(Work& work) = 0;
};

// Thread-safe. Outlives everything made by it.
class Network {
 public:
  virtual ~Network() = default;

  virtual Instant Now() const = 0;
  // A new value at each call, for jitter: begun by the system's, or by the simulation's seed.
  virtual uint64_t RandomSeed() = 0;

  // A loop led for ever by its own thread. The destructor runs what was posted, then stops and
  // joins the thread.
  virtual std::unique_ptr<Loop> NewReactor(const std::string& name) = 0;
  // A loop led by threads that wait on it.
  virtual std::unique_ptr<Loop> NewCallerLoop(const std::string& name) = 0;
  virtual std::unique_ptr<Workers> NewWorkers(int threads, size_t queue_max) = 0;

  // Binds and listens, on `loop`, under its lead. The error names the address ("listen
  // 127.0.0.1:80: permission denied").
  virtual absl::StatusOr<std::unique_ptr<Listener>> Listen(Loop& loop, const Address& address,
                                                           const ListenOptions& options,
                                                           Listener::Handler& handler) = 0;

  // Looks a host's name up, which must be one (IsHostName). Calls `done` once, never from within, on
  // a thread that leads no loop: with at least one address, or with why there is none. UNAVAILABLE:
  // no such name, no answer in time; RESOURCE_EXHAUSTED: as many lookups as the network allows are
  // under way (SocketNetworkOptions::name_lookups_max); UNIMPLEMENTED: a name for DNS in a build
  // without c-ares; CANCELLED: the network is being destroyed. RESOURCE_EXHAUSTED also when there is
  // no descriptor or thread left to look names up with, and that alone may be told otherwise: posted
  // to the loop that the calling thread leads, or from within where it leads none.
  virtual void LookUp(std::string_view host, const NameOptions& options, NameCallback done) = 0;

  // Blocks this thread, which leads no loop, until `event` is set or `until` has come. Returns
  // event.is_set(). In deferred work of a caller loop, that one is led meanwhile.
  virtual bool Wait(Event& event, Instant until) = 0;
};

}  // namespace dialtone
