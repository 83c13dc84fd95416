// Things that will happen in the simulation, and the queue that says in which order: by virtual
// time, and among those of one instant by lot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "dialtone/transport/work.h"
#include "support/sim_random.h"

namespace dialtone {

inline constexpr int64_t kSimNever = std::numeric_limits<int64_t>::max();

// One thing that may happen, over and over: an intrusive node, usually a member of the object it
// concerns. Takes itself out of the queue when it is destroyed.
class SimEvent {
 public:
  virtual void Fire() = 0;

  bool armed() const { return queue_ != nullptr; }
  const char* what() const { return what_; }
  uint32_t id() const { return id_; }

 protected:
  // `what` and `id` name it in traces and enter the trace's hash, so that pointers never do.
  SimEvent(const char* what, uint32_t id) : what_(what), id_(id) {}
  ~SimEvent();
  SimEvent(const SimEvent&) = delete;
  SimEvent& operator=(const SimEvent&) = delete;

 private:
  friend class SimQueue;
  const char* const what_;
  const uint32_t id_;
  class SimQueue* queue_ = nullptr;  // null: not armed
  size_t position_ = 0;
};

class SimQueue {
 public:
  explicit SimQueue(SimRandom& random) : random_(random) {}

  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }
  // When the next event is due; kSimNever when there is none.
  int64_t next() const { return heap_.empty() ? kSimNever : heap_.front().when; }
  // Arms, or moves an event that is armed already. kSimNever disarms.
  void Arm(SimEvent& event, int64_t when);
  // Arms, unless the event is armed for an earlier time already.
  void ArmNoLater(SimEvent& event, int64_t when);
  void Disarm(SimEvent& event);
  // Requires that the queue is not empty.
  SimEvent& Pop();

 private:
  struct Entry {
    int64_t when;
    uint64_t lot;  // random, then a running number: no two are equal
    SimEvent* event;
  };
  static bool Before(const Entry& a, const Entry& b) {
    return a.when != b.when ? a.when < b.when : a.lot < b.lot;
  }
  void Place(size_t position, const Entry& entry);
  void SiftUp(size_t position, const Entry& entry);
  void SiftDown(size_t position, const Entry& entry);

  SimRandom& random_;
  uint32_t armed_so_far_ = 0;
  std::vector<Entry> heap_;
};

// An event that calls one member function of its owner.
template <auto kMethod>
class MemberEvent final : public SimEvent {
 public:
  using Owner = typename internal::MemberOwner<decltype(kMethod)>::Type;
  MemberEvent(Owner& owner, const char* what, uint32_t id) : SimEvent(what, id), owner_(owner) {}
  void Fire() override { (owner_.*kMethod)(); }

 private:
  Owner& owner_;
};

}  // namespace dialtone
