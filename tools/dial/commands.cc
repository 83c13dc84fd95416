#include "commands.h"

#include <array>

namespace dial {
namespace {

struct Command {
  const char* name;
  int (*run)(Session& session);
};

constexpr std::array<Command, 12> kRuns = {{
    {"overview", RunOverview},
    {"list", RunList},
    {"describe", RunDescribe},
    {"template", RunTemplate},
    {"call", RunCall},
    {"health", RunHealth},
    {"bench", RunBench},
    {"watch", RunWatch},
    {"connections", RunConnections},
    {"trace", RunTrace},
    {"repl", RunRepl},
    {"completion", RunCompletion},
}};

}  // namespace

int RunCommand(Session& session) {
  for (const Command& command : kRuns) {
    if (session.line().command == command.name) return command.run(session);
  }
  return 0;
}

}  // namespace dial
