// std::condition_variable for a Mutex. Not in mutex.h, whose users would all pay for the header of the
// standard library behind it when they compile.
#pragma once

#include <condition_variable>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "dialtone/transport/mutex.h"

namespace dialtone {

// Waits without a time limit only: waiting with one goes through Network::Wait, whose time may be
// virtual.
class CondVar {
 public:
  // Releases `mutex`, which this thread holds, while it sleeps. Wakes spuriously: wait in a loop.
  void Wait(Mutex& mutex) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace dialtone
