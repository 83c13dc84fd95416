// Runs several tasks and calls at once, and waits for the first of them that succeeds.
//
//   absl::StatusOr<Reply> reply = co_await dialtone::WhenAny(near.Get(request), far.Get(request));
//
// As soon as one ends well the others are cancelled, and what has not begun does not begin; the await is over when every one
// of them has ended, and nothing of them outlives it. A task of absl::Status or absl::StatusOr that is not OK has failed;
// one of another type succeeds by ending. When all have failed, the result has the code of the first that did.
//
//   arguments                                   result
//   Call<A>, Call<A>; vector<Call<A>>           StatusOr<A>, as of any one alone: Status for Task<Status>, A for Task<A>
//   Task<StatusOr<A>>, Call<B>, Task<Status>    StatusOr<variant<A, B, monostate>>
//
// Race() waits for the first that ends, well or not: its results are StatusOr<A>, and variant<StatusOr<A>, StatusOr<B>,
// Status>.
//
// Which one it was: co_await WhenAny(…).CaptureIndex(index). They run, each in a context of its own, and exceptions come
// out of the await, as in when_all.h. A vector must not be empty, unless it is of tasks that may fail.
#pragma once

#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dialtone/rpc/internal/children_await.h"
#include "dialtone/transport/check.h"

namespace dialtone {

namespace internal {

// The result of the first of several: theirs, if it is the same for all, else a variant.
template <DecidedBy kBy, class First, class... Others>
struct FirstResult {
  static constexpr bool kSame = (std::is_same_v<First, Others> && ...);
  static constexpr bool kFails = ResultOf<First>::kMayFail || (ResultOf<Others>::kMayFail || ...);
  static constexpr bool kUnwraps = !kSame && kFails && kBy == DecidedBy::kASuccess;
  using Variant = std::conditional_t<
      kUnwraps, std::variant<typename ResultOf<First>::Value, typename ResultOf<Others>::Value...>,
      std::variant<typename ResultOf<First>::Kept, typename ResultOf<Others>::Kept...>>;
  using Type = std::conditional_t<kSame, First,
                                  std::conditional_t<kUnwraps, absl::StatusOr<Variant>, Variant>>;

  template <size_t kIndex, class T>
  static Type From(Child<T>& child) {
    if constexpr (kUnwraps) {
      return Type(Variant(std::in_place_index<kIndex>, ResultOf<T>::Take(child.TakeKept())));
    } else if constexpr (!kSame) {
      return Type(std::in_place_index<kIndex>, child.TakeKept());
    } else if constexpr (!std::is_void_v<Type>) {
      return child.TakeKept();
    }
  }
};

template <DecidedBy kBy>
inline constexpr const char* kFirstName = kBy == DecidedBy::kASuccess ? "WhenAny" : "Race";

template <DecidedBy kBy, Runnable... A>
class [[nodiscard]] FixedFirst final : public FixedChildren<A...> {
  using Of = FirstResult<kBy, RunnableResult<A>...>;

 public:
  explicit FixedFirst(A&&... runnables)
      : FixedChildren<A...>(kFirstName<kBy>, kBy, std::move(runnables)...) {}
  ~FixedFirst() {}

  // `index` is set with the result, if one was the first.
  FixedFirst&& CaptureIndex(size_t& index) && {
    index_ = &index;
    return std::move(*this);
  }

  typename Of::Type await_resume() {
    const ChildScope* first = this->Decider();
    if constexpr (Of::kFails) {
      if (first == nullptr) return typename Of::Type(this->AllFailed());
    }
    if constexpr (std::is_void_v<typename Of::Type>) {
      this->ForEach([&](auto& child, auto i) {
        if (&child == first && index_ != nullptr) *index_ = i;
      });
    } else {
      std::optional<typename Of::Type> result;
      this->ForEach([&](auto& child, auto i) {
        if (&child != first) return;
        result.emplace(Of::template From<i>(child));
        if (index_ != nullptr) *index_ = i;
      });
      return *std::move(result);
    }
  }

 private:
  size_t* index_ = nullptr;
};

template <DecidedBy kBy, Runnable A>
class [[nodiscard]] ListedFirst final : public ListedChildren<A> {
  using Result = RunnableResult<A>;

 public:
  explicit ListedFirst(std::vector<A>&& runnables)
      : ListedChildren<A>(kFirstName<kBy>, kBy, std::move(runnables)) {
    DIALTONE_CHECK(ResultOf<Result>::kMayFail || !this->children_.empty(),
                   "the first of no tasks that cannot fail");
  }
  ~ListedFirst() {}

  // `index` is set with the result, if one was the first.
  ListedFirst&& CaptureIndex(size_t& index) && {
    index_ = &index;
    return std::move(*this);
  }

  Result await_resume() {
    const ChildScope* first = this->Decider();
    if constexpr (ResultOf<Result>::kMayFail) {
      if (first == nullptr) return this->AllFailed();
    }
    size_t i = 0;
    while (&*this->children_[i] != first) ++i;
    if (index_ != nullptr) *index_ = i;
    if constexpr (!std::is_void_v<Result>) return this->children_[i]->TakeKept();
  }

 private:
  size_t* index_ = nullptr;
};

}  // namespace internal

// Tasks and calls are moved from: temporaries, or std::move(task).
template <internal::Runnable... A>
internal::FixedFirst<internal::DecidedBy::kASuccess, A...> WhenAny(A&&... runnables) {
  return internal::FixedFirst<internal::DecidedBy::kASuccess, A...>(std::move(runnables)...);
}
template <internal::Runnable A>
internal::ListedFirst<internal::DecidedBy::kASuccess, A> WhenAny(std::vector<A>&& runnables) {
  return internal::ListedFirst<internal::DecidedBy::kASuccess, A>(std::move(runnables));
}

template <internal::Runnable... A>
internal::FixedFirst<internal::DecidedBy::kTheFirst, A...> Race(A&&... runnables) {
  return internal::FixedFirst<internal::DecidedBy::kTheFirst, A...>(std::move(runnables)...);
}
template <internal::Runnable A>
internal::ListedFirst<internal::DecidedBy::kTheFirst, A> Race(std::vector<A>&& runnables) {
  return internal::ListedFirst<internal::DecidedBy::kTheFirst, A>(std::move(runnables));
}

}  // namespace dialtone
