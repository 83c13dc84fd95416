// Counts what is allocated from the C library: malloc and its family are replaced, and with them operator
// new, which calls malloc. Not for programs that a sanitizer or a static C library gives a malloc.
#include <cerrno>
#include <cstddef>

#include "counted_stacks.h"

extern "C" {

// What these functions are called besides, for those who replace them.
void* __libc_malloc(size_t bytes);
void* __libc_calloc(size_t count, size_t bytes);
void* __libc_realloc(void* block, size_t bytes);
void* __libc_memalign(size_t alignment, size_t bytes);
void __libc_free(void* block);

void* malloc(size_t bytes) {
  dialtone::CountCall();
  return __libc_malloc(bytes);
}
void* calloc(size_t count, size_t bytes) {
  dialtone::CountCall();
  return __libc_calloc(count, bytes);
}
void* realloc(void* block, size_t bytes) {
  dialtone::CountCall();
  return __libc_realloc(block, bytes);
}
void* memalign(size_t alignment, size_t bytes) {
  dialtone::CountCall();
  return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) {
  dialtone::CountCall();
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** block, size_t alignment, size_t bytes) {
  dialtone::CountCall();
  *block = __libc_memalign(alignment, bytes);
  return *block == nullptr ? ENOMEM : 0;
}
void free(void* block) { __libc_free(block); }

}  // extern "C"
