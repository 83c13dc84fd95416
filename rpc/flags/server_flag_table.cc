// Every option that a server's program can be given. A test compares this table with the fields of
// the structs: a new option needs a row here, or a reason there
// (tests/rpc/flags/every_option_test.py).
#include "server_flag_table.h"

#include <limits>

namespace dialtone::flags {
namespace {

// More than any machine has processors. Each takes two descriptors.
constexpr int kReactorsMax = 1024;
constexpr int kWorkerThreadsMax = 10'000;
constexpr int kIntMax = std::numeric_limits<int>::max();

}  // namespace

void AddServerFlags(Flags& flags, ServerFlagValues& values) {
  ServerOptions& server = values.server;
  RuntimeOptions& runtime = values.runtime;
  // Of an int also the least and the largest value.
  const auto row = [&flags](std::string_view name, auto& target, std::string_view help,
                            auto... range) { flags.Add(name, target, help, range...); };
  row("listen", values.listen,
      "where to listen: 127.0.0.1:7000, [::1]:7000, 0.0.0.0:0, unix:/tmp/x.sock; port 0 picks a "
      "free one");

  // A server's life.
  row("drain-timeout", server.drain_timeout, "what SIGTERM and SIGINT leave to calls under way");
  row("health", server.health, "whether to answer grpc.health.v1.Health");
  row("reflection", server.reflection,
      "whether to tell what services there are, by grpc.reflection.v1.ServerReflection");
  row("metrics", server.metrics, "whether to count calls and measure how long they take");
  row("admin-listen", values.admin_listen,
      "where Prometheus finds /metrics and a balancer /healthz: 127.0.0.1:9464; empty: nowhere");
  row("stats", values.stats,
      "whether to answer dialtone.stats.v1.Stats: counters, and who is connected");
  row("watchdog-limit", server.watchdog_limit,
      "handlers that hold their reactor longer are logged; 0: none");

  // How many, and how much.
  row("connections-max", server.connections_max,
      "connections at a time; 0: by the memory and the descriptors there are");
  row("connections-per-peer-max", server.connections_per_peer_max,
      "from one address; 0: three quarters of --connections-max");
  row("connections-awake-max", server.connections_awake_max,
      "silent ones on a reactor that keep what the next call needs");
  row("concurrency", server.concurrency.mode, "whether calls at a time are limited, and how");
  row("concurrency-max", server.concurrency.calls_max, "calls at a time, at most");
  row("concurrency-min", server.concurrency.calls_min,
      "adaptive: the limit does not shrink below this");
  row("concurrency-initial", server.concurrency.calls_initial, "adaptive: the limit at first");
  row("concurrency-tolerance", server.concurrency.tolerance,
      "adaptive: how many times longer than without load calls may take");
  row("concurrency-window", server.concurrency.window, "adaptive: how often the limit is changed");
  row("concurrency-window-calls", server.concurrency.window_calls,
      "adaptive: calls that must have ended for that");
  row("concurrency-remeasure", server.concurrency.remeasure,
      "adaptive: how often the time without load is measured");

  row("slow-handler", server.slow_handler,
      "methods whose handlers hold a reactor for so long take turns with reading");
  row("handler-queue-max", server.handler_queue_max,
      "calls of slow handlers that wait for their turn on a reactor");

  // A connection.
  row("handshake-timeout", server.handshake_timeout,
      "from accepting a connection to the first bytes that show its protocol");
  row("streams-max", server.limits.streams_max, "calls at a time on a connection");
  row("methods-max", server.limits.methods_max, "names of methods that a connection remembers");
  row("metadata-bytes-max", server.limits.metadata_bytes_max, "metadata of a call, one way");
  row("message-bytes-max", server.limits.message_bytes_max, "a message that is received");
  row("accept-compressed", server.limits.accept_compressed,
      "whether clients may send compressed messages");
  row("stream-window-bytes", server.limits.stream_window_bytes,
      "what a client may send ahead in one call");
  row("connection-window-bytes", server.limits.connection_window_bytes,
      "what a client may send ahead on a connection");
  row("window-bytes-max", server.limits.window_bytes_max,
      "to what both may grow for a far client that sends much");
  row("connection-bytes-in-flight-max", server.limits.bytes_in_flight_max,
      "what is held for the client of one connection");
  row("write-queue-bytes-max", server.limits.write_queue_bytes_max,
      "unread replies above which a client's requests are no longer read");
  row("control-frames-max", server.limits.control_frames_max,
      "frames without a call that a client may send in a second");
  row("idle-timeout", server.limits.idle_timeout, "for connections without calls; inf: none");
  row("max-age", server.limits.max_age,
      "after which a connection is told to go, give or take a tenth; inf: never");
  row("max-age-grace", server.limits.max_age_grace, "what that leaves to calls under way");
  row("ping-interval", server.limits.ping_interval,
      "silence during calls after which a client is asked for an answer; inf: never");
  row("ping-timeout", server.limits.ping_timeout,
      "how long that answer may take until the connection is lost");
  row("ping-without-calls", server.limits.ping_without_calls,
      "whether to ask while no call is under way, too");
  row("ping-interval-min", server.limits.ping_interval_min,
      "clients that ask more often are closed; 0: none are");
  row("write-stall-timeout", server.limits.write_stall_timeout,
      "for connections that take no byte; inf: none");
  row("goodbye-timeout", server.limits.goodbye_timeout,
      "each wait for the client while a connection is closed");

  // Compression.
  row("compression", server.compression.algorithm, "how replies are compressed");
  row("compression-bytes-min", server.compression.bytes_min, "smaller replies are not compressed");
  row("gzip-level", server.compression.gzip_level, "1 is the fastest, 9 the smallest", 1, 9);
  row("zstd-level", server.compression.zstd_level, "1 is the fastest, 22 the smallest", 1, 22);

  // Sockets.
  row("listen-backlog", server.listen.backlog, "connections that the kernel holds until accepted",
      1, kIntMax);
  row("accept-rest", server.listen.accept_rest, "rest after running out of descriptors");
  row("tcp-no-delay", server.listen.stream.no_delay, "whether small writes leave at once");
  row("keepalive-idle", server.listen.stream.keepalive_idle,
      "silence before the kernel probes a connection; 0: no probes");
  row("keepalive-interval", server.listen.stream.keepalive_interval, "between two probes");
  row("keepalive-probes", server.listen.stream.keepalive_probes,
      "probes without an answer until a connection is lost", 1, 127);
  row("unacknowledged-timeout", server.listen.stream.unacknowledged_timeout,
      "how long written bytes may stay unacknowledged; 0: as long as the kernel likes");
  row("unsent-bytes-max", server.listen.stream.unsent_bytes_max,
      "written bytes that the kernel takes before it can send them; 0: as many as it likes");

  // Threads and memory.
  row("reactors", runtime.reactors, "threads that serve; 0: one for each usable processor", 0,
      kReactorsMax);
  row("worker-threads", runtime.worker_threads, "threads for handlers that block", 1,
      kWorkerThreadsMax);
  row("worker-queue-max", runtime.worker_queue_max, "calls that wait for such a thread");
  row("bytes-in-flight-max", runtime.bytes_in_flight_max,
      "what all connections hold for their clients; 0: a quarter of the memory, at most 1GiB");

  // The log, on stderr.
  row("log-level", values.log_level, "what to log: debug, info, warning or error, and above");
  row("log-format", values.log_format, "text or json");
  row("log-repeats-max", values.log_repeats_max, "lines a second of each kind that peers can cause",
      0, kIntMax);
}

}  // namespace dialtone::flags
