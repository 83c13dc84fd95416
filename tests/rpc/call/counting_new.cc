#include "counting_new.h"

#include <cstdlib>
#include <new>

namespace dialtone {

thread_local size_t allocations_of_this_thread = 0;

}  // namespace dialtone

#if defined(DIALTONE_SANITIZED)

#include <sanitizer/allocator_interface.h>

namespace {

void OnMalloc(const volatile void*, size_t) { ++dialtone::allocations_of_this_thread; }
void OnFree(const volatile void*) {}

[[maybe_unused]] const int installed = __sanitizer_install_malloc_and_free_hooks(OnMalloc, OnFree);

}  // namespace

#else

void* operator new(size_t bytes) {
  ++dialtone::allocations_of_this_thread;
  if (void* block = std::malloc(bytes == 0 ? 1 : bytes); block != nullptr) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }

#endif
