// What both kinds of loop on epoll have in common: turns, streams and listeners, posted work.
// Internal.
#pragma once

#include <atomic>
#include <cstdint>

#include "busy_poll.h"
#include "dialtone/transport/loop.h"
#include "dialtone/transport/slab.h"
#include "dialtone/transport/wall_clock.h"
#include "inbox.h"
#include "poller.h"
#include "read_ahead.h"
#include "wakeup.h"

namespace dialtone {

class SocketStream;

// How long to sleep from `now` until `until`, as poll and epoll take it: negative for ever, 0 not
// at all.
int64_t SleepNanoseconds(Instant now, Instant until);

class EpollLoop : public Loop {
 public:
  using Loop::Defer;
  using Loop::Post;

  ~EpollLoop() override;

  Instant Now() const override { return MonotonicNow(); }
  Instant CoarseNow() const override;
  absl::Duration IdleTime() const override;
  std::unique_ptr<ByteStream> Connect(const Address& peer, const ConnectOptions& options,
                                      ByteStream::Handler& handler) override;
  void ExpectInputSoon() override { busy_poll_.Expect(Now()); }
  // For this network's streams and listeners, under the lead.
  Poller& poller() { return poller_; }
  Slab<SocketStream>& streams() { return streams_; }
  ReadAhead& read_ahead() { return read_ahead_; }
  const ReadAhead& read_ahead() const { return read_ahead_; }

 protected:
  // Set up around a sleep by whoever must be woken from it by more than posted work.
  class SleepGuard {
   public:
    // Says by what to wake the thread from now on. False: no sleep, there is something to do
    // already.
    virtual bool Enter(Wakeup& wakeup) = 0;
    virtual void Exit() = 0;

   protected:
    ~SleepGuard() = default;
  };

  EpollLoop(bool is_reactor, Inbox::State state);

  // Under the lead: posted work, due timers, batch ends, a sleep until something happens or `until`
  // has come, events. Where a timer is late, what has happened meanwhile comes before it.
  void Turn(Instant until, SleepGuard* guard);
  const BusyPoll& busy_poll() const { return busy_poll_; }
  // Tells of events, and of what was read ahead.
  void Dispatch();
  void TellReadAhead();
  // Runs all that was posted before.
  void RunPosted();
  // The last thing a loop does, under its lead: runs what was posted and lets go of what is kept
  // for owners, until nothing is left of either.
  void RunDown();

  Inbox& inbox() { return inbox_; }
  const Inbox& inbox() const { return inbox_; }
  Wakeup& wakeup() { return wakeup_; }

 private:
  void Sleep(Instant until, SleepGuard* guard);
  void SleepUntil(Instant now, Instant until);
  // Before a sleep: looks for what is expected, until then at most. True: there is something to do.
  bool PollForInput(Instant now, Instant until);
  void CountSleep(int64_t nanoseconds) {
    slept_.store(slept_.load(std::memory_order_relaxed) + nanoseconds, std::memory_order_relaxed);
  }

  Poller poller_;
  BusyPoll busy_poll_;
  ReadAhead read_ahead_;
  Slab<SocketStream> streams_;
  Wakeup& wakeup_;  // ends the leader's sleep
  Inbox inbox_;
  // How long it has slept, in nanoseconds; while it sleeps, less the time at which it fell asleep, and
  // so below zero. Written under the lead, read by any thread.
  std::atomic<int64_t> slept_{0};
};

}  // namespace dialtone
