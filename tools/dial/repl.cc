#include "repl.h"

#include <algorithm>
#include <fstream>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "command_line.h"
#include "commands.h"
#include "exit_code.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "json_writer.h"
#include "method_names.h"
#include "repl_help.h"
#include "suggest.h"

namespace dial {
namespace {

bool IsJson(const std::string& word) { return !word.empty() && absl::StrContains("{[$", word[0]); }

std::vector<std::string> Behind(const std::vector<std::string>& words) {
  return {words.begin() + 1, words.end()};
}

// What dial repl itself was told, and a line cannot change.
absl::Status CheckOptions(const CommandLine& line, const CommandLine& repl) {
  const bool same = line.protos == repl.protos && line.import_dirs == repl.import_dirs &&
                    line.descriptor_set == repl.descriptor_set &&
                    line.message_bytes_max == repl.message_bytes_max;
  if (same) return absl::OkStatus();
  return UsageError(
      "--proto, --import, --descriptor-set and --max-message are for the whole repl: give them to "
      "dial repl");
}

}  // namespace

Repl::Repl(Session& session) : session_(session), settings_(session.line()) {
  session_.surroundings().are_shared = true;
  session_.surroundings().on_reply = [this](const google::protobuf::Message& reply) {
    last_.Remember(reply);
  };
}

Repl::~Repl() {
  session_.surroundings().on_reply = [](const google::protobuf::Message&) {};
}

int Repl::Run(std::vector<std::string> words) {
  const CommandLine line = settings_.line();
  Session here(line, session_);
  if (words.empty()) return 0;
  const absl::StatusOr<Schema*> schema = here.schema();
  if (schema.ok()) (*schema)->ForgetTrouble();
  if (IsReplsOwn(words[0])) return RunOwn(here, words);
  const std::vector<std::string> commands = ReplCommandNames();
  if (std::find(commands.begin(), commands.end(), words[0]) != commands.end())
    return RunDial(here, words);
  return RunMethod(here, std::move(words));
}

int Repl::RunMethod(Session& here, Words words) {
  if (words[0].empty() || IsJson(words[0])) {
    return here.Fail(
        UsageError("a line begins with a method or a command, such as Echo {\"text\": \"hello\"}"));
  }
  const absl::StatusOr<Schema*> schema = here.schema();
  if (!schema.ok()) return here.Fail(schema.status());
  absl::StatusOr<std::string> method = FullMethodName(**schema, words[0], ReplCommandNames());
  if (!method.ok()) return here.Fail(method.status());
  words[0] = *std::move(method);
  words.insert(words.begin(), "call");
  return RunDial(here, words);
}

// As dial does, but that the address is known.
int Repl::RunDial(Session& here, const Words& words) {
  CommandLine defaults = settings_.line();
  defaults.headers.clear();
  Words arguments;
  arguments.reserve(words.size());
  // Within brackets CLI11 would see a list of words.
  for (const std::string& word : words)
    arguments.push_back(absl::StartsWith(word, "[") ? " " + word : word);
  std::variant<CommandLine, int> read = ReadCommandLine(arguments, defaults);
  if (const int* exit = std::get_if<int>(&read)) return *exit;
  auto& line = std::get<CommandLine>(read);
  const std::vector<std::string>& kept = settings_.line().headers;
  line.headers.insert(line.headers.begin(), kept.begin(), kept.end());
  absl::Status usable = CheckOptions(line, settings_.line());
  if (usable.ok()) usable = ExpandNames(line);
  if (!usable.ok()) return here.Fail(usable);
  line.words.insert(line.words.begin(), session_.address());
  Session its_own(line, session_);
  return RunCommand(its_own);
}

// Short names of what is described, and $ in messages. Those of methods that are called are expanded where they are called.
absl::Status Repl::ExpandNames(CommandLine& line) {
  const bool describes = line.command == "describe" || line.command == "template";
  if (describes && line.words.size() == 1) {
    const absl::StatusOr<Schema*> schema = session_.schema();
    if (!schema.ok()) return schema.status();
    if ((*schema)->Find(line.words[0]).ok()) return absl::OkStatus();
    const absl::StatusOr<std::string> method = FullMethodName(**schema, line.words[0]);
    if (method.ok()) line.words[0] = *method;
  }
  if (!TakesMessages(line.command) || line.form != MessageForm::kJson) return absl::OkStatus();
  for (size_t i = 1; i < line.words.size(); ++i) {
    std::string& word = line.words[i];
    if (!IsJson(word) && !absl::StartsWith(word, " [")) continue;
    absl::StatusOr<std::string> message = last_.Substitute(word);
    if (!message.ok()) return message.status();
    word = *std::move(message);
  }
  return absl::OkStatus();
}

int Repl::RunOwn(Session& here, const Words& words) {
  const std::string& command = words[0];
  if (command == "last") return Last(here, words);
  if (command == "save") return Save(here, words);
  if (command == "help") return Help(here, words);
  absl::Status done;
  if (command == "set") {
    done = settings_.Set(Behind(words),
                         [this](const std::string& path) { return MetadataValue(path); });
  } else if (command == "unset") {
    done = settings_.Unset(Behind(words));
  } else if (words.size() > 1) {
    done = UsageError(absl::StrCat(command, " takes nothing"));
  } else if (command == "show") {
    here.output().Line(settings_.Show(session_.address()));
  } else if (command == "reload") {
    last_.Forget();
    session_.Reload();
  } else {
    left_ = true;
  }
  return done.ok() ? 0 : here.Fail(done);
}

// A text as it is, without quotes and escapes, and anything else as JSON has it.
absl::StatusOr<std::string> Repl::MetadataValue(const std::string& path) const {
  absl::StatusOr<std::string> value = last_.Substitute(path);
  google::protobuf::Value text;
  const bool is_text = value.ok() && absl::StartsWith(*value, "\"") &&
                       google::protobuf::util::JsonStringToMessage(*value, &text).ok();
  return is_text ? text.string_value() : value;
}

absl::StatusOr<std::string> Repl::LastPart(const Words& words, size_t path_at,
                                           const JsonForm& form) {
  if (words.size() > path_at + 1)
    return UsageError(absl::StrCat("too many words; see help ", words[0]));
  if (last_.message() == nullptr) return UsageError("there has been no reply yet");
  if (words.size() == path_at) return ToJson(*last_.message(), form);
  if (!absl::StartsWith(words[path_at], "$")) {
    return UsageError(absl::StrCat("\"", words[path_at],
                                   "\" is no path into the last reply such as $.items[0].id"));
  }
  return last_.Substitute(words[path_at]);
}

int Repl::Last(Session& here, const Words& words) {
  JsonForm form;
  form.colours = here.output().colours();
  form.pretty = !here.output().json();
  const absl::StatusOr<std::string> text = LastPart(words, 1, form);
  if (!text.ok()) return here.Fail(text.status());
  here.output().Line(*text);
  return 0;
}

int Repl::Save(Session& here, const Words& words) {
  if (words.size() < 2) return here.Fail(UsageError("write save FILE; see help save"));
  JsonForm form;
  form.pretty = !here.output().json();
  const absl::StatusOr<std::string> text = LastPart(words, 2, form);
  if (!text.ok()) return here.Fail(text.status());
  std::ofstream file(words[1], std::ios::binary | std::ios::trunc);
  file << *text << "\n";
  file.close();
  return file.good() ? 0 : here.Fail(UsageError(absl::StrCat("cannot write ", words[1])));
}

int Repl::Help(Session& here, const Words& words) {
  const std::string text = words.size() == 1 ? ReplHelp() : ReplHelp(words[1]);
  if (text.empty()) {
    return here.Fail(UsageError(
        absl::StrCat("there is no help on ", words[1], DidYouMean(words[1], ReplCommandNames()))));
  }
  here.output().Line(text);
  return 0;
}

}  // namespace dial
