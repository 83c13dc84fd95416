// What `set` keeps for the calls that follow, in a repl: metadata, a timeout, and how much is told in which form.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "command_line.h"

namespace dial {

// Used by one thread.
class ReplSettings {
 public:
  // What stands in place of a value that begins with $.
  using Value = std::function<absl::StatusOr<std::string>(const std::string& text)>;

  explicit ReplSettings(const CommandLine& line);

  // `words` are those behind set or unset. USAGE if they say nothing; then all is as before.
  absl::Status Set(const std::vector<std::string>& words, const Value& value_of);
  absl::Status Unset(const std::vector<std::string>& words);
  // A line each; as JSON: one line.
  std::string Show(const std::string& address) const;

  // How a line begins that is to run with these: without a command.
  const CommandLine& line() const { return line_; }

  // What may stand behind set.
  static std::vector<std::string> Names();
  // The names of the metadata that are set.
  std::vector<std::string> MetadataNames() const;

 private:
  absl::Status SetMetadata(const std::string& pair, const Value& value_of);
  bool* Switch(const std::string& name);

  CommandLine line_;
  bool text_ = false;
};

}  // namespace dial
