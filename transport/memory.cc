#include "dialtone/transport/memory.h"

#include <algorithm>
#include <fstream>
#include <limits>

#include "cgroups.h"

namespace dialtone {
namespace {

constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

// "536870912"; "max", a missing file and anything else that is no number limit nothing. Version 1
// says "none" by a number beyond all memories.
uint64_t LimitIn(const std::string& file_name) {
  std::ifstream file(file_name);
  uint64_t limit = 0;
  return file >> limit && limit > 0 ? limit : kUnlimited;
}

// "MemTotal:       24615936 kB"
uint64_t MemoryOfMachine(const std::string& file_name) {
  std::ifstream file(file_name);
  std::string name;
  uint64_t kilobytes = 0;
  while (file >> name) {
    if (name != "MemTotal:") continue;
    return file >> kilobytes && kilobytes > 0 ? kilobytes * 1024 : kUnlimited;
  }
  return kUnlimited;
}

}  // namespace

uint64_t UsableMemory(const std::string& root) {
  const std::string base = root.empty() || root.back() != '/' ? root + "/" : root;
  uint64_t least = MemoryOfMachine(base + "proc/meminfo");
  const auto count = [&least](const std::string& file) { least = std::min(least, LimitIn(file)); };
  using internal::CgroupVersion;
  internal::ForEachCgroup(root, "memory", [&](const std::string& folder, CgroupVersion version) {
    if (version == CgroupVersion::k1) return count(folder + "/memory.limit_in_bytes");
    count(folder + "/memory.max");
    count(folder + "/memory.high");  // above it the group is slowed down before it is killed
  });
  return least;
}

uint64_t UsableMemory() {
  static const uint64_t bytes = UsableMemory("/");
  return bytes;
}

}  // namespace dialtone
