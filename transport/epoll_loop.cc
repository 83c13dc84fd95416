#include "epoll_loop.h"

#include <time.h>

#include <algorithm>

#include "dialtone/transport/check.h"
#include "socket_stream.h"

namespace dialtone {

Instant MonotonicNow() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Instant::FromNanoseconds(now.tv_sec * 1'000'000'000 + now.tv_nsec);
}

int64_t SleepNanoseconds(Instant now, Instant until) {
  if (until.infinite()) return -1;
  if (until <= now) return 0;
  return until.nanoseconds() - now.nanoseconds();
}

EpollLoop::EpollLoop(bool is_reactor, Inbox::State state)
    : Loop(is_reactor), wakeup_(Wakeup::Take()), inbox_(state) {
  poller_.AddWakeup(wakeup_.descriptor());
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
    if (next_timer() <= now) RunTimers(now);
  }
  if (RunBatchEnd() || has_deferred_here() || read_ahead_.pending()) {
    poller_.Wait(0);
  } else {
    Sleep(std::min(until, next_timer()), guard);
  }
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

bool EpollLoop::PollForInput(Instant until) {
  if (!busy_poll_.Begin()) return false;
  const Instant begin = Now();
  const Instant end = std::min(until, begin + BusyPoll::kLongest);
  bool found = false;
  Instant now = begin;
  do {
    poller_.Wait(0);
    found = poller_.has_events() || inbox_.has_work();
    now = Now();
  } while (!found && now < end);
  if (is_reactor()) CountSleep(now.nanoseconds() - begin.nanoseconds());
  busy_poll_.End(found);
  return found;
}

void EpollLoop::Sleep(Instant until, SleepGuard* guard) {
  if (TakeInputSoon() && PollForInput(until)) return;
  const bool counted = is_reactor();
  const Instant now = counted || !until.infinite() ? Now() : Instant();
  const int64_t nanoseconds = SleepNanoseconds(now, until);
  if (nanoseconds == 0) return poller_.Wait(0);
  if (guard != nullptr && !guard->Enter(wakeup_)) return poller_.Wait(0);
  if (inbox_.FallAsleep()) {
    if (counted) CountSleep(-now.nanoseconds());
    poller_.Wait(nanoseconds);
    if (counted) CountSleep(Now().nanoseconds());
    inbox_.Awake();
  } else {
    poller_.Wait(0);
  }
  if (guard != nullptr) guard->Exit();
}

}  // namespace dialtone
