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
#include "dialtone/transport/mutex.h"
#include "dialtone/transport/network.h"

namespace dialtone::load {

// Run() is called by one thread, which is no reactor; the calls may end on any.
class OpenLoop final : private internal::CallSink {
 public:
  // More calls than `in_flight_max` under way are not begun: they count as errors, NOT_BEGUN.
  OpenLoop(CallSource& source, Recorder& recorder, const Schedule& schedule, size_t in_flight_max);
  OpenLoop(const OpenLoop&) = delete;
  OpenLoop& operator=(const OpenLoop&) = delete;

  // Begins calls until `until` (of NowNanoseconds()), then blocks until the last one has ended.
  void Run(Network& network, int64_t until);

 private:
  void OnAnswered(internal::CallSlot& slot) override;
  void OnFailed(internal::CallSlot& slot, std::string_view status) override;
  void Begin(int64_t id, int64_t due);
  void Free(internal::CallSlot& slot) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  CallSource& source_;
  const Schedule schedule_;
  std::vector<internal::CallSlot> slots_;

  Mutex mutex_;
  Recorder& recorder_ ABSL_GUARDED_BY(mutex_);
  std::vector<internal::CallSlot*> free_ ABSL_GUARDED_BY(mutex_);
  CondVar all_free_;
};

}  // namespace dialtone::load
