// Memory for the bytes of messages that are too large for one piece. The C library gives such blocks back to the kernel
// as soon as they are freed, and takes them from it again a page at a time: for a message of a megabyte that costs as
// much as all its copies. So each thread keeps some of those that it frees.
#pragma once

#include <cstddef>
#include <memory>

namespace dialtone {

// Blocks are from malloc(). One that is freed on another thread than it was allocated on is that thread's to keep.
class BlockPool {
 public:
  // Blocks of such sizes are kept, a thread no more than so many bytes of them.
  static constexpr size_t kBlockMin = 64 * 1024;
  static constexpr size_t kBlockMax = 2 * 1024 * 1024 + 64 * 1024;
  static constexpr size_t kKeptMax = 8 * 1024 * 1024;
  // Larger ones are in huge pages, where the kernel has them.
  static constexpr size_t kHugeMin = 4 * 1024 * 1024;

  // At least `bytes`, uninitialised.
  static char* Allocate(size_t bytes);
  // One that this thread has kept; null: it has none that is large enough, and not much too large.
  static char* TakeKept(size_t bytes);
  static void Free(char* block) noexcept;
  // Asks the kernel to back what lies in block[from, to) with huge pages, where it is so large that this pays: a page
  // fault for 2 MiB instead of 512. Of memory that was not written yet.
  static void PreferHugePages(char* block, size_t from, size_t to) noexcept;

  static std::shared_ptr<char[]> Share(size_t bytes) {
    return std::shared_ptr<char[]>(Allocate(bytes), &BlockPool::Free);
  }
  // Of this thread.
  static size_t kept_bytes();
};

}  // namespace dialtone
