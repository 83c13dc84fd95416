// Counts locks taken: those of std::mutex and std::shared_mutex, so all of Dialtone's, and of whatever else
// locks by the C library's functions, which are replaced. Its own locks within itself are not seen.
#include <dlfcn.h>
#include <pthread.h>

#include "counted_stacks.h"

namespace {

// The C library's own, which the one here hides. Found at the first call, by each thread that comes
// then: they find the same.
template <class Function>
Function* Real(const char* name, Function*& real) {
  if (real == nullptr) real = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
  return real;
}

using MutexFunction = int(pthread_mutex_t*);
using ReadWriteFunction = int(pthread_rwlock_t*);

constinit thread_local MutexFunction* mutex_lock = nullptr;
constinit thread_local MutexFunction* mutex_trylock = nullptr;
constinit thread_local ReadWriteFunction* read_lock = nullptr;
constinit thread_local ReadWriteFunction* write_lock = nullptr;

}  // namespace

extern "C" {

int pthread_mutex_lock(pthread_mutex_t* mutex) {
  dialtone::CountCall();
  return Real("pthread_mutex_lock", mutex_lock)(mutex);
}
int pthread_mutex_trylock(pthread_mutex_t* mutex) {
  dialtone::CountCall();
  return Real("pthread_mutex_trylock", mutex_trylock)(mutex);
}
int pthread_rwlock_rdlock(pthread_rwlock_t* lock) {
  dialtone::CountCall();
  return Real("pthread_rwlock_rdlock", read_lock)(lock);
}
int pthread_rwlock_wrlock(pthread_rwlock_t* lock) {
  dialtone::CountCall();
  return Real("pthread_rwlock_wrlock", write_lock)(lock);
}

}  // extern "C"
