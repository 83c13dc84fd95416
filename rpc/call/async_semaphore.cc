#include "dialtone/rpc/async_semaphore.h"

#include "absl/strings/str_cat.h"
#include "dialtone/transport/check.h"

namespace dialtone {

AsyncSemaphore::~AsyncSemaphore() {
  MutexLock lock(mutex_);
  DIALTONE_CHECK(line_.empty() && available_ == permits_,
                 "a semaphore or mutex is destroyed while it is held or waited for");
}

std::optional<AsyncSemaphore::Permit> AsyncSemaphore::TryAcquire(size_t count) {
  MutexLock lock(mutex_);
  if (!Take(count)) return std::nullopt;
  return Permit(*this, count);
}

bool AsyncSemaphore::Take(size_t count) {
  if (!line_.empty() || count > available_) return false;
  available_ -= count;
  return true;
}

void AsyncSemaphore::GiveBack(size_t count) {
  internal::WaitLine served;
  {
    MutexLock lock(mutex_);
    available_ += count;
    Serve(served);
  }
  served.ResumeAll();
}

void AsyncSemaphore::Serve(internal::WaitLine& served) {
  while (!line_.empty()) {
    auto& first = static_cast<AcquireAwait&>(line_.front());
    if (first.count_ > available_) return;
    available_ -= first.count_;
    first.holds_ = true;
    line_.ServeFront(served);
  }
}

bool AsyncSemaphore::AcquireAwait::JoinLine() {
  if (count_ > semaphore_.permits_) return true;  // await_resume() says so
  MutexLock lock(semaphore_.mutex_);
  holds_ = semaphore_.Take(count_);
  if (!holds_) semaphore_.line_.PushBack(*this);
  return holds_;
}

bool AsyncSemaphore::AcquireAwait::LeaveLine() {
  internal::WaitLine served;
  bool left = false;
  {
    MutexLock lock(semaphore_.mutex_);
    left = semaphore_.line_.Remove(*this);
    // Those behind may need fewer.
    if (left) semaphore_.Serve(served);
  }
  served.ResumeAll();
  return left;
}

absl::StatusOr<AsyncSemaphore::Permit> AsyncSemaphore::AcquireAwait::await_resume() {
  absl::Status status = EndWait();
  if (!status.ok()) return status;
  if (!std::exchange(holds_, false)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "AsyncSemaphore: ", count_, " permits are asked for, and there are ", semaphore_.permits_));
  }
  return Permit(semaphore_, count_);
}

}  // namespace dialtone
