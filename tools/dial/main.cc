// dial: see, call and measure any Dialtone server. `dial --help` teaches it, docs/dial.md shows it.
//
//   command_line   what was typed                      session      what a command needs: channel, schema, output
//   *_command      what is to be done                  schema*      services and messages, from files or from the server
//   output, json_* what is to be seen                  dynamic_call a call of a method that only its descriptor tells of
//   interrupt      Ctrl-C                              requests     what it sends
//   kernel_state   what the kernel says of a connection
//   completion     what may follow a Tab               shell_line   where that was pressed
//   repl*          a shell on one server               *_lines    what is typed there, or read from a script
//   last_reply     $ in a request                      json_path  $.items[0].id
//   screen         what is drawn in place
//   load_run       many calls, and how long they take  payload      what those send
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <variant>

#include "command_line.h"
#include "commands.h"
#include "interrupt.h"
#include "screen.h"
#include "session.h"

namespace dial {
namespace {

// Whoever starts it may have closed them; a descriptor of dial's own in their place would be read for input, or written to. They
// stay as useless as they were: reading stdin and writing the others fails.
void HoldStandardDescriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    // The lowest number that is free is this one.
    open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

int Main(int argc, const char* const* argv) {
  if (argc == 4 && std::string(argv[1]) == "__complete") return RunComplete(argv[2], argv[3]);
  const std::variant<CommandLine, int> read = ReadCommandLine(argc, argv);
  if (const int* exit = std::get_if<int>(&read)) return *exit;
  const auto& line = std::get<CommandLine>(read);
  Session session(line);
  return RunCommand(session);
}

}  // namespace
}  // namespace dial

int main(int argc, char** argv) {
  dial::HoldStandardDescriptors();
  // Whatever whoever started this has set: a closed pipe ends it, as it does other programs of a pipeline.
  signal(SIGPIPE, SIG_DFL);
  dial::WatchForInterrupts();
  dial::WatchWindow();
  return dial::Main(argc, argv);
}
