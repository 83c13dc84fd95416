#include "cgroups.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::internal {
namespace {

using Visitor = absl::FunctionRef<void(const std::string& folder, CgroupVersion)>;

void VisitUpwards(CgroupVersion version, const std::string& mount, std::string path,
                  Visitor function) {
  if (path.find("/..") != path.npos) path.clear();
  while (true) {
    while (!path.empty() && path.back() == '/') path.pop_back();
    function(mount + path, version);
    if (path.empty()) return;
    const size_t slash = path.rfind('/');
    path.resize(slash == path.npos ? 0 : slash);
  }
}

bool Lists(const std::string& controllers, std::string_view controller) {
  std::istringstream list(controllers);
  std::string name;
  while (std::getline(list, name, ',')) {
    if (name == controller) return true;
  }
  return false;
}

}  // namespace

void ForEachCgroup(const std::string& root, std::string_view controller, Visitor function) {
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
    if (controllers.empty()) {  // version 2
      for (const char* mount : {"", "/unified"})
        VisitUpwards(CgroupVersion::k2, cgroups + mount, path, function);
    } else if (Lists(controllers, controller)) {
      // Controllers that are mounted together have a folder of all their names, in either order, and
      // usually a link of each name.
      const auto visit = [&](std::string_view folder) {
        VisitUpwards(CgroupVersion::k1, absl::StrCat(cgroups, "/", ToAbsl(folder)), path, function);
      };
      visit(controller);
      if (controllers == controller) continue;
      visit(controllers);
      const size_t comma = controllers.find(',');
      visit(absl::StrCat(controllers.substr(comma + 1), ",", controllers.substr(0, comma)));
    }
  }
}

}  // namespace dialtone::internal
