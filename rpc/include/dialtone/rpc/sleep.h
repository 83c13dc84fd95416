// Suspends a coroutine for a while; zero or less lets others run first. Ends early, with CANCELLED or DEADLINE_EXCEEDED,
// when the context that it runs in ends or its deadline comes.
//
//   absl::Status slept = co_await dialtone::Sleep(absl::Milliseconds(5));
#pragma once

#include <atomic>
#include <chrono>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "dialtone/rpc/internal/coroutine.h"
#include "dialtone/rpc/internal/duration.h"
#include "dialtone/transport/timer.h"

namespace dialtone {

class [[nodiscard]] Sleep final : public internal::Awaitable, private internal::CancelNode {
 public:
  explicit Sleep(absl::Duration duration) : duration_(duration) {}
  template <class Rep, class Period>
  explicit Sleep(std::chrono::duration<Rep, Period> duration)
      : Sleep(internal::FromAnyChrono(duration)) {}
  // A coroutine that is abandoned is destroyed without being resumed, maybe while another thread ends its context.
  ~Sleep() { LeaveContext(); }
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;

  bool await_ready() const { return false; }
  bool Suspend(internal::PromiseBase& promise);
  absl::Status await_resume();

 private:
  void OnContextEnded(const absl::Status& reason) override;
  void LeaveContext() {
    if (context_ != nullptr) std::exchange(context_, nullptr)->Remove(*this);
  }
  // On the loop.
  void Begin();
  void OnTimer();
  void Interrupt();
  void Finish();

  const absl::Duration duration_;
  internal::PromiseBase* promise_ = nullptr;
  Loop* loop_ = nullptr;
  internal::ContextState* context_ = nullptr;  // while this is linked there
  // Under the loop's lead.
  bool finished_ = false;
  bool interrupted_ = false;
  bool cut_short_ = false;  // to the context's deadline
  // What still holds this object: Suspend() itself, posted work, the armed timer. The last one
  // resumes the coroutine.
  std::atomic<int> posted_{0};
  MemberTimer<&Sleep::OnTimer> timer_{*this};
  MemberWork<&Sleep::Begin> begin_{*this};
  MemberWork<&Sleep::Interrupt> interrupt_{*this};
};

}  // namespace dialtone
