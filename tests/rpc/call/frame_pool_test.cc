// The pool of coroutine frames: reuse, bounds, threads and their ends.
#include "dialtone/rpc/internal/frame_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <set>
#include <thread>
#include <vector>

#include "counting_new.h"

namespace dialtone::internal {
namespace {

void* Filled(size_t bytes) {
  void* block = FramePool::Allocate(bytes);
  std::memset(block, 0xab, bytes);
  return block;
}

TEST(FramePool, UsesABlockAgainForItsClass) {
  void* block = Filled(100);
  FramePool::Free(block, 100);
  EXPECT_EQ(FramePool::Allocate(128), block);
  FramePool::Free(block, 128);
}

TEST(FramePool, ServesEverySizeWithItsOwnBlock) {
  std::map<size_t, void*> blocks;
  std::set<void*> seen;
  for (size_t bytes = 0; bytes < 6000; bytes += 7) {
    blocks[bytes] = Filled(bytes);
    EXPECT_TRUE(seen.insert(blocks[bytes]).second);
  }
  for (const auto& [bytes, block] : blocks) FramePool::Free(block, bytes);
}

TEST(FramePool, AllocatesNothingInTheSteadyState) {
  const auto round = [] {
    std::vector<void*> blocks;
    blocks.reserve(64);
    for (size_t i = 0; i < 64; ++i) blocks.push_back(Filled(i * 64 + 1));
    for (size_t i = 0; i < 64; ++i) FramePool::Free(blocks[i], i * 64 + 1);
  };
  round();
  const size_t before = allocations_of_this_thread;
  round();
  EXPECT_EQ(allocations_of_this_thread, before + 1);  // the vector
}

size_t BlocksKept(size_t bytes) {
  size_t kept = 0;
  std::thread([&] {
    std::vector<void*> blocks(2000);
    for (void*& block : blocks) block = FramePool::Allocate(bytes);
    for (void* block : blocks) FramePool::Free(block, bytes);
    const size_t before = allocations_of_this_thread;
    for (void*& block : blocks) block = FramePool::Allocate(bytes);
    kept = blocks.size() - (allocations_of_this_thread - before);
    for (void* block : blocks) FramePool::Free(block, bytes);
  }).join();
  return kept;
}

TEST(FramePool, KeepsABoundedNumberOfBlocksAndBytes) {
  // Of a thread, and for all of them.
  EXPECT_EQ(BlocksKept(64), 128u + 512u);
  EXPECT_EQ(BlocksKept(1024), 128u + 512u);
  EXPECT_EQ(BlocksKept(4096), 64u + 128u);
  EXPECT_EQ(BlocksKept(4097), 0u);
}

TEST(FramePool, PassesBlocksOnToAThreadThatOnlyAllocates) {
  std::vector<void*> passed(1000);
  const auto allocate = [&] {
    for (void*& block : passed) block = Filled(700);
  };
  const auto free = [&] {
    for (void* block : passed) FramePool::Free(block, 700);
  };
  size_t allocated = 0;
  std::thread([&] {
    for (int round = 0; round < 10; ++round) {
      // What this one keeps by itself is little beside what it allocates.
      const size_t before = allocations_of_this_thread;
      allocate();
      allocated = allocations_of_this_thread - before;
      std::thread(free).join();
    }
  }).join();
  EXPECT_LE(allocated, passed.size() - 512);
}

TEST(FramePool, TakesBlocksOfOtherThreads) {
  std::vector<void*> blocks(100);
  std::thread([&] {
    for (void*& block : blocks) block = Filled(500);
  }).join();
  for (void* block : blocks) FramePool::Free(block, 500);
  const size_t before = allocations_of_this_thread;
  for (void*& block : blocks) block = Filled(500);
  EXPECT_EQ(allocations_of_this_thread, before);
  for (void* block : blocks) FramePool::Free(block, 500);
}

// A thread-local object that is destroyed after the pool's own, because it was made before.
struct UsesThePoolLate {
  void* block = nullptr;
  size_t* allocations = nullptr;
  ~UsesThePoolLate() {
    if (block == nullptr) return;
    FramePool::Free(block, 200);
    const size_t before = allocations_of_this_thread;
    void* late = Filled(200);
    *allocations = allocations_of_this_thread - before;
    FramePool::Free(late, 200);
  }
};
thread_local UsesThePoolLate uses_the_pool_late;

TEST(FramePool, WorksToTheVeryEndOfAThread) {
  size_t allocations = 0;
  std::thread([&] {
    uses_the_pool_late.allocations = &allocations;
    void* kept = Filled(200);
    uses_the_pool_late.block = Filled(200);
    FramePool::Free(kept, 200);
  }).join();
  // The lists are gone by then: neither the block just freed nor the one kept earlier comes back.
  EXPECT_EQ(allocations, 1u);
}

}  // namespace
}  // namespace dialtone::internal
