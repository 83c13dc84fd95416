// Ctrl-C (and SIGTERM): whatever dial is doing ends within a second, and calls under way are cancelled, so that their
// server need not find out by itself.
#pragma once

#include <functional>
#include <list>

namespace dial {

// Before the program starts its first thread; once.
void WatchForInterrupts();
bool Interrupted();
// A descriptor that becomes readable with the first interrupt, and stays so until it is forgotten.
int InterruptDescriptor();

// From now on Ctrl-C ends only what is under way; ForgetInterrupt() says that it has ended. One that comes while an earlier
// one is not forgotten after a second still ends the program, and so does SIGTERM: Terminated().
void SurviveInterrupts();
void ForgetInterrupt();
bool Terminated();

// While it lives, an interrupt runs `stop`, on a thread of its own, and what is under way has a second to end. Without one
// the program ends at once, with kExitInterrupted, unless it survives interrupts. There may be several.
class WhenInterrupted {
 public:
  explicit WhenInterrupted(std::function<void()> stop);
  ~WhenInterrupted();
  WhenInterrupted(const WhenInterrupted&) = delete;
  WhenInterrupted& operator=(const WhenInterrupted&) = delete;

 private:
  const std::list<std::function<void()>>::iterator stop_;
};

}  // namespace dial
