// What a file on the command line holds.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace dial {

// All of it. USAGE (exit_code.h): there is no such file, or it cannot be read, as a directory cannot.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace dial
