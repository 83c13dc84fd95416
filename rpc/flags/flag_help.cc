#include "flag_help.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "dialtone/transport/absl_strings.h"

namespace dialtone::flags {
namespace {

constexpr size_t kColumns = 100;
constexpr size_t kLeft = 36;

// Letters to insert, delete or replace (Levenshtein).
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string HelpLines(std::string_view left, std::string_view right) {
  std::string line = absl::StrCat("  ", ToAbsl(left));
  std::string lines;
  if (line.size() + 2 > kLeft) {
    lines = absl::StrCat(line, "\n");
    line.clear();
  }
  line.resize(kLeft, ' ');
  bool is_first = true;
  for (absl::string_view word : absl::StrSplit(ToAbsl(right), ' ')) {
    if (!is_first && line.size() + 1 + word.size() > kColumns) {
      absl::StrAppend(&lines, line, "\n");
      line.assign(kLeft, ' ');
      is_first = true;
    }
    absl::StrAppend(&line, is_first ? "" : " ", word);
    is_first = false;
  }
  return absl::StrCat(lines, line, "\n");
}

std::string Nearest(std::string_view written, const std::vector<std::string>& names) {
  const std::string* nearest = nullptr;
  size_t least = std::max<size_t>(2, written.size() / 3) + 1;
  for (const std::string& name : names) {
    const size_t distance = Distance(written, name);
    if (distance >= least) continue;
    least = distance;
    nearest = &name;
  }
  return nearest == nullptr ? std::string() : *nearest;
}

}  // namespace dialtone::flags
