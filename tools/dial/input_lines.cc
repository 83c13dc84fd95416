#include "input_lines.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "interrupt.h"

namespace dial {

InputLines::InputLines(int descriptor)
    : descriptor_(descriptor), is_terminal_(isatty(descriptor) == 1) {}

InputLines::Got InputLines::Next(std::string& line, int stop) {
  for (;;) {
    const size_t end = read_.find('\n', looked_at_);
    looked_at_ = end == std::string::npos ? read_.size() : end + 1;
    if (end != std::string::npos || read_.size() - begin_ >= kLineBytesMax) {
      line = read_.substr(begin_, looked_at_ - begin_);
      begin_ = looked_at_;
      return Got::kLine;
    }
    read_.erase(0, begin_);
    begin_ = 0;
    looked_at_ = read_.size();
    std::array<pollfd, 3> wait = {
        {{descriptor_, POLLIN, 0}, {InterruptDescriptor(), POLLIN, 0}, {stop, POLLIN, 0}}};
    if (poll(wait.data(), wait.size(), -1) < 0 && errno == EINTR) continue;
    if (wait[1].revents != 0 || wait[2].revents != 0) return Got::kStopped;
    std::array<char, 64 * 1024> bytes{};
    const ssize_t count = read(descriptor_, bytes.data(), bytes.size());
    if (count > 0) {
      read_.append(bytes.data(), static_cast<size_t>(count));
      continue;
    }
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) {
      error_ = errno;
      read_.clear();  // a line that is cut short is none
    }
    line.clear();
    line.swap(read_);
    read_.clear();
    looked_at_ = 0;
    return line.empty() ? Got::kEnd : Got::kLine;
  }
}

InputLines::Got InputLines::NextOfBlock(std::string& line, int stop) {
  if (!in_block_) return Got::kEnd;
  const Got got = Next(line, stop);
  const bool is_empty =
      got == Got::kLine && !is_terminal_ && line.find_first_not_of(" \t\r\n") == std::string::npos;
  if (got != Got::kEnd && !is_empty) return got;
  in_block_ = false;
  return Got::kEnd;
}

void InputLines::SkipBlock() {
  std::string line;
  while (in_block_ && !is_terminal_ && NextOfBlock(line, -1) == Got::kLine) {
  }
  in_block_ = false;
}

}  // namespace dial
