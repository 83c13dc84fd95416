#include <unistd.h>

#include <cstdio>

#include "line_reader.h"

namespace dial {
namespace {

class PlainLines final : public LineReader {
 public:
  explicit PlainLines(InputLines& input) : input_(input) {}

  Got Next(const std::string& prompt, const std::string& /*before*/, std::string& line) override {
    const bool prompts = input_.is_terminal() && isatty(STDOUT_FILENO) == 1;
    if (prompts) {
      std::fwrite(prompt.data(), 1, prompt.size(), stdout);
      std::fflush(stdout);
    }
    switch (input_.Next(line, -1)) {
      case InputLines::Got::kLine:
        return Got::kLine;
      case InputLines::Got::kStopped:
        return Got::kInterrupted;
      case InputLines::Got::kEnd:
        break;
    }
    return Got::kEnd;
  }

 private:
  InputLines& input_;
};

}  // namespace

std::unique_ptr<LineReader> NewPlainLines(InputLines& input) {
  return std::make_unique<PlainLines>(input);
}

}  // namespace dial
