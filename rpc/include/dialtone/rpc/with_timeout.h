// Gives a task or a call less time than the coroutine that awaits it has.
//
//   absl::StatusOr<Reply> reply = co_await dialtone::WithTimeout(50ms, Look(request));
//
// When the time is over the task is cancelled, with DEADLINE_EXCEEDED; calls that it makes know that deadline from the start.
// The await is over when the task has ended, and nothing of it outlives that. What it makes of the cancellation is its own
// affair: an OK result that it comes to nonetheless is the result; any other is replaced by DEADLINE_EXCEEDED.
//
//   argument                        result
//   Task<StatusOr<A>>, Call<A>      StatusOr<A>
//   Task<Status>, Task<void>        Status
//   Task<A>                         StatusOr<A>
//
// The task runs, in a context of its own, and its exception comes out of the await, as in when_all.h. A call under way is
// better started with less time: greeter.Greet(request, Timeout(50ms)), which its server is told of.
#pragma once

#include <chrono>
#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "dialtone/rpc/internal/child_scope.h"
#include "dialtone/rpc/internal/duration.h"
#include "dialtone/rpc/internal/runnable.h"

namespace dialtone {

namespace internal {

class TimeoutAwait : public Awaitable, private ChildGroup {
 public:
  bool await_ready() const { return false; }
  bool Suspend(PromiseBase& parent);

 protected:
  TimeoutAwait(absl::Duration timeout, ChildScope& child);
  ~TimeoutAwait() {}

  // After the end: DEADLINE_EXCEEDED if the time was over when the child ended, else OK. Throws what the child threw.
  absl::Status Expired() const;

 private:
  void OnChildEnded(ChildScope& child) override;
  absl::Status DeadlineExceeded() const;

  const absl::Duration timeout_;
  ChildScope& child_;
  Child<absl::Status> timer_;
  Instant deadline_;
  bool starting_ = false;
  bool expired_ = false;
  PromiseBase* parent_ = nullptr;
};

// Constructed before TimeoutAwait, which refers to it.
template <class T>
struct TimedChild {
  explicit TimedChild(Task<T>&& task) : child(std::move(task)) {}
  ~TimedChild() {}
  Child<T> child;
};

template <Runnable A>
class [[nodiscard]] Timed final : private TimedChild<RunnableResult<A>>, public TimeoutAwait {
  using Of = ResultOf<RunnableResult<A>>;
  using Result =
      typename std::conditional_t<std::is_same_v<typename Of::Value, std::monostate>,
                                  std::type_identity<absl::Status>,
                                  std::type_identity<absl::StatusOr<typename Of::Value>>>::type;

 public:
  Timed(absl::Duration timeout, A&& runnable)
      : TimedChild<RunnableResult<A>>(RunnableTraits<A>::ToTask(std::move(runnable))),
        TimeoutAwait(timeout, this->child) {}
  ~Timed() {}

  Result await_resume() {
    absl::Status expired = Expired();
    if constexpr (Of::kMayFail) {
      if (!this->child.failure().ok() && !expired.ok()) return expired;
      return this->child.TakeKept();
    } else {
      if (!expired.ok()) return expired;
      if constexpr (std::is_same_v<Result, absl::Status>) {
        return absl::OkStatus();
      } else {
        return this->child.TakeKept();
      }
    }
  }
};

}  // namespace internal

// The task or call is moved from. No time, or less, lets it run to its first wait.
template <internal::Runnable A>
internal::Timed<A> WithTimeout(absl::Duration timeout, A&& runnable) {
  return internal::Timed<A>(timeout, std::move(runnable));
}
template <class Rep, class Period, internal::Runnable A>
internal::Timed<A> WithTimeout(std::chrono::duration<Rep, Period> timeout, A&& runnable) {
  return internal::Timed<A>(internal::FromAnyChrono(timeout), std::move(runnable));
}

}  // namespace dialtone
