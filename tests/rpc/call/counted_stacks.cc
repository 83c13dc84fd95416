#include "counted_stacks.h"

#include <execinfo.h>

#include <algorithm>
#include <atomic>

#include "absl/debugging/symbolize.h"

namespace dialtone {
namespace {

constexpr size_t kStacksMax = 64;
constexpr int kDepthMax = 40;
// CountCall() and its caller are in every stack.
constexpr int kOwnFrames = 2;

struct Stack {
  void* frames[kDepthMax];
  int depth = 0;
  size_t count = 0;
  Side side = Side::kClient;
};

std::atomic<bool> counting{false};
std::atomic<size_t> counts[2];
// Whoever holds it may touch the stacks. A spinlock, since a mutex may be what is being measured.
std::atomic_flag stacks_busy = ATOMIC_FLAG_INIT;
Stack stacks[kStacksMax];
size_t stacks_used = 0;

thread_local Side side_of_this_thread = Side::kClient;
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

std::string NameOf(void* return_address) {
  char name[256];
  // The call stands before the address that it returns to.
  const char* const call = static_cast<const char*>(return_address) - 1;
  return absl::Symbolize(call, name, sizeof name) ? name : "?";
}

}  // namespace

void CountCall() {
  if (!counting.load(std::memory_order_relaxed) || within_count) return;
  within_count = true;
  counts[static_cast<size_t>(side_of_this_thread)].fetch_add(1, std::memory_order_relaxed);
  void* frames[kDepthMax];
  Record(frames, backtrace(frames, kDepthMax));
  within_count = false;
}

void WorkFor(Side side) { side_of_this_thread = side; }

void BeginCounting() {
  void* frame = nullptr;
  backtrace(&frame, 1);  // loads what it needs
  stacks_used = 0;
  for (std::atomic<size_t>& count : counts) count = 0;
  counting = true;
}

SideCounts EndCounting() {
  counting = false;
  return {counts[static_cast<size_t>(Side::kClient)], counts[static_cast<size_t>(Side::kServer)]};
}

std::string DescribeCounted() {
  std::sort(stacks, stacks + stacks_used,
            [](const Stack& left, const Stack& right) { return left.count > right.count; });
  std::string text;
  for (const Stack* stack = stacks; stack != stacks + stacks_used; ++stack) {
    const bool server = stack->side == Side::kServer;
    text += std::to_string(stack->count) +
            (server ? " on the server's side:\n" : " on the client's side:\n");
    for (int i = kOwnFrames; i < stack->depth; ++i)
      text += "    " + NameOf(stack->frames[i]) + "\n";
  }
  return text;
}

}  // namespace dialtone
