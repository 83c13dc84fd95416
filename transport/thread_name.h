// Internal.
#pragma once

#include <string>

namespace dialtone {

// The name that ps and a debugger show, cut to what the kernel takes.
void NameThisThread(const std::string& name);

}  // namespace dialtone
