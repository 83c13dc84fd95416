// What a repl's `help` teaches, by example, and what its own commands are.
#pragma once

#include <string>
#include <vector>

namespace dial {

struct ReplTopic {
  const char* name;
  const char* usage;
  const char* about;
  const char* examples;  // lines to type; may be empty
  bool is_own;           // of the repl alone: the others are dial's commands
};

// Ends with one whose name is null.
extern const ReplTopic kReplTopics[];

// All of it, or of one topic; empty if there is no such topic.
std::string ReplHelp();
std::string ReplHelp(const std::string& topic);

// What a line may begin with, besides a method.
std::vector<std::string> ReplCommandNames();
bool IsReplsOwn(const std::string& name);

}  // namespace dial
