// A shell on one server: what its lines do. Where they come from, and how long it goes on, is repl_command's.
#pragma once

#include <string>
#include <vector>

#include "json_writer.h"
#include "last_reply.h"
#include "line_reader.h"
#include "repl_settings.h"
#include "session.h"
#include "shell_line.h"

namespace dial {

// Used by one thread.
class Repl {
 public:
  // That of dial repl, whose channel and schema all lines have; outlives this.
  explicit Repl(Session& session);
  ~Repl();
  Repl(const Repl&) = delete;
  Repl& operator=(const Repl&) = delete;

  // Does what the words say and tells what is to be told. The exit code that dial would have left with.
  int Run(std::vector<std::string> words);
  // `exit` was typed.
  bool left() const { return left_; }
  // What the word at the end of a line's beginning may become.
  Choices Complete(const std::string& text);

 private:
  using Words = std::vector<std::string>;

  // A command that only a repl has, or one of dial's, or a method.
  int RunOwn(Session& here, const Words& words);
  int RunDial(Session& here, const Words& words);
  int RunMethod(Session& here, Words words);

  absl::StatusOr<std::string> LastPart(const Words& words, size_t path_at, const JsonForm& form);
  int Last(Session& here, const Words& words);
  int Save(Session& here, const Words& words);
  int Help(Session& here, const Words& words);
  absl::Status ExpandNames(CommandLine& line);
  absl::StatusOr<std::string> MetadataValue(const std::string& path) const;

  Words FirstWords(const std::string& begun, Schema& schema) const;
  Words OwnChoices(const ShellLine& line) const;

  Session& session_;
  ReplSettings settings_;
  LastReply last_;
  bool left_ = false;
};

}  // namespace dial
