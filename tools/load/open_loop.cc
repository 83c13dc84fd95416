#include "dialtone/load/open_loop.h"

#include <algorithm>

#include "absl/time/time.h"
#include "dialtone/transport/instant.h"

namespace dialtone::load {
namespace {

// A call that is behind by less at the end is not missed: threads do not run at every instant.
constexpr int64_t kBehindNanoseconds = 200'000'000;
constexpr int64_t kCallsMax = int64_t{1} << 62;

}  // namespace

OpenLoop::OpenLoop(Network& network, CallSource& source, Recorder& recorder,
                   const Schedule& schedule, size_t in_flight_max)
    : network_(network),
      source_(source),
      schedule_(schedule),
      slots_(in_flight_max),
      recorder_(recorder) {
  free_.reserve(slots_.size());
  for (internal::CallSlot& slot : slots_) {
    slot.sink = this;
    free_.push_back(&slot);
  }
}

void OpenLoop::Run(int64_t until) {
  const int64_t begin = Now();
  int64_t now = begin;
  for (int64_t id = 0;; ++id) {
    const int64_t due = begin + schedule_.DueNanoseconds(id);
    if (due >= until || stopped_.is_set()) break;
    while (due > now && !stopped_.is_set()) {
      network_.Wait(stopped_, Instant::FromNanoseconds(due));
      now = Now();
    }
    if (due > now) break;
    if (now >= until) {
      GiveUpFrom(id, begin, until);
      break;
    }
    Begin(id, due);
    // Begun faster than they can be, all calls are due by any earlier look at the clock.
    now = Now();
  }
  if (!AllHaveEnded()) network_.Wait(all_ended_, Instant::Infinite());
}

int64_t OpenLoop::CallsWithin(int64_t nanoseconds) const {
  int64_t above = 1;
  while (above < kCallsMax && schedule_.DueNanoseconds(above) < nanoseconds) above *= 2;
  int64_t first = 0;  // the first that is due later is from here up to `above`
  while (first < above) {
    const int64_t middle = first + (above - first) / 2;
    if (schedule_.DueNanoseconds(middle) < nanoseconds) {
      first = middle + 1;
    } else {
      above = middle;
    }
  }
  return first;
}

void OpenLoop::GiveUpFrom(int64_t id, int64_t begin, int64_t until) {
  MutexLock lock(mutex_);
  const int64_t from = std::max(id, CallsWithin(recorder_.opens() - begin));
  const int64_t to = CallsWithin(until - kBehindNanoseconds - begin);
  if (to > from) recorder_.OnNotBegun(static_cast<uint64_t>(to - from));
}

bool OpenLoop::AllHaveEnded() {
  MutexLock lock(mutex_);
  all_begun_ = true;
  return free_.size() == slots_.size();
}

void OpenLoop::Begin(int64_t id, int64_t due) {
  internal::CallSlot* slot = nullptr;
  {
    MutexLock lock(mutex_);
    if (free_.empty()) {
      recorder_.OnError("NOT_BEGUN", Now());
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
  const int64_t now = Now();
  bool last = false;
  {
    MutexLock lock(mutex_);
    recorder_.OnReply(slot.began, now);
    last = Free(slot);
  }
  // After the lock is let go: whoever waits destroys it.
  if (last) all_ended_.Set();
}

void OpenLoop::OnFailed(internal::CallSlot& slot, std::string_view status) {
  const int64_t now = Now();
  bool last = false;
  {
    MutexLock lock(mutex_);
    recorder_.OnError(status, now);
    last = Free(slot);
  }
  if (last) all_ended_.Set();
}

bool OpenLoop::Free(internal::CallSlot& slot) {
  free_.push_back(&slot);
  return all_begun_ && free_.size() == slots_.size();
}

}  // namespace dialtone::load
