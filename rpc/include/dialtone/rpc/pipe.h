// A bounded queue between coroutines: who sends into a full one suspends, and who receives from an empty one. (Elsewhere
// called a channel; here a Channel is the way to a server.)
//
//   dialtone::Pipe<std::string> lines(16);
//   // one coroutine                                            // another
//   absl::Status sent = co_await lines.Send(std::move(line));   for (;;) {
//   if (!sent.ok()) co_return sent;                               absl::StatusOr<std::string> line = co_await lines.Receive();
//   …                                                             if (absl::IsOutOfRange(line.status())) break;  // the end
//   lines.Close();                                                if (!line.ok()) co_return line.status();       // cancelled
//
// Any number of coroutines may send and receive; values come out in the order in which they went in, and those who wait are
// served in the order in which they came. A wait ends with CANCELLED or DEADLINE_EXCEEDED when the coroutine's context does.
//
// Thread-safe: coroutines of different reactors, and of threads in BlockOn, may share one. T is moved under a lock.
#pragma once

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dialtone/rpc/internal/waiter.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/mutex.h"

namespace dialtone {

namespace internal {

template <class T>
inline constexpr bool kMayBeTemporary =
    !std::is_aggregate_v<T> || std::is_trivially_destructible_v<T>;

}  // namespace internal

// Outlives those who wait at it (checked), until their co_await has returned: one that is served still refers to it.
template <class T>
class Pipe {
  static_assert(std::is_nothrow_move_constructible_v<T>,
                "a pipe's values are moved under its lock");
  class SendAwait;
  class ReceiveAwait;

 public:
  // Holds `capacity` values. 0: values go from hand to hand, and who sends waits for who receives.
  explicit Pipe(size_t capacity) : slots_(capacity) {}
  ~Pipe() {
    MutexLock lock(mutex_);
    DIALTONE_CHECK(senders_.empty() && receivers_.empty(),
                   "a pipe is destroyed while it is waited for");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  // co_await gives absl::Status: OK when the value is in the pipe, or with a receiver. FAILED_PRECONDITION when it is
  // closed. If not OK, the value is gone.
  SendAwait Send(T value)
    requires internal::kMayBeTemporary<T>
  {
    return SendAwait(*this, std::move(value));
  }
  // The same with what is moved out of `variable`. The only way for aggregates whose destructor does something: g++ 12
  // destroys one that is made in an awaiting expression twice (docs/gcc12-coroutines.md).
  SendAwait SendFrom(T& variable) { return SendAwait(*this, std::move(variable)); }
  // co_await gives absl::StatusOr<T>. OUT_OF_RANGE, or what Close() was given, when it is closed and empty.
  ReceiveAwait Receive() { return ReceiveAwait(*this); }
  // What can be had at once, by any code on any thread.
  std::optional<T> TryReceive();

  // Any thread. No more goes in: who waits to send fails. What is in comes out; then who receives is told `end`, which is
  // not OK. The first call counts.
  void Close(const absl::Status& end = absl::OutOfRangeError("Pipe: closed, and empty"));

 private:
  void PushBack(T&& value) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    slots_[(first_ + size_++) % slots_.size()].emplace(std::move(value));
  }
  // The next value, if there is one; a sender that waits takes the room that it leaves.
  std::optional<T> Next(internal::WaitLine& served) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  std::vector<std::optional<T>> slots_ ABSL_GUARDED_BY(mutex_);  // a ring
  size_t first_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t size_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status end_ ABSL_GUARDED_BY(mutex_);              // not OK: closed
  internal::WaitLine senders_ ABSL_GUARDED_BY(mutex_);    // some only while it is full
  internal::WaitLine receivers_ ABSL_GUARDED_BY(mutex_);  // some only while it is empty
};

template <class T>
class [[nodiscard]] Pipe<T>::SendAwait final : public internal::Waiter {
 public:
  SendAwait(Pipe& pipe, T&& value) : pipe_(pipe), value_(std::move(value)) {}
  ~SendAwait() { this->LeaveContext(); }

