// Writes lines to a descriptor that may be full, slow, closed or gone, and never waits for it.
// Internal.
#pragma once

#include <cstdint>
#include <string>

namespace dialtone {

// Standard error, or -1, into which nobody can write, if the program was started without one: what has that
// number later is another thing.
int StandardError();

// One thread at a time.
class StderrWriter {
 public:
  explicit StderrWriter(int descriptor) : descriptor_(descriptor) {}

  // `line` ends with a newline and has at most kLogLineBytesMax bytes, which a pipe that is
  // writable takes whole; a terminal may take a part. False: it was dropped, or the rest of it, and
  // counted.
  bool Write(const std::string& line);
  // Dropped since the last line that was taken.
  uint64_t lost() const { return lost_; }

 private:
  bool TryWrite(const std::string& line);

  const int descriptor_;
  uint64_t lost_ = 0;
  bool within_line_ = false;  // the last line was taken in part
};

}  // namespace dialtone
