#include "dialtone/transport/block_pool.h"

#include <malloc.h>
#include <sys/mman.h>

#include <array>
#include <cstdint>
#include <cstdlib>

#include "dialtone/transport/check.h"

// The address sanitizer shall see each block's end.
#if defined(__SANITIZE_ADDRESS__)
#define DIALTONE_BLOCK_POOL_KEEPS_NOTHING
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DIALTONE_BLOCK_POOL_KEEPS_NOTHING
#endif
#endif

namespace dialtone {
namespace {

constexpr uintptr_t kHugePage = 2 * 1024 * 1024;

// A few sizes are in use at a time, and the kept bytes bound their number.
constexpr size_t kBlocksMax = BlockPool::kKeptMax / BlockPool::kBlockMin;

// Without a destructor, as other thread-local objects may free blocks after it.
struct Kept {
  std::array<char*, kBlocksMax> blocks;
  size_t count = 0;
  size_t bytes = 0;
  bool ended = false;
};
constinit thread_local Kept kept = {};

// Frees them with the thread.
struct ThreadEnd {
  ~ThreadEnd() {
    kept.ended = true;
    while (kept.count > 0) std::free(kept.blocks[--kept.count]);
    kept.bytes = 0;
  }
  void Touch() {}
};
thread_local ThreadEnd thread_end;

bool Keeps(size_t bytes) {
#ifdef DIALTONE_BLOCK_POOL_KEEPS_NOTHING
  return false;
#endif
  return bytes >= BlockPool::kBlockMin && bytes <= BlockPool::kBlockMax && !kept.ended &&
         kept.bytes + bytes <= BlockPool::kKeptMax && kept.count < kBlocksMax;
}

}  // namespace

char* BlockPool::Allocate(size_t bytes) {
  if (char* const block = TakeKept(bytes); block != nullptr) return block;
  char* const block = static_cast<char*>(std::malloc(bytes));
  DIALTONE_CHECK(block != nullptr || bytes == 0, "out of memory");
  if (bytes >= kHugeMin) PreferHugePages(block, 0, bytes);
  return block;
}

// Whole pages only: none is backed beyond what was asked for. It is advice, so a kernel without huge pages may refuse it.
void BlockPool::PreferHugePages(char* block, size_t from, size_t to) noexcept {
  const uintptr_t base = reinterpret_cast<uintptr_t>(block);
  const uintptr_t begin = (base + from + kHugePage - 1) & ~(kHugePage - 1);
  const uintptr_t end = (base + to) & ~(kHugePage - 1);
  if (begin < end) (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

// The newest first: its bytes are in the processor's cache, if any are.
char* BlockPool::TakeKept(size_t bytes) {
  if (bytes < kBlockMin / 2 || bytes > kBlockMax) return nullptr;
  for (size_t i = kept.count; i-- > 0;) {
    char* const block = kept.blocks[i];
    const size_t size = malloc_usable_size(block);
    if (size < bytes || size / 4 > bytes) continue;
    for (--kept.count; i < kept.count; ++i) kept.blocks[i] = kept.blocks[i + 1];
    kept.bytes -= size;
    return block;
  }
  return nullptr;
}

void BlockPool::Free(char* block) noexcept {
  const size_t bytes = block == nullptr ? 0 : malloc_usable_size(block);
  if (!Keeps(bytes)) return std::free(block);
  thread_end.Touch();
  kept.blocks[kept.count++] = block;
  kept.bytes += bytes;
}

size_t BlockPool::kept_bytes() { return kept.bytes; }

}  // namespace dialtone
