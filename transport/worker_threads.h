// Threads that run what may block. Internal; the contract is Workers'.
#pragma once

#include <cstddef>
#include <thread>
#include <vector>

#include "dialtone/transport/cond_var.h"
#include "dialtone/transport/mutex.h"
#include "dialtone/transport/network.h"

namespace dialtone {

class WorkerThreads final : public Workers {
 public:
  WorkerThreads(int threads, size_t queue_max);
  // Not from one of them.
  ~WorkerThreads() override;
  bool Post(Work& work) override;
  bool Withdraw(Work& work) override;

 private:
  void Run();

  const size_t queue_max_;
  const size_t fair_max_;
  Mutex mutex_;
  CondVar posted_;
  WorkList queue_ ABSL_GUARDED_BY(mutex_);
  size_t queued_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;  // constant after the constructor
};

}  // namespace dialtone
