// An open loop: calls begin when their schedule says, however those before them fare, and their latency
// counts from then.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "dialtone/load/calls.h"
#include "dialtone/load/schedule.h"
#include "dialtone/load/window.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/mutex.h"
#include "dialtone/transport/network.h"

namespace dialtone::load {

// Run() is called by one thread, which is no reactor; the calls may end on any. The network's clock is
// the one that times, so that time may be virtual; sockets' is that of NowNanoseconds().
class OpenLoop final : private internal::CallSink {
 public:
  // More calls than `in_flight_max` under way are not begun: they count as errors, NOT_BEGUN.
  OpenLoop(Network& network, CallSource& source, Recorder& recorder, const Schedule& schedule,
           size_t in_flight_max);
  OpenLoop(const OpenLoop&) = delete;
  OpenLoop& operator=(const OpenLoop&) = delete;

  // Begins the calls that are due before `until`, then blocks until the last one has ended. None begins after `until`: where
  // calls are due faster than they can be begun, those that are far behind by then count as errors, NOT_BEGUN.
  void Run(int64_t until);
  // Any thread, once: Run() begins no more.
  void Stop() { stopped_.Set(); }

 private:
  void OnAnswered(internal::CallSlot& slot) override;
  void OnFailed(internal::CallSlot& slot, std::string_view status) override;
  int64_t Now() const { return network_.Now().nanoseconds(); }
  void Begin(int64_t id, int64_t due);
  // How many calls are due in so many nanoseconds from the first.
  int64_t CallsWithin(int64_t nanoseconds) const;
  // None of those from that one on begins any more: `until` has passed.
  void GiveUpFrom(int64_t id, int64_t begin, int64_t until);
  // True: it was the last one.
  bool Free(internal::CallSlot& slot) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool AllHaveEnded();

  Network& network_;
  CallSource& source_;
  const Schedule schedule_;
  std::vector<internal::CallSlot> slots_;

  Mutex mutex_;
  Recorder& recorder_ ABSL_GUARDED_BY(mutex_);
  std::vector<internal::CallSlot*> free_ ABSL_GUARDED_BY(mutex_);
  bool all_begun_ ABSL_GUARDED_BY(mutex_) = false;
  Event all_ended_;
  Event stopped_;
};

}  // namespace dialtone::load
