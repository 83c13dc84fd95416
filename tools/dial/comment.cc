#include "comment.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace dial {

std::string CommentText(const std::string& comment) {
  std::vector<std::string> lines = absl::StrSplit(comment, '\n');
  for (std::string& line : lines) {
    absl::StripTrailingAsciiWhitespace(&line);
    if (!line.empty() && line.front() == ' ') line.erase(0, 1);
  }
  std::string text = absl::StrJoin(lines, "\n");
  text.erase(0, std::min(text.find_first_not_of('\n'), text.size()));
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

std::string FirstSentence(const std::string& text) {
  const std::string line = text.substr(0, text.find('\n'));
  const size_t end = line.find(". ");
  if (end != std::string::npos) return line.substr(0, end + 1);
  return line.size() == text.size() || line.back() == '.' ? line : absl::StrCat(line, " …");
}

}  // namespace dial
