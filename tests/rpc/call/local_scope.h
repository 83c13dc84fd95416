// Runs tasks of a test on its own thread, without a network: an executor that is a list, and
// awaitables that really suspend.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "dialtone/rpc/task.h"

namespace dialtone {

// One root at a time. Not for tasks that sleep, call or use workers.
class LocalScope final : public internal::TaskScope {
 public:
  explicit LocalScope(Context context = Context()) : TaskScope(std::move(context)) {}

  // Starts `task` and runs it until it has ended, is lost, or waits for something that is not
  // posted.
  template <class T>
  void Start(Task<T>& task) {
    StartOnly(task);
    RunPostedWork();
  }
  // To its first suspension.
  template <class T>
  void StartOnly(Task<T>& task) {
    done = lost = abandoned_now = false;
    task.promise().BecomeRoot(*this);
    Resume(task.promise());
  }
  void RunOnePosted() {
    if (Work* work = queue_.PopFront(); work != nullptr) work->Run();
  }
  void RunPostedWork() {
    while (Work* work = queue_.PopFront()) work->Run();
  }
  // Runs a task that comes to its end.
  template <class T>
  T Run(Task<T> task) {
    Start(task);
    EXPECT_TRUE(done);
    return task.await_resume();
  }

  void PostResume(Work& work) override { queue_.PushBack(work); }
  Loop& timer_loop() override { return Never<Loop>(); }
  Workers& workers() override { return Never<Workers>(); }

  bool done = false;
  bool lost = false;
  bool abandoned_now = false;

 private:
  template <class T>
  static T& Never() {
    DIALTONE_CHECK(false, "a LocalScope has neither a loop nor workers");
    __builtin_unreachable();
  }
  void OnTaskDone() override { done = true; }
  void OnTaskLost() override { lost = true; }
  void OnTaskAbandoned() override { abandoned_now = true; }

  WorkList queue_;
};

// Goes on at once.
class Ready final : public internal::Awaitable {
 public:
  explicit Ready(int value) : value_(value) {}
  bool await_ready() const { return true; }
  bool Suspend(internal::PromiseBase&) { return false; }
  int await_resume() const { return value_; }

 private:
  const int value_;
};

// Suspends, and is resumed by the executor's next turn.
class Yield final : public internal::Awaitable {
 public:
  explicit Yield(int value = 0) : value_(value) {}
  bool await_ready() const { return false; }
  bool Suspend(internal::PromiseBase& promise) {
    promise.ResumeLater();
    return true;
  }
  int await_resume() const { return value_; }

 private:
  const int value_;
};

// Suspends until Open().
class ManualEvent final : public internal::Awaitable {
 public:
  ManualEvent() = default;
  bool await_ready() const { return open_; }
  bool Suspend(internal::PromiseBase& promise) {
    waiting_ = &promise;
    return true;
  }
  void await_resume() const {}

  bool waited_for() const { return waiting_ != nullptr; }
  void Open() {
    open_ = true;
    if (waiting_ != nullptr) std::exchange(waiting_, nullptr)->ResumeLater();
  }

 private:
  bool open_ = false;
  internal::PromiseBase* waiting_ = nullptr;
};

// Counts how often things of its kind are alive.
struct Alive {
  explicit Alive(int& the_count) : count(&the_count) { ++*count; }
  Alive(const Alive& other) : count(other.count) { ++*count; }
  Alive& operator=(const Alive&) = delete;
  ~Alive() { --*count; }
  int* count;
};

// How deep the stack is, as the distance to a frame further up; sanitizers may keep locals
// elsewhere, so the frame's own address is asked for.
__attribute__((noinline)) inline uintptr_t StackPosition() {
  return reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
}

}  // namespace dialtone
