// A message as somebody has typed it, read; and what to say when it is wrong.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "message_splitter.h"

namespace dial {

// Replaces `into`. USAGE if the text is no such message: the text names the place, and fields that are near to a misspelt one.
absl::Status ParseMessage(const std::string& text, MessageForm form,
                          google::protobuf::Message& into);

}  // namespace dial
