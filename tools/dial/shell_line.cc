#include "shell_line.h"

namespace dial {

ShellLine ReadShellLine(const std::string& line) {
  ShellLine read;
  bool in_word = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool escapes = c == '\\' && read.open_quote != '\'' && i + 1 < line.size();
    if (escapes) {
      read.current += line[++i];
      in_word = true;
    } else if (read.open_quote != 0) {
      if (c == read.open_quote) {
        read.open_quote = 0;
      } else {
        read.current += c;
      }
    } else if (c == '\'' || c == '"') {
      read.open_quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t') {
      if (in_word) read.words.push_back(read.current);
      read.current.clear();
      in_word = false;
    } else {
      read.current += c;
      in_word = true;
    }
  }
  return read;
}

}  // namespace dial
