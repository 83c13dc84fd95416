// What stands behind a Channel: its target and options, and a part on each loop that calls are made
// on. Internal to rpc/.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "call_counters.h"
#include "channel_loop_counters.h"
#include "connection_info.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/mutex.h"
#include "discovery.h"
#include "endpoint.h"
#include "loop_channel.h"
#include "packing.h"

namespace dialtone::internal {

class StateWatch;

// Thread-safe. Shared (not owned by the Channel alone) because a channel that is destroyed from
// within one of its own callbacks does not wait for its loops, which still have to end its calls.
class ChannelCore final : public std::enable_shared_from_this<ChannelCore> {
 public:
  // `server`: null, or where all calls go whatever the target says.
  static std::shared_ptr<ChannelCore> Make(std::string target, const ChannelOptions& options,
                                           std::shared_ptr<const Endpoint> server = nullptr);
  // For Make().
  ChannelCore(std::string target, std::shared_ptr<const ChannelOptions> options,
              const std::shared_ptr<const Endpoint>& server);
  ~ChannelCore();

  const std::string& target() const { return target_; }
  const ChannelOptions& options() const { return *options_; }
  // ChannelOptions::default_timeout, converted.
  int64_t default_timeout_ns() const { return default_timeout_ns_; }
  Runtime& runtime() const { return runtime_; }
  Discovery& discovery() const { return *discovery_; }
  // How a call's messages are packed; `chosen`: what the call itself says.
  PackingPlan PackingFor(const Method& method, const std::optional<Compression>& chosen) const {
    if (!chosen.has_value() && options_->methods.empty()) [[likely]] {
      return packing_;
    }
    return FindPacking(method, chosen);
  }
  // Whether some server of this channel has said that it unpacks this: then it is worth to pack
  // messages before it is known who gets them. Any thread.
  bool MayUnpack(Compression algorithm) const { return compressions_seen().has(algorithm); }
  CompressionSet compressions_seen() const {
    return compressions_seen_.load(std::memory_order_relaxed);
  }
  void NoteCompressions(const CompressionSet& compressions) {
    if (!compressions.empty()) compressions_seen_.store(compressions, std::memory_order_relaxed);
  }

  // This thread's reactor; for other threads the caller loop.
  Loop& LoopForThisThread();
  // Under the lead of `loop`. Made at first use; null once the channel was closed there.
  LoopChannel* PartOn(Loop& loop);
  // Ends all calls; blocks until their callbacks have run if `wait`.
  void Close(bool wait);

  ChannelState state() const;
  ChannelStats stats() const;
  ChannelMetrics Metrics() const;
  std::vector<ConnectionMetrics> Connections();
  // From 1. Any thread.
  uint64_t NextConnectionNumber() {
    return connections_begun_.fetch_add(1, std::memory_order_relaxed) + 1;
  }
  // Some observer wants ClientObserver::OnWritten().
  bool tells_written() const { return tells_written_; }
  // By the part on `loop`.
  void PublishState(Loop& loop, ChannelState state);
  std::unique_ptr<Channel::Watch> Watch(absl::AnyInvocable<void(ChannelState)> function);
  // Connects, and drives the caller loop until the channel is ready or `until` has come (false).
  bool WaitUntilReady(Instant until);
  // Begins to connect from this thread's loop.
  void Connect();

 private:
  PackingPlan FindPacking(const Method& method, const std::optional<Compression>& chosen) const;
  // Hands every part the latest resolution.
  void OnDiscovery();
  Loop& caller_loop();
  void ReleaseCallerLoop();
  // Null if the channel has no part there.
  ChannelState* StateOn(const Loop* loop) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ClosePart(Loop& loop);
  void OnPartClosed();
  // Waits for another state than `from`; returns the state.
  ChannelState WaitForChange(ChannelState from, Instant until);

  const std::string target_;
  const std::shared_ptr<const ChannelOptions> options_;  // shared with the discovery
  const int64_t default_timeout_ns_;
  const PackingPlan packing_;  // where nothing else was chosen
  const bool tells_written_;
  Runtime& runtime_;
  const std::shared_ptr<Discovery> discovery_;  // shared with questions under way

  std::atomic<uint64_t> connections_begun_{0};
  std::atomic<Loop*> caller_loop_{nullptr};  // set once, under mutex_
  // A hint, which no other memory depends on: the last server's.
  std::atomic<CompressionSet> compressions_seen_{CompressionSet()};

  mutable Mutex mutex_;
  std::vector<std::pair<Loop*, ChannelState>> parts_ ABSL_GUARDED_BY(mutex_);  // oldest first
  ChannelState state_ ABSL_GUARDED_BY(mutex_) = ChannelState::kIdle;
  uint64_t state_number_ ABSL_GUARDED_BY(mutex_) = 0;  // of the last that watches were told of
  // Of all parts, those that are closed too.
  std::vector<std::shared_ptr<const CallCounters>> counters_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<const ChannelLoopCounters>> methods_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::weak_ptr<StateWatch>> watches_ ABSL_GUARDED_BY(mutex_);
  std::vector<Event*> change_waiters_ ABSL_GUARDED_BY(mutex_);  // set at the next change

  std::atomic<size_t> parts_open_{0};  // while closing
  bool abandoned_ = false;             // closed without waiting; constant from then on
  Event all_closed_;
};

}  // namespace dialtone::internal
