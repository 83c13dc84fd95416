// The threads that wait in Drive() while another one leads: who leaves the lead offers it to one of
// them. Internal.
#pragma once

#include <atomic>

#include "dialtone/transport/event.h"
#include "dialtone/transport/mutex.h"

namespace dialtone {

// Thread-safe.
class Followers {
 public:
  // One waiting thread; lives on its stack, between Add() and Remove().
  class Follower {
   public:
    explicit Follower(Event& waited_for) : event(waited_for) {}

   private:
    friend class Followers;
    Event& event;
    bool offered = false;
    Follower* previous = nullptr;
    Follower* next = nullptr;
  };

  // After Add() the follower must look once more whether the lead is free.
  void Add(Follower& follower);
  // True if the lead was offered to it: unless it takes the lead, it must pass the offer on.
  bool Remove(Follower& follower);
  // A hint: one may be on its way.
  bool any() const { return count_.load(std::memory_order_relaxed) != 0; }
  // Wakes one that still waits for something. False: there is none.
  bool OfferLead();
  // By one that was offered the lead: whether there was never more than one of late.
  bool AreOne() {
    const int crowded = crowded_.load(std::memory_order_relaxed);
    if (crowded > 0) crowded_.store(crowded - 1, std::memory_order_relaxed);
    return crowded == 0;
  }

 private:
  static constexpr int kCrowdedOffers = 64;

  Mutex mutex_;
  Follower* first_ ABSL_GUARDED_BY(mutex_) = nullptr;
  // So that leaving costs no lock while nobody follows. Written under the mutex; read in a "write
  // mine, then read yours" protocol with the inbox's word, so sequentially consistent.
  std::atomic<int> count_{0};
  // Offers still to be made before it is taken that there is but one. A hint: who counts it down may lose a count.
  std::atomic<int> crowded_{0};
};

}  // namespace dialtone
