#include "dialtone/load/open_loop.h"

#include "absl/time/time.h"
#include "dialtone/load/clock.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/instant.h"

namespace dialtone::load {

OpenLoop::OpenLoop(CallSource& source, Recorder& recorder, const Schedule& schedule,
                   size_t in_flight_max)
    : source_(source), schedule_(schedule), slots_(in_flight_max), recorder_(recorder) {
  free_.reserve(slots_.size());
  for (internal::CallSlot& slot : slots_) {
    slot.sink = this;
    free_.push_back(&slot);
  }
}

void OpenLoop::Run(Network& network, int64_t until) {
  Event never;
  const int64_t begin = NowNanoseconds();
  int64_t now = begin;
  for (int64_t id = 0;; ++id) {
    const int64_t due = begin + schedule_.DueNanoseconds(id);
    if (due >= until) break;
    if (due > now) {
      // What is due within the time that it takes to wake up is begun together.
      network.Wait(never, network.Now() + absl::Nanoseconds(due - now));
      now = NowNanoseconds();
    }
    Begin(id, due);
  }
  MutexLock lock(mutex_);
  while (free_.size() < slots_.size()) all_free_.Wait(mutex_);
}

void OpenLoop::Begin(int64_t id, int64_t due) {
  internal::CallSlot* slot = nullptr;
  {
    MutexLock lock(mutex_);
    if (free_.empty()) {
      recorder_.OnError("NOT_BEGUN", NowNanoseconds());
      return;
    }
    slot = free_.back();
    free_.pop_back();
  }
  slot->id = id;
  slot->began = due;
  source_.Begin(id, CallEnd(*slot));
}

void OpenLoop::OnAnswered(internal::CallSlot& slot) {
  const int64_t now = NowNanoseconds();
  MutexLock lock(mutex_);
  recorder_.OnReply(slot.began, now);
  Free(slot);
}

void OpenLoop::OnFailed(internal::CallSlot& slot, std::string_view status) {
  const int64_t now = NowNanoseconds();
  MutexLock lock(mutex_);
  recorder_.OnError(status, now);
  Free(slot);
}

void OpenLoop::Free(internal::CallSlot& slot) {
  free_.push_back(&slot);
  if (free_.size() == slots_.size()) all_free_.NotifyOne();
}

}  // namespace dialtone::load
