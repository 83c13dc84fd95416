// What servers and channels count of themselves: calls by method and status, how long they take, messages
// and bytes, connections, limits that were reached. Snapshots: each is a value, taken at one moment, that
// nothing changes afterwards.
//
//   const dialtone::ServerMetrics metrics = server.Metrics();
//   for (const dialtone::MethodMetrics& method : metrics.methods)
//     std::cout << method.path << " " << method.ended_total() << " " << method.total.Percentile(0.99);
//
// Counting costs a call two to three hundredths of what it costs. Each loop counts for itself in memory that it alone
// writes, and whoever takes a snapshot adds the loops up: nobody waits for anybody. So a snapshot is no
// photograph. Its numbers are each right at some moment while it was taken, and a call that ends just then
// may be counted here and not yet there.
//
// Counts are exact. How long a server's calls take is measured
//   - for every call that suspends, streams, or runs on a worker;
//   - for the first kMeasuredAtFirst calls of a method on a loop;
//   - of the others, which pass through their reactor without leaving it, for one in kMeasuredShareOfFirst of those
//     that came first in what one read has brought, and for one in kMeasuredShare of those behind them. Each stands for
//     so many calls, so that the histograms show all.
// For each reading of the clock takes a tenth of the time that a small call takes in all, on a server that
// has many. Channels measure every call, and read the clock once for all replies that one read has brought.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/byte_stream.h"

namespace dialtone {

inline constexpr uint32_t kMeasuredAtFirst = 64;
inline constexpr uint32_t kMeasuredShareOfFirst = 4;
inline constexpr uint32_t kMeasuredShare = 16;

// How often durations of each length have occurred. A value. Log-linear: each power of two of nanoseconds
// is divided into 32 buckets of one width, and what is told is a bucket's middle, so it is within 1.6 % of
// the exact one (to the nanosecond below 64 ns). Longer ones than 18 minutes count as that long.
class LatencyHistogram {
 public:
  static constexpr int kValueBits = 40;
  static constexpr int kBucketBits = 5;
  static constexpr size_t kBuckets = size_t{kValueBits - kBucketBits + 1} << kBucketBits;

  uint64_t count() const { return count_; }
  absl::Duration sum() const { return sum_; }
  absl::Duration mean() const;
  // The duration that at least this share (0 to 1) of all are not above; zero if there are none.
  absl::Duration Percentile(double share) const;
  // How many are not above `bound`, to a bucket's width.
  uint64_t CountUpTo(absl::Duration bound) const;
  void Merge(const LatencyHistogram& other);

  // --- Buckets, for whoever passes them on ---

  struct Bucket {
    uint32_t index;
    uint64_t count;  // not 0
    friend bool operator==(const Bucket&, const Bucket&) = default;
  };
  // By rising index.
  const std::vector<Bucket>& buckets() const { return buckets_; }
  // Buckets must be added by rising index; one below kBuckets.
  void AddBucket(uint32_t index, uint64_t count);
  void AddSum(absl::Duration sum) { sum_ += sum; }

  static constexpr size_t BucketOf(int64_t nanoseconds) {
    constexpr int64_t kMax = (int64_t{1} << kValueBits) - 1;
    const auto value = static_cast<uint64_t>(nanoseconds < 0      ? 0
                                             : nanoseconds > kMax ? kMax
                                                                  : nanoseconds);
    const int shift = 63 - kBucketBits - __builtin_clzll(value | (uint64_t{1} << kBucketBits));
    return (static_cast<size_t>(shift) << kBucketBits) + static_cast<size_t>(value >> shift);
  }
  // The lowest value in it, in nanoseconds, and how many there are.
  static constexpr std::pair<int64_t, int64_t> RangeOf(size_t bucket) {
    constexpr size_t kExact = size_t{2} << kBucketBits;
    if (bucket < kExact) return {static_cast<int64_t>(bucket), 1};
    const size_t shift = (bucket >> kBucketBits) - 1;
    return {static_cast<int64_t>((bucket - (shift << kBucketBits)) << shift), int64_t{1} << shift};
  }

 private:
  std::vector<Bucket> buckets_;
  uint64_t count_ = 0;
  absl::Duration sum_;
};

inline constexpr size_t kStatusCodes = 17;

// The calls of one method.
struct MethodMetrics {
  std::string path;      // "/package.Service/Method"
  uint64_t started = 0;  // that began: those that were refused before are none
  // By absl::StatusCode. At a channel a reply that is no valid message, which its caller sees as INTERNAL, may count as OK:
  // small ones are parsed when they are handed over, and by then the call has ended.
  std::array<uint64_t, kStatusCodes> ended{};
  uint64_t messages_in = 0;  // received, and sent; of streams each one
  uint64_t messages_out = 0;
  uint64_t bytes_in = 0;  // of these messages and what came beside them, as they travelled
  uint64_t bytes_out = 0;
  // A server's: from the arrival of the call to its handler, from there to its answer, and both together.
  LatencyHistogram queue;
  LatencyHistogram handler;
  // A channel's: from when the call was made to when its end was there, all attempts included.
  LatencyHistogram total;

