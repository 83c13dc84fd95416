#include <unistd.h>

#include <cstdio>

#include "line_reader.h"
#include "output.h"

namespace dial {
namespace {

class PlainLines final : public LineReader {
 public:
  explicit PlainLines(InputLines& input) : input_(input) {}

  Got Next(const std::string& prompt, const std::string& /*before*/, std::string& line) override {
    const bool prompts = input_.is_terminal() && isatty(STDOUT_FILENO) == 1;
    if (prompts) WriteNow(prompt);
    const InputLines::Got got = input_.Next(line, -1);
    if (got == InputLines::Got::kLine) return Got::kLine;
    // The key that ended it moves to no new line by itself.
    if (prompts) WriteNow("\n");
    return got == InputLines::Got::kStopped ? Got::kInterrupted : Got::kEnd;
  }

 private:
  InputLines& input_;
};

}  // namespace

std::unique_ptr<LineReader> NewPlainLines(InputLines& input) {
  return std::make_unique<PlainLines>(input);
}

}  // namespace dial
