// A command line as it stands in a shell, or in dial's own repl, while somebody types it: cut into words, the last of which may
// be open.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dial {

struct ShellLine {
  // Without their quotes; all but the one that is typed.
  std::vector<std::string> words;
  // The one that is typed, as far as it goes, without its quotes; empty behind a space.
  std::string current;
  // ' or " if it stands within quotes that are not closed, else 0.
  char open_quote = 0;
  // It is JSON whose brackets are not closed.
  bool open_json = false;

  bool is_open() const { return open_quote != 0 || open_json; }
};

// In a shell's lines JSON stands within quotes. In a repl's it may stand as it is: a word that begins with a bracket goes to the
// bracket that closes it, and one that begins with $ to the first space outside of brackets. So may ends of lines, as spaces.
enum class WordRules { kShell, kRepl };

// Takes the text in parts, so that lines that belong together are looked at once. A value.
class ShellLineReader {
 public:
  explicit ShellLineReader(WordRules rules) : rules_(rules) {}

  void Feed(std::string_view text);
  const ShellLine& line() const { return line_; }

 private:
  void TakePlain(char c);
  void TakeQuoted(char c);
  void TakeJson(char c);
  void EndWord();
  bool IsSpace(char c) const;

  WordRules rules_;
  ShellLine line_;
  bool in_word_ = false;
  // Of a word that is taken as it is.
  bool raw_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
  size_t depth_ = 0;
};

ShellLine ReadShellLine(const std::string& line, WordRules rules = WordRules::kShell);

}  // namespace dial
