// How help is laid out, and what somebody may have meant. Pure. Internal to dialtone::flags.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dialtone::flags {

// "  left    right, wrapped", with a newline; at most 100 columns unless a word is longer.
std::string HelpLines(std::string_view left, std::string_view right);

// The name that is the least changes of single letters away, if that is few for its length; else
// empty.
std::string Nearest(std::string_view written, const std::vector<std::string>& names);

}  // namespace dialtone::flags
