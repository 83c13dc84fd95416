// Suspends a coroutine for a while; zero or less lets others run first. Ends early, with CANCELLED or DEADLINE_EXCEEDED,
// when the context that it runs in ends or its deadline comes.
//
//   absl::Status slept = co_await dialtone::Sleep(absl::Milliseconds(5));
#pragma once

#include <atomic>
#include <chrono>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "dialtone/rpc/internal/coroutine.h"
#include "dialtone/transport/timer.h"

namespace dialtone {

class [[nodiscard]] Sleep final : public internal::Awaitable, private internal::CancelNode {
 public:
  explicit Sleep(absl::Duration duration) : duration_(duration) {}
  template <class Rep, class Period>
  explicit Sleep(std::chrono::duration<Rep, Period> duration) : Sleep(absl::FromChrono(duration)) {}
  ~Sleep() {}
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;

  bool await_ready() const { return false; }
  bool Suspend(internal::PromiseBase& promise);
  absl::Status await_resume();

 private:
  void OnContextEnded(const absl::Status& reason) override;
  // On the loop.
  void Begin();
  void OnTimer();
  void Interrupt();
  void Finish();

  const absl::Duration duration_;
  internal::PromiseBase* promise_ = nullptr;
  Loop* loop_ = nullptr;
  // Under the loop's lead.
  bool finished_ = false;
  bool interrupted_ = false;
  bool cut_short_ = false;  // to the context's deadline
  bool registered_ = false;
  // What still holds this object: Suspend() itself, posted work, the armed timer. The last one
  // resumes the coroutine.
  std::atomic<int> posted_{0};
  MemberTimer<&Sleep::OnTimer> timer_{*this};
  MemberWork<&Sleep::Begin> begin_{*this};
  MemberWork<&Sleep::Interrupt> interrupt_{*this};
};

}  // namespace dialtone
