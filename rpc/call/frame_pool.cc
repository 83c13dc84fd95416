#include "dialtone/rpc/internal/frame_pool.h"

#include <array>
#include <new>
#include <utility>

namespace dialtone::internal {
namespace {

// Classes of 64 bytes up to 4 KiB; larger blocks go to the allocator. Each thread keeps at most 256
// blocks and 256 KiB a class.
constexpr size_t kClassBytes = 64;
constexpr size_t kClasses = 64;
constexpr size_t kBlocksMax = 256;
constexpr size_t kBytesMax = 256 * 1024;

struct FreeBlock {
  FreeBlock* next;
};

struct FreeList {
  FreeBlock* head = nullptr;
  size_t count = 0;
};

// Frees its blocks when the thread ends. What the thread frees after that (in destructors of other
// thread-local objects) goes straight to the allocator.
struct ThreadLists {
  std::array<FreeList, kClasses> lists;
  bool alive = true;

  ~ThreadLists() {
    alive = false;
    for (FreeList& list : lists) {
      while (list.head != nullptr) ::operator delete(std::exchange(list.head, list.head->next));
      list.count = 0;
    }
  }
};

thread_local ThreadLists thread_lists;

size_t ClassOf(size_t bytes) { return (bytes + kClassBytes - 1) / kClassBytes - 1; }

}  // namespace

void* FramePool::Allocate(size_t bytes) {
  const size_t size_class = ClassOf(bytes);
  if (size_class >= kClasses) return ::operator new(bytes);
  FreeList& list = thread_lists.lists[size_class];
  if (list.head == nullptr) return ::operator new((size_class + 1) * kClassBytes);
  --list.count;
  return std::exchange(list.head, list.head->next);
}

void FramePool::Free(void* block, size_t bytes) noexcept {
  const size_t size_class = ClassOf(bytes);
  if (size_class < kClasses && thread_lists.alive) {
    FreeList& list = thread_lists.lists[size_class];
    if (list.count < kBlocksMax && list.count * (size_class + 1) * kClassBytes < kBytesMax) {
      list.head = ::new (block) FreeBlock{list.head};
      ++list.count;
      return;
    }
  }
  ::operator delete(block);
}

}  // namespace dialtone::internal
