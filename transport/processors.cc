#include "dialtone/transport/processors.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <string_view>
#include <thread>

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

// The least limit of a group and all above it. Inside a container the path may be one that only the
// host sees: the folders that do not exist here say nothing, and the walk ends at the container's
// own group.
int LeastLimit(const std::string& mount, std::string path, int (*limit)(const std::string&),
               int least) {
  if (path.find("/..") != path.npos) path.clear();
  while (true) {
    while (!path.empty() && path.back() == '/') path.pop_back();
    if (const int here = limit(mount + path); here > 0) least = std::min(least, here);
    if (path.empty()) return least;
    const size_t slash = path.rfind('/');
    path.resize(slash == path.npos ? 0 : slash);
  }
}

bool ListsCpu(const std::string& controllers) {
  std::istringstream list(controllers);
  std::string name;
  while (std::getline(list, name, ',')) {
    if (name == "cpu") return true;
  }
  return false;
}

}  // namespace

int UsableProcessors(const std::string& root) {
  int least = ProcessorsInAffinity();
  const std::string base = root.empty() || root.back() != '/' ? root + "/" : root;
  const std::string cgroups = base + "sys/fs/cgroup";
  std::ifstream groups(base + "proc/self/cgroup");
  std::string line;  // "hierarchy:controllers:path"
  while (std::getline(groups, line)) {
    const size_t first = line.find(':');
    const size_t second = first == line.npos ? first : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (controllers.empty()) {
      for (const char* mount : {"", "/unified"}) {
        least = LeastLimit(cgroups + mount, path, LimitV2, least);
      }
    } else if (ListsCpu(controllers)) {
      for (const char* mount : {"/cpu", "/cpu,cpuacct", "/cpuacct,cpu"}) {
        least = LeastLimit(cgroups + mount, path, LimitV1, least);
      }
    }
  }
  return least;
}

}  // namespace dialtone
