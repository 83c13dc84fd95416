// How many random programs a test tries.
#pragma once

#include <cstdint>

namespace dialtone {

// `runs`, or a part of them where a sanitizer makes each run five or twenty times dearer: what it looks for, it finds in the
// first few of them, and the rest is for the builds that are fast.
constexpr uint64_t RandomRuns(uint64_t runs) {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return (runs + 9) / 10;
#elif __has_feature(address_sanitizer)
  return (runs + 3) / 4;
#endif
#endif
  return runs;
}

}  // namespace dialtone
