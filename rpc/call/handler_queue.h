// Handlers that compute for long, each in its turn on a reactor. Internal to rpc/.
//
// A reactor that runs a handler reads nothing meanwhile. If all requests of a batch were run before the next is read, those
// behind would grow old in the socket, where nobody knows their age: a server that is asked for more than it can do would
// answer every call after its client has given up. So such methods have a slice of each turn of the loop. What comes when
// that is spent waits here, the loop reads between slices, and a call that would have to wait for too long is refused when
// it comes.
//
//   Dispatch: frames ─▶ handlers, until the slice is spent ─▶ the queue
//   posted work:        a slice of the queue
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "dialtone/transport/instant.h"
#include "dialtone/transport/loop.h"
#include "dialtone/transport/work.h"
#include "server_method.h"

namespace dialtone::internal {

class HandledCall;

// How long a method's handlers hold their reactor: until they return, or are suspended for the first time. Most take less
// than reading a clock twice is worth: only one in sixteen is measured, and each of those that turn out to be slow.
class HandlerPace {
 public:
  bool slow() const { return slow_; }
  bool is_measured() { return slow_ || (++runs_ % kMeasuredOneIn) == 0; }
  // `slow_from`: what is slow; nanoseconds, as the other.
  void Note(int64_t nanoseconds, int64_t slow_from);
  int64_t mean() const { return mean_; }

 private:
  static constexpr uint32_t kMeasuredOneIn = 16;

  uint32_t runs_ = 0;
  bool slow_ = false;
  int64_t mean_ = 0;  // of the last few; nanoseconds
};

// One of each server's loops. Under the loop's lead.
class HandlerQueue final : private Loop::BatchEnd {
 public:
  // Measures a handler that runs inline.
  class Measured {
   public:
    Measured(HandlerQueue& queue, const ServerMethod& method)
        : queue_(queue), pace_(queue.paces_[method.index]), began_(queue.loop_.Now()) {}
    ~Measured() { queue_.OnRan(pace_, began_); }
    Measured(const Measured&) = delete;
    Measured& operator=(const Measured&) = delete;

   private:
    HandlerQueue& queue_;
    HandlerPace& pace_;
    const Instant began_;
  };

  // See ServerOptions: at most `calls_max` wait, of methods whose handlers take `slow_handler` and more.
  HandlerQueue(Loop& loop, absl::Duration slow_handler, uint32_t calls_max)
      : loop_(loop), slow_from_(absl::ToInt64Nanoseconds(slow_handler)), calls_max_(calls_max) {}
  ~HandlerQueue() = default;
  HandlerQueue(const HandlerQueue&) = delete;
  HandlerQueue& operator=(const HandlerQueue&) = delete;

  void SetMethods(size_t count) { paces_.resize(count); }

  // Whether the next run of a handler is to be Measured.
  bool Measures(const ServerMethod& method) { return paces_[method.index].is_measured(); }
  // Whether a handler that could begin now has to wait for its turn: then Add() it.
  bool MustWait(const ServerMethod& method) const {
    return (spent_ || head_ != nullptr) && IsSlowHere(method);
  }
  // Whether a call that comes now can be answered in time, as far as one can tell: what waits here may take no more than
  // half of what the client leaves it.
  bool HasTimeFor(const ServerMethod& method, Instant deadline) const {
    return !MustWait(method) || IsInTime(deadline);
  }
  size_t size() const { return size_; }
  // What those that wait will take, by the pace of the last few slices.
  absl::Duration wait() const;

  void Add(HandledCall& call);
  // One that has ended while it waited.
  void Remove(HandledCall& call);

 private:
  static constexpr int64_t kSlice = 2'000'000;  // nanoseconds

  // Never true of handlers that run elsewhere.
  bool IsSlowHere(const ServerMethod& method) const { return paces_[method.index].slow(); }
  bool IsInTime(Instant deadline) const;
  void OnRan(HandlerPace& pace, Instant began);
  void PostSlice();
  void RunSlice();
  void NotePace(Instant now);
  void OnBatchEnd() override;

  Loop& loop_;
  const int64_t slow_from_;
  const uint32_t calls_max_;
  std::vector<HandlerPace> paces_;  // by the method's index

  // Of this turn's Dispatch().
  bool spent_ = false;
  bool measuring_ = false;
  Instant turn_began_;  // with the first slow handler

  HandledCall* head_ = nullptr;
  HandledCall* tail_ = nullptr;
  size_t size_ = 0;
  bool posted_ = false;
  // Of the last slice: what lies between two of them is a part of what waiting takes.
  Instant slice_began_;
  int64_t slice_calls_ = 0;
  int64_t call_nanoseconds_ = 0;  // a call's share, of the last few slices
  MemberWork<&HandlerQueue::RunSlice> slice_work_{*this};
};

}  // namespace dialtone::internal