  uint64_t ended_total() const;
  uint64_t ended_with(absl::StatusCode code) const {
    const auto at = static_cast<size_t>(code);
    return ended[at < kStatusCodes ? at : kStatusCodes - 1];
  }
  uint64_t in_flight() const;
  void Merge(const MethodMetrics& other);
};

// What a server has refused, given up or closed, and why.
enum class ServerLimit : uint8_t {
  // Calls that did not begin.
  kUnknownMethod,
  kDeadlinePassed,     // before the call could begin
  kConcurrency,        // ServerOptions::concurrency
  kMethodConcurrency,  // ServiceOptions::concurrency
  kStreams,            // ConnectionLimits::streams_max
  kMetadataBytes,      // ConnectionLimits::metadata_bytes_max; or, behind the handler, the client's
  kHandlerQueue,       // ServerOptions::handler_queue_max, or it would have to wait for too long
  kDraining,           // the server shuts down, or the connection does
  // Calls that were ended.
  kWorkerQueue,    // RuntimeOptions::worker_queue_max
  kBytesInFlight,  // ConnectionLimits::bytes_in_flight_max, RuntimeOptions::bytes_in_flight_max
  kMessageBytes,   // ConnectionLimits::message_bytes_max, or the client's for replies
  // Connections that were turned away or closed.
  kConnections,         // ServerOptions::connections_max
  kConnectionsPerPeer,  // ServerOptions::connections_per_peer_max
  kHandshakeTimeout,    // ServerOptions::handshake_timeout
  kUnknownProtocol,
  kProtocolError,
  kControlFrames,  // ConnectionLimits::control_frames_max
  kPings,          // ConnectionLimits::ping_interval_min
  kPingTimeout,    // ConnectionLimits::ping_timeout
  kWriteStall,     // ConnectionLimits::write_stall_timeout
  kIdleTimeout,    // ConnectionLimits::idle_timeout
  kMaxAge,         // ConnectionLimits::max_age
  kMaxAgeGrace,    // ConnectionLimits::max_age_grace
};
inline constexpr size_t kServerLimits = static_cast<size_t>(ServerLimit::kMaxAgeGrace) + 1;
// "concurrency", "connections_per_peer": as labels say it.
std::string_view ServerLimitName(ServerLimit limit);
// "call", "connection": what of.
std::string_view ServerLimitKind(ServerLimit limit);

// A server's part on one loop.
struct LoopMetrics {
  absl::Duration age;        // since the server has this loop
  absl::Duration idle;       // of that, how long it waited for events; the rest it was busy
  uint64_t stalls = 0;       // handlers that held it for longer than ServerOptions::watchdog_limit
  uint64_t connections = 0;  // now
  uint64_t calls_in_flight = 0;  // now

  // From 0 to 1: of all the time, and of that between two snapshots, `before` the earlier one.
  double BusyShare() const;
  double BusyShare(const LoopMetrics& before) const;
};

// A connection, as its server (Server::Connections) or its client (Channel::Connections) sees it.
struct ConnectionMetrics {
  uint64_t id = 0;  // rises with time (a server's: on each loop); never used again
  Address peer;
  Address local;
  std::string protocol;  // "dialtone/1", "in-process"
  absl::Duration age;
  uint32_t calls_in_flight = 0;
  uint64_t bytes_in = 0;  // on the wire
  uint64_t bytes_out = 0;
  std::optional<TcpInfo> tcp;  // the kernel's own view; nothing where it is no TCP connection
};

struct ServerMetrics {
  bool serving = false;                // as the health service says of the server as a whole
  absl::Duration age;                  // since it was started
  std::vector<MethodMetrics> methods;  // by path; those that were called
  std::vector<LoopMetrics> loops;
  std::array<uint64_t, kServerLimits> limits{};  // how often each was reached
  uint64_t connections = 0;                      // now
  uint64_t connections_accepted = 0;             // those that were turned away are none
  uint64_t bytes_held = 0;  // now, for peers: against RuntimeOptions::bytes_in_flight_max

  uint64_t reached(ServerLimit limit) const { return limits[static_cast<size_t>(limit)]; }
  // Null: it was not called.
  const MethodMetrics* Find(std::string_view path) const;
  // Of another server, or of the same program elsewhere: loops are put together.
  void Merge(const ServerMetrics& other);
};

// How a channel's connection has ended.
enum class ConnectionEnd : uint8_t {
  kLost,     // reset, closed or broken by its server or the way to it, or given up as such
  kDrained,  // its server has said that it takes no more calls
  kClosed,  // by this side: it was idle, its server is the target's no more, the channel was destroyed
};
inline constexpr size_t kConnectionEnds = static_cast<size_t>(ConnectionEnd::kClosed) + 1;
// "lost", "drained", "closed": as labels say it.
std::string_view ConnectionEndName(ConnectionEnd end);

// A channel's calls that were sent more than once are in ChannelStats.
struct ChannelMetrics {
  std::vector<MethodMetrics> methods;  // by path; those that were called
  uint64_t connects = 0;               // attempts to connect that were begun
  // Of those the ones that came to nothing; not those that were given up, as another address was faster.
  uint64_t connects_failed = 0;
  uint64_t connections_made = 0;  // attempts whose byte stream came to stand
  std::array<uint64_t, kConnectionEnds> connections_closed{};  // of these, by ConnectionEnd
  uint64_t connections = 0;                                    // now

  uint64_t closed_by(ConnectionEnd end) const {
    return connections_closed[static_cast<size_t>(end)];
  }
  const MethodMetrics* Find(std::string_view path) const;
  void Merge(const ChannelMetrics& other);
};

}  // namespace dialtone
