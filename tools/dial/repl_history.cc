#include "repl_history.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace dial {
namespace {

// Each folder of the path, for the owner alone.
void MakeFolders(const std::string& file) {
  for (size_t at = file.find('/', 1); at != std::string::npos; at = file.find('/', at + 1))
    mkdir(file.substr(0, at).c_str(), S_IRWXU);
}

// False: not all of it could be written. Closes the descriptor.
bool WriteAndClose(int descriptor, const std::string& text) {
  if (descriptor < 0) return false;
  const ssize_t written = write(descriptor, text.data(), text.size());
  return close(descriptor) == 0 && written == static_cast<ssize_t>(text.size());
}

std::string AsOneLine(const std::string& text) {
  std::string line(absl::StripTrailingAsciiWhitespace(text));
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

}  // namespace

std::string ReplHistory::DefaultFile() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && state[0] == '/') return absl::StrCat(state, "/dial/repl_history");
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/')
    return absl::StrCat(home, "/.local/state/dial/repl_history");
  return "";
}

std::vector<std::string> ReplHistory::Load() const {
  std::ifstream file(file_, std::ios::binary);
  std::vector<std::string> lines;
  std::string line;
  while (std::getline(file, line)) {
    if (!line.empty() && line.size() <= kLineBytesMax) lines.push_back(line);
  }
  const size_t kept = std::min(lines.size(), kLinesMax);
  return {lines.end() - static_cast<std::ptrdiff_t>(kept), lines.end()};
}

void ReplHistory::Add(const std::string& line) const {
  const std::string text = AsOneLine(line);
  if (file_.empty() || text.empty() || text[0] == ' ' || text.size() > kLineBytesMax) return;
  MakeFolders(file_);
  const int descriptor =
      open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  struct stat status{};
  const bool is_large = descriptor >= 0 && fstat(descriptor, &status) == 0 &&
                        status.st_size > static_cast<off_t>(kFileBytesMax);
  // In one piece, so that lines of several repls do not mix.
  if (WriteAndClose(descriptor, text + "\n") && is_large) Cut();
}

void ReplHistory::Cut() const {
  const std::vector<std::string> lines = Load();
  std::string text;
  for (auto line = lines.rbegin(); line != lines.rend() && text.size() < kFileBytesMax / 2; ++line)
    text.insert(0, *line + "\n");
  const std::string beside = absl::StrCat(file_, ".", getpid());
  const int descriptor =
      open(beside.c_str(), O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  const bool replaced =
      WriteAndClose(descriptor, text) && std::rename(beside.c_str(), file_.c_str()) == 0;
  if (!replaced) unlink(beside.c_str());
}

}  // namespace dial
