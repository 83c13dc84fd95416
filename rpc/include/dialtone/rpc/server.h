// A server: services, listening addresses, and a life from start to drain.
//
//   int main() {
//     dialtone::Server server;
//     server.Add(std::make_unique<GreeterService>());
//     return server.Run("0.0.0.0:7000");                 // until SIGTERM or SIGINT, then drains
//   }
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "dialtone/rpc/compression.h"
#include "dialtone/rpc/concurrency.h"
#include "dialtone/rpc/connection_limits.h"
#include "dialtone/rpc/metrics.h"
#include "dialtone/rpc/observer.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/rpc/server_extension.h"
#include "dialtone/rpc/service.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/network.h"

namespace dialtone {

namespace internal {
class ServerCore;
}

struct ServerOptions {
  ServerOptions() = default;

  ListenOptions listen;
  ConnectionLimits limits;
  // Of messages to clients, if neither the handler nor ServiceOptions choose.
  CompressionOptions compression;
  // From accepting a connection to the first bytes that show its protocol.
  absl::Duration handshake_timeout = absl::Seconds(10);
  // Connections at a time; one more is told so, if it speaks Dialtone/1, and closed. 0: 16384, or
  // fewer where little memory may be used (an eighth of it has 32 KiB for each), or few descriptors:
  // of those of the soft limit, as it is when the server is made, an eighth is left, and 128 at least.
  uint32_t connections_max = 0;
  // From one IPv4 address, or one IPv6 network of 64 bits; unix sockets do not count. 0: three
  // quarters of connections_max.
  uint32_t connections_per_peer_max = 0;
  // So many on each reactor, those in use among them, keep what calls need, 2 KiB each. Of more than
  // these those that are silent give it back, and are at rest until bytes come: for who wakes one that
  // is half a microsecond or so.
  uint32_t connections_awake_max = 64;
  // Calls at a time, of all methods together; what is above is refused before it is parsed. Health
  // checks do not count.
  ConcurrencyOptions concurrency;
  // Methods whose handlers hold their reactor for so long (inline, or until they first suspend) take turns with reading further
  // requests, so that no call grows old in the socket unseen. Infinite: all run as they come.
  absl::Duration slow_handler = absl::Microseconds(4);
  // Calls of such methods that wait for their turn, on each reactor. One more is refused before it is parsed, and so is one that
  // would have to wait for more than half of the time that its client leaves it.
  uint32_t handler_queue_max = 10000;
  // What Run() gives calls under way to finish after SIGTERM.
  absl::Duration drain_timeout = absl::Seconds(25);
  // Run() calls it for each address once calls are served there, with the port that was picked; from
  // then on the server drains when it is told to end.
  std::function<void(const Address& address)> on_listening;
  // Answers grpc.health.v1.Health, for each service and for the server as a whole (""), from its own
  // state: see SetServing(). A service of that name that is added takes its place. Observers see
  // these calls, too: one that asks for a token may let this service pass.
  bool health = true;
  // Answers grpc.reflection.v1.ServerReflection: tells clients which services there are, and sends the
  // .proto files that this program was generated from, so that tools can call it that have none. For
  // its name and its observers the same holds as for health. Messages of LITE_RUNTIME cannot be told.
  bool reflection = true;
  // Counts calls, and how long they take, for Metrics(). It costs a call two to three hundredths of what the call
  // costs; each method called takes about 12 KiB on each loop.
  bool metrics = true;
  // A handler that holds its reactor longer, so that other calls wait, is logged by its method's
  // name: while it does, and how long it was once it has let go, to half of this limit and a millisecond. Zero:
  // nobody watches.
  absl::Duration watchdog_limit = absl::Milliseconds(50);
  // Start and stop with the server, in this order and the reverse: see dialtone/rpc/admin.h.
  std::vector<std::shared_ptr<ServerExtension>> extensions;
  // Told of every call, in this order.
  std::vector<std::shared_ptr<ServerObserver>> observers;
  // Null: Runtime::Default().
  Runtime* runtime = nullptr;
};

struct ServiceOptions {
  ServiceOptions() = default;

  // Plain handlers of this service run on worker threads, where they may block, instead of inline
  // on a reactor.
  bool run_on_workers = false;
  // Calls at a time, for each method of the service by itself.
  ConcurrencyOptions concurrency;
  // For single methods, by their name in the service ("Greet"), instead of the above.
  std::map<std::string, ConcurrencyOptions> method_concurrency;
  // How replies are compressed, instead of ServerOptions::compression.algorithm; and for single
  // methods, by their name.
  std::optional<Compression> compression;
  std::map<std::string, Compression> method_compression;
};

// What Run() returns, to be returned by main().
enum ExitCode : int {
  kExitOk = 0,             // drained: every call was answered
  kExitBadFlag = 2,        // by programs that parse flags (server_flags.h): one is wrong
  kExitListenFailed = 3,   // an address is wrong, in use or not allowed
  kExitDrainTimedOut = 4,  // some handlers had not finished after drain_timeout
};

// Thread-safe from Start() on; before that one thread sets it up.
class Server {
 public:
  explicit Server(const ServerOptions& options = ServerOptions());
  // Shuts down at once, if that was not done, without waiting for handlers longer than a second.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Before Start(). Two services of one name abort.
  void Add(std::unique_ptr<Service> service, const ServiceOptions& options = ServiceOptions());
  // Binds `address` ("0.0.0.0:7000", "[::]:0", "unix:/path"; port 0 picks one) and returns what was
  // bound; connections are accepted from Start() on. Several addresses are fine.
  absl::StatusOr<Address> Listen(std::string_view address);
  // Begins to serve; returns at once. With no address, only in-process channels reach the server.
  absl::Status Start();
  // Stops accepting, lets calls under way finish for at most `deadline`, then cancels them and
  // closes. Returns within the deadline and a second: OK when every handler had finished, else
  // DEADLINE_EXCEEDED naming those that had not. Coroutine handlers that go on regardless are
  // destroyed where they are suspended. Not on a reactor. The second call waits for the
  // first. Within a handler of this server, on a worker, it waits for that handler like for any
  // other: until `deadline`, or for as long as the first call waits, which must not be for ever.
  absl::Status Shutdown(absl::Duration deadline);

  // Listens, starts, blocks until SIGTERM or SIGINT (a second one hurries), shuts down. Returns an
  // ExitCode; what went wrong is logged.
  int Run(std::string_view address);
  int Run(std::initializer_list<std::string_view> addresses);
  int Run(std::span<const std::string_view> addresses);

  // What the health service says of a service ("package.Service"), or with "" of the server as a
  // whole: SERVING once started, until this says otherwise. From the moment a shutdown begins all
  // are NOT_SERVING. Any thread, at any time.
  void SetServing(std::string_view service, bool serving);

  // What has been counted until now (dialtone/rpc/metrics.h). Any thread, at any time; takes some
  // microseconds for each method and loop.
  ServerMetrics Metrics() const;
  // Its connections, by rising id: the first `max` of those whose id is above `after`. Waits for its
  // reactors, for at most 100 ms: what one that is held longer has is left out. Not on a reactor.
  std::vector<ConnectionMetrics> Connections(uint64_t after, size_t max) const;
  // How much is under way, for tests and health pages.
  size_t connections() const;
  size_t calls_in_flight() const;
  // How many connections were turned away because there were too many.
  uint64_t connections_refused() const;

  internal::ServerCore& core() const { return *core_; }  // for the framework

 private:
  // Shared with handlers that outlive a shutdown's deadline.
  std::shared_ptr<internal::ServerCore> core_;
};

}  // namespace dialtone
