// Runs several tasks and calls at once, and waits for all of them.
//
//   absl::StatusOr<std::tuple<User, Cart>> both =
//       co_await dialtone::WhenAll(users.Get(user_request), carts.Get(cart_request));
//   if (!both.ok()) co_return both.status();      // of the one that failed first
//   auto& [user, cart] = *both;
//
// They run where the coroutine does, one at a time, each up to where it waits; each in a context of its own, which ends
// with the coroutine's and has its deadline. The first that fails, that is, ends with an absl::Status or absl::StatusOr that
// is not OK, or throws, decides: the rest is cancelled, and what has not begun does not begin. In any case the await is over
// when every one of them has ended, and nothing of them outlives it.
//
//   arguments                                    result
//   Task<StatusOr<A>>, Call<B>, Task<Status>     StatusOr<tuple<A, B, monostate>>
//   Task<A>, Task<void>                          tuple<A, monostate>: these cannot fail
//   Task<Status>, …                              Status
//   vector<Task<StatusOr<A>>>, vector<Call<A>>   StatusOr<vector<A>>
//   vector<Task<A>>                              vector<A>
//   vector<Task<Status>>                         Status
//   Task<void>, …, vector<Task<void>>            void
//
// WhenAllSettled() lets each come to its own end instead, and gives the result of each: tuple<StatusOr<A>, StatusOr<B>,
// Status>, vector<StatusOr<A>>.
//
// An exception, with either, cancels the rest, and comes out of the await when all have ended. For more tasks than should
// run at a time there is TaskGroup.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dialtone/rpc/internal/children_await.h"

namespace dialtone {

namespace internal {

template <bool kMayFail, class Values>
using OrStatus = std::conditional_t<kMayFail, absl::StatusOr<Values>, Values>;
template <bool kMayFail>
using NoValues = std::conditional_t<kMayFail, absl::Status, void>;

template <Runnable... A>
class [[nodiscard]] FixedAll final : public FixedChildren<A...> {
 public:
  explicit FixedAll(A&&... runnables)
      : FixedChildren<A...>("WhenAll", DecidedBy::kAFailure, std::move(runnables)...) {}
  ~FixedAll() {}

  auto await_resume() {
    using Values = std::tuple<typename ResultOf<RunnableResult<A>>::Value...>;
    constexpr bool kMayFail = (ResultOf<RunnableResult<A>>::kMayFail || ...);
    constexpr bool kEmpty =
        (std::is_same_v<typename ResultOf<RunnableResult<A>>::Value, std::monostate> && ...);
    using Result =
        typename std::conditional_t<kEmpty, std::type_identity<NoValues<kMayFail>>,
                                    std::type_identity<OrStatus<kMayFail, Values>>>::type;
    [[maybe_unused]] const ChildScope* failed = this->Decider();
    if constexpr (kMayFail) {
      if (failed != nullptr) return Result(failed->failure());
    }
    if constexpr (!kEmpty) {
      return std::apply(
          [](auto&... child) {
            return Result(Values(ResultOf<RunnableResult<A>>::Take(child.TakeKept())...));
          },
          this->children_);
    } else if constexpr (kMayFail) {
      return absl::OkStatus();
    }
  }
};

template <Runnable A>
class [[nodiscard]] ListedAll final : public ListedChildren<A> {
 public:
  explicit ListedAll(std::vector<A>&& runnables)
      : ListedChildren<A>("WhenAll", DecidedBy::kAFailure, std::move(runnables)) {}
  ~ListedAll() {}

  auto await_resume() {
    using Of = ResultOf<RunnableResult<A>>;
    using Values = std::vector<typename Of::Value>;
    [[maybe_unused]] const ChildScope* failed = this->Decider();
    if constexpr (std::is_same_v<typename Of::Value, std::monostate>) {
      if constexpr (Of::kMayFail) return failed == nullptr ? absl::OkStatus() : failed->failure();
    } else {
      using Result = OrStatus<Of::kMayFail, Values>;
      if constexpr (Of::kMayFail) {
        if (failed != nullptr) return Result(failed->failure());
      }
      Values values;
      values.reserve(this->children_.size());
      for (auto& child : this->children_) values.push_back(Of::Take(child->TakeKept()));
      return Result(std::move(values));
    }
  }
};

template <Runnable... A>
class [[nodiscard]] FixedSettled final : public FixedChildren<A...> {
 public:
  explicit FixedSettled(A&&... runnables)
      : FixedChildren<A...>("WhenAllSettled", DecidedBy::kTheLast, std::move(runnables)...) {}
  ~FixedSettled() {}

  std::tuple<typename ResultOf<RunnableResult<A>>::Kept...> await_resume() {
    this->Decider();
    return std::apply(
        [](auto&... child) {
          return std::tuple<typename ResultOf<RunnableResult<A>>::Kept...>(child.TakeKept()...);
        },
        this->children_);
  }
};

template <Runnable A>
class [[nodiscard]] ListedSettled final : public ListedChildren<A> {
 public:
  explicit ListedSettled(std::vector<A>&& runnables)
      : ListedChildren<A>("WhenAllSettled", DecidedBy::kTheLast, std::move(runnables)) {}
  ~ListedSettled() {}

  std::vector<typename ResultOf<RunnableResult<A>>::Kept> await_resume() {
    this->Decider();
    std::vector<typename ResultOf<RunnableResult<A>>::Kept> results;
    results.reserve(this->children_.size());
    for (auto& child : this->children_) results.push_back(child->TakeKept());
    return results;
  }
};

}  // namespace internal

// Tasks and calls are moved from: temporaries, or std::move(task).
template <internal::Runnable... A>
internal::FixedAll<A...> WhenAll(A&&... runnables) {
  return internal::FixedAll<A...>(std::move(runnables)...);
}
template <internal::Runnable A>
internal::ListedAll<A> WhenAll(std::vector<A>&& runnables) {
  return internal::ListedAll<A>(std::move(runnables));
}

template <internal::Runnable... A>
internal::FixedSettled<A...> WhenAllSettled(A&&... runnables) {
  return internal::FixedSettled<A...>(std::move(runnables)...);
}
template <internal::Runnable A>
internal::ListedSettled<A> WhenAllSettled(std::vector<A>&& runnables) {
  return internal::ListedSettled<A>(std::move(runnables));
}

}  // namespace dialtone
