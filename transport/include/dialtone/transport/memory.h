// How much memory this process may really use: the least of the machine's and its cgroups' limits.
#pragma once

#include <cstdint>
#include <string>

namespace dialtone {

// In bytes; the largest number there is when nothing limits it. Reads cgroup v1 and v2 and the
// machine's memory below `root` (a test's fixture tree; "/" for the real one).
uint64_t UsableMemory(const std::string& root);
// The real one, as it was when this was asked first: some fifty files are read for it.
uint64_t UsableMemory();

}  // namespace dialtone
