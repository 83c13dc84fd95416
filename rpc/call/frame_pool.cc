#include "dialtone/rpc/internal/frame_pool.h"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "dialtone/transport/address_sanitizer.h"
#include "dialtone/transport/mutex.h"

#if DIALTONE_ADDRESS_SANITIZED
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
  // How many more it may take. Nothing before the thread has used its lists, and when it has ended.
  size_t room = 0;
};

enum class Stage : unsigned char { kUnused, kInUse, kEnded };

constexpr size_t BytesOf(size_t size_class) { return (size_class + 1) * kClassBytes; }

constexpr size_t BlocksMax(size_t size_class) {
  return std::min(kBlocksMax, kBytesMax / BytesOf(size_class));
}

// Without a destructor, so that it can be used until the very end of its thread: what other thread-local objects free
// after ThreadEnd has run goes straight to the allocator.
struct ThreadLists {
  std::array<FreeList, kClasses> lists;
  Stage stage = Stage::kUnused;
};

constinit thread_local ThreadLists thread_lists;

// The block is out of use: the address sanitizer reports whoever touches more of it than its link.
void Poison([[maybe_unused]] void* block, [[maybe_unused]] size_t block_bytes) {
#if DIALTONE_ADDRESS_SANITIZED
  ASAN_POISON_MEMORY_REGION(static_cast<char*>(block) + sizeof(FreeBlock),
                            block_bytes - sizeof(FreeBlock));
#endif
}

void Unpoison([[maybe_unused]] void* block, [[maybe_unused]] size_t block_bytes) {
#if DIALTONE_ADDRESS_SANITIZED
  ASAN_UNPOISON_MEMORY_REGION(block, block_bytes);
#endif
}

void* TakeFrom(FreeList& list, size_t block_bytes) {
  FreeBlock* block = list.head;
  Unpoison(block, block_bytes);
  ++list.room;
  list.head = block->next;
  return block;
}

// Blocks that threads had too many of: a call may always begin on one and end on another. Never destroyed.
class SharedLists {
 public:
  // Takes a batch of a list that is full. False: there is no room for it.
  bool Take(FreeList& from, size_t size_class) {
    MutexLock lock(mutex_);
    Kept& to = lists_[size_class];
    if (to.count >= kSharedBlocksMax || to.count * BytesOf(size_class) >= kSharedBytesMax)
      return false;
    Move(from.head, to.head, kBatch);
    from.room += kBatch;
    to.count += kBatch;
    return true;
  }
  // Fills a list that is empty, as far as there are blocks.
  void Give(FreeList& to, size_t size_class) {
    MutexLock lock(mutex_);
    Kept& from = lists_[size_class];
    const size_t blocks = std::min(from.count, kBatch);
    Move(from.head, to.head, blocks);
    to.room -= blocks;
    from.count -= blocks;
  }

 private:
  struct Kept {
    FreeBlock* head = nullptr;
    size_t count = 0;
  };

  static void Move(FreeBlock*& from, FreeBlock*& to, size_t blocks) {
    for (size_t i = 0; i < blocks; ++i) {
      FreeBlock* const block = from;
      from = block->next;
      block->next = std::exchange(to, block);
    }
  }

  Mutex mutex_;
  std::array<Kept, kClasses> lists_ ABSL_GUARDED_BY(mutex_);
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
      while (list.head != nullptr) ::operator delete(TakeFrom(list, BytesOf(i)));
      list.room = 0;
    }
  }
  void Touch() {}
};

thread_local ThreadEnd thread_end;

// The thread's first use. False: it is past ThreadEnd.
bool KeepsBlocks() {
  if (thread_lists.stage != Stage::kUnused) return thread_lists.stage == Stage::kInUse;
  thread_end.Touch();  // made here, so that its destructor runs
  thread_lists.stage = Stage::kInUse;
  for (size_t i = 0; i < kClasses; ++i) thread_lists.lists[i].room = BlocksMax(i);
  return true;
}

// Makes room in a list that has none, by giving some of its blocks to other threads.
bool MakeRoom(FreeList& list, size_t size_class) {
  if (!KeepsBlocks()) return false;
  return list.room > 0 || Shared().Take(list, size_class);
}

// The allocator's, or, from other threads, a batch of which one is taken.
void* AllocateAnew(FreeList& list, size_t size_class) {
  if (KeepsBlocks()) Shared().Give(list, size_class);
  if (list.head == nullptr) return ::operator new(BytesOf(size_class));
  return TakeFrom(list, BytesOf(size_class));
}

size_t ClassOf(size_t bytes) { return (bytes + kClassBytes - 1) / kClassBytes - 1; }

}  // namespace

void* FramePool::Allocate(size_t bytes) {
  const size_t size_class = ClassOf(bytes);
  if (size_class >= kClasses) [[unlikely]]
    return ::operator new(bytes);
  FreeList& list = thread_lists.lists[size_class];
  if (list.head == nullptr) [[unlikely]]
    return AllocateAnew(list, size_class);
  return TakeFrom(list, BytesOf(size_class));
}

void FramePool::Free(void* block, size_t bytes) noexcept {
  const size_t size_class = ClassOf(bytes);
  if (size_class >= kClasses) [[unlikely]]
    return ::operator delete(block);
  FreeList& list = thread_lists.lists[size_class];
  if (list.room == 0) [[unlikely]] {
    if (!MakeRoom(list, size_class)) return ::operator delete(block);
  }
  --list.room;
  list.head = ::new (block) FreeBlock{list.head};
  Poison(block, BytesOf(size_class));
}

}  // namespace dialtone::internal
