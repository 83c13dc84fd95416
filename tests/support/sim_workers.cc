#include "support/sim_workers.h"

#include "dialtone/transport/check.h"
#include "dialtone/transport/loop.h"

namespace dialtone {

SimWorkers::SimWorkers(SimWorld& world, int threads, size_t queue_max)
    : world_(world), queue_max_(queue_max) {
  for (int i = 0; i < threads; ++i) threads_.push_back(std::make_unique<Thread>(*this));
}

SimWorkers::~SimWorkers() {
  DIALTONE_CHECK(Loop::Current() == nullptr, "joining workers blocks");
  for (const auto& thread : threads_) {
    if (thread->busy) world_.Die("workers are destroyed from within their own work");
  }
  while (Work* work = WorkList::Marked(queue_.PopFront())) work->Run();
}

bool SimWorkers::Post(Work& work) {
  if (queued_ >= queue_max_) return false;
  queue_.PushBack(work);
  ++queued_;
  Dispatch();
  return true;
}

bool SimWorkers::Withdraw(Work& work) {
  if (!queue_.Remove(work)) return false;
  --queued_;
  return true;
}

void SimWorkers::Dispatch() {
  for (const auto& thread : threads_) {
    if (thread->busy || thread->run.armed()) continue;
    const int64_t delay_max = absl::ToInt64Nanoseconds(world_.options.worker_delay_max);
    return world_.queue.Arm(thread->run, world_.now() + world_.random.Between(0, delay_max));
  }
}

void SimWorkers::RunOne(Thread& thread) {
  const bool fair = queued_ <= kFairPerThread * threads_.size();
  Work* work = WorkList::Marked(fair ? queue_.PopFront() : queue_.PopBack());
  if (work == nullptr) return;
  --queued_;
  thread.busy = true;
  work->Run();
  thread.busy = false;
  if (!queue_.empty()) Dispatch();
}

}  // namespace dialtone
