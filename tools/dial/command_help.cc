#include "command_help.h"

namespace dial {

const char kAbout[] = "dial: see, call and measure any Dialtone server; no .proto file is needed.";

const char kFooter[] =
    R"(Examples:
  dial 127.0.0.1:7000                                        what is there?
  dial describe 127.0.0.1:7000 echo.Echo.Repeat              how is it called?
  dial template 127.0.0.1:7000 echo.Echo/Repeat              a request to fill in
  dial call 127.0.0.1:7000 echo.Echo/Echo '{"text": "hello"}'
  dial health 127.0.0.1:7000
  dial repl 127.0.0.1:7000                                   a shell there
  dial bench 127.0.0.1:7000 echo.Echo/Echo '{"text": "hello"}' --in-flight 64

ADDRESS is where a server listens: 127.0.0.1:7000, [::1]:7000, db.example:7000, dns:///db.example:7000,
unix:/run/echo.sock, list:10.0.0.1:7000,10.0.0.2:7000. What a server offers it tells by its reflection service; one
without it needs --proto or --descriptor-set.

Exit codes: 0, done, or the call's status is OK; 1 to 16, the number of a call's status (5 NOT_FOUND, 14 UNAVAILABLE);
64, the command line, a name or a message is wrong; 74, the output cannot be written; 130, Ctrl-C; 141, nobody reads the
output (as of SIGPIPE).
)";

