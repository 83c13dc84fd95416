#include "suggest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace dial {
namespace {

constexpr size_t kSuggestionsMax = 3;
// Longer names are compared by their beginnings: an edit distance costs the product of both lengths.
constexpr size_t kComparedMax = 200;

std::string LastPart(const std::string& name) {
  const size_t end = name.find_last_of("./");
  return end == std::string::npos ? name : name.substr(end + 1);
}

size_t Nearness(const std::string& wrong, const std::string& known) {
  const size_t whole = EditDistance(wrong, known);
  if (wrong.find_first_of("./") != std::string::npos) return whole;
  return std::min(whole, EditDistance(wrong, LastPart(known)));
}

}  // namespace

size_t EditDistance(const std::string& from, const std::string& to) {
  const std::string a = absl::AsciiStrToLower(from.substr(0, kComparedMax));
  const std::string b = absl::AsciiStrToLower(to.substr(0, kComparedMax));
  std::vector<size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, changed});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string DidYouMean(const std::string& wrong, const std::vector<std::string>& known) {
  const size_t near_enough = std::max<size_t>(1, wrong.size() / 3);
  std::vector<std::pair<size_t, std::string>> near;
  for (const std::string& name : known) {
    const size_t distance = Nearness(wrong, name);
    if (distance <= near_enough) near.emplace_back(distance, name);
  }
  if (near.empty()) return "";
  std::sort(near.begin(), near.end());
  near.erase(std::unique(near.begin(), near.end()), near.end());
  std::vector<std::string> names;
  // What is much farther than the nearest is noise.
  for (const auto& [distance, name] : near) {
    if (distance <= near.front().first + 1 && names.size() < kSuggestionsMax) names.push_back(name);
  }
  return absl::StrCat("; did you mean ", absl::StrJoin(names, " or "), "?");
}

}  // namespace dial
