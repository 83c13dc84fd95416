// The epoll set of one loop: who waits for what, and telling them. Internal.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "dialtone/transport/instant.h"
#include "wakeup.h"

namespace dialtone {

class SocketStream;

// Under the loop's lead, except descriptor().
class Poller {
 public:
  // Something with a descriptor in the set.
  class Watched {
   public:
    // `events` as epoll says it. May destroy any watched object, itself too.
    virtual void OnEvents(uint32_t events) = 0;
    // Null: it is something else.
    virtual SocketStream* AsStream() { return nullptr; }

   protected:
    ~Watched() = default;
  };

  // A process that has no descriptor left may make one all the same: it watches nothing, and gets itself its descriptor as
  // soon as there is one.
  Poller();
  ~Poller();  // requires that nothing be watched
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Level-triggered. Adding fails only when the process has no descriptor left for the set, the kernel has no memory, or the
  // user's limit of watches is reached (/proc/sys/fs/epoll/max_user_watches): returns errno then, else 0.
  [[nodiscard]] int Add(int descriptor, uint32_t events, Watched& watched);
  void Modify(int descriptor, uint32_t events, Watched& watched);
  // No event of this turn reaches it any more.
  void Remove(int descriptor, Watched& watched);
  // By the destructor of a watched object, for IsTelling().
  void Forget(const Watched& watched);
  // Watches its eventfd, whose edges end Wait() and mean nothing else. It outlives this.
  void AddWakeup(Wakeup& wakeup);

  // Gets what descriptors it lacks: before anybody says that he sleeps in it, for whoever is woken until then is woken in vain.
  // False: none is left.
  bool Complete() { return whole_ || (whole_ = Open()); }
  // Sleeps for at most `nanoseconds` (negative: until something happens); Dispatch() tells what
  // happened. While it lacks a descriptor, no longer than Wakeup::kNap.
  void Wait(int64_t nanoseconds);
  void Dispatch();
  bool has_events() const { return next_ < count_; }  // to be told
  // The same of one, of which somebody else knows.
  void Tell(Watched& watched, uint32_t events);

  // True while `watched`, which may be destroyed already, is being told: how an object learns that
  // it was destroyed by the handler it called.
  bool IsTelling(const Watched* watched) const { return telling_ == watched; }
  size_t watched() const { return watched_; }
  // The only stream that is watched, with nothing beside it; null: there are more, or it is not known.
  SocketStream* only_stream() const {
    return watched_ == 1 && latest_ != nullptr ? latest_->AsStream() : nullptr;
  }
  // Readable while an event waits: for watching over a loop without its lead. Negative: none yet.
  int descriptor() const { return descriptor_.load(std::memory_order_relaxed); }

 private:
  // More at a time would save nothing to speak of, for each costs a read and a write, and would be as
  // many connections with all that they need for a call at the same time.
  static constexpr int kEventsMax = 64;

  // False: no descriptor is left for the set, or for the wakeup.
  bool Open();

  std::atomic<int> descriptor_{-1};
  bool whole_ = false;  // neither lacks a descriptor
  Wakeup* wakeup_ = nullptr;
  size_t watched_ = 0;
  const Watched* telling_ = nullptr;
  Watched* latest_ = nullptr;  // that was added or told, and is still watched
  int next_ = 0;
  int count_ = 0;
  std::array<epoll_event, kEventsMax> events_;
};

}  // namespace dialtone
