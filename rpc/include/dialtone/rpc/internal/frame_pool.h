// Memory for short-lived objects of a few sizes: coroutine frames and calls. Each thread keeps
// bounded free lists, so that the steady state allocates nothing; a block freed on another thread
// joins that thread's list.
#pragma once

#include <cstddef>
#include <new>

#include "dialtone/transport/address_sanitizer.h"

namespace dialtone::internal {

// The free blocks of one size that a thread keeps.
struct FreeList {
  struct Block {
    Block* next;
  };

  // Requires that there is one.
  void* Take() {
    Block* const block = head;
    ++room;
    head = block->next;
    return block;
  }
  // Requires room.
  void Put(void* block) {
    --room;
    head = ::new (block) Block{head};
  }

  Block* head = nullptr;
  // How many more it may take. Nothing before the thread has used its lists, and when it has ended.
  size_t room = 0;
};

class FramePool {
 public:
  static void* Allocate(size_t bytes) {
    const size_t size_class = ClassOf(bytes);
    if (kInline && size_class < kClasses && lists_[size_class].head != nullptr) [[likely]]
      return lists_[size_class].Take();
    return AllocateSlow(bytes);
  }
  // `bytes` as it was asked for.
  static void Free(void* block, size_t bytes) noexcept {
    const size_t size_class = ClassOf(bytes);
    if (kInline && size_class < kClasses && lists_[size_class].room != 0) [[likely]]
      return lists_[size_class].Put(block);
    FreeSlow(block, bytes);
  }

 private:
  struct Thread;

  // The address sanitizer is told of each block that comes and goes, by the slow halves. And clang may keep the address of
  // what is thread-local in a coroutine from one suspension to the next, which may end on another thread
  // (https://github.com/llvm/llvm-project/issues/47179, /63022); coroutines' frames come from here.
#if defined(__clang__)
  static constexpr bool kInline = false;
#else
  static constexpr bool kInline = DIALTONE_ADDRESS_SANITIZED == 0;
#endif
  // Classes of 64 bytes up to 4 KiB; larger blocks go to the allocator.
  static constexpr size_t kClassBytes = 64;
  static constexpr size_t kClasses = 64;

  static constexpr size_t ClassOf(size_t bytes) {
    return (bytes + kClassBytes - 1) / kClassBytes - 1;
  }
  static constexpr size_t BytesOf(size_t size_class) { return (size_class + 1) * kClassBytes; }
  static void* AllocateSlow(size_t bytes);
  static void FreeSlow(void* block, size_t bytes) noexcept;
  static bool KeepsBlocks();
  static bool MakeRoom(FreeList& list, size_t size_class);

  // Without a destructor, so that they can be used until the very end of their thread: what its other
  // thread-local objects free after it has given up its blocks goes straight to the allocator.
  static constinit thread_local FreeList lists_[kClasses];
};

}  // namespace dialtone::internal
