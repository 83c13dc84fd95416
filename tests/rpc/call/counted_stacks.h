// Counts what a test's program does, by all its threads, and keeps the stacks that it is done from. What
// that is, the file says that the program links: counting_malloc.cc or counting_mutex.cc.
#pragma once

#include <cstddef>
#include <string>

namespace dialtone {

// Whom a thread works for. Threads that say nothing work for the client.
enum class Side { kClient, kServer };
void WorkFor(Side side);

struct SideCounts {
  size_t client = 0;
  size_t server = 0;
};

// From here on it is counted, from zero.
void BeginCounting();
// What was counted since; ends counting.
SideCounts EndCounting();
// The stacks of what was counted last, the most frequent first: how often, for whom, and the names
// of the functions, inmost first. Stacks beyond a fixed number are not told apart.
std::string DescribeCounted();

// For what replaces a function of the C library: it has been called. Allocates nothing, locks nothing.
void CountCall();

}  // namespace dialtone
