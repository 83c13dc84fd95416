// Counts what a test's thread allocates. A test that links counting_new.cc has the program's
// operator new replaced; under a sanitizer, which replaces it already, the sanitizer's hook counts.
#pragma once

#include <cstddef>

namespace dialtone {

extern thread_local size_t allocations_of_this_thread;
// The largest of them, in bytes.
extern thread_local size_t largest_allocation_of_this_thread;

}  // namespace dialtone
