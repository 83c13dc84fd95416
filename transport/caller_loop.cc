#include "caller_loop.h"

#include <sched.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "dialtone/transport/check.h"
#include "socket_stream.h"

namespace dialtone {
namespace {

// How often work that was posted meanwhile keeps a thread from leaving the lead: then others take
// it over.
constexpr int kLeaveRoundsMax = 8;

// Of a thread that has no loop to lead meanwhile.
bool ParkUntil(Event& event, Instant until) {
  while (!event.is_set()) {
    const int64_t nanoseconds = until.infinite() ? -1 : SleepNanoseconds(MonotonicNow(), until);
    if (nanoseconds == 0) break;
    event.Park(nanoseconds);
  }
  return event.is_set();
}

}  // namespace

// Lets Event::Set() wake this thread from its sleep in epoll.
class CallerLoop::EventGuard final : public SleepGuard {
 public:
  explicit EventGuard(Event& event) : event_(event) {}
  bool Enter(Wakeup& wakeup) override { return event_.SetWaker(wakeup); }
  void Exit() override { event_.ClearWaker(); }

 private:
  Event& event_;
};

CallerLoop::CallerLoop(const std::string& name, absl::Duration linger)
    : EpollLoop(/*is_reactor=*/false, Inbox::State::kFree),
      name_(name),
      linger_(linger),
      background_wakeup_(Wakeup::Take()),
      background_(Sleeper::Take()),
      next_timer_nanoseconds_(Instant::Infinite().nanoseconds()),
      background_sleeps_until_(std::numeric_limits<int64_t>::min()) {}

CallerLoop::~CallerLoop() {
  DIALTONE_CHECK(Current() == nullptr, "a caller loop was destroyed by a thread that leads a loop");
  stopping_.store(true, std::memory_order_seq_cst);
  background_.Wake();
  std::thread background;
  {
    MutexLock lock(mutex_);
    background = std::move(background_thread_);
  }
  DIALTONE_CHECK(background.get_id() != std::this_thread::get_id(),
                 "a caller loop was destroyed by its own background thread");
  if (background.joinable()) background.join();
  do {
    DIALTONE_CHECK(TryLead(), "a caller loop was destroyed while a thread leads it");
    RunDown();
    SetCurrent(nullptr);
    inbox().ReleaseWithWork();
  } while (RunDeferred() || inbox().has_work());
  background_.GiveBack();
  background_wakeup_.GiveBack();
}

void CallerLoop::Post(Work& work) {
  const bool leading = IsLeading();
  if (!leading) EnsureBackground();
  Wakeup& waker = wakeup();
  Sleeper& background = background_;
  switch (inbox().Push(work)) {
    case Inbox::Met::kAwake:
      break;
    case Inbox::Met::kAsleep:
      waker.Wake();
      break;
    case Inbox::Met::kFree:
      background.Wake();
      break;
  }
}

void CallerLoop::PostBeforeLeading(Work& work) {
  const bool out = read_ahead().out();
  Wakeup& waker = wakeup();
  const Inbox::Met met = inbox().Push(work);
  if (met == Inbox::Met::kAsleep) waker.Wake();
  // Who reads alone would not look at it for some milliseconds.
  if (met == Inbox::Met::kFree && out && Current() == nullptr && TryLead()) Leave();
}

void CallerLoop::Defer(Work& work) {
  if (IsLeading() && background_leads_) return deferred_here_.PushBack(work);
  EnsureBackground();
  Sleeper& background = background_;
  {
    MutexLock lock(mutex_);
    deferred_.PushBack(work);
    deferred_count_.fetch_add(1, std::memory_order_seq_cst);
  }
  background.Wake();
}

bool CallerLoop::TryLead() {
  DIALTONE_CHECK(Current() == nullptr, "TryLead() on a thread that leads a loop");
  if (!inbox().TryAcquire()) return false;
  SetCurrent(this);
  return true;
}

void CallerLoop::Leave() {
  DIALTONE_CHECK(IsLeading(), "Leave() without the lead");
  generation_.fetch_add(1, std::memory_order_relaxed);
  LetGo();
}

void CallerLoop::LetGo() {
  bool watched = false;
  for (int round = 0;; ++round) {
    // What others must know is said last: what was posted may begin more.
    const bool unfinished = RunBatchEnd() || read_ahead().pending();
    unfinished_.store(unfinished, std::memory_order_relaxed);
    const int64_t next_timer_at = next_timer().nanoseconds();
    if (next_timer_nanoseconds_.load(std::memory_order_relaxed) != next_timer_at) {
      next_timer_nanoseconds_.store(next_timer_at, std::memory_order_relaxed);
    }
    watched = poller().watched() != 0 || !next_timer().infinite();
    SetCurrent(nullptr);
    if (inbox().Release()) break;
    if (round == kLeaveRoundsMax) {
      inbox().ReleaseWithWork();
      break;
    }
    SetCurrent(this);
    RunPosted();
  }
  if (watched) EnsureBackground();
  OfferLead();
}

void CallerLoop::OfferLead() {
  if (!inbox().free()) return;  // who took it offers it again
  if (read_ahead().out()) {
    if (reader_waits_.load(std::memory_order_seq_cst)) return reader_.Unpark();
  } else if (followers_.OfferLead()) {
    return;
  }
  if (MustLead()) {
    EnsureBackground();
    background_.Wake();
    return;
  }
  // One below the mark "until anybody leaves", which so is above every timer.
  const int64_t timer = std::min(next_timer_nanoseconds_.load(std::memory_order_relaxed),
                                 std::numeric_limits<int64_t>::max() - 1);
  if (timer < background_sleeps_until_.load(std::memory_order_seq_cst)) background_.Wake();
}

void CallerLoop::CountAttended(int delta) {
  const int before = attended_.fetch_add(delta, std::memory_order_seq_cst);
  DIALTONE_CHECK(before + delta >= 0, "Attend() counted below zero");
  if (before == 0 && delta > 0 && inbox().free()) {
    EnsureBackground();
    background_.Wake();
  } else if (before + delta == 0) {
    // It may sleep with the lead for what is no longer there.
    background_.WakeIfIn(wakeup());
  }
}

bool CallerLoop::Drive(Event& event, Instant until, bool for_input) {
  DIALTONE_CHECK(Current() == nullptr, "Drive() on a thread that leads a loop");
  if (background_of_ == nullptr || background_of_ == this)
    return DriveThis(event, until, for_input);
  return DriveBeside(*background_of_, event, until);
}

bool CallerLoop::DriveBeside(CallerLoop& own, Event& event, Instant until) {
  while (true) {
    own.DriveThis(event, Instant(), /*for_input=*/false);  // a turn that does not sleep
    const Instant look = Now() + kLookInterval;
    if (DriveThis(event, std::min(until, look), /*for_input=*/false)) return true;
    if (until <= look) return false;
  }
}

bool CallerLoop::WaitWithoutLoop(Event& event, Instant until) {
  CallerLoop* const own = background_of_;
  return own == nullptr ? ParkUntil(event, until) : own->Drive(event, until);
}

bool CallerLoop::DriveThis(Event& event, Instant until, bool for_input) {
  bool offered = false;
  bool look = inbox().has_work();
  while (!event.is_set()) {
    if ((look || !read_ahead().out()) && TryLead()) {
      if (!read_ahead().out()) {
        Lead(event, until, for_input);
        Leave();
        return event.is_set();
      }
      Turn(Now(), nullptr);
      LetGo();
    }
    look = true;
    // Whoever has taken it instead offers it again.
    offered = false;
    if (!Follow(event, until, offered)) break;
  }
  if (offered) OfferLead();
  return event.is_set();
}

void CallerLoop::Lead(Event& event, Instant until, bool for_input) {
  EventGuard guard(event);
  bool in_time = true;
  while (!event.is_set() && in_time) {
    // The last turn does not sleep: what arrived until `until` counts.
    in_time = until.infinite() || Now() < until;
    SocketStream* const stream = std::exchange(for_input, false) ? StreamToReadAlone() : nullptr;
    if (stream == nullptr || !ReadAlone(*stream)) Turn(until, &guard);
  }
}

// Null: others, or other streams, or timers may need somebody who leads.
SocketStream* CallerLoop::StreamToReadAlone() {
  SocketStream* const stream = poller().only_stream();
  if (stream == nullptr || !read_ahead().idle()) return nullptr;
  if (attended_.load(std::memory_order_relaxed) != 0 || followers_.any()) return nullptr;
  if (has_batch_end() || expects_posts() || background_of_ == this) return nullptr;
  const Instant timer = next_timer();
  if (!timer.infinite() && timer < Now() + ReadAhead::kBackWithin) return nullptr;
  return stream;
}

bool CallerLoop::ReadAlone(SocketStream& stream) {
  if (!stream.BeginReadAhead()) return false;
  if (!inbox().Release()) {  // there is work
    read_ahead().TakeBack();
    return false;
  }
  read_ahead().Read();
  if (!inbox().TryAcquire()) TakeLeadBack();
  if (read_ahead().End()) TellReadAhead();
  return true;
}

void CallerLoop::TakeLeadBack() {
  reader_waits_.store(true, std::memory_order_seq_cst);
  while (!inbox().free() || !inbox().TryAcquire()) reader_.Park(-1);
  reader_waits_.store(false, std::memory_order_relaxed);
}

bool CallerLoop::Follow(Event& event, Instant until, bool& offered) {
  Followers::Follower follower(event);
  followers_.Add(follower);
  bool in_time = true;
  while (!event.is_set() && IsTaken()) {
    const bool out = read_ahead().out();
    const Instant now = out || !until.infinite() ? Now() : Instant();
    in_time = until.infinite() || now < until;
    if (!in_time) break;
    event.Park(SleepNanoseconds(now, out ? std::min(until, now + kLookInterval) : until));
    if (out) break;
  }
  offered = followers_.Remove(follower);
  // Of two threads that make one call after the other, the one that has just left comes back at once. Where both share a
  // processor, it goes on before this one has gone to sleep with the lead, and need not wake it.
  const bool alone = attended_.load(std::memory_order_relaxed) == 0;
  if (offered && in_time && alone && followers_.AreOne()) sched_yield();
  return in_time && !event.is_set();
}

}  // namespace dialtone
