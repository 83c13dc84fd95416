#include "comments.h"

#include <cctype>
#include <sstream>

namespace dialtone::plugin {
namespace {

std::string CommentLine(std::string line) {
  // A bare carriage return ends a line for some compilers; other control characters have no
  // business here.
  for (char& c : line) {
    if (std::iscntrl(static_cast<unsigned char>(c)) != 0) c = ' ';
  }
  line.erase(line.find_last_not_of(' ') + 1);
  if (line.empty()) return line;
  // "?" "?/" is an old way to write a backslash.
  if (line.back() == '\\' || (line.size() >= 3 && line.compare(line.size() - 3, 3, "?\?/") == 0))
    line += '.';
  const bool has_gap = line.front() == ' ' || line.front() == '/';
  return has_gap ? line : " " + line;
}

}  // namespace

std::vector<std::string> CommentLines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    line = CommentLine(std::move(line));
    if (!line.empty() || !lines.empty()) lines.push_back(std::move(line));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace dialtone::plugin
