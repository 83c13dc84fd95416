// Waits for SIGTERM or SIGINT. The only place where Dialtone touches signals, and only while the
// object lives: for Server::Run().
#pragma once

#include "dialtone/transport/event.h"

namespace dialtone {

// At most one exists at a time in a process (checked). Restores the previous handlers when it is
// destroyed.
class ShutdownSignal {
 public:
  ShutdownSignal();
  ~ShutdownSignal();
  ShutdownSignal(const ShutdownSignal&) = delete;
  ShutdownSignal& operator=(const ShutdownSignal&) = delete;

  // Set by the first signal.
  Event& event();
  // How many have come; a second one means "now".
  int count() const;
};

}  // namespace dialtone
