// A proxy on real sockets between a client and a server: slices, delays, corrupts, stalls and cuts
// what passes.
//
//   Proxy proxy(server_address);
//   proxy.Set({.slice_bytes = 1});
//   Channel channel(proxy.address().ToString());
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/mutex.h"

namespace dialtone::faults {

// What is done to bytes on their way, in both directions. Zeros: nothing.
struct ProxyRules {
  size_t slice_bytes = 0;       // at most so many in one write
  absl::Duration delay;         // before each write
  uint32_t corrupt_one_in = 0;  // so many bytes, on average, have a bit turned over
  // How many bytes pass unharmed first: so a preface can stay whole.
  size_t corrupt_after = 0;
  bool stall = false;  // nothing passes; what is written to the proxy is not even read
};

// A thread with poll(); any thread may call. Everything is closed when it is destroyed.
class Proxy {
 public:
  explicit Proxy(const Address& server, uint64_t seed = 1);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  const Address& address() const { return address_; }
  // Returns when they hold for every byte that has not passed yet.
  void Set(const ProxyRules& rules);
  // Resets all connections, both sides of each.
  void Cut() { cut_ = true; }

  uint64_t connections() const { return connections_; }
  uint64_t corrupted() const { return corrupted_; }
  uint64_t bytes() const { return bytes_; }

 private:
  struct Way;
  struct Link;

  void Run();
  void Accept();
  // False: the link is over.
  bool Move(Link& link, const ProxyRules& rules);
  bool MoveOneWay(Way& way, const ProxyRules& rules);
  // Those that hold for the thread's next turn.
  ProxyRules TakeRules();
  uint64_t Random();

  const Address server_;
  Address address_;
  int listener_ = -1;
  Mutex mutex_;
  ProxyRules rules_ ABSL_GUARDED_BY(mutex_);
  uint64_t rules_set_ ABSL_GUARDED_BY(mutex_) = 0;  // how often
  std::atomic<uint64_t> rules_taken_{0};            // which of them the thread goes by
  std::atomic<bool> done_{false};
  std::atomic<bool> cut_{false};
  std::atomic<uint64_t> connections_{0};
  std::atomic<uint64_t> corrupted_{0};
  std::atomic<uint64_t> bytes_{0};
  uint64_t random_;
  std::vector<std::unique_ptr<Link>> links_;  // the thread's
  std::thread thread_;
};

}  // namespace dialtone::faults
