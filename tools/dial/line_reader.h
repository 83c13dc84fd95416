// Where a repl's lines come from: a terminal at which they can be edited, or anything else.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "choices.h"
#include "input_lines.h"
#include "repl_history.h"

namespace dial {

// Used by one thread.
class LineReader {
 public:
  enum class Got { kLine, kEnd, kInterrupted };
  // Of all that is typed so far, up to the cursor. Runs within Next(), and may block on the network.
  using Complete = std::function<Choices(const std::string& text)>;

  virtual ~LineReader() = default;
  // `before`: the lines that this one goes on with. kInterrupted: Ctrl-C, and what was typed is gone. A line has its end, except
  // the last one of a file that lacks it.
  virtual Got Next(const std::string& prompt, const std::string& before, std::string& line) = 0;
  // For the next time, if it keeps any.
  virtual void Remember(const std::string& /*line*/) {}
};

// With libedit: keys as in a shell (~/.editrc changes them), Tab, and the history. Null if dial was built without it.
std::unique_ptr<LineReader> NewEditedLines(LineReader::Complete complete, ReplHistory history);

// As they are. Prompts only at a terminal. `input` outlives it.
std::unique_ptr<LineReader> NewPlainLines(InputLines& input);

}  // namespace dial
