#include "dialtone/transport/descriptors.h"

#include <sys/resource.h>

#include <limits>

namespace dialtone {

uint64_t DescriptorsMax() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::numeric_limits<uint64_t>::max();
  return limit.rlim_cur;
}

}  // namespace dialtone
