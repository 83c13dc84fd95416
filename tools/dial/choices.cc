#include "choices.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "output.h"

namespace dial {
namespace {

constexpr size_t kChoicesShown = 100;

std::string CommonBegin(const std::vector<std::string>& words) {
  std::string begin = words[0];
  for (const std::string& word : words) {
    const auto differ = std::mismatch(begin.begin(), begin.end(), word.begin(), word.end());
    begin.erase(differ.first, begin.end());
  }
  return begin;
}

// A field's name, without the message that is typed before it.
std::string ShortOf(const std::string& word) {
  const size_t end = absl::EndsWith(word, "\": ") ? word.size() - 3 : word.size();
  const size_t begin = word.find_last_of("\". ", end - 1);
  const bool is_json = word[0] == '{' || word[0] == '[' || word[0] == '$';
  return is_json && begin != std::string::npos ? word.substr(begin + 1, end - begin - 1) : word;
}

}  // namespace

std::string MoreOf(const Choices& choices) {
  std::string more = CommonBegin(choices.words).substr(choices.begun.size());
  if (choices.words.size() > 1) return more;
  // A field's name goes on with its value, a path with a further step.
  const std::string& word = choices.words[0];
  const bool is_whole = !word.empty() && word.back() != ' ' && !absl::StrContains(word, "$");
  return is_whole ? more + " " : more;
}

std::string ListOf(const Choices& choices, size_t columns) {
  std::vector<std::string> shown;
  shown.reserve(choices.words.size());
  for (const std::string& word : choices.words) shown.push_back(ShortOf(word));
  const size_t count = std::min(shown.size(), kChoicesShown);
  size_t width = 0;
  for (size_t i = 0; i < count; ++i) width = std::max(width, shown[i].size() + 2);
  const size_t in_a_line = std::max<size_t>(1, columns / width);
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    const bool ends = i + 1 == count || (i + 1) % in_a_line == 0;
    text += ends ? shown[i] + "\n" : absl::StrFormat("%-*s", static_cast<int>(width), shown[i]);
  }
  if (shown.size() > count) absl::StrAppend(&text, "and ", shown.size() - count, " more\n");
  return Printable(text);
}

}  // namespace dial
