// A recorder for each thread that a load's calls end on, also where a library makes those threads; and
// threads for clients that block.
#pragma once

#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "dialtone/load/window.h"

namespace bench {

// Thread-safe. One a program, made before its calls and alive until no thread records any more.
class Recorders {
 public:
  explicit Recorders(dialtone::load::Window& window) : window_(window) {}

  dialtone::load::Recorder& OfThisThread() {
    thread_local dialtone::load::Recorder* recorder = nullptr;
    if (recorder == nullptr) {
      const std::lock_guard<std::mutex> lock(mutex_);
      recorder = &recorders_.emplace_back(window_);
    }
    return *recorder;
  }

  // For Window::Finish.
  std::vector<const dialtone::load::Recorder*> All() {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<const dialtone::load::Recorder*> all;
    for (const dialtone::load::Recorder& recorder : recorders_) all.push_back(&recorder);
    return all;
  }

 private:
  dialtone::load::Window& window_;
  std::mutex mutex_;
  std::list<dialtone::load::Recorder> recorders_;  // their addresses last
};

// Runs `body(0)` to `body(count - 1)`, each on a thread of its own, and returns when all have.
inline void RunOnThreads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace bench
