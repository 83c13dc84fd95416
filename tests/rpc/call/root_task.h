// Runs a coroutine beside all else that a test does, on threads of the test's choice: for tests in
// which nothing may block.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "dialtone/rpc/context.h"
#include "dialtone/rpc/runtime.h"
#include "dialtone/rpc/task.h"
#include "dialtone/transport/check.h"

namespace dialtone {

// One coroutine after the other. Outlives what it runs.
class RootTask final : public internal::TaskScope {
 public:
  using Executor = std::function<void(Work&)>;

  // `executor` runs work, one at a time, and never from within.
  RootTask(Executor executor, Runtime& runtime)
      : TaskScope(Context()), executor_(std::move(executor)), runtime_(runtime) {}

  // On the executor: starts `task`, in `context`; `done` is told of its end, perhaps from within.
  void Run(Task<absl::Status> task, const Context& context, std::function<void()> done) {
    task_ = std::move(task);
    done_ = std::move(done);
    set_context(context);
    task_.promise().BecomeRoot(*this);
    Resume(task_.promise());
  }

  void PostResume(Work& work) override { executor_(work); }
  Loop& timer_loop() override { return *runtime_.reactors().front(); }
  Workers& workers() override { return runtime_.workers(); }

 private:
  void OnTaskDone() override {
    task_ = Task<absl::Status>();
    std::exchange(done_, nullptr)();
  }
  void OnTaskLost() override { DIALTONE_CHECK(false, "a coroutine was lost"); }
  void OnTaskAbandoned() override {}  // nobody abandons it

  const Executor executor_;
  Runtime& runtime_;
  Task<absl::Status> task_;
  std::function<void()> done_;
};

}  // namespace dialtone
