// What may follow where somebody has pressed Tab: commands, options, services, methods, messages, and fields in JSON.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "schema.h"
#include "shell_line.h"

namespace dial {

// Words that may stand in place of `line.current`, whole, sorted. The line begins with "dial". Names come from the server of
// the line, or from its --proto or --descriptor-set; nothing where that says nothing. May block on the network.
std::vector<std::string> Completions(const ShellLine& line);

// The same where the server and its schema are known, and so the line has a command ("dial call …"), but no address.
std::vector<std::string> CompletionsWithin(const ShellLine& line, Schema& schema);

// Those of `all` that begin so, sorted, each once.
std::vector<std::string> Beginning(std::vector<std::string> all, const std::string& begin);

// `json` is the beginning of a message of that type. If a field's name may follow, or is begun: the text with each of them.
std::vector<std::string> FieldCompletions(const google::protobuf::Descriptor& type,
                                          const std::string& json);

}  // namespace dial
