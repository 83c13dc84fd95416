#include "dialtone/transport/processors.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <initializer_list>
#include <thread>

#include "cgroups.h"

namespace dialtone {
namespace {

int ProcessorsInAffinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  // Fails on a machine of more processors than the set holds: then all of them count.
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(CPU_COUNT(&set), 1);
  return static_cast<int>(std::max(std::thread::hardware_concurrency(), 1u));
}

// Processors that a quota stands for; 0: no limit.
int Processors(double quota, double period) {
  if (quota <= 0 || period <= 0) return 0;
  return std::max(static_cast<int>(std::min(std::ceil(quota / period), 1e6)), 1);
}

// cgroup v2: "150000 100000" or "max 100000".
int LimitV2(const std::string& folder) {
  std::ifstream file(folder + "/cpu.max");
  double quota = 0;
  double period = 0;
  if (!(file >> quota >> period)) return 0;
  return Processors(quota, period);
}

// cgroup v1: a quota of -1 is none.
int LimitV1(const std::string& folder) {
  std::ifstream quota_file(folder + "/cpu.cfs_quota_us");
  std::ifstream period_file(folder + "/cpu.cfs_period_us");
  double quota = 0;
  double period = 0;
  if (!(quota_file >> quota) || !(period_file >> period)) return 0;
  return Processors(quota, period);
}

}  // namespace

int UsableProcessors(const std::string& root) {
  int least = ProcessorsInAffinity();
  using internal::CgroupVersion;
  internal::ForEachCgroup(root, "cpu", [&least](const std::string& folder, CgroupVersion version) {
    const int limit = version == CgroupVersion::k1 ? LimitV1(folder) : LimitV2(folder);
    if (limit > 0) least = std::min(least, limit);
  });
  return least;
}

}  // namespace dialtone
