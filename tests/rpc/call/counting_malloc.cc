#include "counting_malloc.h"

#include <execinfo.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "absl/debugging/symbolize.h"

// What the C library's malloc is called besides, for those who replace it.
extern "C" {
void* __libc_malloc(size_t bytes);
void* __libc_calloc(size_t count, size_t bytes);
void* __libc_realloc(void* block, size_t bytes);
void* __libc_memalign(size_t alignment, size_t bytes);
void __libc_free(void* block);
}

namespace dialtone {
namespace {

constexpr size_t kStacksMax = 64;
constexpr int kDepthMax = 40;
// Count() and the function that replaces malloc are in every stack.
constexpr int kOwnFrames = 2;

struct Stack {
  void* frames[kDepthMax];
  int depth = 0;
  size_t count = 0;
  AllocatingSide side = AllocatingSide::kClient;
};

std::atomic<bool> counting{false};
std::atomic<size_t> counts[2];
// Whoever holds it may touch the stacks. A spinlock, since a mutex may be what is being measured.
std::atomic_flag stacks_busy = ATOMIC_FLAG_INIT;
Stack stacks[kStacksMax];
size_t stacks_used = 0;

thread_local AllocatingSide side_of_this_thread = AllocatingSide::kClient;
// backtrace() may allocate itself, once.
thread_local bool within_count = false;

void Record(void* const* frames, int depth) {
  while (stacks_busy.test_and_set(std::memory_order_acquire)) {
  }
  const auto is_this = [&](const Stack& stack) {
    return stack.side == side_of_this_thread && stack.depth == depth &&
           std::equal(frames, frames + depth, stack.frames);
  };
  Stack* const end = stacks + stacks_used;
  Stack* stack = std::find_if(stacks, end, is_this);
  if (stack == end && stacks_used < kStacksMax) {
    ++stacks_used;
    std::copy(frames, frames + depth, stack->frames);
    stack->depth = depth;
    stack->side = side_of_this_thread;
    stack->count = 0;
  }
  if (stack != stacks + kStacksMax) ++stack->count;
  stacks_busy.clear(std::memory_order_release);
}

void Count() {
  if (!counting.load(std::memory_order_relaxed) || within_count) return;
  within_count = true;
  counts[static_cast<size_t>(side_of_this_thread)].fetch_add(1, std::memory_order_relaxed);
  void* frames[kDepthMax];
  Record(frames, backtrace(frames, kDepthMax));
  within_count = false;
}

std::string NameOf(void* return_address) {
  char name[256];
  // The call stands before the address that it returns to.
  const char* const call = static_cast<const char*>(return_address) - 1;
  return absl::Symbolize(call, name, sizeof name) ? name : "?";
}

}  // namespace

void AllocateAs(AllocatingSide side) { side_of_this_thread = side; }

void BeginCountingAllocations() {
  void* frame = nullptr;
  backtrace(&frame, 1);  // loads what it needs
  stacks_used = 0;
  for (std::atomic<size_t>& count : counts) count = 0;
  counting = true;
}

AllocationCounts EndCountingAllocations() {
  counting = false;
  return {counts[static_cast<size_t>(AllocatingSide::kClient)],
          counts[static_cast<size_t>(AllocatingSide::kServer)]};
}

std::string DescribeAllocations() {
  std::sort(stacks, stacks + stacks_used,
            [](const Stack& left, const Stack& right) { return left.count > right.count; });
  std::string text;
  for (const Stack* stack = stacks; stack != stacks + stacks_used; ++stack) {
    const bool server = stack->side == AllocatingSide::kServer;
    text += std::to_string(stack->count) +
            (server ? " on the server's side:\n" : " on the client's side:\n");
    for (int i = kOwnFrames; i < stack->depth; ++i)
      text += "    " + NameOf(stack->frames[i]) + "\n";
  }
  return text;
}

}  // namespace dialtone

extern "C" {

void* malloc(size_t bytes) {
  dialtone::Count();
  return __libc_malloc(bytes);
}
void* calloc(size_t count, size_t bytes) {
  dialtone::Count();
  return __libc_calloc(count, bytes);
}
void* realloc(void* block, size_t bytes) {
  dialtone::Count();
  return __libc_realloc(block, bytes);
}
void* memalign(size_t alignment, size_t bytes) {
  dialtone::Count();
  return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) {
  dialtone::Count();
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** block, size_t alignment, size_t bytes) {
  dialtone::Count();
  *block = __libc_memalign(alignment, bytes);
  return *block == nullptr ? ENOMEM : 0;
}
void free(void* block) { __libc_free(block); }

}  // extern "C"
