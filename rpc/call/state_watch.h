// One function that is told of a channel's states. Internal to rpc/.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "delivery_scope.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/transport/mutex.h"
#include "guarded.h"

namespace dialtone::internal {

// Thread-safe. Shared by the user's handle and the notifications on their way.
class StateWatch {
 public:
  explicit StateWatch(absl::AnyInvocable<void(ChannelState)> function)
      : function_(std::move(function)) {}

  // Has `watch` told, on `loop`.
  static void Post(Loop& loop, std::shared_ptr<StateWatch> watch, uint64_t number,
                   ChannelState state) {
    loop.Defer([&loop, watch = std::move(watch), number, state]() mutable {
      DeliveryScope delivering(loop);
      // The last reference, it may be: what the function has captured goes within the scope.
      const std::shared_ptr<StateWatch> told = std::move(watch);
      told->Notify(number, state);
    });
  }
  // One at a time. Of two that have overtaken each other the one with the lower number is not told.
  void Notify(uint64_t number, ChannelState state) {
    MutexLock lock(running_);
    if (stopped_.load(std::memory_order_acquire) || number <= last_number_) return;
    last_number_ = number;
    runner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    // The analysis does not know that it is run at once.
    RunUsers("a function that watches a channel",
             [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS { function_(state); });
    runner_.store(std::thread::id(), std::memory_order_relaxed);
  }
  // No call to the function begins after this; one that runs on another thread is waited for.
  void Stop() {
    stopped_.store(true, std::memory_order_release);
    if (runner_.load(std::memory_order_relaxed) == std::this_thread::get_id())
      return;  // from within itself
    MutexLock lock(running_);
  }

 private:
  std::atomic<bool> stopped_{false};
  std::atomic<std::thread::id> runner_{};
  Mutex running_;
  uint64_t last_number_ ABSL_GUARDED_BY(running_) = 0;
  absl::AnyInvocable<void(ChannelState)> function_ ABSL_GUARDED_BY(running_);
};

}  // namespace dialtone::internal
