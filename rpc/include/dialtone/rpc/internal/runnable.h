// What may be run beside other things: tasks, which begin when they are awaited, and calls, which are under way already.
// Internal.
#pragma once

#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "dialtone/rpc/call.h"
#include "dialtone/rpc/task.h"

namespace dialtone::internal {

template <class Reply>
Task<absl::StatusOr<Reply>> AwaitCall(Call<Reply> call) {
  co_return co_await call;
}

template <class A>
struct RunnableTraits {
  static constexpr bool kRuns = false;
};
template <class T>
struct RunnableTraits<Task<T>> {
  using Result = T;
  static constexpr bool kRuns = true;
  static constexpr bool kUnderWay = false;
  static Task<T> ToTask(Task<T>&& task) { return std::move(task); }
};
template <class Reply>
struct RunnableTraits<Call<Reply>> {
  using Result = absl::StatusOr<Reply>;
  static constexpr bool kRuns = true;
  static constexpr bool kUnderWay = true;
  static Task<Result> ToTask(Call<Reply>&& call) { return AwaitCall(std::move(call)); }
};

// Task<T> or Call<Reply>, to be moved from.
template <class A>
concept Runnable = RunnableTraits<A>::kRuns;
template <Runnable A>
using RunnableResult = typename RunnableTraits<A>::Result;

}  // namespace dialtone::internal
