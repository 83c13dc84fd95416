// What a Tab in a repl may become: the same as in a shell, without the address, and what only a repl has.
#include "absl/strings/match.h"
#include "completion.h"
#include "method_names.h"
#include "repl.h"
#include "repl_help.h"

namespace dial {

Choices Repl::Complete(const std::string& text) {
  ShellLine line = ReadShellLine(text, WordRules::kRepl);
  Choices choices;
  choices.begun = line.current;
  const absl::StatusOr<Schema*> schema = session_.schema();
  if (!schema.ok()) return choices;
  (*schema)->ForgetTrouble();
  if (line.words.empty()) {
    choices.words = Beginning(FirstWords(line.current, **schema), line.current);
    return choices;
  }
  if (IsReplsOwn(line.words[0])) {
    choices.words = Beginning(OwnChoices(line), line.current);
    return choices;
  }
  choices.words = last_.Completions(line.current);
  if (!choices.words.empty()) return choices;
  const std::vector<std::string> commands = ReplCommandNames();
  const bool is_method = Beginning(commands, line.words[0]).empty() ||
                         Beginning(commands, line.words[0])[0] != line.words[0];
  if (is_method) line.words.insert(line.words.begin(), "call");
  line.words.insert(line.words.begin(), "dial");
  choices.words = CompletionsWithin(line, **schema);
  return choices;
}

// Commands, and methods: by their full names, and by short ones that mean one of them.
std::vector<std::string> Repl::FirstWords(const std::string& begun, Schema& schema) const {
  std::vector<std::string> words = ReplCommandNames();
  const absl::StatusOr<std::vector<std::string>> methods = MethodNames(schema);
  if (!methods.ok()) return words;
  for (const std::string& method : *methods) {
    const std::string name = method.substr(method.rfind('/') + 1);
    if (FullMethodName(schema, name).ok()) words.push_back(name);
    // Without a beginning the short ones are enough to choose from.
    if (!begun.empty()) words.push_back(method);
  }
  return words;
}

std::vector<std::string> Repl::OwnChoices(const ShellLine& line) const {
  const std::string& command = line.words[0];
  if (command == "help" && line.words.size() == 1) return ReplCommandNames();
  const bool sets = command == "set" || command == "unset";
  if (sets && line.words.size() == 1) return ReplSettings::Names();
  if (command == "unset" && line.words[1] == "metadata" && line.words.size() == 2)
    return settings_.MetadataNames();
  const bool is_switch =
      sets && line.words.size() == 2 &&
      (line.words[1] == "json" || line.words[1] == "text" || line.words[1] == "verbose");
  if (command == "set" && is_switch) return {"off", "on"};
  const bool takes_path = command == "last" || command == "save";
  return takes_path ? last_.Completions(line.current) : std::vector<std::string>();
}

}  // namespace dial