const CommandHelp kCommands[] = {
    {"list", "The services of a server, or the methods of a service", "ADDRESS [SERVICE]",
     R"(Examples:
  dial list 127.0.0.1:7000                     services, a line each
  dial list 127.0.0.1:7000 echo.Echo           its methods, and of what kind they are
  dial list --proto echo/echo.proto --import proto
  dial 127.0.0.1:7000                          both at once
)"},
    {"describe", "A service, a method, a message or an enum, as a .proto file has it",
     "ADDRESS NAME",
     R"(Examples:
  dial describe 127.0.0.1:7000 echo.Echo               a service
  dial describe 127.0.0.1:7000 echo.Echo/Chat          a method, and its messages
  dial describe 127.0.0.1:7000 echo.EchoRequest        a message
  dial describe --proto echo/echo.proto --import proto echo.Echo    with the comments of the file
)"},
    {"template", "A JSON skeleton of a message, or of a method's request", "ADDRESS NAME",
     R"(Examples:
  dial template 127.0.0.1:7000 echo.Echo/Repeat > request.json
  $EDITOR request.json
  dial call 127.0.0.1:7000 echo.Echo/Repeat @request.json
)"},
    {"call", "Call a method, of any kind", "ADDRESS METHOD [MESSAGE...]",
     R"(A MESSAGE is JSON, or text format with --text; @FILE reads it from a file, - from stdin. Methods whose client streams take
any number of them, and read stdin if there is none: a message is sent as soon as it is there, for instance typed. Other
methods take one; without it, an empty message. With --text a word and a file are one message each; on stdin an empty line ends
each, at a terminal its own line does.

Examples:
  dial call 127.0.0.1:7000 echo.Echo/Echo '{"text": "hello"}'
  dial call 127.0.0.1:7000 echo.Echo/Echo --text 'text: "hello" id: 7'
  dial call 127.0.0.1:7000 echo.Echo/Echo @request.json -H 'authorization: Bearer abc' --timeout 1s
  dial call 127.0.0.1:7000 echo.Echo/Repeat '{"text": "tick", "count": 3, "interval": "1s"}' -v
  dial call 127.0.0.1:7000 echo.Echo/Collect '{"text": "one"}' '{"text": "two"}'
  dial call 127.0.0.1:7000 echo.Echo/Chat                 type {"text": "hello"}; Ctrl-D ends it
)"},
    {"health", "Whether a server, or one of its services, is serving", "ADDRESS [SERVICE]",
     R"(Exit codes: 0, SERVING; 14 (UNAVAILABLE), NOT_SERVING or no server; 5 (NOT_FOUND), no such service.

Examples:
  dial health 127.0.0.1:7000
  dial health 127.0.0.1:7000 echo.Echo
  dial health 127.0.0.1:7000 --watch           a line for each change, until Ctrl-C
)"},
    {"bench", "How many calls a server answers, and how fast", "ADDRESS METHOD [MESSAGE]",
     R"(Of unary methods. The message may be a template: {{counter}} is 0, 1, 2, …, {{random 1 100}} a number, {{choice a|b}} one
of these. A closed loop keeps --in-flight calls under way on each connection; with --rate calls begin when their schedule
says, and their latency counts from then, so that a server that stalls cannot hide it. Progress goes to stderr. Ctrl-C
ends it with what was measured so far. Exit code: 0, or the number of the status that most failed calls had.

Examples:
  dial bench 127.0.0.1:7000 echo.Echo/Echo '{"text": "hello"}' --connections 4 --in-flight 16
  dial bench 127.0.0.1:7000 echo.Echo/Echo '{"id": {{counter}}, "text": "{{choice a|bb|ccc}}"}' --rate const:5000
  dial bench 127.0.0.1:7000 echo.Echo/Echo --json > before.json
  dial bench 127.0.0.1:7000 echo.Echo/Echo --baseline before.json
)"},
    {"trace", "One call, told as a timeline, with what the kernel says of its connection",
     "ADDRESS METHOD [MESSAGE...]",
     R"(Of methods of any kind, on a connection of the call's own: the name's look-up, TCP's handshake, SETTINGS both ways, the
request, the server's queue and handler by the server's own account, the reply, the close. The kernel's view is TCP_INFO.
Of a stream each message has its line, but of more than twenty the first ten and the last. MESSAGEs are those of dial call.

Examples:
  dial trace 127.0.0.1:7000 echo.Echo/Echo '{"text": "hello"}'
  dial trace 127.0.0.1:7000 echo.Echo/Repeat '{"text": "tick", "count": 3, "interval": "0.1s"}'
  dial trace 127.0.0.1:7000 echo.Echo/Sleep '{"duration": "0.1s"}' --json
)"},
    {"watch", "A server's methods, live: calls and errors a second, calls in flight, latencies",
     "ADDRESS",
     R"(Counted by the server, over all its clients. It needs the server's stats service, which servers with dialtone::flags have.

Examples:
  dial watch 127.0.0.1:7000
  dial watch 127.0.0.1:7000 --interval 5s --count 1 --json
  dial watch 127.0.0.1:7000 --all              the calls of the stats service, too, which this makes itself
)"},
    {"connections", "Who is connected to a server: age, calls, bytes, round trip", "ADDRESS",
     R"(Examples:
  dial connections 127.0.0.1:7000
  dial connections 127.0.0.1:7000 --json
)"},
    {"repl", "A shell on one server: history, completion, the last reply at hand", "ADDRESS",
     R"(Its lines call methods, or are commands as dial's, without the address; `help` teaches them. What is set with -H, --timeout
and the like holds for all lines. Lines from a pipe or a file are a script: no prompt, no history; messages of a client that
streams stand below the call, up to an empty line; the exit code is that of the last line that failed, or 0.

Examples:
  dial repl 127.0.0.1:7000
  dial repl 127.0.0.1:7000 -H 'authorization: Bearer abc' --timeout 2s
  dial repl 127.0.0.1:7000 --proto echo/echo.proto --import proto
  dial repl 127.0.0.1:7000 --json < script
)"},
    {"completion", "A script that makes bash or zsh complete commands, methods and fields",
     "bash|zsh",
     R"help(Names come from the server of the line, as it is typed.

Examples:
  eval "$(dial completion bash)"               in ~/.bashrc
  eval "$(dial completion zsh)"                in ~/.zshrc, behind compinit
)help"},
    {nullptr, nullptr, nullptr, nullptr},
};

}  // namespace dial
