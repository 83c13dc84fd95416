// Flags of a program, each also as an environment variable: --drain-timeout=25s is
// DIALTONE_DRAIN_TIMEOUT=25s. A flag wins over its variable, the variable over the default. Link
// dialtone::flags. Servers use server_flags.h.
//
//   int64_t count = 1;
//   dialtone::Flags flags("counter: counts.");
//   flags.Add("count", count, "how often");
//   if (const auto exit = flags.Parse(argc, argv)) return *exit;
//
// A flag is written --name=value or --name value; "--" ends the flags. Durations are written 250ms,
// 1.5s or 2m, or inf; numbers of bytes may end in KiB, MiB or GiB; a bool alone is true. An empty
// variable counts as not set; of one that may be repeated the values are divided by commas.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace dialtone {

// Set up and used by main(), one thread.
class Flags {
 public:
  // `about` opens the help; its first word, up to a colon or a space, is the program's name.
  explicit Flags(std::string about);
  Flags(const Flags&) = delete;
  Flags& operator=(const Flags&) = delete;

  // `target` holds the default, until Parse() changes it. T: bool, int, int64_t, uint32_t, uint64_t,
  // double, std::string, absl::Duration, std::vector<std::string> (may be repeated), LogLevel,
  // LogFormat, ConcurrencyOptions::Mode, Compression. `name` has no dashes in front.
  template <class T>
  void Add(std::string_view name, T& target, std::string_view help);
  // One that takes whole numbers from `min` to `max` alone.
  void Add(std::string_view name, int& target, std::string_view help, int min, int max);
  // A flag that may stand alone, "true" then, or have a value behind "=", for a text that is empty
  // without it. Of the command line only: it has no variable.
  void AddSwitch(std::string_view name, std::string& target, std::string_view takes,
                 std::string_view help);
  // Takes what is no flag, in order; without it, such words are an error.
  void TakeWords(std::vector<std::string>& words);
  // What help says behind the flags.
  void AddHelp(std::string_view text);
  // Of a command line that is wrong; ExitCode::kExitBadFlag (2) unless this says otherwise.
  void set_bad_flag_exit_code(int code) { bad_flag_exit_code_ = code; }

  // Nothing: go on. Else main() is to return this: 0, help was asked for and printed; or something
  // is wrong, and stderr says which flag or variable, and what was expected.
  std::optional<int> Parse(int argc, const char* const* argv);
  // What each flag stands at now, as one would write it: {"drain-timeout", "25s"}.
  std::vector<std::pair<std::string, std::string>> Values() const;
  std::string Help() const;

  // Says "program: text" on stderr; the exit code for it.
  int Complain(std::string_view text) const;

 private:
  struct Row {
    std::string name;
    std::string help;
    std::string takes;     // "DURATION"
    std::string expected;  // "duration such as 250ms, 1.5s or 2m"
    std::string default_text;
    bool repeats = false;
    bool is_switch = false;  // may stand alone
    bool has_variable = true;
    std::function<bool(const std::vector<std::string>& values)> set;
    std::function<std::string()> show;
  };

  absl::Status Read(int argc, const char* const* argv);
  // With "--name=" as two words, "--name" and "", which CLI11 takes for an empty value: the former, for a missing one.
  std::vector<std::string> EmptyValuesApart(std::span<const char* const> arguments) const;
  // Each row's values among the words; empty: there are no words.
  absl::Status ReadRows(std::span<const std::vector<std::string>> from_flags);
  absl::Status ReadRow(const Row& row, const std::vector<std::string>& from_flags);
  absl::Status ReadWords(const std::vector<std::string>& words);
  absl::Status UnknownFlag(std::string_view argument) const;
  static std::string Variable(std::string_view name);
  static void Print(std::string_view text, bool to_stdout);

  const std::string about_;
  const std::string program_;
  std::string help_end_;
  std::vector<Row> rows_;
  std::vector<std::string>* words_ = nullptr;
  bool help_wanted_ = false;
  int bad_flag_exit_code_;
};

}  // namespace dialtone
