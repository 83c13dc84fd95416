// What was typed: dial's command line, read and checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "message_splitter.h"
#include "output.h"

namespace dial {

// Of `dial bench` alone.
struct BenchArguments {
  int connections = 1;
  int in_flight = 1;
  std::string rate;  // a schedule, load/schedule.h; empty: a closed loop
  absl::Duration duration = absl::Seconds(5);
  absl::Duration warmup = absl::Seconds(1);
  bool csv = false;
  std::string baseline;
  std::vector<int> server_pids;
};

struct CommandLine {
  std::string command;
  // What is no option: usually an address, a name, messages.
  std::vector<std::string> words;

  std::vector<std::string> protos;
  std::vector<std::string> import_dirs;
  std::string descriptor_set;

  bool json = false;
  bool verbose = false;
  ColourWish colour = ColourWish::kAuto;
  MessageForm form = MessageForm::kJson;
  std::vector<std::string> headers;
  std::optional<absl::Duration> timeout;
  uint64_t message_bytes_max = 64 * 1024 * 1024;
  bool watch = false;
  absl::Duration interval = absl::Seconds(1);
  int count = 0;     // 0: until Ctrl-C
  bool all = false;  // its own calls, too
  BenchArguments bench;

  bool has_schema_files() const { return !protos.empty() || !descriptor_set.empty(); }
};

// Or with what main() is to leave at once: help was asked for and is printed; or the line is wrong, and stderr says how.
std::variant<CommandLine, int> ReadCommandLine(int argc, const char* const* argv);
// The same without the program's name; what `arguments` say nothing of is as in `defaults`.
std::variant<CommandLine, int> ReadCommandLine(std::vector<std::string> arguments,
                                               const CommandLine& defaults);

// All commands, in the order of the help; without those that are for shells.
std::vector<std::string> CommandNames();
// "--json", "-H" and the like.
std::vector<std::string> OptionNames(const std::string& command);
// Whether messages follow its method.
bool TakesMessages(const std::string& command);

}  // namespace dial
