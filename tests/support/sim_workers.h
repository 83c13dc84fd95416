// Simulated worker threads: each piece of work is an event of its own, run without any lead.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "dialtone/transport/network.h"
#include "support/sim_event.h"
#include "support/sim_world.h"

namespace dialtone {

class SimWorkers final : public Workers {
 public:
  SimWorkers(SimWorld& world, int threads, size_t queue_max);
  ~SimWorkers() override;

  bool Post(Work& work) override;
  bool Withdraw(Work& work) override;

 private:
  struct Thread {
    Thread(SimWorkers& the_workers)
        : workers(the_workers), run(*this, "worker", the_workers.world_.NewId()) {}
    void Run() { workers.RunOne(*this); }
    SimWorkers& workers;
    bool busy = false;
    MemberEvent<&Thread::Run> run;
  };
  void RunOne(Thread& thread);
  // Gives a thread that idles the next piece.
  void Dispatch();

  SimWorld& world_;
  const size_t queue_max_;
  WorkList queue_;
  size_t queued_ = 0;
  std::vector<std::unique_ptr<Thread>> threads_;
};

}  // namespace dialtone
