// Runs tasks and calls that are known from the start, until all have ended, and cancels the rest when it is decided how
// this ends. What WhenAll and WhenAny have in common. Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "dialtone/rpc/internal/child_scope.h"
#include "dialtone/rpc/internal/runnable.h"

namespace dialtone::internal {

// What decides: the others are cancelled then. An exception always does.
enum class DecidedBy : uint8_t { kTheLast, kAFailure, kASuccess, kTheFirst };

class ChildrenAwait : public Awaitable, private ChildGroup {
 public:
  bool await_ready() const { return false; }
  bool Suspend(PromiseBase& parent);

 protected:
  // `name` is what users call this.
  ChildrenAwait(const char* name, DecidedBy decided_by) : name_(name), decided_by_(decided_by) {}
  ~ChildrenAwait() {}

  // Calls StartOne() for each, in order.
  virtual void StartAll() = 0;
  // One that is under way is started even if it is decided how this ends, to be cancelled and waited for.
  void StartOne(ChildScope& child, bool under_way);

  // After the end. The child that decided; null if none did. Throws what a child threw.
  const ChildScope* Decider() const;
  // How the first child failed, and that all did: for "which first succeeds".
  absl::Status AllFailed() const;

 private:
  void OnChildEnded(ChildScope& child) override;
  void Decide(ChildScope& child, const absl::Status& why);

  const char* const name_;
  const DecidedBy decided_by_;
  bool starting_ = false;
  PromiseBase* parent_ = nullptr;
  const ChildScope* decider_ = nullptr;
  std::exception_ptr exception_;
  absl::Status first_failure_;
  size_t failures_ = 0;
  absl::Status cancel_reason_;  // not OK: the rest is cancelled
};

// A fixed number, of any types: A is Task<T> or Call<Reply>.
template <Runnable... A>
class FixedChildren : public ChildrenAwait {
 protected:
  FixedChildren(const char* name, DecidedBy decided_by, A&&... runnables)
      : ChildrenAwait(name, decided_by),
        children_(RunnableTraits<A>::ToTask(std::move(runnables))...) {}
  ~FixedChildren() {}

  // Calls visit(child, index constant) for each.
  template <class Visit>
  void ForEach(Visit visit) {
    [&]<size_t... I>(std::index_sequence<I...>) {
      (visit(std::get<I>(children_), std::integral_constant<size_t, I>()), ...);
    }(std::index_sequence_for<A...>());
  }

  std::tuple<Child<RunnableResult<A>>...> children_;

 private:
  void StartAll() override {
    ForEach([this](auto& child, auto index) {
      using Runs = std::tuple_element_t<index, std::tuple<A...>>;
      StartOne(child, RunnableTraits<Runs>::kUnderWay);
    });
  }
};

// Any number, of one type.
template <Runnable A>
class ListedChildren : public ChildrenAwait {
 protected:
  ListedChildren(const char* name, DecidedBy decided_by, std::vector<A>&& runnables)
      : ChildrenAwait(name, decided_by), children_(runnables.size()) {
    for (size_t i = 0; i < runnables.size(); ++i)
      children_[i].emplace(RunnableTraits<A>::ToTask(std::move(runnables[i])));
  }
  ~ListedChildren() {}

  std::vector<std::optional<Child<RunnableResult<A>>>> children_;  // optional, as they do not move

 private:
  void StartAll() override {
    for (auto& child : children_) StartOne(*child, RunnableTraits<A>::kUnderWay);
  }
};

}  // namespace dialtone::internal