  absl::Status await_resume() {
    absl::Status status = this->EndWait();
    if (status.ok() && refused_) return absl::FailedPreconditionError("Pipe: closed, send failed");
    return status;
  }

 private:
  friend class Pipe;
  bool JoinLine() override;
  bool LeaveLine() override {
    MutexLock lock(pipe_.mutex_);
    return pipe_.senders_.Remove(*this);
  }

  Pipe& pipe_;
  // Under the pipe's lock until it is resumed.
  T value_;
  bool refused_ = false;
};

template <class T>
class [[nodiscard]] Pipe<T>::ReceiveAwait final : public internal::Waiter {
 public:
  explicit ReceiveAwait(Pipe& pipe) : pipe_(pipe) {}
  ~ReceiveAwait() { this->LeaveContext(); }

  absl::StatusOr<T> await_resume() {
    absl::Status status = this->EndWait();
    if (!status.ok()) return status;
    if (!value_.has_value()) return std::move(end_);
    return *std::move(value_);
  }

 private:
  friend class Pipe;
  bool JoinLine() override;
  bool LeaveLine() override {
    MutexLock lock(pipe_.mutex_);
    return pipe_.receivers_.Remove(*this);
  }

  Pipe& pipe_;
  // Under the pipe's lock until it is resumed.
  std::optional<T> value_;
  absl::Status end_;
};

template <class T>
bool Pipe<T>::SendAwait::JoinLine() {
  internal::WaitLine served;
  bool waits = false;
  {
    MutexLock lock(pipe_.mutex_);
    refused_ = !pipe_.end_.ok();
    if (refused_) return true;
    if (!pipe_.receivers_.empty()) {
      static_cast<ReceiveAwait&>(pipe_.receivers_.front()).value_.emplace(std::move(value_));
      pipe_.receivers_.ServeFront(served);
    } else if (pipe_.size_ < pipe_.slots_.size()) {
      pipe_.PushBack(std::move(value_));
    } else {
      pipe_.senders_.PushBack(*this);
      waits = true;
    }
  }
  served.ResumeAll();
  return !waits;
}

template <class T>
bool Pipe<T>::ReceiveAwait::JoinLine() {
  internal::WaitLine served;
  bool waits = false;
  {
    MutexLock lock(pipe_.mutex_);
    value_ = pipe_.Next(served);
    if (!value_.has_value()) {
      end_ = internal::UnsharedCopy(pipe_.end_);
      waits = end_.ok();
      if (waits) pipe_.receivers_.PushBack(*this);
    }
  }
  served.ResumeAll();
  return !waits;
}

template <class T>
std::optional<T> Pipe<T>::Next(internal::WaitLine& served) {
  std::optional<T> next;
  if (size_ > 0) {
    next.emplace(*std::move(slots_[first_]));
    slots_[first_].reset();
    first_ = (first_ + 1) % slots_.size();
    --size_;
  }
  if (senders_.empty()) return next;
  auto& sender = static_cast<SendAwait&>(senders_.front());
  if (next.has_value()) {
    PushBack(std::move(sender.value_));
  } else {
    next.emplace(std::move(sender.value_));  // from hand to hand
  }
  senders_.ServeFront(served);
  return next;
}

template <class T>
std::optional<T> Pipe<T>::TryReceive() {
  internal::WaitLine served;
  std::optional<T> next;
  {
    MutexLock lock(mutex_);
    next = Next(served);
  }
  served.ResumeAll();
  return next;
}

template <class T>
void Pipe<T>::Close(const absl::Status& end) {
  DIALTONE_CHECK(!end.ok(), "a pipe's end is told by a status that is not OK");
  internal::WaitLine served;
  {
    MutexLock lock(mutex_);
    if (!end_.ok()) return;
    end_ = internal::UnsharedCopy(end);
    for (; !senders_.empty(); senders_.ServeFront(served))
      static_cast<SendAwait&>(senders_.front()).refused_ = true;
    for (; !receivers_.empty(); receivers_.ServeFront(served))
      static_cast<ReceiveAwait&>(receivers_.front()).end_ = internal::UnsharedCopy(end);
  }
  served.ResumeAll();
}

}  // namespace dialtone
