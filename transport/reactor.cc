#include "reactor.h"

#include "caller_loop.h"
#include "dialtone/transport/check.h"
#include "thread_name.h"

namespace dialtone {

Reactor::Reactor(const std::string& name)
    : EpollLoop(/*is_reactor=*/true, Inbox::State::kLed), thread_([this, name] { Run(name); }) {}

Reactor::~Reactor() {
  DIALTONE_CHECK(!IsLeading(), "a reactor was destroyed on its own thread");
  stopping_.store(true, std::memory_order_release);
  wakeup().Wake();
  thread_.join();
}

void Reactor::Post(Work& work) {
  Wakeup& waker = wakeup();
  if (inbox().Push(work) == Inbox::Met::kAsleep) waker.Wake();
}

void Reactor::Leave() { DIALTONE_CHECK(false, "a reactor keeps its lead for ever"); }

bool Reactor::Drive(Event& event, Instant until) {
  DIALTONE_CHECK(Current() == nullptr, "Drive() on a thread that leads a loop");
  return CallerLoop::WaitWithoutLoop(event, until);
}

void Reactor::Run(const std::string& name) {
  NameThisThread(name);
  SetCurrent(this);
  while (!stopping_.load(std::memory_order_acquire)) Turn(Instant::Infinite(), nullptr);
  RunDown();
  SetCurrent(nullptr);
}

}  // namespace dialtone
