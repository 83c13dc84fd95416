// Stdin, a line at a time, for a reader of commands and for calls that take their messages from the same stdin: nothing that
// the one has read ahead is lost to the other.
#pragma once

#include <cstddef>
#include <string>

namespace dial {

// In a script the messages of a call are a block of lines: up to the first empty one, or to the end. At a terminal Ctrl-D ends
// them, and empty lines mean nothing. Used by one thread at a time.
class InputLines {
 public:
  // Longer ones come in parts.
  static constexpr size_t kLineBytesMax = 256 * 1024 * 1024;

  enum class Got { kLine, kEnd, kStopped };

  // `descriptor` stays open.
  explicit InputLines(int descriptor);

  // With the line's end, unless the input ends without one. Waits; kStopped: Ctrl-C came first, or `stop` became readable
  // (none, if it is negative).
  Got Next(std::string& line, int stop);

  void BeginBlock() { in_block_ = true; }
  Got NextOfBlock(std::string& line, int stop);
  // Passes over what is left of a block, so that nobody takes messages for commands.
  void SkipBlock();

  // Why the input has ended before its end: an errno; 0, if it could be read.
  int error() const { return error_; }
  bool is_terminal() const { return is_terminal_; }

 private:
  const int descriptor_;
  const bool is_terminal_;
  std::string read_;
  size_t begin_ = 0;
  size_t looked_at_ = 0;
  bool in_block_ = false;
  int error_ = 0;
};

}  // namespace dial
