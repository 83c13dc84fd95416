#include "json_path.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "exit_code.h"

namespace dial {
namespace {

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

bool IsSpace(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }

// Behind the string that begins at `at`.
size_t EndOfString(std::string_view json, size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return at + 1;
}

size_t SkipSpace(std::string_view json, size_t at) {
  while (at < json.size() && IsSpace(json[at])) ++at;
  return at;
}

// Behind the value that begins at `at`.
size_t EndOfValue(std::string_view json, size_t at) {
  size_t depth = 0;
  while (at < json.size()) {
    const char c = json[at];
    const bool closes = c == '}' || c == ']';
    if (depth == 0 && (closes || c == ',' || IsSpace(c))) break;
    at = c == '"' ? EndOfString(json, at) : at + 1;
    if (c == '{' || c == '[') ++depth;
    if (closes) --depth;
    if (depth == 0 && (closes || c == '"')) break;
  }
  return at < json.size() ? at : json.size();
}

// Calls `visit(name, value)` for each member or element until it returns false; elements have no name.
template <class Visit>
void ForEachWithin(std::string_view json, const Visit& visit) {
  size_t at = SkipSpace(json, 0);
  const bool is_object = at < json.size() && json[at] == '{';
  if (!is_object && (at == json.size() || json[at] != '[')) return;
  for (++at;;) {
    at = SkipSpace(json, at);
    if (at >= json.size() || json[at] == '}' || json[at] == ']') return;
    std::string_view name;
    if (is_object) {
      const size_t end = EndOfString(json, at);
      name = json.substr(at, end - at);
      at = SkipSpace(json, SkipSpace(json, end) + 1);  // behind the colon
    }
    const size_t end = EndOfValue(json, at);
    if (end == at || !visit(name, json.substr(at, end - at))) return;
    at = SkipSpace(json, end);
    if (at < json.size() && json[at] == ',') ++at;
  }
}

absl::Status NoPath(std::string_view text, const char* why) {
  return UsageError(absl::StrCat("\"", std::string(text),
                                 "\" is no path into the last reply such as $.items[0].id: ", why));
}

// Between brackets: an index, or a name in quotes.
absl::StatusOr<JsonStep> ReadBrackets(std::string_view text, size_t& at) {
  JsonStep step;
  if (at < text.size() && text[at] == '"') {
    const size_t end = EndOfString(text, at);
    if (end >= text.size() || text[end] != ']') return NoPath(text, "a bracket is open");
    step.name = std::string(text.substr(at + 1, end - at - 2));
    at = end + 1;
    return step;
  }
  const size_t end = text.find(']', at);
  if (end == std::string_view::npos) return NoPath(text, "a bracket is open");
  size_t index = 0;
  if (!absl::SimpleAtoi(std::string(text.substr(at, end - at)), &index))
    return NoPath(text, "between brackets stands a number, or a name in double quotes");
  step.index = index;
  at = end + 1;
  return step;
}

}  // namespace

absl::StatusOr<JsonPath> ReadJsonPath(std::string_view text, size_t& at) {
  JsonPath path;
  const size_t begin = at++;
  while (at < text.size() && (text[at] == '.' || text[at] == '[')) {
    if (text[at++] == '[') {
      absl::StatusOr<JsonStep> step = ReadBrackets(text, at);
      if (!step.ok()) return step.status();
      path.steps.push_back(*std::move(step));
      continue;
    }
    const size_t name = at;
    while (at < text.size() && IsNameCharacter(text[at])) ++at;
    if (at == name) return NoPath(text.substr(begin, at - begin), "a name is missing");
    path.steps.push_back({std::nullopt, std::string(text.substr(name, at - name))});
  }
  path.text = std::string(text.substr(begin, at - begin));
  return path;
}

std::optional<std::string_view> JsonAt(std::string_view json, const JsonStep& step) {
  std::optional<std::string_view> found;
  const std::string key = absl::StrCat("\"", step.name, "\"");
  size_t index = 0;
  ForEachWithin(json, [&](std::string_view name, std::string_view value) {
    const bool is_it =
        step.index.has_value() ? name.empty() && index++ == *step.index : name == key;
    if (is_it) found = value;
    return !is_it;
  });
  return found;
}

size_t JsonSize(std::string_view json) {
  size_t size = 0;
  ForEachWithin(json, [&](std::string_view, std::string_view) { return ++size > 0; });
  return size;
}

}  // namespace dial
