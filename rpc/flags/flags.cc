#include "dialtone/rpc/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "dialtone/rpc/server.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "flag_help.h"
#include "flag_values.h"

namespace dialtone {
namespace {

// To set and show one value; a repeated flag's last value counts.
template <class T>
bool SetFrom(const std::vector<std::string>& values, T& target) {
  return flags::FromText(values.back(), target);
}
bool SetFrom(const std::vector<std::string>& values, std::vector<std::string>& target) {
  target = values;
  return true;
}
template <class T>
std::string Show(const T& target) {
  return flags::ToText(target);
}
std::string Show(const std::vector<std::string>& target) { return absl::StrJoin(target, ","); }

template <class T>
flags::Kind KindFor(const T& target) {
  return flags::KindOf(target);
}
flags::Kind KindFor(const std::vector<std::string>&) { return flags::KindOf(std::string()); }

std::string ProgramOf(const std::string& about) {
  return about.substr(0, about.find_first_of(": "));
}

}  // namespace

Flags::Flags(std::string about)
    : about_(std::move(about)), program_(ProgramOf(about_)), bad_flag_exit_code_(kExitBadFlag) {}

template <class T>
void Flags::Add(std::string_view name, T& target, std::string_view help) {
  for (const Row& other : rows_)
    DIALTONE_CHECK(other.name != name && name != "help", "two flags of one name");
  Row row;
  row.name = std::string(name);
  row.help = std::string(help);
  const flags::Kind kind = KindFor(target);
  row.takes = kind.takes;
  row.expected = kind.expected;
  row.is_switch = std::is_same_v<T, bool>;
  row.repeats = std::is_same_v<T, std::vector<std::string>>;
  row.set = [&target](const std::vector<std::string>& values) { return SetFrom(values, target); };
  // 1024 calls are no KiB.
  const bool counts_bytes = name.find("bytes") != std::string_view::npos;
  row.show = [=, &target] {
    if constexpr (std::is_same_v<T, uint32_t> || std::is_same_v<T, uint64_t>) {
      if (!counts_bytes) return std::string(absl::StrCat(target));
    }
    return Show(target);
  };
  rows_.push_back(std::move(row));
}
template void Flags::Add(std::string_view, bool&, std::string_view);
template void Flags::Add(std::string_view, int&, std::string_view);
template void Flags::Add(std::string_view, int64_t&, std::string_view);
template void Flags::Add(std::string_view, uint32_t&, std::string_view);
template void Flags::Add(std::string_view, uint64_t&, std::string_view);
template void Flags::Add(std::string_view, double&, std::string_view);
template void Flags::Add(std::string_view, std::string&, std::string_view);
template void Flags::Add(std::string_view, absl::Duration&, std::string_view);
template void Flags::Add(std::string_view, std::vector<std::string>&, std::string_view);
template void Flags::Add(std::string_view, LogLevel&, std::string_view);
template void Flags::Add(std::string_view, LogFormat&, std::string_view);
template void Flags::Add(std::string_view, ConcurrencyOptions::Mode&, std::string_view);
template void Flags::Add(std::string_view, Compression&, std::string_view);

void Flags::Add(std::string_view name, int& target, std::string_view help, int min, int max) {
  Add(name, target, help);
  rows_.back().expected = absl::StrCat("whole number from ", min, " to ", max);
  rows_.back().set = [&target, min, max](const std::vector<std::string>& values) {
    int value = 0;
    if (!SetFrom(values, value) || value < min || value > max) return false;
    target = value;
    return true;
  };
}

void Flags::AddSwitch(std::string_view name, std::string& target, std::string_view takes,
                      std::string_view help) {
  Add(name, target, help);
  rows_.back().takes = std::string(takes);
  rows_.back().is_switch = true;
  rows_.back().has_variable = false;
}

void Flags::TakeWords(std::vector<std::string>& words) { words_ = &words; }
void Flags::AddHelp(std::string_view text) { help_end_.append(text); }

std::optional<int> Flags::Parse(int argc, const char* const* argv) {
  for (Row& row : rows_) row.default_text = row.show();
  const absl::Status read = Read(argc, argv);
  if (help_wanted_) {
    Print(Help(), /*to_stdout=*/true);
    return kExitOk;
  }
  if (!read.ok()) return Complain(ToStd(read.message()));
  return std::nullopt;
}

// CLI11 takes the words apart; what they mean, and what to say if they mean nothing, is ours: it
// would not name the variable that a bad value comes from.
absl::Status Flags::Read(int argc, const char* const* argv) {
  // In a container variables are mostly all there is; to tell CLI11 of the flags takes longer than a server's start else.
  if (argc <= 1) return ReadRows({});
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  CLI::Option* const help = app.add_flag("-h,--help");
  std::vector<CLI::Option*> options;
  for (const Row& row : rows_) {
    const std::string name = absl::StrCat("--", row.name);
    CLI::Option* const option = row.is_switch ? app.add_flag(name) : app.add_option(name);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    options.push_back(option);
  }
  std::vector<std::string> words = EmptyValuesApart(std::span(argv + 1, argv + argc));
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(words));
  } catch (const CLI::ArgumentMismatch& error) {
    return absl::InvalidArgumentError(
        absl::StrCat("a flag's value is missing: ", error.what(), " (see --help)"));
  } catch (const CLI::Error& error) {
    return absl::InvalidArgumentError(absl::StrCat(error.what(), " (see --help)"));
  }
  help_wanted_ = help->count() > 0;
  if (help_wanted_) return absl::OkStatus();
  std::vector<std::vector<std::string>> values;
  values.reserve(options.size());
  for (const CLI::Option* option : options) values.push_back(option->results());
  absl::Status read = ReadRows(values);
  return read.ok() ? ReadWords(app.remaining()) : read;
}

