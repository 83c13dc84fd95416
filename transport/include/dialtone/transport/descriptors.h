// How many descriptors this process may have open.
#pragma once

#include <cstdint>

namespace dialtone {

// The soft limit (RLIMIT_NOFILE) as it is now; the largest number there is when nothing limits it.
uint64_t DescriptorsMax();

}  // namespace dialtone
