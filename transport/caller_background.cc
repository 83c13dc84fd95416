// The background thread of a caller loop: see the drawing in caller_loop.h.
#include <poll.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "caller_loop.h"
#include "thread_name.h"

namespace dialtone {
namespace {

constexpr int64_t kAwake = std::numeric_limits<int64_t>::min();
constexpr Instant kAnyLeave = Instant::Infinite();
// The longest a watch sleeps by itself: for ever, but not kAnyLeave.
constexpr Instant kLongest = Instant::FromNanoseconds(std::numeric_limits<int64_t>::max() - 1);

}  // namespace

// While the background thread sleeps with the lead, its other duties must wake it.
class CallerLoop::BackgroundGuard final : public SleepGuard {
 public:
  explicit BackgroundGuard(CallerLoop& loop) : loop_(loop) {}
  bool Enter(Wakeup& wakeup) override {
    loop_.background_.FallAsleep(wakeup);
    if (!loop_.MustLetGo()) return true;
    loop_.background_.Awake();
    return false;
  }
  void Exit() override { loop_.background_.Awake(); }

 private:
  CallerLoop& loop_;
};

void CallerLoop::EnsureBackground() {
  if (background_started_.load(std::memory_order_acquire)) return;
  MutexLock lock(mutex_);
  if (background_started_.load(std::memory_order_relaxed)) return;
  if (stopping_.load(std::memory_order_relaxed)) return;
  background_thread_ = std::thread([this] { RunBackground(); });
  background_started_.store(true, std::memory_order_release);
}

void CallerLoop::RunBackground() {
  NameThisThread(name_);
  background_of_ = this;
  uint64_t seen = generation_.load(std::memory_order_relaxed);
  Instant linger_until = Now() + linger_;
  bool looks = false;  // in place of a thread that reads alone
  while (true) {
    RunDeferred();
    if (stopping_.load(std::memory_order_seq_cst)) return;
    const Instant now = Now();
    if (const uint64_t generation = generation_.load(std::memory_order_relaxed);
        generation != seen) {
      seen = generation;
      linger_until = now + linger_;
    }
    const Instant timer =
        Instant::FromNanoseconds(next_timer_nanoseconds_.load(std::memory_order_relaxed));
    const bool look = std::exchange(looks, false) && read_ahead().out();
    if (MustLead() || (inbox().free() && (look || timer <= now))) {
      if (TryLead()) LeadInBackground();
      // Else somebody else leads: he does it.
      if (!inbox().free()) linger_until = std::max(linger_until, now + linger_);
      continue;
    }
    const bool led = IsTaken();
    const bool lingering = now < linger_until;
    const bool watch = !lingering && !led;
    Instant until = led ? (lingering ? linger_until : kAnyLeave) : std::min(timer, kLongest);
    if (lingering) until = std::min(until, linger_until);
    if (led && inbox().free()) {  // a thread reads alone
      until = std::min(until, timer);
      looks = attended_.load(std::memory_order_seq_cst) > 0;
      if (looks) until = std::min(until, now + kLookInterval);
    }
    if (!SleepInBackground(watch, led, until)) continue;
    if (!read_ahead().out() && TryLead()) {
      LeadInBackground();
    } else {
      linger_until = Now() + linger_;
    }
  }
}

bool CallerLoop::RunDeferred() {
  bool ran = false;
  while (deferred_count_.load(std::memory_order_seq_cst) != 0) {
    WorkList work;
    {
      MutexLock lock(mutex_);
      work = std::exchange(deferred_, WorkList());
      deferred_count_.store(0, std::memory_order_seq_cst);
    }
    while (Work* const next = work.PopFront()) next->Run();
    ran = true;
  }
  return ran;
}

bool CallerLoop::MustLead() {
  if (!inbox().free()) return false;
  if (inbox().has_work() || unfinished_.load(std::memory_order_relaxed)) return true;
  return attended_.load(std::memory_order_seq_cst) > 0 && !read_ahead().out();
}

bool CallerLoop::MustLetGo() {
  return attended_.load(std::memory_order_seq_cst) == 0 || !deferred_here_.empty() ||
         deferred_count_.load(std::memory_order_seq_cst) != 0 || read_ahead().out() ||
         stopping_.load(std::memory_order_seq_cst);
}

void CallerLoop::LeadInBackground() {
  BackgroundGuard guard(*this);
  background_leads_ = true;
  do {
    Turn(MustLetGo() ? Now() : Instant::Infinite(), &guard);
  } while (!MustLetGo());
  background_leads_ = false;
  PassOnDeferred();
  LetGo();
}

void CallerLoop::PassOnDeferred() {
  if (deferred_here_.empty()) return;
  MutexLock lock(mutex_);
  while (Work* const work = deferred_here_.PopFront()) deferred_.PushBack(*work);
  deferred_count_.fetch_add(1, std::memory_order_seq_cst);
}

bool CallerLoop::HasBackgroundDuty(bool led, Instant until) {
  if (deferred_count_.load(std::memory_order_seq_cst) != 0) return true;
  if (stopping_.load(std::memory_order_seq_cst) || MustLead()) return true;
  if (IsTaken() != led) return true;  // the plan was made for another state
  return inbox().free() &&
         next_timer_nanoseconds_.load(std::memory_order_relaxed) < until.nanoseconds();
}

bool CallerLoop::SleepInBackground(bool watch, bool led, Instant until) {
  background_sleeps_until_.store(until.nanoseconds(), std::memory_order_seq_cst);
  // Before anybody wakes it.
  const bool may_be_woken = background_wakeup_.Open();
  background_.FallAsleep(background_wakeup_);
  bool events = false;
  if (!HasBackgroundDuty(led, until)) {
    pollfd watched[2] = {{background_wakeup_.descriptor(), POLLIN, 0},
                         {poller().descriptor(), POLLIN, 0}};
    timespec time{};
    const bool naps = !may_be_woken || (watch && watched[1].fd < 0);
    const bool for_ever = until >= kLongest && !naps;
    int64_t nanoseconds = for_ever ? 0 : SleepNanoseconds(Now(), until);
    if (naps) nanoseconds = Wakeup::AtMostANap(nanoseconds);
    time.tv_sec = nanoseconds / 1'000'000'000;
    time.tv_nsec = nanoseconds % 1'000'000'000;
    ppoll(watched, watch ? 2 : 1, for_ever ? nullptr : &time, nullptr);
    events = watch && watched[1].revents != 0;
    if (watched[0].revents != 0) background_wakeup_.Drain();
  }
  background_.Awake();
  background_sleeps_until_.store(kAwake, std::memory_order_relaxed);
  return events;
}

}  // namespace dialtone
