// A loop led by whichever thread waits on it, and by a background thread while none does. Internal.
//
// The background thread, made when it is first needed:
//
//                     attended or orphaned work, lead free
//      ┌──────────▶ leads (sleeps in epoll) ──────────────────────┐
//      │                                                          │ all done
//   lingers ── no foreign lead for the linger time ──▶ watches ◀──┘
//      ▲        (poll on the epoll set, without the lead)  │
//      └───── another thread led meanwhile ────────────────┘
//
// A thread that waits for nothing but the next bytes of the loop's only stream sleeps in a read of it, without the lead
// (read_ahead.h). Nobody else sleeps with the lead then: who waits looks now and then what is to be done, and so does the
// background thread, if it would lead otherwise.
//
// In every state it runs deferred work at once, without the lead. That may block: a wait in there for what
// another loop brings, or none, leads this one, too, as nobody else might. Watching takes the lead only when
// something can be read or a timer is due, so a thread that comes to wait gets the lead by one
// compare-and-swap. After a full linger time in which another thread led without a break it sleeps
// until that one leaves.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "dialtone/transport/mutex.h"
#include "epoll_loop.h"
#include "followers.h"

namespace dialtone {

class CallerLoop final : public EpollLoop {
 public:
  using Loop::Defer;
  using Loop::Post;

  CallerLoop(const std::string& name, absl::Duration linger);
  // Runs what was posted and deferred. Nobody may be in Drive() or lead, nor may this be the
  // background thread.
  ~CallerLoop() override;

  void Post(Work& work) override;
  void PostBeforeLeading(Work& work) override;
  void Defer(Work& work) override;
  bool TryLead() override;
  void Leave() override;
  bool Drive(Event& event, Instant until) override { return Drive(event, until, false); }
  bool DriveForInput(Event& event) override { return Drive(event, Instant::Infinite(), true); }
  // Blocks any thread that leads no loop until `event` is set, by whomever, or `until` has come. Returns event.is_set().
  static bool WaitWithoutLoop(Event& event, Instant until);

 private:
  class EventGuard;
  class BackgroundGuard;

  void CountAttended(int delta) override;

  // How often others look at a loop whose reader is out, and a background thread at its own while it drives another.
  static constexpr absl::Duration kLookInterval = absl::Milliseconds(1);

  // --- Whoever leads, or wants to ---
  bool Drive(Event& event, Instant until, bool for_input);
  bool DriveThis(Event& event, Instant until, bool for_input);
  // By the background thread of `own`, in deferred work: looks after that one now and then.
  bool DriveBeside(CallerLoop& own, Event& event, Instant until);
  void Lead(Event& event, Instant until, bool for_input);
  SocketStream* StreamToReadAlone();
  // A turn that sleeps in a read of it. False: something else is to be done first.
  bool ReadAlone(SocketStream& stream);
  void TakeLeadBack();
  // A thread leads, or it reads alone and will be back.
  bool IsTaken() const { return !inbox().free() || read_ahead().out(); }
  // Waits until the lead may be had (true), the event is set, or `until` has come. `offered`: the lead was offered to this
  // thread, which must take it or pass it on.
  bool Follow(Event& event, Instant until, bool& offered);
  // Everything that leaving means but telling the background thread that somebody led.
  void LetGo();
  void OfferLead();

  // --- The background thread ---
  void EnsureBackground();
  void RunBackground();
  bool RunDeferred();
  bool MustLead();
  // While it leads: true when it must come back to its own duties.
  bool MustLetGo();
  void LeadInBackground();
  // Puts what was deferred under its lead behind what was deferred before.
  void PassOnDeferred();
  // Sleeps until `until`; true if events wait while it watches.
  bool SleepInBackground(bool watch, bool led, Instant until);
  bool HasBackgroundDuty(bool led, Instant until);

  // Whose background thread this is; it does not read alone, when a callback waits: nobody else would do its duties.
  inline static thread_local CallerLoop* background_of_ = nullptr;

  const std::string name_;
  const absl::Duration linger_;
  Followers followers_;
  Wakeup& background_wakeup_;
  Sleeper& background_;

  // What the threads tell each other beside the inbox's word; sequentially consistent where who
  // writes one of these then reads another, relaxed where late is good enough.
  std::atomic<int> attended_{0};
  std::atomic<int> deferred_count_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> unfinished_{false};           // a batch end was left for the next leader
  std::atomic<uint64_t> generation_{0};           // times that other threads left the lead
  std::atomic<int64_t> next_timer_nanoseconds_;   // as of the last Leave()
  std::atomic<int64_t> background_sleeps_until_;  // kAnyLeave: until somebody leaves the lead
  std::atomic<bool> background_started_{false};

  // Who has read alone wants the lead back, and sleeps until it is offered.
  std::atomic<bool> reader_waits_{false};
  Event reader_;

  // Under the lead: the background thread has it, and what was deferred since. It will run that itself, and whoever
  // looks for it meanwhile is that thread.
  bool background_leads_ = false;
  WorkList deferred_here_;

  Mutex mutex_;
  WorkList deferred_ ABSL_GUARDED_BY(mutex_);
  std::thread background_thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dialtone
