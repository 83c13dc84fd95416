// Memory for short-lived objects of a few sizes: coroutine frames and calls. Each thread keeps
// bounded free lists, so that the steady state allocates nothing; a block freed on another thread
// joins that thread's list.
#pragma once

#include <cstddef>

namespace dialtone::internal {

class FramePool {
 public:
  static void* Allocate(size_t bytes);
  // `bytes` as it was asked for.
  static void Free(void* block, size_t bytes) noexcept;
};

}  // namespace dialtone::internal
