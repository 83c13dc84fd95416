// Tasks that a coroutine runs beside itself: what WhenAll, WhenAny, WithTimeout and TaskGroup are made of. Internal.
//
//   TaskScope of the coroutine ──▶ ChildGroup ──▶ ChildScope ──▶ ChildScope …
//                                  (waits)        a task, in a context of its own
//
// Children run on their parent's executor, one at a time with it and one another, so nothing here is locked. Each has a
// child of its parent's context, which ends with it; its end also ends what the child awaits in another context, such as a
// call that its parent has made. Whoever holds a group waits for all its children: destroying one that
// runs aborts the process. A parent that is abandoned abandons its children, and is not destroyed before the last is gone.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dialtone/rpc/internal/coroutine.h"
#include "dialtone/rpc/task.h"

namespace dialtone::internal {

// A task that runs beside others. Constructed with what it will run, started once, by a group.
class ChildScope : public TaskScope {
 public:
  static void* operator new(size_t bytes) { return FramePool::Allocate(bytes); }
  static void operator delete(void* block, size_t bytes) { FramePool::Free(block, bytes); }

  virtual ~ChildScope();
  ChildScope(const ChildScope&) = delete;
  ChildScope& operator=(const ChildScope&) = delete;

  bool running() const { return group_ != nullptr; }
  // Ends its context.
  void Cancel(const absl::Status& reason) { Context(context()).Cancel(reason); }
  // After its end: what it threw, or, if its result is one, how it failed. Neither: it ended well, or was abandoned.
  const std::exception_ptr& exception() const { return exception_; }
  const absl::Status& failure() const { return failure_; }

  void PostResume(Work& work) override { root_->PostResume(work); }
  Loop& timer_loop() override { return root_->timer_loop(); }
  Workers& workers() override { return root_->workers(); }

 protected:
  ChildScope() : TaskScope(Context()) {}

  virtual PromiseBase& promise() = 0;
  // The task has ended: keeps its result, and returns the status in it, if there is one. May throw what the task threw.
  virtual absl::Status TakeResult() = 0;
  // Destroys the task, or with `lost` forgets it.
  virtual void DropTask(bool lost) = 0;

 private:
  friend class ChildGroup;

  // Stands in the child's context for what the child awaits in another.
  class AwaitedElsewhere final : public CancelNode {
   public:
    void Link(const Context& context, CancelNode& awaited);
    void Unlink();

   private:
    void OnContextEnded(const absl::Status& reason) override { awaited_->OnContextEnded(reason); }

    ContextState* context_ = nullptr;  // while it is linked there
    CancelNode* awaited_ = nullptr;
  };

  // To its first suspension, or its end.
  void Run(Instant deadline);
  void End(bool lost = false);

  TaskScope& root() override { return *root_; }
  void OnTaskDone() override;
  void OnTaskLost() override;
  void OnTaskAbandoned() override { End(); }
  void RunPosted(PromiseBase& promise) override { root_->RunPosted(promise); }
  void OnAwaitsElsewhere(CancelNode& awaited) override { elsewhere_.Link(context(), awaited); }
  void OnAwaitedElsewhere() override { elsewhere_.Unlink(); }
  bool BeginDriving(Loop& loop) override { return root_->BeginDriving(loop); }
  void EndDriving(Loop& loop) override { root_->EndDriving(loop); }

  TaskScope* root_ = nullptr;    // whose executor this runs on
  ChildGroup* group_ = nullptr;  // while it runs
  ChildScope* previous_ = nullptr;
  ChildScope* next_ = nullptr;
  AwaitedElsewhere elsewhere_;
  absl::Status failure_;
  std::exception_ptr exception_;
};

// Children that one place waits for. Lives in the coroutine that does.
class ChildGroup {
 public:
  ChildGroup(const ChildGroup&) = delete;
  ChildGroup& operator=(const ChildGroup&) = delete;

 protected:
  ChildGroup() = default;
  ~ChildGroup();

  // Runs `child` beside the coroutines of `parent`, the same for all children that run at a time. It may end within, and
  // with OnChildEnded() be destroyed. Its context has the parent's deadline, or `deadline` if that is earlier.
  void Start(ChildScope& child, TaskScope& parent, Instant deadline = Instant::Infinite());
  size_t running() const { return running_; }
  // Ends the contexts of all that run.
  void CancelRunning(const absl::Status& reason);

 private:
  friend class ChildScope;
  friend class TaskScope;

  // A child has ended, and is not touched any more. Must not destroy the group; resumes whoever waits by ResumeLater().
  virtual void OnChildEnded(ChildScope& child) = 0;
  void AbandonRunning(const absl::Status& reason);
  void Add(ChildScope& child, TaskScope& parent);
  void Remove(ChildScope& child);

  TaskScope* parent_ = nullptr;  // while any child runs, in its list
  ChildGroup* previous_ = nullptr;
  ChildGroup* next_ = nullptr;
  ChildScope* first_ = nullptr;  // the newest
  size_t running_ = 0;
};

// What is kept of a task's result, and what of it is a value.
template <class T>
struct ResultOf {
  using Kept = T;
  using Value = T;
  static constexpr bool kMayFail = false;
  static absl::Status Failure(const Kept&) { return absl::OkStatus(); }
  static Value Take(Kept&& kept) { return std::move(kept); }
};
template <>
struct ResultOf<void> : ResultOf<std::monostate> {};
template <>
struct ResultOf<absl::Status> {
  using Kept = absl::Status;
  using Value = std::monostate;
  static constexpr bool kMayFail = true;
  static absl::Status Failure(const Kept& kept) { return kept; }
  static Value Take(Kept&&) { return Value(); }
};
template <class T>
struct ResultOf<absl::StatusOr<T>> {
  using Kept = absl::StatusOr<T>;
  using Value = T;
  static constexpr bool kMayFail = true;
  static absl::Status Failure(const Kept& kept) { return kept.status(); }
  static Value Take(Kept&& kept) { return *std::move(kept); }
};

template <class T>
class Child final : public ChildScope {
 public:
  explicit Child(Task<T>&& task) : task_(std::move(task)) {}

  // After a good end, or a failure that is a result. Once.
  typename ResultOf<T>::Kept TakeKept() { return *std::move(kept_); }

 private:
  PromiseBase& promise() override { return task_.promise(); }
  absl::Status TakeResult() override {
    if constexpr (std::is_void_v<T>) {
      task_.await_resume();
      kept_.emplace();
    } else {
      kept_.emplace(task_.await_resume());
    }
    return ResultOf<T>::Failure(*kept_);
  }
  void DropTask(bool lost) override {
    Task<T> dropped = std::move(task_);
    if (lost) dropped.Forget();
  }

  Task<T> task_;
  std::optional<typename ResultOf<T>::Kept> kept_;
};

}  // namespace dialtone::internal
