// Marks a thread that runs a callback of the user's: of Then(), or of a state watch. Internal to
// rpc/.
#pragma once

#include <utility>

#include "dialtone/transport/loop.h"

namespace dialtone::internal {

// On a caller loop such a thread is the loop's background thread: while the callback runs, nobody else runs callbacks of
// that loop, nor leads it for calls that nobody waits for. So what blocks in there must do it in the transport's waits
// (Loop::Drive, Network::Wait), which lead that loop, too, and must not wait for another callback.
class DeliveryScope {
 public:
  explicit DeliveryScope(Loop& loop) : outer_(std::exchange(current_, &loop)) {}
  ~DeliveryScope() { current_ = outer_; }
  DeliveryScope(const DeliveryScope&) = delete;
  DeliveryScope& operator=(const DeliveryScope&) = delete;

  // The loop whose callback this thread runs now; null when it runs none.
  static Loop* Current() { return current_; }

 private:
  inline static thread_local Loop* current_ = nullptr;
  Loop* const outer_;
};

}  // namespace dialtone::internal
