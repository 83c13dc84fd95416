#include "poller.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>

#include "dialtone/transport/check.h"

namespace dialtone {
namespace {

// A kernel before 5.11 (ENOSYS), or a filter of system calls that is older than this one (EPERM):
// found out once.
std::atomic<bool> has_no_pwait2{false};

}  // namespace

Poller::Poller() { whole_ = Open(); }

Poller::~Poller() {
  DIALTONE_CHECK(watched_ == 0, "a stream or listener outlives its loop");
  if (descriptor() >= 0) close(descriptor());
}

bool Poller::Open() {
  if (descriptor() < 0) {
    descriptor_.store(epoll_create1(EPOLL_CLOEXEC), std::memory_order_relaxed);
    if (descriptor() < 0) return false;
  }
  if (wakeup_ == nullptr) return true;
  if (!wakeup_->Open()) return false;
  epoll_event event{};
  // Every write is an edge: nobody need read the counter.
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;
  DIALTONE_CHECK(epoll_ctl(descriptor(), EPOLL_CTL_ADD, wakeup_->descriptor(), &event) == 0);
  return true;
}

int Poller::Add(int descriptor, uint32_t events, Watched& watched) {
  if (!Complete() && this->descriptor() < 0) return errno;
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watched;
  if (epoll_ctl(this->descriptor(), EPOLL_CTL_ADD, descriptor, &event) != 0) return errno;
  ++watched_;
  latest_ = &watched;
  return 0;
}

void Poller::Modify(int descriptor, uint32_t events, Watched& watched) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watched;
  DIALTONE_CHECK(epoll_ctl(this->descriptor(), EPOLL_CTL_MOD, descriptor, &event) == 0);
}

void Poller::Remove(int descriptor, Watched& watched) {
  DIALTONE_CHECK(epoll_ctl(this->descriptor(), EPOLL_CTL_DEL, descriptor, nullptr) == 0);
  --watched_;
  if (latest_ == &watched) latest_ = nullptr;
  for (int i = next_; i < count_; ++i) {
    if (events_[static_cast<size_t>(i)].data.ptr == &watched) {
      events_[static_cast<size_t>(i)].data.ptr = nullptr;
    }
  }
}

void Poller::Forget(const Watched& watched) {
  if (telling_ == &watched) telling_ = nullptr;
}

void Poller::AddWakeup(Wakeup& wakeup) {
  wakeup_ = &wakeup;
  whole_ = Open();
}

void Poller::Wait(int64_t nanoseconds) {
  if (!whole_) [[unlikely]] {
    nanoseconds = Wakeup::AtMostANap(nanoseconds);
  }
  timespec time{};
  time.tv_sec = nanoseconds / 1'000'000'000;
  time.tv_nsec = nanoseconds % 1'000'000'000;
  next_ = 0;
  if (descriptor() < 0) [[unlikely]] {
    count_ = 0;
    ppoll(nullptr, 0, &time, nullptr);
    return;
  }
  bool coarse = has_no_pwait2.load(std::memory_order_relaxed);
  if (!coarse) {
    count_ = epoll_pwait2(descriptor(), events_.data(), kEventsMax,
                          nanoseconds < 0 ? nullptr : &time, nullptr);
    coarse = count_ < 0 && (errno == ENOSYS || errno == EPERM);
    if (coarse) has_no_pwait2.store(true, std::memory_order_relaxed);
  }
  if (coarse) [[unlikely]] {
    // Milliseconds are all it knows; never too early, so rounded up.
    const int64_t milliseconds = std::min<int64_t>((nanoseconds + 999'999) / 1'000'000, INT_MAX);
    count_ = epoll_wait(descriptor(), events_.data(), kEventsMax,
                        nanoseconds < 0 ? -1 : static_cast<int>(milliseconds));
  }
  if (count_ < 0) {
    DIALTONE_CHECK(errno == EINTR);
    count_ = 0;
  }
}

void Poller::Dispatch() {
  while (next_ < count_) {
    const epoll_event event = events_[static_cast<size_t>(next_++)];
    auto* const watched = static_cast<Watched*>(event.data.ptr);
    if (watched == nullptr) continue;
    latest_ = watched;
    Tell(*watched, event.events);
  }
}

void Poller::Tell(Watched& watched, uint32_t events) {
  telling_ = &watched;
  watched.OnEvents(events);
  telling_ = nullptr;
}

}  // namespace dialtone
