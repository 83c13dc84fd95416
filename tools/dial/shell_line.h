// A command line as it stands in a shell while somebody types it: cut into words, the last of which may be open.
#pragma once

#include <string>
#include <vector>

namespace dial {

struct ShellLine {
  // Without their quotes; all but the one that is typed.
  std::vector<std::string> words;
  // The one that is typed, as far as it goes, without its quotes; empty behind a space.
  std::string current;
  // ' or " if it stands within quotes that are not closed, else 0.
  char open_quote = 0;
};

ShellLine ReadShellLine(const std::string& line);

}  // namespace dial
