// Notices handlers that hold their reactor: while they do, from a loop of its own, and exactly when
// they have let go. Internal to rpc/.
//
// A handler's run costs two stores and two loads of what its reactor has in its cache already; no
// clock is read. The watchdog looks at all reactors twice in the time that a handler may take.
// When a look shows that nothing has run since the one before, it sleeps without a timer, and the
// next run wakes it: an idle server does not wake at all.
//
//            OnWake                  nothing ran
//   parked ─────────▶ watching ─────────────────▶ parked, with a last look
//                        ▲                            │ something ran unseen
//                        └────────────────────────────┘
//
// The last look is for a run that began while the watchdog parked: neither may have seen the other.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "dialtone/rpc/method.h"
#include "dialtone/transport/instant.h"
#include "dialtone/transport/loop.h"
#include "event_count.h"

namespace dialtone::internal {

// Shared with what is posted to its loop.
class Watchdog final : public std::enable_shared_from_this<Watchdog> {
 public:
  // What one reactor says of itself.
  class alignas(64) Slot {
   public:
    explicit Slot(Watchdog& watchdog) : watchdog_(watchdog) {}

    // By the reactor, around handler code. Nests: then the outer one counts as ended with the inner
    // one.
    void Begin(const Method& method) {
      run_.store(run_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      method_.store(&method, std::memory_order_release);
      if (watchdog_.state_.load(std::memory_order_relaxed) == State::kParked) watchdog_.Wake();
    }
    void End(const Method& method, Loop& loop) {
      method_.store(nullptr, std::memory_order_relaxed);
      if (seen_run_.load(std::memory_order_acquire) == run_.load(std::memory_order_relaxed))
        watchdog_.TellEnded(*this, method, loop.Now());
    }

    // Any thread: how many runs have been longer than the limit.
    uint64_t stalls() const { return told_.value() + told_late_.value(); }

   private:
    friend class Watchdog;

    Watchdog& watchdog_;
    // Written by the reactor. Methods have static storage.
    std::atomic<uint64_t> run_{0};
    std::atomic<const Method*> method_{nullptr};  // null: no handler runs
    EventCount told_late_;                        // of runs that had ended before they were told of
    // Written by the watchdog.
    std::atomic<int64_t> seen_at_{0};
    std::atomic<uint64_t> seen_run_{0};  // the last that was found under way
    uint64_t last_run_ = 0;              // at the last look
    std::atomic<uint64_t> told_run_{0};  // the last that was told of
    EventCount told_;                    // of runs under way
    Instant tell_at_;
  };

  // `limit` is more than zero.
  Watchdog(Loop& loop, absl::Duration limit, size_t reactors);

  Slot& slot(size_t reactor) { return *slots_[reactor]; }
  // Any thread, once no handler runs any more: lets go of its loop.
  void Stop();

 private:
  enum class State { kParked, kWoken, kWatching };

  void Wake();
  void OnWake();
  void OnTick();
  // True: something has run since the last look, or does.
  bool Look();
  bool LookAt(Slot& slot, Instant now);
  void TellHolding(Slot& slot, const Method& method, absl::Duration held);
  void TellEnded(Slot& slot, const Method& method, Instant now);

  Loop& loop_;
  const absl::Duration limit_;
  const absl::Duration period_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::atomic<State> state_{State::kParked};
  MemberWork<&Watchdog::OnWake> wake_{*this};
  MemberTimer<&Watchdog::OnTick> tick_{*this};
};

}  // namespace dialtone::internal
