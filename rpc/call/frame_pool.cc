#include "dialtone/rpc/internal/frame_pool.h"

#include <array>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define DIALTONE_FRAME_POOL_POISONS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DIALTONE_FRAME_POOL_POISONS
#endif
#endif
#ifdef DIALTONE_FRAME_POOL_POISONS
#include <sanitizer/asan_interface.h>
#endif

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

enum class Stage : unsigned char { kUnused, kInUse, kEnded };

// Without a destructor, so that it can be used until the very end of its thread: what other thread-local objects free
// after ThreadEnd has run goes straight to the allocator.
struct ThreadLists {
  std::array<FreeList, kClasses> lists;
  Stage stage = Stage::kUnused;
};

constinit thread_local ThreadLists thread_lists;

// The block is out of use: the address sanitizer reports whoever touches more of it than its link.
void Poison([[maybe_unused]] void* block, [[maybe_unused]] size_t block_bytes) {
#ifdef DIALTONE_FRAME_POOL_POISONS
  ASAN_POISON_MEMORY_REGION(static_cast<char*>(block) + sizeof(FreeBlock),
                            block_bytes - sizeof(FreeBlock));
#endif
}

void Unpoison([[maybe_unused]] void* block, [[maybe_unused]] size_t block_bytes) {
#ifdef DIALTONE_FRAME_POOL_POISONS
  ASAN_UNPOISON_MEMORY_REGION(block, block_bytes);
#endif
}

void* TakeFrom(FreeList& list, size_t block_bytes) {
  FreeBlock* block = list.head;
  Unpoison(block, block_bytes);
  --list.count;
  list.head = block->next;
  return block;
}

// Frees the lists' blocks when the thread ends.
struct ThreadEnd {
  ~ThreadEnd() {
    thread_lists.stage = Stage::kEnded;
    for (size_t i = 0; i < kClasses; ++i) {
      FreeList& list = thread_lists.lists[i];
      while (list.head != nullptr) ::operator delete(TakeFrom(list, (i + 1) * kClassBytes));
    }
  }
  void Touch() {}
};

thread_local ThreadEnd thread_end;

// False when the thread is past ThreadEnd.
bool KeepsBlocks() {
  if (thread_lists.stage == Stage::kInUse) [[likely]]
    return true;
  if (thread_lists.stage == Stage::kEnded) return false;
  thread_end.Touch();  // made here, so that its destructor runs
  thread_lists.stage = Stage::kInUse;
  return true;
}

size_t ClassOf(size_t bytes) { return (bytes + kClassBytes - 1) / kClassBytes - 1; }

}  // namespace

void* FramePool::Allocate(size_t bytes) {
  const size_t size_class = ClassOf(bytes);
  if (size_class >= kClasses) return ::operator new(bytes);
  const size_t block_bytes = (size_class + 1) * kClassBytes;
  FreeList& list = thread_lists.lists[size_class];
  return list.head == nullptr ? ::operator new(block_bytes) : TakeFrom(list, block_bytes);
}

void FramePool::Free(void* block, size_t bytes) noexcept {
  const size_t size_class = ClassOf(bytes);
  if (size_class < kClasses && KeepsBlocks()) {
    const size_t block_bytes = (size_class + 1) * kClassBytes;
    FreeList& list = thread_lists.lists[size_class];
    if (list.count < kBlocksMax && list.count * block_bytes < kBytesMax) {
      list.head = ::new (block) FreeBlock{list.head};
      ++list.count;
      Poison(block, block_bytes);
      return;
    }
  }
  ::operator delete(block);
}

}  // namespace dialtone::internal
