// How many processors this process may really use: the least of its affinity mask and its cgroups'
// quotas.
#pragma once

#include <string>

namespace dialtone {

// At least 1. A quota of 1.5 processors counts as 2. Reads cgroup v1 and v2 below `root` (a test's
// fixture tree; "/" for the real one).
int UsableProcessors(const std::string& root = "/");

}  // namespace dialtone
