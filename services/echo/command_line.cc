#include "command_line.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"

namespace echo {
namespace {

using dialtone::ToAbsl;

bool IsFlag(std::string_view argument) { return argument.size() > 1 && argument.front() == '-'; }

}  // namespace

absl::StatusOr<CommandLine> CommandLine::Parse(const std::vector<std::string>& arguments,
                                               std::initializer_list<std::string_view> flags) {
  CommandLine line;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--") {
      line.words_.insert(line.words_.end(), arguments.begin() + i + 1, arguments.end());
      break;
    }
    if (argument == "--help" || argument == "-h") {
      line.help_ = true;
      continue;
    }
    if (!IsFlag(argument)) {
      line.words_.emplace_back(argument);
      continue;
    }
    const size_t equals = argument.find('=');
    const std::string_view flag = argument.substr(0, equals);
    const std::string_view name = flag.substr(std::min<size_t>(2, flag.size()));
    if (!flag.starts_with("--") || std::find(flags.begin(), flags.end(), name) == flags.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown flag ", ToAbsl(flag), " (see --help)"));
    }
    if (equals != std::string_view::npos) {
      line.values_[std::string(name)].emplace_back(argument.substr(equals + 1));
    } else if (++i < arguments.size()) {
      line.values_[std::string(name)].push_back(arguments[i]);
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("flag ", ToAbsl(flag), " needs a value (see --help)"));
    }
  }
  return line;
}

const std::vector<std::string>& CommandLine::All(std::string_view flag) const {
  static const std::vector<std::string>& none = *new std::vector<std::string>;
  const auto found = values_.find(flag);
  return found == values_.end() ? none : found->second;
}

absl::StatusOr<absl::Duration> CommandLine::DurationOf(std::string_view flag,
                                                       absl::Duration otherwise) const {
  const std::vector<std::string>& values = All(flag);
  if (values.empty()) return otherwise;
  absl::StatusOr<absl::Duration> duration = ParseDuration(values.back());
  if (duration.ok()) return duration;
  return absl::InvalidArgumentError(
      absl::StrCat("flag --", ToAbsl(flag), ": ", duration.status().message()));
}

absl::StatusOr<int64_t> CommandLine::IntegerOf(std::string_view flag, int64_t otherwise,
                                               int64_t min, int64_t max) const {
  const std::vector<std::string>& values = All(flag);
  if (values.empty()) return otherwise;
  int64_t number = 0;
  if (absl::SimpleAtoi(values.back(), &number) && number >= min && number <= max) return number;
  return absl::InvalidArgumentError(absl::StrCat("flag --", ToAbsl(flag), ": \"", values.back(),
                                                 "\" is no number from ", min, " to ", max));
}

absl::StatusOr<absl::Duration> ParseDuration(std::string_view text) {
  absl::Duration duration;
  if (absl::ParseDuration(ToAbsl(text), &duration) && duration >= absl::ZeroDuration())
    return duration;
  return absl::InvalidArgumentError(
      absl::StrCat("\"", ToAbsl(text), "\" is no duration such as 250ms, 1.5s or 2m"));
}

}  // namespace echo
