// The command line of a program: words, and flags written "--name value" or "--name=value". "--"
// ends the flags.
//
//   absl::StatusOr<CommandLine> line = CommandLine::Parse({argv + 1, argv + argc}, {"listen"});
//   for (const std::string& address : line->All("listen")) …
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace echo {

// A value. Errors are INVALID_ARGUMENT and name the flag and what it takes.
class CommandLine {
 public:
  // `flags` are the known ones, without dashes; each takes a value and may be repeated. "--help"
  // and "-h" are always known and take none.
  static absl::StatusOr<CommandLine> Parse(const std::vector<std::string>& arguments,
                                           std::initializer_list<std::string_view> flags);

  bool help() const { return help_; }
  const std::vector<std::string>& words() const { return words_; }

  // In the order given; empty if the flag is not there.
  const std::vector<std::string>& All(std::string_view flag) const;
  // Of a repeated flag the last one counts. `otherwise` where the flag is not there.
  absl::StatusOr<absl::Duration> DurationOf(std::string_view flag, absl::Duration otherwise) const;
  absl::StatusOr<int64_t> IntegerOf(std::string_view flag, int64_t otherwise, int64_t min,
                                    int64_t max) const;

 private:
  bool help_ = false;
  std::vector<std::string> words_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// "250ms", "1.5s", "2m"; not negative.
absl::StatusOr<absl::Duration> ParseDuration(std::string_view text);

}  // namespace echo
