#include "epoll_loop.h"

#include <time.h>

#include <algorithm>

#include "dialtone/transport/check.h"
#include "socket_stream.h"

namespace dialtone {
namespace {

// A timer that is so late says that its loop was held up, or the machine: what it was to bound may have come in time, and
// lies in a socket. So that is looked at first.
constexpr int64_t kHeldUp = 1'000'000;  // nanoseconds

}  // namespace

int64_t SleepNanoseconds(Instant now, Instant until) {
  if (until.infinite()) return -1;
  if (until <= now) return 0;
  return until.nanoseconds() - now.nanoseconds();
}

EpollLoop::EpollLoop(bool is_reactor, Inbox::State state)
    : Loop(is_reactor), wakeup_(Wakeup::Take()), inbox_(state) {
  poller_.AddWakeup(wakeup_);
}

Instant EpollLoop::CoarseNow() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return Instant::FromNanoseconds(now.tv_sec * 1'000'000'000 + now.tv_nsec);
}

EpollLoop::~EpollLoop() { wakeup_.GiveBack(); }

std::unique_ptr<ByteStream> EpollLoop::Connect(const Address& peer, const ConnectOptions& options,
                                               ByteStream::Handler& handler) {
  DIALTONE_CHECK(IsLeading(), "Connect() needs the loop's lead");
  return SocketStream::Connect(*this, peer, options, handler);
}

void EpollLoop::RunPosted() {
  WorkList posted = inbox_.TakeAll();
  while (Work* const work = posted.PopFront()) work->Run();
  if (has_deferred_here()) RunDeferredHere();
}

void EpollLoop::RunDown() {
  do {
    RunPosted();
    ClearLocals();
    RunBatchEnd();
  } while (inbox_.has_work() || has_deferred_here());
}

void EpollLoop::Turn(Instant until, SleepGuard* guard) {
  RunPosted();
  if (!next_timer().infinite()) {
    const Instant now = Now();
    if (now.nanoseconds() - next_timer().nanoseconds() > kHeldUp) [[unlikely]] {
      poller_.Wait(0);
      Dispatch();
    }
    if (next_timer() <= now) RunTimers(now);
  }
  if (RunBatchEnd() || has_deferred_here() || read_ahead_.pending()) {
    poller_.Wait(0);
  } else {
    Sleep(std::min(until, next_timer()), guard);
  }
  Dispatch();
}

void EpollLoop::Dispatch() {
  poller_.Dispatch();
  if (read_ahead_.pending()) [[unlikely]] {
    TellReadAhead();
  }
}

void EpollLoop::TellReadAhead() { read_ahead_.stream().Tell(poller_); }

absl::Duration EpollLoop::IdleTime() const {
  const int64_t slept = slept_.load(std::memory_order_relaxed);
  return absl::Nanoseconds(slept >= 0 ? slept : slept + Now().nanoseconds());
}

void EpollLoop::Sleep(Instant until, SleepGuard* guard) {
  poller_.Complete();
  const bool looks = busy_poll_.expects();
  const Instant now = looks || is_reactor() || !until.infinite() ? Now() : Instant();
  if (until <= now) return poller_.Wait(0);
  // From now on it ends a look, too, if somebody must be let in.
  if (guard != nullptr && !guard->Enter(wakeup_)) return poller_.Wait(0);
  const bool has_something = looks && PollForInput(now, until);
  if (!has_something) SleepUntil(looks ? Now() : now, until);
  if (guard != nullptr) guard->Exit();
}

bool EpollLoop::PollForInput(Instant begin, Instant until) {
  if (!busy_poll_.Begin(begin)) return false;
  const Instant end = begin + BusyPoll::kLongest;
  Instant now = begin;
  bool found = false;
  // Once at least: a loop that always has work reads all the same.
  do {
    poller_.Wait(0);
    found = poller_.has_events();
    now = Now();
  } while (!found && now < std::min(end, until) && !inbox_.has_work());
  if (is_reactor()) CountSleep(now.nanoseconds() - begin.nanoseconds());
  if (found || now >= end) {
    busy_poll_.End(found);
    return found;
  }
  busy_poll_.Resume();
  return true;
}

void EpollLoop::SleepUntil(Instant now, Instant until) {
  const int64_t nanoseconds = SleepNanoseconds(now, until);
  if (nanoseconds == 0 || !inbox_.FallAsleep()) return poller_.Wait(0);
  if (is_reactor()) CountSleep(-now.nanoseconds());
  poller_.Wait(nanoseconds);
  if (is_reactor()) CountSleep(Now().nanoseconds());
  inbox_.Awake();
}

}  // namespace dialtone
