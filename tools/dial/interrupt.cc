#include "interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/mutex.h"
#include "exit_code.h"

namespace dial {
namespace {

constexpr time_t kGraceSeconds = 1;

// Lives for ever: its thread does.
class Watch {
 public:
  Watch() : descriptor_(eventfd(0, EFD_CLOEXEC)) {
    DIALTONE_CHECK(descriptor_ >= 0, "no descriptor left for Ctrl-C");
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    // All threads inherit it: the signals come to the one that waits for them.
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::thread([this] { Run(); }).detach();
  }

  bool came() const { return came_.load(std::memory_order_acquire); }
  int descriptor() const { return descriptor_; }

  void Set(std::function<void()> stop) {
    dialtone::MutexLock lock(mutex_);
    stop_ = std::move(stop);
    if (stop_ && came()) stop_();
  }

 private:
  void Run() {
    int signal = 0;
    if (sigwait(&signals_, &signal) != 0) return;
    came_.store(true, std::memory_order_release);
    const uint64_t one = 1;
    const ssize_t written = write(descriptor_, &one, sizeof one);
    if (written != sizeof one || !Stop()) _exit(kExitInterrupted);
    // A second Ctrl-C does not wait.
    const timespec grace{kGraceSeconds, 0};
    sigtimedwait(&signals_, nullptr, &grace);
    _exit(kExitInterrupted);
  }

  // False: nothing is under way that could be stopped.
  bool Stop() {
    dialtone::MutexLock lock(mutex_);
    if (stop_) stop_();
    return static_cast<bool>(stop_);
  }

  const int descriptor_;
  sigset_t signals_{};
  std::atomic<bool> came_{false};
  dialtone::Mutex mutex_;
  std::function<void()> stop_ ABSL_GUARDED_BY(mutex_);
};

Watch& TheWatch() {
  static Watch& watch = *new Watch;
  return watch;
}

}  // namespace

void WatchForInterrupts() { TheWatch(); }
bool Interrupted() { return TheWatch().came(); }
int InterruptDescriptor() { return TheWatch().descriptor(); }

WhenInterrupted::WhenInterrupted(std::function<void()> stop) { TheWatch().Set(std::move(stop)); }
WhenInterrupted::~WhenInterrupted() { TheWatch().Set(nullptr); }

}  // namespace dial
