// dial repl: reads lines until there are none, and has each of them done.
#include <unistd.h>

#include <cstring>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "commands.h"
#include "exit_code.h"
#include "interrupt.h"
#include "line_reader.h"
#include "method_names.h"
#include "repl.h"

namespace dial {
namespace {

constexpr char kGoOn[] = "... ";

class ReplLoop {
 public:
  explicit ReplLoop(Session& session)
      : session_(session),
        at_terminal_(isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1),
        input_(STDIN_FILENO),
        repl_(session) {
    if (at_terminal_) {
      reader_ = NewEditedLines([this](const std::string& text) { return repl_.Complete(text); },
                               ReplHistory(ReplHistory::DefaultFile()));
      SurviveInterrupts();
    }
    if (reader_ != nullptr) return;
    reader_ = NewPlainLines(input_);
    session_.surroundings().input = &input_;
  }

  // The exit code: at a terminal 0, in a script that of the last command that failed.
  int Run() {
    if (at_terminal_) Greet();
    while (!repl_.left()) {
      std::string text;
      const LineReader::Got got = ReadWhole(text);
      if (got == LineReader::Got::kEnd) break;
      if (got == LineReader::Got::kInterrupted) {
        if (EndsProgram()) return kExitInterrupted;
        continue;
      }
      RunLine(text);
      if (EndsProgram()) return kExitInterrupted;
    }
    if (input_.error() != 0) {
      return session_.Fail(
          UsageError(absl::StrCat("cannot read stdin: ", std::strerror(input_.error()))));
    }
    return at_terminal_ ? 0 : failed_;
  }

 private:
  // Whether the last interrupt is one of those that end the program; others are done with.
  bool EndsProgram() {
    const bool ends = Terminated() || (Interrupted() && !at_terminal_);
    if (!ends) ForgetInterrupt();
    return ends;
  }

  void Greet() {
    const absl::StatusOr<Schema*> schema = session_.schema();
    if (!schema.ok()) return static_cast<void>(session_.Fail(schema.status()));
    const absl::StatusOr<std::vector<std::string>> methods = MethodNames(**schema);
    if (!methods.ok()) return static_cast<void>(session_.Fail(methods.status()));
    session_.output().Note(absl::StrCat(session_.address(), ": ", methods->size(),
                                        " methods. Tab completes, help teaches, Ctrl-D leaves."));
  }

  // A line, and those that it goes on with. `text` is what was typed, also before the end.
  LineReader::Got ReadWhole(std::string& text) {
    line_ = ShellLineReader(WordRules::kRepl);
    std::string line;
    LineReader::Got got = reader_->Next(absl::StrCat(session_.address(), "> "), "", line);
    while (got == LineReader::Got::kLine) {
      text += line;
      const bool is_comment = absl::StripLeadingAsciiWhitespace(text).substr(0, 1) == "#";
      if (is_comment) return got;
      line_.Feed(line);
      if (!line_.line().is_open()) return got;
      got = reader_->Next(kGoOn, text, line);
    }
    // The end of a script ends its last line, too; whoever parses that says what is missing.
    const bool ends_line =
        got == LineReader::Got::kEnd && input_.error() == 0 && !text.empty() && !at_terminal_;
    return ends_line ? LineReader::Got::kLine : got;
  }

  void RunLine(const std::string& text) {
    if (at_terminal_) reader_->Remember(text);
    std::vector<std::string> words = line_.line().words;
    if (!line_.line().current.empty()) words.push_back(line_.line().current);
    const int code = repl_.Run(std::move(words));
    input_.SkipBlock();
    if (code != 0) failed_ = code;
    // Behind the ^C that the terminal has shown.
    if (Interrupted() && at_terminal_) session_.output().Note("\ncancelled");
  }

  Session& session_;
  const bool at_terminal_;
  InputLines input_;
  Repl repl_;
  std::unique_ptr<LineReader> reader_;
  ShellLineReader line_{WordRules::kRepl};
  int failed_ = 0;
};

}  // namespace

int RunRepl(Session& session) {
  absl::Status read = session.ReadWords(0, 0, true);
  if (!read.ok()) return session.Fail(read);
  return ReplLoop(session).Run();
}

}  // namespace dial
