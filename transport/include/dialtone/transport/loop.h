// A loop: timers, posted work and byte streams, driven by one thread at a time. The seam on which
// sockets and simulation differ; nothing above it reads a clock or makes a system call.
//
// The thread that drives a loop is its leader; it holds the loop's *lead*, which guards everything
// that belongs to the loop: its streams, its timers and whatever its users keep there. There are
// two kinds of loop:
//
//   reactor      led for ever by a thread of its own. Handlers of a server run there, under the
//                lead.
//   caller loop  led by whichever thread waits for something in Drive(); while none does, by one
//                background thread: at once if something is in flight that nobody waits for
//                (Attend), after a short linger otherwise, so that a steady series of blocking
//                calls wakes nobody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "dialtone/transport/address.h"
#include "dialtone/transport/byte_stream.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/event.h"
#include "dialtone/transport/instant.h"
#include "dialtone/transport/timer.h"
#include "dialtone/transport/work.h"

namespace dialtone {

struct ConnectOptions {
  ConnectOptions() = default;

  // From the first packet to the connection; then OnConnected says UNAVAILABLE, "timed out after
  // 5s".
  absl::Duration timeout = absl::Seconds(5);
  StreamOptions stream;
};

class Loop {
 public:
  // What a loop runs at the end of each batch of events, before it sleeps: writes gathered during
  // the batch go out together there. An intrusive node, owned by its user.
  class BatchEnd {
   public:
    // Under the lead. May schedule itself again for the next batch's end.
    virtual void OnBatchEnd() = 0;

   protected:
    BatchEnd() = default;
    ~BatchEnd();  // takes itself back if it is still scheduled
    BatchEnd(const BatchEnd&) = delete;
    BatchEnd& operator=(const BatchEnd&) = delete;

   private:
    friend class Loop;
    Loop* loop_ = nullptr;  // null: not scheduled
    BatchEnd* previous_ = nullptr;
    BatchEnd* next_ = nullptr;
  };

  virtual ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // --- Any thread ---

  virtual Instant Now() const = 0;
  // Now, or a few milliseconds ago: cheaper, for what is asked at every call.
  virtual Instant CoarseNow() const { return Now(); }
  // How long this loop has waited for events since it was made, asleep or looking for them (ExpectInputSoon); the rest of its
  // time it was busy, or wanted to be. Of reactors; zero where that is not known.
  virtual absl::Duration IdleTime() const { return absl::ZeroDuration(); }
  bool is_reactor() const { return is_reactor_; }
  // The loop that this thread leads now; null when none. User code on a caller loop never runs
  // under its lead, so there Current() is null; in a server's handlers it is the handler's reactor.
  static Loop* Current() { return current_; }
  bool IsLeading() const { return current_ == this; }
  // True where blocking would stop a reactor.
  static bool OnReactor() { return current_ != nullptr && current_->is_reactor_; }

  // Runs `work` under the lead, in the order of posting, never from within Post().
  virtual void Post(Work& work) = 0;
  // The same, by a thread that takes the lead, or tries to, soon after: nobody is woken to do it in its place.
  virtual void PostBeforeLeading(Work& work) { Post(work); }
  void Post(absl::AnyInvocable<void() &&> function);
  // Runs user code that must not run under a caller loop's lead: on a reactor under its lead, soon, never from
  // within; on a caller loop on its background thread without the lead. In the order of deferring, and in none with what is
  // posted.
  virtual void Defer(Work& work) = 0;
  void Defer(absl::AnyInvocable<void() &&> function);
  // Takes the lead if that can be had without waiting; never a reactor's. Requires Current() ==
  // nullptr; use LeadScope, which nests.
  virtual bool TryLead() = 0;
  // Ends what TryLead() began: batch ends run, what was posted meanwhile runs, then others may
  // lead.
  virtual void Leave() = 0;
  // Leads, or follows the thread that does, until `event` is set or `until` has come. Requires that
  // this thread leads no loop. Returns event.is_set(). In deferred work of another caller loop, that one is led, too.
  virtual bool Drive(Event& event, Instant until) = 0;
  // The same without an end, for an event that is set under this loop's lead alone, and by what its streams bring as a rule:
  // a thread that would sleep in the wait of a reply on the loop's only stream costs less then. If it is set by anything else
  // the wait may end some milliseconds late; what is known to come otherwise says so (ExpectPosts).
  virtual bool DriveForInput(Event& event) { return Drive(event, Instant::Infinite()); }
  // Counts what is in flight with nobody waiting for it (+1 when it begins, -1 at its end): while
  // any is, the background thread leads a caller loop that nobody drives. No-op on a reactor.
  void Attend(int delta) {
    if (!is_reactor_) CountAttended(delta);
  }

