#include "counting_new.h"

#include <cstdlib>
#include <new>

namespace dialtone {

thread_local size_t allocations_of_this_thread = 0;
thread_local size_t largest_allocation_of_this_thread = 0;

namespace {

void Count(size_t bytes) {
  ++allocations_of_this_thread;
  if (bytes > largest_allocation_of_this_thread) largest_allocation_of_this_thread = bytes;
}

}  // namespace
}  // namespace dialtone

#if defined(DIALTONE_SANITIZED)

#include <sanitizer/allocator_interface.h>

namespace {

void OnMalloc(const volatile void*, size_t bytes) { dialtone::Count(bytes); }
void OnFree(const volatile void*) {}

[[maybe_unused]] const int installed = __sanitizer_install_malloc_and_free_hooks(OnMalloc, OnFree);

}  // namespace

#else

void* operator new(size_t bytes) {
  dialtone::Count(bytes);
  if (void* block = std::malloc(bytes == 0 ? 1 : bytes); block != nullptr) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }

#endif
