#include "dialtone/transport/block_pool.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace dialtone {
namespace {

constexpr size_t kMiB = 1024 * 1024;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kKeeps = false;
#elif defined(__has_feature)
constexpr bool kKeeps = !__has_feature(address_sanitizer);
#else
constexpr bool kKeeps = true;
#endif

// What a thread keeps ends with it, so each test has one of its own.
template <class Body>
void OnThread(Body body) {
  std::thread(body).join();
}

TEST(BlockPool, GivesAFreedBlockOutAgain) {
  OnThread([] {
    char* const block = BlockPool::Allocate(kMiB);
    std::memset(block, 1, kMiB);
    BlockPool::Free(block);
    EXPECT_EQ(BlockPool::kept_bytes() >= kMiB, kKeeps);
    char* const again = BlockPool::Allocate(kMiB - 1000);
    std::memset(again, 2, kMiB - 1000);
    EXPECT_EQ(again == block, kKeeps);
    EXPECT_EQ(BlockPool::kept_bytes(), 0u);
    BlockPool::Free(again);
  });
}

TEST(BlockPool, GivesOutNoneThatIsTooSmallOrMuchTooLarge) {
  OnThread([] {
    BlockPool::Free(BlockPool::Allocate(kMiB));
    EXPECT_EQ(BlockPool::TakeKept(kMiB + 64 * 1024), nullptr);
    EXPECT_EQ(BlockPool::TakeKept(kMiB / 8), nullptr);
    char* const block = BlockPool::TakeKept(kMiB / 2);
    EXPECT_EQ(block != nullptr, kKeeps);
    BlockPool::Free(block);
  });
}

TEST(BlockPool, KeepsNeitherSmallBlocksNorVeryLargeOnes) {
  OnThread([] {
    BlockPool::Free(BlockPool::Allocate(BlockPool::kBlockMin / 2));
    BlockPool::Free(BlockPool::Allocate(BlockPool::kBlockMax * 2));
    BlockPool::Free(nullptr);
    EXPECT_EQ(BlockPool::kept_bytes(), 0u);
  });
}

TEST(BlockPool, KeepsNoMoreThanItsBound) {
  OnThread([] {
    std::vector<char*> blocks;
    for (int i = 0; i < 20; ++i) blocks.push_back(BlockPool::Allocate(kMiB));
    for (char* block : blocks) BlockPool::Free(block);
    EXPECT_LE(BlockPool::kept_bytes(), BlockPool::kKeptMax);
    EXPECT_EQ(BlockPool::kept_bytes() > 0, kKeeps);
  });
}

// What the kernel says of the mapping in which an address lies.
std::string FlagsOfMapping(const char* at) {
  std::ifstream maps("/proc/self/smaps");
  std::string line;
  bool inside = false;
  while (std::getline(maps, line)) {
    uintptr_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2)
      inside = reinterpret_cast<uintptr_t>(at) >= begin && reinterpret_cast<uintptr_t>(at) < end;
    if (inside && line.rfind("VmFlags:", 0) == 0) return line;
  }
  return "";
}

TEST(BlockPool, AsksForHugePagesForVeryLargeBlocks) {
  if (!std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled"))
    GTEST_SKIP() << "the kernel has none";
  OnThread([] {
    char* const block = BlockPool::Allocate(4 * BlockPool::kHugeMin);
    EXPECT_NE(FlagsOfMapping(block + 2 * BlockPool::kHugeMin).find(" hg"), std::string::npos);
    std::memset(block, 1, 4 * BlockPool::kHugeMin);
    BlockPool::Free(block);
  });
}

TEST(BlockPool, TakesBlocksOfOtherThreads) {
  std::shared_ptr<char[]> block;
  OnThread([&] { block = BlockPool::Share(kMiB); });
  OnThread([&] {
    block.reset();
    EXPECT_EQ(BlockPool::kept_bytes() > 0, kKeeps);
  });
}

}  // namespace
}  // namespace dialtone