std::vector<std::string> Flags::EmptyValuesApart(std::span<const char* const> arguments) const {
  std::vector<std::string> words;
  bool flags_ended = false;
  for (const std::string_view word : arguments) {
    flags_ended = flags_ended || word == "--";
    const bool is_empty_value =
        !flags_ended && word.ends_with('=') &&
        std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) {
          return !row.is_switch && word == absl::StrCat("--", row.name, "=");
        });
    words.emplace_back(word.substr(0, word.size() - (is_empty_value ? 1 : 0)));
    if (is_empty_value) words.emplace_back();
  }
  return words;
}

absl::Status Flags::ReadRows(std::span<const std::vector<std::string>> from_flags) {
  for (size_t i = 0; i < rows_.size(); ++i) {
    absl::Status read =
        ReadRow(rows_[i], from_flags.empty() ? std::vector<std::string>() : from_flags[i]);
    if (!read.ok()) return read;
  }
  return absl::OkStatus();
}

absl::Status Flags::ReadRow(const Row& row, const std::vector<std::string>& from_flags) {
  std::vector<std::string> values = from_flags;
  std::string from = absl::StrCat("flag --", row.name);
  if (values.empty()) {
    if (!row.has_variable) return absl::OkStatus();
    const std::string name = Variable(row.name);
    const char* const variable = std::getenv(name.c_str());
    if (variable == nullptr || *variable == '\0') return absl::OkStatus();
    from = absl::StrCat("environment variable ", name);
    values = row.repeats ? absl::StrSplit(variable, ',') : std::vector<std::string>{variable};
  }
  if (row.set(values)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(from, ": \"", values.back(), "\" is no ", row.expected, " (see --help)"));
}

absl::Status Flags::ReadWords(const std::vector<std::string>& words) {
  bool flags_ended = false;
  for (const std::string& word : words) {
    if (!flags_ended && word == "--") {
      flags_ended = true;
    } else if (!flags_ended && word.size() > 1 && word.front() == '-') {
      return UnknownFlag(word);
    } else if (words_ != nullptr) {
      words_->push_back(word);
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("takes flags only, not \"", word, "\" (see --help)"));
    }
  }
  return absl::OkStatus();
}

absl::Status Flags::UnknownFlag(std::string_view argument) const {
  const std::string_view flag = argument.substr(0, argument.find('='));
  std::vector<std::string> names;
  names.reserve(rows_.size() + 1);
  for (const Row& row : rows_) names.push_back("--" + row.name);
  names.emplace_back("--help");
  const std::string nearest = flags::Nearest(flag, names);
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown flag ", ToAbsl(flag),
      nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?"), " (see --help)"));
}

std::string Flags::Variable(std::string_view name) {
  return absl::StrCat("DIALTONE_",
                      absl::AsciiStrToUpper(absl::StrReplaceAll(ToAbsl(name), {{"-", "_"}})));
}

std::vector<std::pair<std::string, std::string>> Flags::Values() const {
  std::vector<std::pair<std::string, std::string>> values;
  values.reserve(rows_.size());
  for (const Row& row : rows_) values.emplace_back(row.name, row.show());
  return values;
}

std::string Flags::Help() const {
  std::string text = absl::StrCat(about_, "\n\n");
  for (const Row& row : rows_) {
    const std::string default_text = row.default_text.empty() ? row.show() : row.default_text;
    const std::string left = row.is_switch ? absl::StrCat("--", row.name, "[=", row.takes, "]")
                                           : absl::StrCat("--", row.name, "=", row.takes);
    std::string right = absl::StrCat(row.help, row.repeats ? "; may be repeated" : "");
    if (row.has_variable) {
      absl::StrAppend(&right, " [", Variable(row.name),
                      default_text.empty() ? "" : absl::StrCat(", default: ", default_text), "]");
    }
    absl::StrAppend(&text, flags::HelpLines(left, right));
  }
  absl::StrAppend(&text, flags::HelpLines("--help", "this text"));
  return text + help_end_;
}

int Flags::Complain(std::string_view text) const {
  Print(absl::StrCat(program_, ": ", ToAbsl(text), "\n"), /*to_stdout=*/false);
  return bad_flag_exit_code_;
}

void Flags::Print(std::string_view text, bool to_stdout) {
  // Not the log: it is what somebody at a terminal has asked for, not an event of the program's life.
  std::fwrite(text.data(), 1, text.size(), to_stdout ? stdout : stderr);
}

}  // namespace dialtone
