// Paths into JSON: $.items[0].id, $["any key"]. What they stand for is found in text that json_writer has written, without
// parsing it into anything; it may nest as deep as it likes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace dial {

// One step down: to a member, or to an element. A value.
struct JsonStep {
  std::optional<size_t> index;
  std::string name;  // without index; as it stands between quotes in JSON
};

struct JsonPath {
  std::vector<JsonStep> steps;
  std::string text;  // as it was written
};

// The path that begins with the $ at `text[at]`; moves `at` behind it. USAGE (exit_code.h) if it is none.
absl::StatusOr<JsonPath> ReadJsonPath(std::string_view text, size_t& at);

// Null: there is no such member or element. `json` is one valid value.
std::optional<std::string_view> JsonAt(std::string_view json, const JsonStep& step);

// How many elements a list has, or members an object; 0 for what is neither.
size_t JsonSize(std::string_view json);

}  // namespace dial
