// What may follow where somebody has pressed Tab: commands, options, services, methods, messages, and fields in JSON.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "shell_line.h"

namespace dial {

// Words that may stand in place of `line.current`, whole, sorted. The line begins with "dial". Names come from the server of
// the line, or from its --proto or --descriptor-set; nothing where that says nothing. May block on the network.
std::vector<std::string> Completions(const ShellLine& line);

// `json` is the beginning of a message of that type. If a field's name may follow, or is begun: the text with each of them.
std::vector<std::string> FieldCompletions(const google::protobuf::Descriptor& type,
                                          const std::string& json);

}  // namespace dial
