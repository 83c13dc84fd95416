// Runs a task on this thread, which is no reactor, and blocks until it has ended.
//
//   absl::Status status = dialtone::BlockOn(Twice(greeter, request));
#pragma once

#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/rpc/task.h"

namespace dialtone {

namespace internal {

// Runs `promise` as a root, to its end. FAILED_PRECONDITION on a reactor: then it was not started.
absl::Status BlockOnPromise(PromiseBase& promise, Runtime& runtime);

template <class T>
inline constexpr bool kTakesStatus = std::is_constructible_v<T, absl::Status>;

}  // namespace internal

// The task must end with something that a status converts to (absl::Status, absl::StatusOr<T>) or
// with void: on a reactor, where blocking would stop everything that runs there, it is not run and
// the result is FAILED_PRECONDITION (for void: logged). The coroutine's code runs on this thread,
// which holds up all others that run there, and the calls that they have just begun, while it blocks
// outside Dialtone.
// An exception that leaves the task leaves BlockOn.
template <class T>
T BlockOn(Task<T> task, Runtime& runtime = Runtime::Default()) {
  absl::Status ran = internal::BlockOnPromise(task.promise(), runtime);
  if constexpr (internal::kTakesStatus<T>) {
    if (!ran.ok()) return T(std::move(ran));
  } else {
    static_assert(std::is_void_v<T>,
                  "BlockOn takes tasks of absl::Status, absl::StatusOr<T> or void");
    if (!ran.ok()) return;
  }
  return task.await_resume();
}

}  // namespace dialtone
