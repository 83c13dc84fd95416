// Threads and loops that servers and channels share: reactors, caller loops, workers. One default
// runtime per process is made at first use and lives for ever; a program that wants it otherwise
// makes its own and passes it to the constructors.
//
// The first one has Protobuf's own log lines go to Log() (transport/log.h), a few a second: a peer can
// cause one with each text that is no UTF-8, and Protobuf writes them to stderr, where it waits. A
// handler that the program has set with google::protobuf::SetLogHandler stays, and one that it sets
// later replaces this. From version 22 on Protobuf logs by Abseil, and is left alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "dialtone/rpc/byte_budget.h"
#include "dialtone/transport/mutex.h"
#include "dialtone/transport/network.h"

namespace dialtone {

struct RuntimeOptions {
  RuntimeOptions() = default;

  // 0: one for each processor that the process may really use (affinity and cgroup quota count).
  int reactors = 0;
  // Threads that run what may block: services added to run on workers, OnWorkers().
  int worker_threads = 16;
  // Work waiting for such a thread; more is refused with RESOURCE_EXHAUSTED. As many large messages may
  // wait to be parsed; more are parsed where they are. While more than
  // Workers::kFairPerThread for each thread wait, the newest goes first.
  size_t worker_queue_max = 10'000;
  // What all connections hold for their peers, and calls that wait for a worker thread; see
  // ConnectionLimits::bytes_in_flight_max. Above it the connection or call that wants more gives up
  // its newest call with RESOURCE_EXHAUSTED; so does a connection that would hold more than it leaves
  // for all others. 0: a quarter of the memory that the process may use
  // (cgroup limits count), at most 1 GiB.
  uint64_t bytes_in_flight_max = 0;
};

// Thread-safe. Outlives the servers and channels that use it (checked), and their calls and whoever waits
// for them: a channel that is destroyed ends its calls, but a thread that was waiting may need a moment to be
// out of Wait(). Starts a thread only when it is needed.
//
// A child that fork() has made is to call nothing but exec() or _exit(): it has none of the threads, and its
// sockets are its parent's, which a channel's or server's destructor would take away from that.
class Runtime {
 public:
  explicit Runtime(const RuntimeOptions& options = RuntimeOptions());
  // On a network of the caller's, such as a simulated one.
  explicit Runtime(Network& network, const RuntimeOptions& options = RuntimeOptions());
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  static Runtime& Default();
  // What the default runtime is made with. FAILED_PRECONDITION once it has been made.
  static absl::Status ConfigureDefault(const RuntimeOptions& options);

  Network& network() const { return *network_; }
  // The reactors, started by the first call.
  std::vector<Loop*> reactors();
  // Where handlers and OnWorkers() may block.
  Workers& workers();
  // Where large messages are serialised, packed and parsed: work of the framework's own, which ends by
  // itself, so that no number of blocked handlers holds it up. As many threads as reactors.
  Workers& message_workers();
  // Bytes that connections hold for their peers, against RuntimeOptions::bytes_in_flight_max.
  ByteBudget& bytes_in_flight() { return bytes_in_flight_; }
  // Where servers watch over handlers from; started by the first call.
  Loop& watchdog_loop();
  // A caller loop for a channel, and back: loops are used again.
  Loop& AcquireCallerLoop();
  void ReleaseCallerLoop(Loop& loop);
  // Channels whose destructor did not wait for their end (+1), until that has come (-1): this
  // runtime waits for it.
  void CountClosing(int delta);

 private:
  void WaitForClosing();
  int reactor_count() const;

  const RuntimeOptions options_;
  ByteBudget bytes_in_flight_;
  std::unique_ptr<Network> owned_network_;
  Network* network_;

  Mutex mutex_;
  std::vector<std::unique_ptr<Loop>> owned_loops_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Loop> watchdog_loop_ ABSL_GUARDED_BY(mutex_);
  std::vector<Loop*> reactors_ ABSL_GUARDED_BY(mutex_);
  std::vector<Loop*> idle_caller_loops_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Workers> workers_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Workers> message_workers_ ABSL_GUARDED_BY(mutex_);
  size_t caller_loops_in_use_ ABSL_GUARDED_BY(mutex_) = 0;
  int channels_closing_ ABSL_GUARDED_BY(mutex_) = 0;
  Event* all_closed_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace dialtone
