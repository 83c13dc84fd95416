// What was typed at a repl before: a file of lines that only its owner may read.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dial {

// Several repls may share the file: each adds its lines as they are typed. It never complains: a history that cannot be kept is
// none. Used by one thread. A value.
class ReplHistory {
 public:
  static constexpr size_t kLinesMax = 1000;
  // Longer ones are not kept.
  static constexpr size_t kLineBytesMax = 16 * 1024;
  // A file above that is cut to its last kLinesMax lines, and those to half of it.
  static constexpr size_t kFileBytesMax = 2 * 1024 * 1024;

  explicit ReplHistory(std::string file) : file_(std::move(file)) {}
  // $XDG_STATE_HOME/dial/repl_history, or that in ~/.local/state; empty if there is neither.
  static std::string DefaultFile();

  // The oldest first.
  std::vector<std::string> Load() const;
  // Puts it behind the others and makes the file, and its folders, if need be. Not kept: what is empty, and what begins with a
  // space, which is how one says that a line is nobody's business. Several lines are kept as one.
  void Add(const std::string& line) const;

 private:
  void Cut() const;

  std::string file_;
};

}  // namespace dial
