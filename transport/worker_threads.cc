#include "worker_threads.h"

#include <algorithm>

#include "thread_name.h"

namespace dialtone {

WorkerThreads::WorkerThreads(int threads, size_t queue_max)
    : queue_max_(queue_max), fair_max_(kFairPerThread * static_cast<size_t>(std::max(threads, 1))) {
  for (int i = 0; i < std::max(threads, 1); ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

WorkerThreads::~WorkerThreads() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  posted_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerThreads::Post(Work& work) {
  {
    MutexLock lock(mutex_);
    if (queued_ >= queue_max_) return false;
    queue_.PushBack(work);
    ++queued_;
  }
  posted_.NotifyOne();
  return true;
}

bool WorkerThreads::Withdraw(Work& work) {
  MutexLock lock(mutex_);
  if (!queue_.Remove(work)) return false;
  --queued_;
  return true;
}

void WorkerThreads::Run() {
  NameThisThread("dialtone-worker");
  while (true) {
    Work* work = nullptr;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) posted_.Wait(mutex_);
      work = WorkList::Marked(queued_ > fair_max_ ? queue_.PopBack() : queue_.PopFront());
      if (work == nullptr) return;
      --queued_;
    }
    work->Run();
  }
}

}  // namespace dialtone