  // --- Under the lead ---

  void Arm(Timer& timer, Instant when) {
    DIALTONE_CHECK(IsLeading(), "a timer was armed without the loop's lead");
    if (when <= timers_run_until_) when = timers_run_until_ + absl::Nanoseconds(1);
    timers_.Arm(timer, when);
  }
  void Disarm(Timer& timer) { timers_.Disarm(timer); }
  void AtBatchEnd(BatchEnd& hook);
  // So much more, or less, of what is waited for is no input: another thread works on it, and will post that it is done.
  void ExpectPosts(int delta) { posts_expected_ += delta; }
  // A peer that works at the same time, on another processor of this machine, is about to send more: the loop looks for
  // that a little before it sleeps, if that is soon. A hint, which costs some 50 us of processor time now and then if it is
  // wrong.
  virtual void ExpectInputSoon() {}
  // A buffer that anyone may use while he does not return to the loop: for one large read that
  // takes many frames.
  std::span<char> scratch() { return {scratch_.get(), kScratchBytes}; }
  // Opens a connection; see ByteStream::Handler for what follows. Errors come through OnConnected()
  // only.
  virtual std::unique_ptr<ByteStream> Connect(const Address& peer, const ConnectOptions& options,
                                              ByteStream::Handler& handler) = 0;
  // An object kept for `owner` on this loop (a channel's connections here, say); empty at first.
  std::shared_ptr<void>& Local(const void* owner) {
    if (owner != local_owner_) FindLocal(owner);
    return *local_;
  }
  void EraseLocal(const void* owner);

 protected:
  static constexpr size_t kScratchBytes = 256 * 1024;

  explicit Loop(bool is_reactor);

  // Attend(), on a caller loop.
  virtual void CountAttended(int) {}

  // For implementations. All but SetCurrent() under the lead. An implementation calls ClearLocals()
  // before it goes: what is kept here may hold streams and timers of this loop.
  static void SetCurrent(Loop* loop) { current_ = loop; }
  Instant next_timer() { return timers_.next(); }
  void ClearLocals();
  // For reactors, in place of their inbox: what is deferred under the lead. What that defers in turn runs at the next
  // call.
  void DeferHere(Work& work) { deferred_.PushBack(work); }
  bool has_deferred_here() const { return !deferred_.empty(); }
  void RunDeferredHere();
  // Runs the timers due at `now`; those that they arm for `now` or earlier run at the next call.
  void RunTimers(Instant now);
  // Unlinks a scheduled hook.
  void Unschedule(BatchEnd& hook);
  bool has_batch_end() const { return batch_end_head_ != nullptr; }
  bool expects_posts() const { return posts_expected_ != 0; }
  // Runs hooks scheduled so far and by them, at most `rounds` times over; true if some are left.
  bool RunBatchEnd(int rounds = 4);

 private:
  struct Locals;

  // Makes it the one that was asked for last.
  void FindLocal(const void* owner);

  inline static thread_local Loop* current_ = nullptr;

  const bool is_reactor_;
  WorkList deferred_;
  TimerHeap timers_;
  // While timers due at an instant run, those armed for it or earlier wait until just after it.
  Instant timers_run_until_ = Instant::FromNanoseconds(std::numeric_limits<int64_t>::min());
  BatchEnd* batch_end_head_ = nullptr;
  BatchEnd* batch_end_tail_ = nullptr;
  int posts_expected_ = 0;
  // Not touched here: a loop that never reads takes no memory for it.
  const std::unique_ptr<char[]> scratch_;
  const std::unique_ptr<Locals> locals_;
  // The one that was asked for last.
  const void* local_owner_ = nullptr;
  std::shared_ptr<void>* local_ = nullptr;
};

// Takes the lead for a scope, if it can be had at once. Nests: a thread that leads `loop` already
// keeps it.
//
//   if (LeadScope lead(loop); lead.leading()) call.Start(); else loop.Post(call.start_);
class LeadScope {
 public:
  explicit LeadScope(Loop& loop) : loop_(loop), leading_(loop.IsLeading()), taken_(false) {
    if (leading_ || Loop::Current() != nullptr) return;
    taken_ = loop.TryLead();
    leading_ = taken_;
  }
  ~LeadScope() {
    if (taken_) loop_.Leave();
  }
  LeadScope(const LeadScope&) = delete;
  LeadScope& operator=(const LeadScope&) = delete;

  bool leading() const { return leading_; }

 private:
  Loop& loop_;
  bool leading_;
  bool taken_;  // by this scope, so left by it
};

}  // namespace dialtone
