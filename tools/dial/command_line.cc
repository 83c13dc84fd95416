#include "command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "command_help.h"
#include "exit_code.h"
#include "output.h"
#include "suggest.h"

namespace dial {
namespace {

// CLI11 knows texts; a duration is read once all is there.
struct Texts {
  std::string timeout;
  std::string colour;
  std::string duration;
  std::string warmup;
  std::string interval;
  bool text = false;
};

void AddSchemaOptions(CLI::App& app, CommandLine& line) {
  app.add_option("--proto", line.protos,
                 "take what there is from .proto files, not from the server")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--import", line.import_dirs,
                 "where --proto files and their imports are looked for")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("--descriptor-set", line.descriptor_set,
                 "take it from what protoc --descriptor_set_out has written")
      ->type_name("FILE");
}

void AddOutputOptions(CLI::App& app, CommandLine& line, Texts& texts) {
  app.add_flag("--json", line.json,
               "for scripts: results as JSON on stdout, errors as JSON on stderr");
  app.add_option("--color,--colour", texts.colour, "auto (on a terminal), always or never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

void AddConnectOptions(CLI::App& app, CommandLine& line, Texts& texts) {
  app.add_option("-H,--header", line.headers,
                 "metadata to send, 'name: value'; of names in -bin the value is base64")
      ->type_name("HEADER")
      ->allow_extra_args(false);
  app.add_option("--timeout", texts.timeout,
                 "how long a call may take: 500ms, 2s; by default 15s, and a stream for ever")
      ->type_name("DURATION");
  app.add_option("--max-message", line.message_bytes_max,
                 "the largest reply that is taken, in bytes (64 MiB)")
      ->type_name("BYTES")
      ->check(CLI::Range(uint64_t{1024}, uint64_t{1} << 30));
}

void AddCallOptions(CLI::App& app, CommandLine& line, Texts& texts) {
  app.add_flag("--text", texts.text, "messages on the command line are in Protobuf's text format");
  app.add_flag("-v,--verbose", line.verbose, "tell on stderr of metadata, times and the peer, too");
}

void AddBenchOptions(CLI::App& app, CommandLine& line, Texts& texts) {
  BenchArguments& bench = line.bench;
  app.add_option("-c,--connections", bench.connections, "how many (1)")
      ->check(CLI::Range(1, 10'000))
      ->type_name("N");
  app.add_option("-m,--in-flight", bench.in_flight,
                 "calls under way at a time on each connection (1)")
      ->check(CLI::Range(1, 100'000))
      ->type_name("M");
  app.add_option("-r,--rate", bench.rate,
                 "calls a second instead, whatever becomes of those before: 1000 or const:1000, "
                 "ramp:1000:9000 or step:1000:9000:5")
      ->type_name("SCHEDULE");
  app.add_option("-d,--duration", texts.duration, "how long it is measured (5s)")
      ->type_name("DURATION");
  app.add_option("-w,--warmup", texts.warmup,
                 "how long before that it runs without being measured (1s)")
      ->type_name("DURATION");
  app.add_flag("--csv", bench.csv, "the result as a line of names and one of values");
  app.add_option("--baseline", bench.baseline, "compare with an earlier run's --json")
      ->type_name("FILE");
  app.add_option("--server-pid", bench.server_pids,
                 "whose processor time is the server's; by default who listens there")
      ->type_name("PID")
      ->allow_extra_args(false);
  app.add_flag("--text", texts.text, "the message is in Protobuf's text format");
}

// "Usage: dial list ADDRESS [SERVICE] [OPTIONS]": CLI11 would name the option that gathers the words.
class CommandFormatter final : public CLI::Formatter {
 public:
  explicit CommandFormatter(const CommandHelp& help) : help_(help) {}

  std::string make_usage(const CLI::App*, std::string) const override {
    return absl::StrCat("Usage: dial ", help_.name, " ", help_.words, " [OPTIONS]\n");
  }

 private:
  const CommandHelp& help_;
};

void AddCommand(CLI::App& app, const CommandHelp& help, CommandLine& line, Texts& texts) {
  CLI::App* command = app.add_subcommand(help.name, help.about);
  const std::string name = help.name;
  command->footer(help.examples);
  command->formatter(std::make_shared<CommandFormatter>(help));
  command->add_option("words", line.words, "")->group("");
  AddOutputOptions(*command, line, texts);
  if (name != "completion") {
    AddSchemaOptions(*command, line);
    AddConnectOptions(*command, line, texts);
  }
  if (name == "watch") {
    command->add_flag("--all", line.all,
                      "the calls of the stats service, too, which this makes itself");
    command->add_option("--interval", texts.interval, "between one table and the next (1s)")
        ->type_name("DURATION");
    command->add_option("--count", line.count, "so many tables, then it ends")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("N");
  }
  if (name == "trace")
    command->add_flag("--text", texts.text, "the message is in Protobuf's text format");
  if (name == "call" || name == "repl") AddCallOptions(*command, line, texts);
  if (name == "bench") AddBenchOptions(*command, line, texts);
  if (name == "health") command->add_flag("--watch", line.watch, "go on, and tell of each change");
  command->callback([&line, name] { line.command = name; });
}

int Complain(const CommandLine& line, const std::string& text) {
  return Output(line.json, line.colour).Fail(UsageError(text));
}

struct DurationOption {
  const char* name;
  const std::string* text;
  absl::Duration* into;
  absl::Duration min = kShortest;
  absl::Duration max = kLongestRun;

  static constexpr absl::Duration kShortest = absl::Nanoseconds(1);
  static constexpr absl::Duration kLongestRun = absl::Hours(24 * 30);
};

// A sentence for whoever typed it, if one is wrong. One without a text is left as it is.
std::string ReadDurations(const Texts& texts, CommandLine& line) {
  absl::Duration timeout;
  const std::array<DurationOption, 4> all = {
      {{"--timeout", &texts.timeout, &timeout, DurationOption::kShortest, absl::InfiniteDuration()},
       {"--duration", &texts.duration, &line.bench.duration},
       {"--warmup", &texts.warmup, &line.bench.warmup, absl::ZeroDuration()},
       {"--interval", &texts.interval, &line.interval}}};
  for (const DurationOption& option : all) {
    if (option.text->empty()) continue;
    if (!absl::ParseDuration(*option.text, option.into) || *option.into < option.min) {
      return absl::StrCat(option.name, ": \"", *option.text,
                          "\" is no duration such as 500ms or 2s");
    }
    if (*option.into > option.max) {
      return absl::StrCat(option.name, ": ", *option.text, " is above ",
                          absl::FormatDuration(option.max));
    }
  }
  if (!texts.timeout.empty()) line.timeout = timeout;
  return "";
}

int FinishLine(const Texts& texts, CommandLine& line) {
  if (texts.text) line.form = MessageForm::kText;
  static const std::map<std::string, ColourWish> kColours = {
      {"auto", ColourWish::kAuto}, {"always", ColourWish::kAlways}, {"never", ColourWish::kNever}};
  if (!texts.colour.empty()) line.colour = kColours.at(texts.colour);
  const std::string wrong = ReadDurations(texts, line);
  if (!wrong.empty()) return Complain(line, wrong);
  if (!line.protos.empty() && !line.descriptor_set.empty()) {
    return Complain(line, "--proto and --descriptor-set exclude each other");
  }
  return 0;
}

bool LooksLikeAddress(const std::string& word) { return word.find(':') != std::string::npos; }

}  // namespace

std::vector<std::string> CommandNames() {
  std::vector<std::string> names;
  for (const CommandHelp* help = kCommands; help->name != nullptr; ++help)
    names.emplace_back(help->name);
  return names;
}

std::vector<std::string> OptionNames(const std::string& command) {
  CommandLine line;
  Texts texts;
  CLI::App app;
  std::vector<std::string> names;
  for (const CommandHelp* help = kCommands; help->name != nullptr; ++help) {
    if (command == help->name) AddCommand(app, *help, line, texts);
  }
  for (const CLI::App* added : app.get_subcommands(nullptr)) {
    for (const CLI::Option* option : added->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
      for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    }
  }
  return names;
}

std::variant<CommandLine, int> ReadCommandLine(int argc, const char* const* argv) {
  return ReadCommandLine(std::vector<std::string>(argv + 1, argv + argc), CommandLine());
}

std::variant<CommandLine, int> ReadCommandLine(std::vector<std::string> arguments,
                                               const CommandLine& defaults) {
  CommandLine line = defaults;
  Texts texts;
  CLI::App app(kAbout, "dial");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.set_version_flag("--version", DIALTONE_VERSION);
  for (const CommandHelp* help = kCommands; help->name != nullptr; ++help)
    AddCommand(app, *help, line, texts);
  // CLI11 takes them from the back.
  if (!arguments.empty() && arguments[0] == "help") {
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  }
  const bool overview =
      !arguments.empty() && arguments[0][0] != '-' && LooksLikeAddress(arguments[0]);
  if (overview) arguments.insert(arguments.begin(), "list");
  if (!arguments.empty() && !arguments[0].empty() && arguments[0][0] != '-') {
    const std::vector<std::string> names = CommandNames();
    if (std::find(names.begin(), names.end(), arguments[0]) == names.end()) {
      return Complain(line, absl::StrCat("there is no command ", arguments[0],
                                         DidYouMean(arguments[0], names)));
    }
  }
  std::vector<std::string> from_back(arguments.rbegin(), arguments.rend());
  try {
    app.parse(from_back);
  } catch (const CLI::Success& wanted) {  // help, or the version
    std::ostringstream said;
    const int exit = app.exit(wanted, said, said);
    WriteNow(said.str());
    return exit;
  } catch (const CLI::ParseError& error) {
    if (arguments.empty()) {
      WriteNow(app.help());
      return kExitUsage;
    }
    return Complain(line, std::string(error.what()));
  }
  if (overview) line.command = "overview";
  if (const int exit = FinishLine(texts, line)) return exit;
  return line;
}

bool TakesMessages(const std::string& command) {
  return command == "call" || command == "bench" || command == "trace";
}

}  // namespace dial
