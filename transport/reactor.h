// A loop that its own thread leads for ever. Internal.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "epoll_loop.h"

namespace dialtone {

class Reactor final : public EpollLoop {
 public:
  using Loop::Defer;
  using Loop::Post;

  explicit Reactor(const std::string& name);
  // Not from its own thread.
  ~Reactor() override;

  void Post(Work& work) override;
  void Defer(Work& work) override { IsLeading() ? DeferHere(work) : Post(work); }
  bool TryLead() override { return false; }
  void Leave() override;
  bool Drive(Event& event, Instant until) override;

 private:
  void Run(const std::string& name);

  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace dialtone
