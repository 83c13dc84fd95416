#include "shell_line.h"

namespace dial {

bool ShellLineReader::IsSpace(char c) const {
  return c == ' ' || c == '\t' || (rules_ == WordRules::kRepl && (c == '\n' || c == '\r'));
}

void ShellLineReader::EndWord() {
  if (in_word_) line_.words.push_back(line_.current);
  line_.current.clear();
  in_word_ = raw_ = false;
}

void ShellLineReader::TakeJson(char c) {
  if (depth_ == 0 && IsSpace(c)) return EndWord();
  line_.current += c;
  if (in_string_) {
    in_string_ = escaped_ || c != '"';
    escaped_ = !escaped_ && c == '\\';
    return;
  }
  if (c == '"' && depth_ > 0) in_string_ = true;
  if (c == '{' || c == '[') ++depth_;
  const bool closes = (c == '}' || c == ']') && depth_ > 0;
  if (closes) --depth_;
  line_.open_json = depth_ > 0;
  // What stands behind it is a word of its own, with or without a space between.
  if (closes && depth_ == 0 && line_.current[0] != '$') EndWord();
}

void ShellLineReader::TakeQuoted(char c) {
  if (c == line_.open_quote) {
    line_.open_quote = 0;
  } else {
    line_.current += c;
  }
}

void ShellLineReader::TakePlain(char c) {
  if (IsSpace(c)) return EndWord();
  const bool begins_raw =
      rules_ == WordRules::kRepl && !in_word_ && (c == '{' || c == '[' || c == '$');
  in_word_ = true;
  if (begins_raw) {
    raw_ = true;
    TakeJson(c);
  } else if (c == '\'' || c == '"') {
    line_.open_quote = c;
  } else {
    line_.current += c;
  }
}

void ShellLineReader::Feed(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool escapes = c == '\\' && line_.open_quote != '\'' && i + 1 < text.size();
    if (raw_) {
      TakeJson(c);
    } else if (escapes) {
      line_.current += text[++i];
      in_word_ = true;
    } else if (line_.open_quote != 0) {
      TakeQuoted(c);
    } else {
      TakePlain(c);
    }
  }
}

ShellLine ReadShellLine(const std::string& line, WordRules rules) {
  ShellLineReader reader(rules);
  reader.Feed(line);
  return reader.line();
}

}  // namespace dial
