#include "dialtone/rpc/internal/frame_pool.h"

#include <array>
#include <new>
#include <utility>

#include "dialtone/transport/mutex.h"

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

// Classes of 64 bytes up to 4 KiB; larger blocks go to the allocator. Each thread keeps at most 128
// blocks and 256 KiB a class; what it has too much of goes to other threads that have none.
constexpr size_t kClassBytes = 64;
constexpr size_t kClasses = 64;
constexpr size_t kBlocksMax = 128;
constexpr size_t kBytesMax = 256 * 1024;
// For all threads together, about: they pass on so many at a time.
constexpr size_t kSharedBlocksMax = 512;
constexpr size_t kSharedBytesMax = 512 * 1024;
constexpr size_t kBatch = 16;

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

// Whether a list may become one longer.
bool HasRoom(const FreeList& list, size_t block_bytes) {
  return list.count < kBlocksMax && (list.count + 1) * block_bytes <= kBytesMax;
}

// Blocks that threads had too many of: a call may always begin on one and end on another. Never destroyed.
class SharedLists {
 public:
  // Takes a batch of a list that has one. False: there is no room for it.
  bool Take(FreeList& from, size_t size_class, size_t block_bytes) {
    MutexLock lock(mutex_);
    FreeList& to = lists_[size_class];
    if (to.count >= kSharedBlocksMax || to.count * block_bytes >= kSharedBytesMax) return false;
    Move(from, to, kBatch);
    return true;
  }
  void Give(FreeList& to, size_t size_class) {
    MutexLock lock(mutex_);
    FreeList& from = lists_[size_class];
    Move(from, to, from.count < kBatch ? from.count : kBatch);
  }

 private:
  static void Move(FreeList& from, FreeList& to, size_t blocks) {
    for (size_t i = 0; i < blocks; ++i) {
      FreeBlock* const block = from.head;
      from.head = block->next;
      block->next = std::exchange(to.head, block);
    }
    from.count -= blocks;
    to.count += blocks;
  }

  Mutex mutex_;
  std::array<FreeList, kClasses> lists_ ABSL_GUARDED_BY(mutex_);
};

SharedLists& Shared() {
  static SharedLists& shared = *new SharedLists;
  return shared;
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
  if (list.head == nullptr) [[unlikely]] {
    if (!KeepsBlocks()) return ::operator new(block_bytes);
    Shared().Give(list, size_class);
    if (list.head == nullptr) return ::operator new(block_bytes);
  }
  return TakeFrom(list, block_bytes);
}

void FramePool::Free(void* block, size_t bytes) noexcept {
  const size_t size_class = ClassOf(bytes);
  if (size_class < kClasses && KeepsBlocks()) {
    const size_t block_bytes = (size_class + 1) * kClassBytes;
    FreeList& list = thread_lists.lists[size_class];
    if (HasRoom(list, block_bytes) ||
        (list.count >= kBatch && Shared().Take(list, size_class, block_bytes))) {
      list.head = ::new (block) FreeBlock{list.head};
      ++list.count;
      Poison(block, block_bytes);
      return;
    }
  }
  ::operator delete(block);
}

}  // namespace dialtone::internal
