// A channel: where calls to one target go. Finds the server by its address, connects when the first
// call needs it, shares each connection among many calls, reconnects after failures.
//
//   dialtone::Channel channel("127.0.0.1:7000");
//   greeter::Greeter::Client greeter(channel);
//
// A target is an address ("127.0.0.1:7000", "[::1]:7000", "unix:/run/echo.sock"), a name of the hosts
// file or of DNS ("db.example:7000" or "dns:///db.example:7000"; "dns://10.0.0.53:53/db.example:7000"
// asks that name server), or a list of these ("list:10.0.0.1:7000,10.0.0.2:7000"). Names are looked
// up beside the calls, which wait for that as for a connection, and again when their time to live is
// over or a server is lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "dialtone/rpc/backoff_options.h"
#include "dialtone/rpc/compression.h"
#include "dialtone/rpc/connection_limits.h"
#include "dialtone/rpc/connection_observer.h"
#include "dialtone/rpc/metrics.h"
#include "dialtone/rpc/observer.h"
#include "dialtone/rpc/retry.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/transport/loop.h"
#include "dialtone/transport/names.h"

namespace dialtone {

class Server;
namespace internal {
class ChannelCore;
}

// Calls that never ran are sent again by themselves, within their deadline: those that a server has
// refused before it looked at them, those that a server which shuts down has not taken any more, and
// those that had not left when their connection was lost. What may have run is sent again only where
// RetryOptions hold.
struct ResendOptions {
  ResendOptions() {
    backoff.initial = absl::Milliseconds(20);
    backoff.max = absl::Seconds(1);
    backoff.multiplier = 2;
    backoff.jitter = 0.5;
  }

  // How often one call is sent again; then it ends with what its last refusal said. 0: never.
  uint32_t max = 5;
  // How long a refused call rests when there is no other server that could take it.
  BackoffOptions backoff;
  // Refused calls sent again, on each loop, to servers that refuse: each takes one from the budget,
  // ten answered calls give one back. When it is spent, refused calls end with the refusal.
  uint32_t refused_budget = 100;
};

// Which of a target's servers takes a call, where there are several.
enum class PickPolicy {
  // One connection, to the first of the addresses that is there; another one when that is lost. The
  // others are tried meanwhile if one does not answer within next_address_delay.
  kFirstThatWorks,
  // A connection to each; calls go to those that are there, in turn,
  kRoundRobin,
  // or to the less loaded of two drawn by lot.
  kLeastLoadedOfTwo,
};

// A server whose calls fail while others work takes no calls for a while (it rests), then one call at
// a time until one succeeds. A call has failed that ended with UNAVAILABLE or DEADLINE_EXCEEDED after
// it was sent, a lost connection too: what Envoy counts as a gateway failure. Any other end, an error
// as well, is an answer of a server that works; calls that were refused or cancelled do not count, nor
// those that were not sent, as with more metadata than the server takes. Each loop counts for itself.
// Nothing of this happens to a target's only server.
struct OutlierOptions {
  OutlierOptions() {
    rest.initial = absl::Seconds(1);
    rest.max = absl::Minutes(1);
    rest.multiplier = 2;
  }

  // So many failures without a success between them. 0: never for this reason.
  uint32_t failures_in_row_max = 5;
  // Every so often, while calls are made, shares of successes are compared: a server rests whose
  // share lies further below the mean than so many standard deviations (as in Envoy and gRPC A50).
  absl::Duration interval = absl::Seconds(10);
  double success_rate_deviations = 1.9;
  // Servers with fewer calls in the interval are not compared; with fewer servers nothing is.
  uint64_t success_rate_calls_min = 100;
  size_t success_rate_servers_min = 5;
  // No more than this share of the servers rests at a time, however badly the others do, too.
  double resting_share_max = 0.5;
  // How long: longer each time, until an interval has gone well. Jitter keeps clients apart.
  BackoffOptions rest;
};

struct ChannelOptions {
  ChannelOptions() = default;

