// Counts what all threads of a test's program allocate from the C library: malloc and its family, and
// with them operator new, which calls malloc. A program that links counting_malloc.cc has malloc
// replaced, so none that a sanitizer or a static C library gives a malloc of its own.
#pragma once

#include <cstddef>
#include <string>

namespace dialtone {

// Whom a thread works for. Threads that say nothing work for the client.
enum class AllocatingSide { kClient, kServer };
void AllocateAs(AllocatingSide side);

struct AllocationCounts {
  size_t client = 0;
  size_t server = 0;
};

// From here on allocations are counted, from zero, and the stacks are kept that they come from.
void BeginCountingAllocations();
// What was counted since; ends counting.
AllocationCounts EndCountingAllocations();
// The stacks of what was counted last, the most frequent first: how often, for whom, and the names
// of the functions, inmost first. Stacks beyond a fixed number are not told apart.
std::string DescribeAllocations();

}  // namespace dialtone
