#include "completion.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "command_line.h"
#include "fields.h"
#include "method_names.h"
#include "session.h"

namespace dial {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// The command line as far as it goes: what no longer may be changed by the word that is typed.
struct Typed {
  CommandLine line;
  std::string option;  // whose value is typed
};

bool TakesValue(const std::string& option) {
  static const std::set<std::string> kSwitches = {
      "--json", "--text", "-v", "--verbose", "--all", "--watch", "--csv", "--help", "-h"};
  return option.size() > 1 && option[0] == '-' && option.find('=') == std::string::npos &&
         kSwitches.count(option) == 0;
}

Typed ReadTyped(const ShellLine& shell) {
  Typed typed;
  for (size_t i = 1; i < shell.words.size(); ++i) {
    const std::string& word = shell.words[i];
    if (!TakesValue(word)) {
      if (word.size() > 1 && word[0] == '-') continue;
      if (typed.line.command.empty()) {
        typed.line.command = word;
      } else {
        typed.line.words.push_back(word);
      }
      continue;
    }
    if (i + 1 == shell.words.size()) {
      typed.option = word;
      break;
    }
    const std::string& value = shell.words[++i];
    if (word == "--proto") typed.line.protos.push_back(value);
    if (word == "--import") typed.line.import_dirs.push_back(value);
    if (word == "--descriptor-set") typed.line.descriptor_set = value;
  }
  return typed;
}

std::vector<std::string> NamesFor(const std::string& command, Schema& schema) {
  const absl::StatusOr<std::vector<std::string>> services = schema.ServiceNames();
  const absl::StatusOr<std::vector<std::string>> methods = MethodNames(schema);
  if (!services.ok() || !methods.ok()) return {};
  if (command == "watch" || command == "connections" || command == "repl") return {};
  if (command == "list" || command == "health") return *services;
  std::vector<std::string> names = *methods;
  if (TakesMessages(command)) return names;
  names.insert(names.end(), services->begin(), services->end());
  for (const std::string& name : *services) {
    const google::protobuf::ServiceDescriptor* service = schema.pool().FindServiceByName(name);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      names.push_back(service->method(i)->input_type()->full_name());
      names.push_back(service->method(i)->output_type()->full_name());
    }
  }
  return names;
}

const Descriptor* TypeOf(const FieldDescriptor* field) {
  if (field == nullptr) return nullptr;
  const Descriptor* type = field->message_type();
  if (type == nullptr || !field->is_map()) return type;
  return type->map_value()->message_type();
}

}  // namespace

std::vector<std::string> Beginning(std::vector<std::string> all, const std::string& begin) {
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const std::string& one) { return !absl::StartsWith(one, begin); }),
            all.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::vector<std::string> FieldCompletions(const Descriptor& type, const std::string& json) {
  std::vector<const Descriptor*> around;  // null: of a map, or unknown
  const FieldDescriptor* field = nullptr;
  bool in_string = false, wants_name = false;
  size_t string_begin = 0;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
      if (!in_string && wants_name && !around.empty()) {
        field = FieldOf(around.back(), json.substr(string_begin, i - string_begin));
      }
    } else if (c == '"') {
      in_string = true;
      string_begin = i + 1;
    } else if (c == '{') {
      // The entries of a map are named as one likes; what is in them is a message again.
      const bool is_map = field != nullptr && field->is_map();
      around.push_back(around.empty() ? &type : is_map ? nullptr : TypeOf(field));
      wants_name = true;
    } else if (c == '}' && !around.empty()) {
      around.pop_back();
      wants_name = false;
    } else if (c == ':') {
      wants_name = false;
    } else if (c == ',') {
      wants_name = !around.empty();
    }
  }
  const bool may_complete = wants_name && !around.empty() && around.back() != nullptr;
  if (!may_complete) return {};
  const std::string before = in_string ? json.substr(0, string_begin) : json + "\"";
  const std::string begun = in_string ? json.substr(string_begin) : "";
  std::vector<std::string> completed;
  for (int i = 0; i < around.back()->field_count(); ++i) {
    const std::string& name = around.back()->field(i)->json_name();
    if (absl::StartsWith(name, begun)) completed.push_back(absl::StrCat(before, name, "\": "));
  }
  return completed;
}

namespace {

// Of one word; `before` it stand names and messages.
std::vector<std::string> WordCompletions(const std::string& command,
                                         const std::vector<std::string>& before,
                                         const std::string& begun, Schema& schema) {
  if (before.empty()) return Beginning(NamesFor(command, schema), begun);
  if (!TakesMessages(command)) return {};
  const absl::StatusOr<std::string> name = FullMethodName(schema, before[0]);
  if (!name.ok()) return {};
  const auto method = schema.FindMethod(*name);
  return method.ok() ? FieldCompletions(*(*method)->input_type(), begun)
                     : std::vector<std::string>();
}

}  // namespace

std::vector<std::string> CompletionsWithin(const ShellLine& line, Schema& schema) {
  const Typed typed = ReadTyped(line);
  if (!typed.option.empty()) return {};
  if (absl::StartsWith(line.current, "-"))
    return Beginning(OptionNames(typed.line.command), line.current);
  return WordCompletions(typed.line.command, typed.line.words, line.current, schema);
}

std::vector<std::string> Completions(const ShellLine& shell) {
  const Typed typed = ReadTyped(shell);
  if (!typed.option.empty()) return {};
  if (typed.line.command.empty()) return Beginning(CommandNames(), shell.current);
  if (absl::StartsWith(shell.current, "-"))
    return Beginning(OptionNames(typed.line.command), shell.current);
  if (typed.line.command == "completion") return Beginning({"bash", "zsh"}, shell.current);

  Session session(typed.line);
  // The address may be left out where the schema comes from files; a word with a colon is one.
  const bool has_address =
      !typed.line.words.empty() && typed.line.words[0].find(':') != std::string::npos;
  if (!has_address && !typed.line.has_schema_files()) return {};
  const size_t before = typed.line.words.size() - (has_address ? 1 : 0);
  if (!session.ReadWords(0, typed.line.words.size(), false).ok()) return {};
  const absl::StatusOr<Schema*> schema = session.schema();
  if (!schema.ok()) return {};
  std::vector<std::string> names;
  names.reserve(before);
  for (size_t i = 0; i < before; ++i) names.push_back(session.name(i));
  return WordCompletions(typed.line.command, names, shell.current, **schema);
}

}  // namespace dial
