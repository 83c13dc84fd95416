#include "wakeup.h"

#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

#include "dialtone/transport/mutex.h"

namespace dialtone {
namespace {

std::atomic<uint64_t> write_count{0};

// Guards the lists of free objects. Never destroyed, as they are not.
Mutex& FreeListMutex() {
  static Mutex& mutex = *new Mutex;
  return mutex;
}
int MakeEventfd() { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

Wakeup* free_wakeups = nullptr;
Sleeper* free_sleepers = nullptr;

}  // namespace

Wakeup& Wakeup::Take() { return TakeWith(MakeEventfd()); }

Wakeup* Wakeup::TryTake() {
  const int descriptor = MakeEventfd();
  return descriptor < 0 ? nullptr : &TakeWith(descriptor);
}

Wakeup& Wakeup::TakeWith(int descriptor) {
  MutexLock lock(FreeListMutex());
  if (free_wakeups == nullptr) free_wakeups = new Wakeup;
  Wakeup& wakeup = *free_wakeups;
  free_wakeups = wakeup.next_free_;
  wakeup.next_free_ = nullptr;
  wakeup.descriptor_.store(descriptor, std::memory_order_seq_cst);
  return wakeup;
}

bool Wakeup::OpenAgain() {
  const int descriptor = MakeEventfd();
  if (descriptor < 0) return false;
  descriptor_.store(descriptor, std::memory_order_seq_cst);
  return true;
}

void Wakeup::GiveBack() {
  const int descriptor = descriptor_.exchange(-1, std::memory_order_seq_cst);
  while (users_.load(std::memory_order_seq_cst) != 0) sched_yield();
  if (descriptor >= 0) close(descriptor);
  MutexLock lock(FreeListMutex());
  next_free_ = free_wakeups;
  free_wakeups = this;
}

void Wakeup::Wake() {
  const int saved_errno = errno;
  users_.fetch_add(1, std::memory_order_seq_cst);
  const int descriptor = descriptor_.load(std::memory_order_seq_cst);
  if (descriptor >= 0) {
    const uint64_t one = 1;
    // Fails only when the counter is full, and then it is readable anyway.
    if (write(descriptor, &one, sizeof one) < 0) errno = saved_errno;
    write_count.fetch_add(1, std::memory_order_relaxed);
  }
  users_.fetch_sub(1, std::memory_order_seq_cst);
  errno = saved_errno;
}

void Wakeup::Drain() {
  uint64_t count = 0;
  while (read(descriptor(), &count, sizeof count) < 0 && errno == EINTR) {
  }
}

uint64_t Wakeup::writes() { return write_count.load(std::memory_order_relaxed); }

Sleeper& Sleeper::Take() {
  MutexLock lock(FreeListMutex());
  if (free_sleepers == nullptr) free_sleepers = new Sleeper;
  Sleeper& sleeper = *free_sleepers;
  free_sleepers = sleeper.next_free_;
  sleeper.next_free_ = nullptr;
  return sleeper;
}

void Sleeper::GiveBack() {
  Awake();
  MutexLock lock(FreeListMutex());
  next_free_ = free_sleepers;
  free_sleepers = this;
}

void Sleeper::Wake() {
  if (asleep_in_.load(std::memory_order_seq_cst) == nullptr) return;
  Wakeup* const in = asleep_in_.exchange(nullptr, std::memory_order_seq_cst);
  if (in != nullptr) in->Wake();
}

void Sleeper::WakeIfIn(Wakeup& in) {
  Wakeup* expected = &in;
  if (asleep_in_.load(std::memory_order_seq_cst) != expected) return;
  if (asleep_in_.compare_exchange_strong(expected, nullptr, std::memory_order_seq_cst)) in.Wake();
}

}  // namespace dialtone
