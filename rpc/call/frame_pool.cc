#include "dialtone/rpc/internal/frame_pool.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "dialtone/transport/mutex.h"

#if DIALTONE_ADDRESS_SANITIZED
#include <sanitizer/asan_interface.h>
#endif

namespace dialtone::internal {
namespace {

// Each thread keeps at most 128 blocks and 256 KiB a class; what it has too much of goes to other
// threads that have none.
constexpr size_t kBlocksMax = 128;
constexpr size_t kBytesMax = 256 * 1024;
// For all threads together, about: they pass on so many at a time.
constexpr size_t kSharedBlocksMax = 512;
constexpr size_t kSharedBytesMax = 512 * 1024;
constexpr size_t kBatch = 16;

// The block is out of use: the address sanitizer reports whoever touches more of it than its link.
void Poison([[maybe_unused]] void* block, [[maybe_unused]] size_t block_bytes) {
#if DIALTONE_ADDRESS_SANITIZED
  ASAN_POISON_MEMORY_REGION(static_cast<char*>(block) + sizeof(FreeList::Block),
                            block_bytes - sizeof(FreeList::Block));
#endif
}

void* TakeFrom(FreeList& list, [[maybe_unused]] size_t block_bytes) {
#if DIALTONE_ADDRESS_SANITIZED
  ASAN_UNPOISON_MEMORY_REGION(list.head, block_bytes);
#endif
  return list.Take();
}

// Blocks of one size that threads had too many of: a call may always begin on one and end on another.
class SharedList {
 public:
  // Takes a batch of a list that is full. False: there is no room for it.
  bool Take(FreeList& from, size_t block_bytes) {
    MutexLock lock(mutex_);
    if (count_ >= kSharedBlocksMax || count_ * block_bytes >= kSharedBytesMax) return false;
    Move(from.head, head_, kBatch);
    from.room += kBatch;
    count_ += kBatch;
    return true;
  }
  // Fills a list that is empty, as far as there are blocks.
  void Give(FreeList& to) {
    MutexLock lock(mutex_);
    const size_t blocks = std::min(count_, kBatch);
    Move(head_, to.head, blocks);
    to.room -= blocks;
    count_ -= blocks;
  }

 private:
  static void Move(FreeList::Block*& from, FreeList::Block*& to, size_t blocks) {
    for (size_t i = 0; i < blocks; ++i) {
      FreeList::Block* const block = from;
      from = block->next;
      block->next = std::exchange(to, block);
    }
  }

  Mutex mutex_;
  FreeList::Block* head_ ABSL_GUARDED_BY(mutex_) = nullptr;
  size_t count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace

constinit thread_local FreeList FramePool::lists_[kClasses];

// One thread's lists, from their first use to the thread's end.
struct FramePool::Thread {
  enum class Stage : uint8_t { kUnused, kInUse, kEnded };

  Thread() {
    stage = Stage::kInUse;
    for (size_t i = 0; i < kClasses; ++i)
      lists_[i].room = std::min(kBlocksMax, kBytesMax / BytesOf(i));
  }
  ~Thread() {
    stage = Stage::kEnded;
    for (size_t i = 0; i < kClasses; ++i) {
      while (lists_[i].head != nullptr) ::operator delete(TakeFrom(lists_[i], BytesOf(i)));
      lists_[i].room = 0;
    }
  }
  // Never destroyed.
  static SharedList& Shared(size_t size_class) {
    static SharedList* const shared = new SharedList[kClasses];
    return shared[size_class];
  }

  static constinit thread_local Stage stage;
};

constinit thread_local FramePool::Thread::Stage FramePool::Thread::stage = Stage::kUnused;

// Makes the thread's lists ready, at their first use. False: the thread has ended, but for what its other objects still
// do.
bool FramePool::KeepsBlocks() {
  if (Thread::stage == Thread::Stage::kUnused) {
    static thread_local const Thread thread;
  }
  return Thread::stage == Thread::Stage::kInUse;
}

// In a list that has none: by its first use, or, where it is full, by giving some of its blocks to other threads.
bool FramePool::MakeRoom(FreeList& list, size_t size_class) {
  if (!KeepsBlocks()) return false;
  return list.room != 0 || Thread::Shared(size_class).Take(list, BytesOf(size_class));
}

void* FramePool::AllocateSlow(size_t bytes) {
  const size_t size_class = ClassOf(bytes);
  if (size_class >= kClasses) return ::operator new(bytes);
  FreeList& list = lists_[size_class];
  if (list.head == nullptr && KeepsBlocks()) Thread::Shared(size_class).Give(list);
  if (list.head == nullptr) return ::operator new(BytesOf(size_class));
  return TakeFrom(list, BytesOf(size_class));
}

void FramePool::FreeSlow(void* block, size_t bytes) noexcept {
  const size_t size_class = ClassOf(bytes);
  if (size_class >= kClasses) return ::operator delete(block);
  FreeList& list = lists_[size_class];
  const bool has_room = list.room != 0 || MakeRoom(list, size_class);
  if (!has_room) return ::operator delete(block);
  list.Put(block);
  Poison(block, BytesOf(size_class));
}

}  // namespace dialtone::internal
