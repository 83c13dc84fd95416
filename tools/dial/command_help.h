// What `dial --help` and `dial COMMAND --help` teach, by example.
#pragma once

#include <string>

namespace dial {

struct CommandHelp {
  const char* name;
  const char* about;
  const char* words;  // what is to be typed behind the options
  const char* examples;
};

// Ends with one whose name is null.
extern const CommandHelp kCommands[];
extern const char kAbout[];
extern const char kFooter[];

}  // namespace dial
