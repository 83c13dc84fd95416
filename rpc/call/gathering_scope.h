// Marks a thread that runs several coroutines, one after the other: the calls that they begin leave together. Internal
// to rpc/.
#pragma once

#include <utility>

#include "dialtone/transport/loop.h"

namespace dialtone::internal {

// On the stack of whoever runs them. While another coroutine follows, calls that are begun on one of this thread's
// caller loops are only posted there: the first that is begun later is written together with them, and the scope's end
// sees to it that there is one who writes them in any case; so does what blocks in a coroutine all the same, as far as
// it is a part of Dialtone. So a thread that runs a hundred coroutines writes once, not a hundred times.
class GatheringScope {
 public:
  GatheringScope() : outer_(std::exchange(current_, this)) {}
  ~GatheringScope() {
    current_ = outer_;
    Flush();
  }
  GatheringScope(const GatheringScope&) = delete;
  GatheringScope& operator=(const GatheringScope&) = delete;

  // Whether another coroutine follows the one that runs now.
  void set_more(bool more) { more_ = more; }

  // By this thread, for work that `loop` shall do under its lead. False: not here; somebody must be found to do it.
  static bool Post(Loop& loop, Work& work) {
    GatheringScope* const scope = current_;
    if (scope == nullptr || !scope->more_) return false;
    if (scope->loop_ == nullptr) scope->loop_ = &loop;
    if (scope->loop_ != &loop) return false;
    loop.PostBeforeLeading(work);
    return true;
  }
  // By whoever is about to block.
  static void FlushCurrent() {
    if (current_ != nullptr) current_->Flush();
  }
  void Flush() {
    Loop* const loop = std::exchange(loop_, nullptr);
    if (loop != nullptr)
      LeadScope lead(*loop);  // leaving it does what was posted; else another one leads, and does
  }

 private:
  inline static thread_local GatheringScope* current_ = nullptr;

  GatheringScope* const outer_;
  Loop* loop_ = nullptr;  // something was posted there
  bool more_ = false;
};

}  // namespace dialtone::internal