  // Of unary calls that ask for no timeout of their own; streams have none by default.
  absl::Duration default_timeout = absl::Seconds(15);
  ConnectOptions connect;
  BackoffOptions backoff;  // between attempts to connect
  ResendOptions resends;
  // Of calls that may run more than once; see dialtone/rpc/retry.h.
  RetryOptions retry;
  HedgingOptions hedging;
  RetryBudgetOptions retry_budget;
  // In place of `retry`, `hedging` and compression.algorithm, for single methods
  // ("package.Service/Method") and services ("package.Service").
  std::map<std::string, MethodOptions, std::less<>> methods;
  // How names in the target become addresses, and when they are asked for again.
  NameOptions names;
  PickPolicy pick_policy = PickPolicy::kLeastLoadedOfTwo;
  // kFirstThatWorks: how long an address is given to answer before the next is tried beside it (RFC
  // 8305's connection attempt delay).
  absl::Duration next_address_delay = absl::Milliseconds(250);
  OutlierOptions outliers;
  // Connections that have carried no call for so long (up to twice that) are closed; the next call
  // connects again. Infinite: never.
  absl::Duration idle_timeout = absl::Minutes(30);
  // Calls that wait for a connection or for the server's limit of calls at a time; more end with
  // RESOURCE_EXHAUSTED.
  size_t queued_calls_max = 16 * 1024;
  // limits.message_bytes_max bounds replies.
  ConnectionLimits limits;
  // Of messages to servers, if neither the call nor its method choose.
  CompressionOptions compression;
  // Ask servers to tell how long each call waited and ran there: CallInfo's server times.
  bool want_server_times = false;
  // Counts calls, and how long they take, for Metrics(). Each method called takes about 4 KiB on each loop.
  bool metrics = true;
  // Told of every call, in this order.
  std::vector<std::shared_ptr<ClientObserver>> observers;
  // Told of every connection, in this order.
  std::vector<std::shared_ptr<ConnectionObserver>> connection_observers;
  // Null: Runtime::Default().
  Runtime* runtime = nullptr;
};

enum class ChannelState {
  kIdle,              // no connection, none wanted
  kConnecting,        // …
  kReady,             // connected
  kTransientFailure,  // waits before the next attempt; calls fail at once unless they wait for
                      // ready
  kShutdown,          // being destroyed
};
std::string_view ChannelStateName(ChannelState state);

// How often a channel has sent calls more than once, since it was made, over all its loops.
struct ChannelStats {
  uint64_t resends = 0;      // of calls that never ran (ResendOptions)
  uint64_t retries = 0;      // of calls that may have run (RetryOptions)
  uint64_t hedges = 0;       // sent beside an attempt that was under way (HedgingOptions)
  uint64_t hedges_won = 0;   // hedges whose answer was the call's
  uint64_t over_budget = 0;  // retries and hedges that RetryBudgetOptions did not allow
};

// Thread-safe. A call that a handler makes goes out on a connection of the handler's own reactor;
// calls of all other threads share the channel's caller loop.
//
// Destroying it ends its calls with CANCELLED and returns when their callbacks have run; from
// within a callback (of any channel), or on a reactor, it does not wait for that.
class Channel {
 public:
  // A target that is none gives a channel whose calls end with INVALID_ARGUMENT and say why.
  explicit Channel(std::string_view target, const ChannelOptions& options = ChannelOptions());
  // Calls a server of this process, with no network between: what tests of services use. `server`
  // must have been started and must outlive the channel, and so must its runtime, which is the
  // channel's too if the options name none.
  explicit Channel(Server& server, const ChannelOptions& options = ChannelOptions());
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  const std::string& target() const;
  // The best state of the connections of all its loops.
  ChannelState state() const;
  ChannelStats stats() const;
  // What has been counted until now (dialtone/rpc/metrics.h), over all its loops. Any thread, at any time.
  ChannelMetrics Metrics() const;
  // Its connections, of all its loops, with the kernel's view of each; those that are being made, too. A reactor that does
  // not answer within 100 ms is left out. Blocks; not on a reactor, where there are none.
  std::vector<ConnectionMetrics> Connections() const;
  // Begins to connect without waiting for a call.
  void Connect();

  // Takes itself back, and waits for its function if that runs just then, when it is destroyed.
  // Must not outlive the channel.
  class Watch;
  // Calls `function` with each new state, in order, off the loop; first with the present one.
  std::unique_ptr<Watch> WatchState(absl::AnyInvocable<void(ChannelState)> function);
  // Connects and blocks until the state is kReady; false if `timeout` passes first. Not on a
  // reactor.
  bool WaitUntilReady(absl::Duration timeout);

  internal::ChannelCore& core() const { return *core_; }  // for the framework

 private:
  // Shared with the loops that still end its calls when it is destroyed from within a callback.
  std::shared_ptr<internal::ChannelCore> core_;
};

class Channel::Watch {
 public:
  virtual ~Watch() = default;
};

}  // namespace dialtone
