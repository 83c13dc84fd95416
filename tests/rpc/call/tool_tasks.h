// Tasks that tests of the coroutine tools run beside one another.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dialtone/rpc/async_semaphore.h"
#include "dialtone/rpc/task.h"
#include "local_scope.h"

namespace dialtone {

// What waits until its context ends, as everything that may be awaited does, and lets tests see it.
class Forever {
 public:
  // Ends with why its context has ended.
  Task<absl::Status> Wait() {
    ++waiting;
    absl::StatusOr<AsyncSemaphore::Permit> never = co_await none_.Acquire();
    --waiting;
    last = never.status();
    co_return last;
  }
  Task<absl::StatusOr<std::string>> WaitForText() {
    absl::Status ended = co_await Wait();
    co_return ended;
  }

  int waiting = 0;
  absl::Status last;

 private:
  AsyncSemaphore all_{1};
  AsyncSemaphore::Permit held_ = *all_.TryAcquire();
  AsyncSemaphore& none_ = all_;
};

// Takes no notice of its context.
inline Task<absl::Status> Stubborn(ManualEvent& gate) {
  co_await gate;
  co_return absl::OkStatus();
}

inline Task<absl::StatusOr<std::string>> TextAfter(int yields, std::string text) {
  for (int i = 0; i < yields; ++i) co_await Yield();
  co_return text;
}
inline Task<absl::Status> StatusAfter(int yields, absl::Status status) {
  for (int i = 0; i < yields; ++i) co_await Yield();
  co_return status;
}
inline Task<int> IntAfter(int yields, int value) {
  for (int i = 0; i < yields; ++i) co_await Yield();
  co_return value;
}
inline Task<void> MarkAfter(int yields, bool& mark) {
  for (int i = 0; i < yields; ++i) co_await Yield();
  mark = true;
}
inline Task<int> ThrowAfter(int yields, int thrown) {
  for (int i = 0; i < yields; ++i) co_await Yield();
  throw thrown;
}

// Holds something at every level of it, until its gate opens.
inline Task<absl::Status> HoldUntil(ManualEvent& gate, int& count) {
  Alive held(count);
  co_await gate;
  co_return absl::OkStatus();
}

// How deep the stack has been where Look() was called, from the first time on.
struct Depth {
  void Look() {
    const uintptr_t now = StackPosition();
    if (first == 0) first = now;
    worst = std::max(worst, first > now ? first - now : now - first);
  }
  uintptr_t first = 0;
  uintptr_t worst = 0;
};
// What nests ten thousand times takes a hundred bytes a time at the very least.
constexpr int kMany = 10'000;
constexpr uintptr_t kFlat = 8192;

// Abandons what `scope` runs, as a shutdown does. True: it has let go, and its task may be destroyed.
inline bool Abandon(LocalScope& scope) {
  scope.Abandon(absl::CancelledError("the server shuts down"));
  scope.RunPostedWork();
  return scope.abandoned_now;
}

}  // namespace dialtone
