// Conversion between std::string_view, which this project's interfaces speak, and
// absl::string_view, which is a type of its own in some builds of Abseil (Debian 12's) and the same
// type in others. Compiles either way.
#pragma once

#include <string_view>

#include "absl/strings/string_view.h"

namespace dialtone {

inline absl::string_view ToAbsl(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}
inline std::string_view ToStd(absl::string_view text) {
  return std::string_view(text.data(), text.size());
}

}  // namespace dialtone
