#include "interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <list>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/mutex.h"
#include "exit_code.h"

namespace dial {
namespace {

constexpr time_t kGraceSeconds = 1;

using Stops = std::list<std::function<void()>>;

// Lives for ever: its thread does.
class SignalWatch {
 public:
  SignalWatch() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    DIALTONE_CHECK(descriptor_ >= 0, "no descriptor left for Ctrl-C");
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    // All threads inherit it: the signals come to the one that waits for them.
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::thread([this] { Run(); }).detach();
  }

  bool came() const { return came_.load(std::memory_order_acquire); }
  bool ends() const { return ends_.load(std::memory_order_acquire); }
  int descriptor() const { return descriptor_; }
  void Survive() { survives_.store(true, std::memory_order_release); }

  Stops::iterator Add(std::function<void()> stop) {
    dialtone::MutexLock lock(mutex_);
    if (came()) stop();
    return stops_.insert(stops_.end(), std::move(stop));
  }

  void Remove(Stops::iterator stop) {
    dialtone::MutexLock lock(mutex_);
    stops_.erase(stop);
  }

  void Forget() {
    dialtone::MutexLock lock(mutex_);
    if (ends()) return;
    uint64_t count = 0;
    const ssize_t taken = read(descriptor_, &count, sizeof count);
    if (taken == sizeof count) came_.store(false, std::memory_order_release);
  }

 private:
  void Run() {
    // What is not for this thread is for those that know what to do with it.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    int signal = 0;
    while (sigwait(&signals_, &signal) == 0) {
      const bool ends = signal == SIGTERM || !survives_.load(std::memory_order_acquire);
      if (ends) ends_.store(true, std::memory_order_release);
      if (!Stop(ends)) _exit(kExitInterrupted);
      if (!ends) continue;
      // A second Ctrl-C does not wait.
      const timespec grace{kGraceSeconds, 0};
      sigtimedwait(&signals_, nullptr, &grace);
      _exit(kExitInterrupted);
    }
  }

  // False: the program cannot but end at once, for nothing is under way that could be stopped, or that has not stopped though
  // it was told to a while ago.
  bool Stop(bool ends) {
    dialtone::MutexLock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    const bool again = came() && now - since_ > std::chrono::seconds(kGraceSeconds);
    if (!came()) since_ = now;
    came_.store(true, std::memory_order_release);
    const uint64_t one = 1;
    const ssize_t written = write(descriptor_, &one, sizeof one);
    for (const std::function<void()>& stop : stops_) stop();
    return written == sizeof one && (ends ? !stops_.empty() : !again);
  }

  const int descriptor_;
  sigset_t signals_{};
  std::atomic<bool> came_{false};
  std::atomic<bool> ends_{false};
  std::atomic<bool> survives_{false};
  dialtone::Mutex mutex_;
  Stops stops_ ABSL_GUARDED_BY(mutex_);
  // When the first interrupt came that is not forgotten.
  std::chrono::steady_clock::time_point since_ ABSL_GUARDED_BY(mutex_);
};

SignalWatch& TheWatch() {
  static SignalWatch& watch = *new SignalWatch;
  return watch;
}

}  // namespace

void WatchForInterrupts() { TheWatch(); }
bool Interrupted() { return TheWatch().came(); }
int InterruptDescriptor() { return TheWatch().descriptor(); }

void SurviveInterrupts() { TheWatch().Survive(); }
void ForgetInterrupt() { TheWatch().Forget(); }
bool Terminated() { return TheWatch().ends(); }

WhenInterrupted::WhenInterrupted(std::function<void()> stop)
    : stop_(TheWatch().Add(std::move(stop))) {}
WhenInterrupted::~WhenInterrupted() { TheWatch().Remove(stop_); }

}  // namespace dial
