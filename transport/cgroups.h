// Where the control groups of this process say what it may use: one walk for all controllers, of
// version 1 and 2. Internal to transport/.
#pragma once

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"

namespace dialtone::internal {

// Their files have other names in each.
enum class CgroupVersion { k1, k2 };

// Calls `function` with each folder that may hold a limit of `controller` ("cpu", "memory") for this
// process: its group's and those of all groups above, below `root` (a test's fixture tree, or "/").
// Inside a container the path may be one that only the host sees: then folders are named that do not
// exist, and the container's own group is the mount's root.
void ForEachCgroup(const std::string& root, std::string_view controller,
                   absl::FunctionRef<void(const std::string& folder, CgroupVersion)> function);

}  // namespace dialtone::internal
