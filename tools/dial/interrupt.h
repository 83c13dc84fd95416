// Ctrl-C (and SIGTERM): whatever dial is doing ends within a second, and calls under way are cancelled, so that their
// server need not find out by itself.
#pragma once

#include <functional>

namespace dial {

// Before the program starts its first thread; once.
void WatchForInterrupts();
bool Interrupted();
// A descriptor that becomes readable with the first interrupt, and stays so.
int InterruptDescriptor();

// While it lives, an interrupt runs `stop`, on a thread of its own, and what is under way has a second to end. Without one
// the program ends at once, with kExitInterrupted. One at a time.
class WhenInterrupted {
 public:
  explicit WhenInterrupted(std::function<void()> stop);
  ~WhenInterrupted();
  WhenInterrupted(const WhenInterrupted&) = delete;
  WhenInterrupted& operator=(const WhenInterrupted&) = delete;
};

}  // namespace dial
