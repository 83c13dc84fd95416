#include "repl_help.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_format.h"

namespace dial {
namespace {

constexpr char kHead[] =
    R"(A line calls a method, or is a command. Names may be short where one thing is called so; Tab completes them, and the fields
of a request. JSON goes on over several lines until its brackets are closed.

  Echo {"text": "hello"}                        call a method: echo.Echo/Echo, by its short name
  echo.Echo/Repeat {"count": 3} -v              with what came beside the replies
  Chat                                          a client that streams: type messages, Ctrl-D ends them
  Echo {"text": $.text}                         $ is the last reply: $, $.items[0].id, $.counts["a key"]

)";

constexpr char kFoot[] =
    R"(
Ctrl-C cancels the call that runs, or clears the line; Ctrl-D leaves. `help COMMAND` tells more. A line that begins with #
is a comment, one that begins with a space is not kept in the history.)";

}  // namespace

const ReplTopic kReplTopics[] = {
    {"list", "list [SERVICE]", "services, or the methods of one", "list\nlist echo.Echo", false},
    {"describe", "describe NAME", "a service, method, message or enum, as in a .proto file",
     "describe Echo\ndescribe echo.EchoRequest", false},
    {"template", "template NAME", "a JSON skeleton of a request", "template Repeat", false},
    {"call", "[call] METHOD [MESSAGE...]", "call a method, of any kind",
     "Echo {\"text\": \"hello\"}\ncall echo.Echo/Echo {\"text\": \"hello\"} -v --timeout 1s\n"
     "Collect {\"text\": \"one\"} {\"text\": \"two\"}\nEcho @request.json\nEcho --text 'text: "
     "\"hello\"'",
     false},
    {"health", "health [SERVICE]", "whether it is serving", "health\nhealth echo.Echo --watch",
     false},
    {"trace", "trace METHOD [MESSAGE]", "one call as a timeline",
     "trace Echo {\"text\": \"hello\"}", false},
    {"bench", "bench METHOD [MESSAGE]", "how fast it answers",
     "bench Echo {\"id\": {{counter}}} --in-flight 16 --duration 2s", false},
    {"watch", "watch", "its methods, live; Ctrl-C ends it", "watch --interval 5s", false},
    {"connections", "connections", "who is connected to it", "connections --json", false},
    {"last", "last [PATH]", "the last reply, or a part of it", "last\nlast $.items[0].id", true},
    {"save", "save FILE [PATH]", "writes that to a file, as JSON",
     "save reply.json\nsave ids.json $.ids", true},
    {"set", "set WHAT VALUE", "for the calls that follow",
     "set metadata authorization='Bearer abc'\nset metadata authorization=$.token\nset timeout 2s\n"
     "set verbose on\nset json on\nset text on",
     true},
    {"unset", "unset WHAT", "takes that back",
     "unset metadata authorization\nunset metadata\nunset timeout", true},
    {"show", "show", "what is set", "show", true},
    {"reload", "reload", "asks the server anew what it offers", "reload", true},
    {"help", "help [COMMAND]", "this", "help set", true},
    {"exit", "exit", "leaves, as Ctrl-D does", "", true},
    {nullptr, nullptr, nullptr, nullptr, false},
};

std::string ReplHelp() {
  std::string text = kHead;
  for (const ReplTopic* topic = kReplTopics; topic->name != nullptr; ++topic)
    absl::StrAppendFormat(&text, "  %-28s %s\n", topic->usage, topic->about);
  return text + kFoot;
}

std::string ReplHelp(const std::string& wanted) {
  for (const ReplTopic* topic = kReplTopics; topic->name != nullptr; ++topic) {
    if (wanted != topic->name) continue;
    std::string text = absl::StrFormat("%s: %s", topic->usage, topic->about);
    std::string examples = topic->examples;
    if (examples.empty()) return text;
    for (size_t at = 0; (at = examples.find('\n', at)) != std::string::npos; at += 3)
      examples.replace(at, 1, "\n  ");
    absl::StrAppendFormat(&text, "\n\n  %s", examples);
    if (!topic->is_own) absl::StrAppendFormat(&text, "\n\nOptions: %s --help", wanted);
    return text;
  }
  return "";
}

std::vector<std::string> ReplCommandNames() {
  std::vector<std::string> names;
  for (const ReplTopic* topic = kReplTopics; topic->name != nullptr; ++topic)
    names.emplace_back(topic->name);
  return names;
}

bool IsReplsOwn(const std::string& name) {
  return std::any_of(std::begin(kReplTopics), std::end(kReplTopics), [&](const ReplTopic& topic) {
    return topic.name != nullptr && topic.is_own && name == topic.name;
  });
}

}  // namespace dial
